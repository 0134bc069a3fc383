"""REDUNDANT_RESOURCE: a resource of a list is covered by another one of it."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import redundant_groups
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """One finding for each entry that covers others, with all of them."""
    for statement in document.statements:
        for element in ("Resource", "NotResource"):
            resources = statement.texts(element)
            for group in redundant_groups([resource.text for resource in resources]):
                message = f"{len(group) - 1} resource ARN(s) are redundant: another one of the list covers them."
                yield "REDUNDANT_RESOURCE", message, at(*(resources[index] for index in group))


RULE = Rule("Redundant resources", {"REDUNDANT_RESOURCE": FindingType.SUGGESTION}, check)
