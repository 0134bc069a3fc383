"""MISSING_PAIRED_CONDITION_KEYS: a key that says little without another one."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_PAIRS = {"aws:vpcsourceip": ("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn")}


def check(document: Document) -> Iterator[Report]:
    """Private addresses mean something in one VPC alone."""
    for statement in document.statements:
        names = {condition.name for condition in statement.conditions}
        for condition in statement.conditions:
            partners = _PAIRS.get(condition.name, ())
            if partners and not any(partner.lower() in names for partner in partners):
                message = f"Using `{condition.key.text}` without {partners[0]} can be overly permissive: add it."
                yield "MISSING_PAIRED_CONDITION_KEYS", message, at(condition.key)


RULE = Rule("Keys that belong together", {"MISSING_PAIRED_CONDITION_KEYS": FindingType.SECURITY_WARNING}, check)
