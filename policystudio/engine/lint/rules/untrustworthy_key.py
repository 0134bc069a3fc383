"""UNTRUSTWORTHY_CONDITION_KEY: a key whose value the caller writes."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_KEYS = frozenset({"aws:referer", "aws:useragent"})


def check(document: Document) -> Iterator[Report]:
    """Every such key."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name in _KEYS:
                message = f"`{condition.key.text}` is not for access control: the caller can write what they like."
                yield "UNTRUSTWORTHY_CONDITION_KEY", message, at(condition.key)


RULE = Rule("Keys that callers write", {"UNTRUSTWORTHY_CONDITION_KEY": FindingType.SECURITY_WARNING}, check)
