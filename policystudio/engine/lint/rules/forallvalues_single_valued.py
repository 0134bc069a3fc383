"""FORALLVALUES_WITH_SINGLE_VALUED_KEY: ForAllValues also holds where the key is missing."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every key that is known to have a single value."""
    for statement in document.statements:
        for condition in statement.conditions:
            kind = facts.key_type(condition.key.text)
            if condition.quantifier == "forallvalues" and condition.base != "null" and kind is not None and not kind[1]:
                message = (
                    f"ForAllValues with the single-valued key `{condition.key.text}` can be overly permissive: it holds"
                    " where the key is missing. Remove it."
                )
                yield "FORALLVALUES_WITH_SINGLE_VALUED_KEY", message, at(condition.value)


RULE = Rule("ForAllValues of one value", {"FORALLVALUES_WITH_SINGLE_VALUED_KEY": FindingType.SECURITY_WARNING}, check)
