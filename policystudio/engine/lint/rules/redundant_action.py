"""REDUNDANT_ACTION: an action of a list is covered by another one of it."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import is_covered, redundant_groups
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """One finding for each entry that covers others, with all of them."""
    for statement in document.statements:
        for element in ("Action", "NotAction"):
            actions = statement.texts(element)
            patterns = [action.text.lower() for action in actions]
            for group in redundant_groups(patterns):
                found = [actions[index] for index in group]
                needless = next(index for index in group if is_covered(index, group, patterns))
                message = (
                    f"{len(group) - 1} action(s) are redundant, such as `{actions[needless].text}`:"
                    " another one of the list covers them."
                )
                yield "REDUNDANT_ACTION", message, at(*found)


RULE = Rule("Redundant actions", {"REDUNDANT_ACTION": FindingType.SUGGESTION}, check)
