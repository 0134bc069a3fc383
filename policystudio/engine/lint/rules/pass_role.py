"""PASS_ROLE_WITH_…: iam:PassRole is allowed on more roles than are named."""

import re
from collections.abc import Iterator
from functools import cache

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.grants import reports
from policystudio.engine.lint.patterns import has_wildcard, overlap
from policystudio.engine.lint.rule import Report, Rule
from policystudio.engine.lint.tree import Document

_SHORTEST_NAMESPACE = 3
#: The most words that a namespace is made of.
_MOST_WORDS = 6
#: The words of a name: ``AWSBatchJobRole`` has AWS, Batch, Job and Role.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


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
    # Field by field: the ``*`` of an account would match across the colons.
    if len(parts) < 6 or not overlap(parts[2], "iam") or not overlap(parts[5], "role/*"):
        return False
    path = re.sub(r"\$\{[^}]*\}", "x", parts[5])
    name = path.rpartition("/")[2]
    return has_wildcard(name) and not _names_service(name)


def _names_service(name: str) -> bool:
    """Whether a word of the name, or some of its words together, are the namespace of a service: ``AWSBatchJobRole*``,
    ``flow-logs-*``, not ``staging-*``.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    counts = range(1, _MOST_WORDS + 1)
    return any("".join(words[at : at + count]) in _namespaces() for at in range(len(words)) for count in counts)


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
