"""INVALID_EFFECT: Effect is neither Allow nor Deny."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Effects are in exactly this letter case."""
    for statement in document.statements:
        effect = statement.elements.get("Effect")
        if effect is not None and effect.is_text and effect.text not in ("Allow", "Deny"):
            yield "INVALID_EFFECT", f"The effect `{effect.text}` is not valid: use Allow or Deny.", at(effect)


RULE = Rule("Effect", {"INVALID_EFFECT": FindingType.ERROR}, check)
