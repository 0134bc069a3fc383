"""MISSING_ARN_FIELD: an ARN has fewer than six parts."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.resources import resource_texts
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """ARNs that end before their resource."""
    for node in resource_texts(document):
        if node.text.startswith("arn:") and node.text.count(":") < 5:
            message = "Resource ARNs must have six fields: arn:partition:service:region:account:resource."
            yield "MISSING_ARN_FIELD", message, at(node)


RULE = Rule("ARN fields", {"MISSING_ARN_FIELD": FindingType.ERROR}, check)
