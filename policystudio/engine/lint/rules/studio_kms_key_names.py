"""STUDIO_KMS_KEY_NAME: a condition key of a KMS key of which AWS has two names."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Conditions on one of the two names in a statement without the other."""
    for statement in document.statements:
        names = {condition.name for condition in statement.conditions}
        for condition in statement.conditions:
            name = condition.name
            if not name.startswith("sagemaker:") or not name.endswith(("kmskey", "kmskeyarn")):
                continue
            other = name.removesuffix("arn") if name.endswith("arn") else f"{name}arn"
            if other not in names:
                spelt = condition.key.text
                shown = spelt[:-3] if name.endswith("arn") else f"{spelt}Arn"
                message = f"AWS documents `{spelt}` and `{shown}` for the same key: requests may carry either."
                yield "STUDIO_KMS_KEY_NAME", message, at(condition.key)


RULE = Rule("Names of KMS condition keys", {"STUDIO_KMS_KEY_NAME": FindingType.SUGGESTION}, check, source=Origin.STUDIO)
