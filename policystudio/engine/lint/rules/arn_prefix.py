"""INVALID_ARN_PREFIX: a resource does not begin with arn:."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.resources import resource_texts
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Texts that are neither ``*`` nor begin like an ARN; a wildcard or variable at once leaves it open."""
    for node in resource_texts(document):
        if node.text.partition(":")[0] != "arn" and node.text[:1] not in ("*", "?", "$"):
            yield "INVALID_ARN_PREFIX", "Add the required prefix `arn:` to the resource ARN.", at(node)


RULE = Rule("ARN prefix", {"INVALID_ARN_PREFIX": FindingType.ERROR}, check)
