"""PASS_ROLE_WITH_…: iam:PassRole is allowed on more roles than are named."""

import re
from collections.abc import Iterator
from functools import cache

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.grants import reports
from policystudio.engine.lint.patterns import overlap
from policystudio.engine.lint.rule import Report, Rule
from policystudio.engine.lint.tree import Document

_ANY_ROLE = "arn:aws:iam::*:role/*"
_SHORTEST_NAMESPACE = 3


def check(document: Document) -> Iterator[Report]:
    """Every Allow without a condition that holds iam:PassedToService to names."""
    return reports(document, "iam:PassRole", "PASS_ROLE", _is_broad, "iam:passedtoservice")


@cache
def _namespaces() -> frozenset[str]:
    known = facts.services() | facts.UNKNOWN_SERVICES
    return frozenset(name.replace("-", "") for name in known if len(name) >= _SHORTEST_NAMESPACE)


def _is_broad(resource: str) -> bool:
    """Whether an ARN is a pattern of roles whose names do not hold the namespace of a service, as service roles' do."""
    if resource == "*":
        return True
    parts = resource.split(":", 5)
    if len(parts) < 6 or not overlap(f"arn:aws:iam::{parts[4]}:{parts[5]}", _ANY_ROLE):
        return False
    path = re.sub(r"\$\{[^}]*\}", "x", parts[5])
    name = path.rpartition("/")[2]
    if "*" not in name and "?" not in name:
        return False
    words = re.sub(r"[^a-z0-9]", "", name.lower())
    return not any(namespace in words for namespace in _namespaces())


RULE = Rule(
    "Pass role",
    {
        "PASS_ROLE_WITH_NOT_RESOURCE": FindingType.SECURITY_WARNING,
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE": FindingType.SECURITY_WARNING,
        "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE": FindingType.SECURITY_WARNING,
        "PASS_ROLE_WITH_STAR_IN_RESOURCE": FindingType.SECURITY_WARNING,
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": FindingType.SECURITY_WARNING,
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION": FindingType.SECURITY_WARNING,
    },
    check,
    frozenset({PolicyKind.IDENTITY}),
)
