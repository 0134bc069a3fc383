"""WILDCARD_USAGE_TOO_PERMISSIVE, VARIABLE_USAGE_TOO_PERMISSIVE: patterns where only whole values are safe."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import LIKE
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive
SENSITIVE = frozenset(
    f"aws:{name}"
    for name in (
        "principalaccount",
        "principalorgid",
        "resourceaccount",
        "resourceorgid",
        "sourceaccount",
        "sourceorgid",
        "sourcevpc",
        "sourcevpce",
        "vpceaccount",
        "vpceorgid",
    )
)
_TOKEN = re.compile(r"(?P<variable>\$\{[^}]*\})|(?P<wildcard>[*?])")
_LETTERS = 6


def check(document: Document) -> Iterator[Report]:
    """Values of pattern operators for sensitive keys, aws:userid and the subject of an identity provider's token."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base not in LIKE:
                continue
            for value in condition.values:
                kinds = _misplaced(condition.name, value)
                for kind in sorted(kinds):
                    code = f"{kind.upper()}_USAGE_TOO_PERMISSIVE"
                    message = f"This use of a {kind} for the condition key `{condition.key.text}` is overly permissive."
                    yield code, message, at(value)


def _misplaced(key: str, value: Node) -> set[str]:
    """Which of ``wildcard`` and ``variable`` a value may not have where it has them."""
    found = list(_TOKEN.finditer(value.text))
    if key in SENSITIVE:
        return {str(match.lastgroup) for match in found}
    if key == "aws:userid":
        head, colon, _ = value.text.partition(":")
        alone = _TOKEN.fullmatch(head) is not None
        return {str(match.lastgroup) for match in found if match.start() < len(head) and not (colon and alone)}
    if key.endswith(":sub"):
        return {
            str(match.lastgroup)
            for index, match in enumerate(found)
            if match.start() - (found[index - 1].end() if index else 0) < _LETTERS
        }
    return set()


RULE = Rule(
    "Too permissive patterns",
    {"WILDCARD_USAGE_TOO_PERMISSIVE": FindingType.ERROR, "VARIABLE_USAGE_TOO_PERMISSIVE": FindingType.ERROR},
    check,
)
