"""INVALID_ARN_REGION, ARN_REGION_NOT_ALLOWED, MISSING_ARN_REGION: the Region of an ARN."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.regions import is_region
from policystudio.engine.lint.resources import ResourceArn, resource_arns
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Regions that do not exist, that a service's ARNs do not have, and that are left out."""
    for arn in resource_arns(document):
        templates = arn.forms()
        if arn.region and not has_wildcard(arn.region):
            yield from _named(arn, {region for region, _, _ in templates})
        elif not arn.region and templates and all(region for region, _, _ in templates) and arn.is_literal:
            yield "MISSING_ARN_REGION", "Add a Region to the resource ARN.", at(arn.node)


def _named(arn: ResourceArn, regions: set[str]) -> Iterator[Report]:
    if regions == {""}:
        message = f"The service {arn.service} does not support a Region in the resource ARN: leave it empty."
        yield "ARN_REGION_NOT_ALLOWED", message, at(arn.node)
    elif not is_region(arn.region):
        message = f"The Region `{arn.region}` is not valid: update the resource ARN to a Region that there is."
        yield "INVALID_ARN_REGION", message, at(arn.node)


RULE = Rule(
    "ARN Region",
    {
        "INVALID_ARN_REGION": FindingType.ERROR,
        "ARN_REGION_NOT_ALLOWED": FindingType.ERROR,
        "MISSING_ARN_REGION": FindingType.ERROR,
    },
    check,
)
