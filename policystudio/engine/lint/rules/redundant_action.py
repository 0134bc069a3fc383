"""REDUNDANT_ACTION: an action of a list is covered by another one of it."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import redundant_groups
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """One finding for each entry that covers others, with all of them."""
    for statement in document.statements:
        for element in ("Action", "NotAction"):
            actions = statement.texts(element)
            for group in redundant_groups([action.text.lower() for action in actions]):
                found = [actions[index] for index in group]
                message = (
                    f"{len(group) - 1} action(s) are redundant, such as `{found[0].text}`: remove what is covered."
                )
                yield "REDUNDANT_ACTION", message, at(*found)


RULE = Rule("Redundant actions", {"REDUNDANT_ACTION": FindingType.SUGGESTION}, check)
