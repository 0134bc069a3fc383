"""CREATE_SLR_WITH_…: iam:CreateServiceLinkedRole is allowed for more services than are named."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.grants import reports
from policystudio.engine.lint.patterns import overlap
from policystudio.engine.lint.rule import Report, Rule
from policystudio.engine.lint.tree import Document

#: Roles of two services that have nothing in common: a pattern of both is one of all services.
_SAMPLES = (
    "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
    "role/aws-service-role/lex.amazonaws.com/AWSServiceRoleForLexBots",
)


def check(document: Document) -> Iterator[Report]:
    """Every Allow without a condition that holds iam:AWSServiceName to names."""
    return reports(document, "iam:CreateServiceLinkedRole", "CREATE_SLR", _is_broad, "iam:awsservicename")


def _is_broad(resource: str) -> bool:
    if resource == "*":
        return True
    parts = resource.split(":", 5)
    return len(parts) == 6 and all(overlap(f"{parts[2]}:{parts[5]}", f"iam:{sample}") for sample in _SAMPLES)


RULE = Rule(
    "Create service-linked roles",
    {
        "CREATE_SLR_WITH_NOT_RESOURCE": FindingType.WARNING,
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE": FindingType.WARNING,
        "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE": FindingType.WARNING,
        "CREATE_SLR_WITH_STAR_IN_RESOURCE": FindingType.WARNING,
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE": FindingType.WARNING,
        "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION": FindingType.WARNING,
    },
    check,
    frozenset({PolicyKind.IDENTITY}),
)
