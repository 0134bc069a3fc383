"""INVALID_ARN_SERVICE_CASE, INVALID_SERVICE: the service of an ARN."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.resources import resource_arns
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Services in capital letters, and services that do not exist."""
    for arn in resource_arns(document):
        lowered = arn.service.lower()
        if has_wildcard(arn.service):
            continue
        if not lowered or not (facts.is_arn_service(lowered) or lowered in facts.UNKNOWN_SERVICES):
            yield "INVALID_SERVICE", f"The service `{arn.service}` does not exist.", at(arn.node)
        elif lowered != arn.service:
            message = f"Write the service name in the resource ARN in lower case: `{lowered}`."
            yield "INVALID_ARN_SERVICE_CASE", message, at(arn.node)


RULE = Rule("ARN service", {"INVALID_ARN_SERVICE_CASE": FindingType.ERROR, "INVALID_SERVICE": FindingType.ERROR}, check)
