"""What the tests of the parser share: problems as short text, and documents with one element changed."""

import json
from typing import Any

from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.source import Problem

Json = Any

ROOT_OF_ACCOUNT = "arn:aws:iam::123456789012:root"

#: A statement that is right for each kind of policy.
GOOD: dict[PolicyKind, dict[str, Json]] = {
    PolicyKind.IDENTITY: {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"},
    PolicyKind.RESOURCE: {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:*", "Resource": "*"},
    PolicyKind.TRUST: {"Effect": "Allow", "Principal": {"AWS": ROOT_OF_ACCOUNT}, "Action": "sts:AssumeRole"},
    PolicyKind.SERVICE_CONTROL: {"Effect": "Allow", "Action": "*", "Resource": "*"},
    PolicyKind.RESOURCE_CONTROL: {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"},
}


def statement(kind: PolicyKind = PolicyKind.IDENTITY, **elements: Json) -> dict[str, Json]:
    """The good statement of the kind with these elements; None leaves one out."""
    return {name: value for name, value in {**GOOD[kind], **elements}.items() if value is not None}


def document(*statements: Json, **elements: Json) -> str:
    """The text of a document with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def parse_one(kind: PolicyKind = PolicyKind.IDENTITY, **elements: Json) -> Policy:
    """The good policy of the kind with these elements in its statement."""
    return parse_policy(document(statement(kind, **elements)), kind)


def problems(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> tuple[Problem, ...]:
    """The problems of a text; none where it is a policy."""
    try:
        parse_policy(text, kind)
    except PolicyError as error:
        return error.problems
    return ()


def found(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> list[tuple[str, str]]:
    """Each problem's code and the characters that it is about."""
    return [
        (problem.code, text[problem.span.start.offset : problem.span.end.offset]) for problem in problems(text, kind)
    ]


def found_in_one(kind: PolicyKind = PolicyKind.IDENTITY, **elements: Json) -> list[tuple[str, str]]:
    """As ``found``, of the good policy of the kind with these elements in its statement."""
    return found(document(statement(kind, **elements)), kind)
