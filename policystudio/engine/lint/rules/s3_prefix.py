"""S3_PREFIX_IN_NEGATIVE_CONTEXT: a prefix that is kept out can be listed by a shorter one."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """s3:prefix in a Deny, or negated in an Allow."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name != "s3:prefix" or FAMILIES.get(condition.base) != "String":
                continue
            if ("not" in condition.base) == (statement.effect == "Allow"):
                message = (
                    "This does not keep the objects under the prefix from being listed: a request with a shorter prefix"
                    " lists them. Use StringLike in an Allow, or StringNotLike in a Deny."
                )
                yield "S3_PREFIX_IN_NEGATIVE_CONTEXT", message, at(condition.key)


RULE = Rule("S3 prefixes kept out", {"S3_PREFIX_IN_NEGATIVE_CONTEXT": FindingType.SECURITY_WARNING}, check)
