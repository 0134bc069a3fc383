"""INVALID_PARTITION: the partition of an ARN does not exist."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import overlap
from policystudio.engine.lint.resources import resource_arns
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")


def check(document: Document) -> Iterator[Report]:
    """Partitions that are none, and patterns that match none."""
    for arn in resource_arns(document):
        if not any(overlap(arn.partition, partition) for partition in PARTITIONS):
            message = f"The partition `{arn.partition}` does not exist: use one of {', '.join(PARTITIONS)}."
            yield "INVALID_PARTITION", message, at(arn.node)


RULE = Rule("ARN partition", {"INVALID_PARTITION": FindingType.ERROR}, check)
