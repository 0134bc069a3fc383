"""TYPE_MISMATCH: an operator of another type than the condition key's."""

from collections.abc import Iterator

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES, FITTING
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

#: aws:EpochTime is a number of seconds for AWS's documentation of the key, a date for that of the operators.
_EITHER = {"aws:epochtime": "Numeric", "aws:currenttime": "Numeric", "aws:tokenissuetime": "Numeric"}


def check(document: Document) -> Iterator[Report]:
    """Every key whose type is known and whose operator compares something else."""
    for statement in document.statements:
        for condition in statement.conditions:
            family = FAMILIES.get(condition.base, "")
            kind = facts.key_type(condition.key.text)
            if not family or family == "Null" or kind is None or _fits(condition, family, kind[0]):
                continue
            message = (
                f"Use an operator of the type {kind[0]} instead of {condition.operator.text} for the condition key"
                f" `{condition.key.text}`."
            )
            yield "TYPE_MISMATCH", message, at(condition.key)


def _fits(condition: Condition, family: str, kind: KeyType) -> bool:
    if family in FITTING[kind] or _EITHER.get(condition.name) == family:
        return True
    # Tags and encryption contexts hold what their owner writes: an ARN, too.
    is_free = "tag/" in condition.name or condition.name.startswith("kms:encryptioncontext")
    return kind is KeyType.STRING and family == "Arn" and is_free


RULE = Rule("Types of operators", {"TYPE_MISMATCH": FindingType.WARNING}, check)
