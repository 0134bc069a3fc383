"""`PolicyExclusionList`: which of an entity's policies a simulation leaves out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policystudio.awsquery.errors import invalid_input
from policystudio.engine import globs
from policystudio.engine.arn import Arn, is_account_id

_NAME = re.compile(r"[\w+=,.@*?-]+", re.ASCII)
_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that reaches the entity: ``kind`` is `inline`, `aws-managed` or `user-managed`.

    ``arn`` is a managed policy's; an inline policy has ``attached_to``, the type and the name of whom it is part of.
    """

    kind: str
    name: str
    arn: str = ""
    attached_to: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What is left out: whole types, and policies that one of ``tests`` knows."""

    types: frozenset[str] = frozenset()
    tests: tuple[Callable[[Candidate], bool], ...] = field(default=())

    def leaves_out(self, policy: Candidate) -> bool:
        """Whether a policy plays no part."""
        return policy.kind in self.types or any(test(policy) for test in self.tests)


def read_exclusions(identifiers: Sequence[Mapping[str, Any]]) -> Exclusions:
    """Raises ``InvalidInput`` for a malformed identifier; one that fits no policy is not looked at again."""
    types: set[str] = set()
    tests: list[Callable[[Candidate], bool]] = []
    for number, identifier in enumerate(identifiers, start=1):
        place = f"PolicyExclusionList.{number}"
        if "PolicyType" in identifier:
            types.add(identifier["PolicyType"])
        elif "PolicyArn" in identifier:
            tests.append(_by_arn(identifier["PolicyArn"], place))
        else:
            tests.append(_inline(identifier["InlinePolicyIdentifier"], place))
    return Exclusions(frozenset(types), tuple(tests))


def _by_arn(text: str, place: str) -> Callable[[Candidate], bool]:
    """By the ARN of a managed policy. What belongs to AWS Organizations is well formed, and fits nothing here."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise invalid_input(f"{place}: {text} is not a valid ARN.") from None
    head, slash, name = arn.resource.partition("/")
    if _WILD.search(text.removesuffix(arn.resource)) or _WILD.search(head):
        raise invalid_input(f"{place}: wildcards may stand in the resource name of {text} alone.")
    if arn.service == "iam":
        owned = arn.account == "aws" or is_account_id(arn.account)
        if head != "policy" or not slash or not name or arn.region or not owned:
            raise invalid_input(f"{place}: {text} is not the ARN of a managed policy.")
    elif arn.service != "organizations":
        raise invalid_input(f"{place}: {text} is not the ARN of a policy.")
    matches = _glob(text, place)
    return lambda policy: bool(policy.arn) and matches(policy.arn)


def _inline(identifier: Mapping[str, str], place: str) -> Callable[[Candidate], bool]:
    name, kind, entity = (identifier[key] for key in ("PolicyName", "AttachmentType", "AttachmentName"))
    if not _NAME.fullmatch(entity):
        raise invalid_input(f"{place}: `{entity}` is not the name of a {kind}.")
    matches = _glob(entity, place)
    return lambda policy: (
        policy.kind == "inline"
        and policy.name == name
        and policy.attached_to[0] == kind
        and matches(policy.attached_to[1])
    )


def _glob(pattern: str, place: str) -> globs.Matcher:
    if pattern.count("*") > 1:
        raise invalid_input(f"{place}: `{pattern}` has more than one `*`.")
    return globs.matcher(globs.parse(pattern))
