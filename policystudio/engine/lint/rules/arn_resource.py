"""INVALID_ARN_RESOURCE: the resource of an ARN is of no form that its service has."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import overlap
from policystudio.engine.lint.resources import resource_arns
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """ARNs without wildcards alone: AWS's check passes over patterns that match no form, and the paths of APIs
    (``/tags``) are not all published.
    """
    for arn in resource_arns(document):
        templates = facts.arn_templates(arn.service)
        is_path = arn.resource.startswith("/")
        if (
            arn.is_literal
            and templates
            and not is_path
            and not any(overlap(form, arn.resource) for _, _, form in templates)
        ):
            message = f"`{arn.resource}` is not of a form that resources of {arn.service} have: update it."
            yield "INVALID_ARN_RESOURCE", message, at(arn.node)


RULE = Rule("ARN resource", {"INVALID_ARN_RESOURCE": FindingType.ERROR}, check)
