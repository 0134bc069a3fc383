"""DUPLICATE_KEYS_WITH_DIFFERENT_CASE: a condition key stands twice under an operator, in two letter cases."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node


def check(document: Document) -> Iterator[Report]:
    """One finding for each such key, with all its places."""
    for statement in document.statements:
        block = statement.elements.get("Condition")
        for _, keys in block.members() if block is not None else ():
            by_name: dict[str, list[Node]] = {}
            for key, _ in keys.members():
                by_name.setdefault(key.text.lower(), []).append(key)
            for found in by_name.values():
                if len({key.text for key in found}) > 1:
                    message = f"The condition key `{found[0].text}` stands more than once: names are read in any case."
                    yield "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", message, at(*found)


RULE = Rule("Condition keys twice", {"DUPLICATE_KEYS_WITH_DIFFERENT_CASE": FindingType.ERROR}, check)
