"""REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY: a session beside the role that it is one of."""

import re
from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_SESSION = re.compile(r"(?P<head>arn:[a-z-]+:)(?:sts|iam)(?P<account>::\d{12}:)assumed-role/(?P<role>[^/]+)/.+")


def check(document: Document) -> Iterator[Report]:
    """Every session whose role the same list names."""
    for statement in document.statements:
        roles = {_plain(node.text): node for key, node in statement.principals if key == "AWS"}
        for key, node in statement.principals:
            match = _SESSION.fullmatch(node.text) if key == "AWS" else None
            parent = roles.get(f"{match['head']}iam{match['account']}role/{match['role']}") if match else None
            if parent is not None:
                message = f"The session `{node.text}` is redundant with its role `{parent.text}`: remove it."
                yield "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", message, at(node, parent)


def _plain(arn: str) -> str:
    """A role's ARN without its path, as the ARNs of sessions have it."""
    return re.sub(r":role/.*/", ":role/", arn)


RULE = Rule(
    "Redundant principals",
    {"REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY": FindingType.SUGGESTION},
    check,
    frozenset({PolicyKind.TRUST}),
)
