"""INVALID_KMS_KEY_VALUE: a condition on an encryption key is not held against a key's ARN."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_KEYS = frozenset({"s3:x-amz-server-side-encryption-aws-kms-key-id"})


def check(document: Document) -> Iterator[Report]:
    """Values that are neither patterns nor variables nor ARNs of keys."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name not in _KEYS or FAMILIES.get(condition.base) not in ("String", "Arn"):
                continue
            for value in condition.values:
                parts = value.text.split(":", 5)
                is_arn = len(parts) == 6 and parts[2] == "kms" and parts[5].startswith("key/")
                if not is_arn and not has_wildcard(value.text) and "${" not in value.text:
                    message = f"The value of `{condition.key.text}` must be the ARN of a KMS key."
                    yield "INVALID_KMS_KEY_VALUE", message, at(value)


RULE = Rule("KMS keys in conditions", {"INVALID_KMS_KEY_VALUE": FindingType.ERROR}, check)
