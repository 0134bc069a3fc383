"""INVALID_REGION: a condition on aws:RequestedRegion names a Region that there is none of."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.regions import is_region
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every value but patterns and variables."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name != "aws:requestedregion" or FAMILIES.get(condition.base) != "String":
                continue
            for value in condition.values:
                if not has_wildcard(value.text) and "${" not in value.text and not is_region(value.text):
                    yield "INVALID_REGION", f"The Region `{value.text}` is not valid.", at(value)


RULE = Rule("Regions in conditions", {"INVALID_REGION": FindingType.ERROR}, check)
