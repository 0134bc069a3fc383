"""STUDIO_TAG_KEY_IGNORED_BY_…: a condition on tags that SageMaker's requests of an action do not carry."""

from collections.abc import Iterator
from functools import lru_cache

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

_SERVICE = "sagemaker:"
#: Of aws:ResourceTag AWS's own check tells.
_TAGS = (facts.REQUEST_TAG, facts.TAG_KEYS, "sagemaker:resourcetag/")


def check(document: Document) -> Iterator[Report]:
    """Entries that mean only actions whose requests do not carry the key."""
    for statement in document.statements:
        entries = [action for action in statement.actions if action.text.lower().startswith(_SERVICE)]
        for condition in statement.conditions if entries else ():
            if not _needs_tag(condition):
                continue
            ignoring = [entry for entry in entries if _ignores(entry.text, condition.name)]
            if ignoring:
                never = "allow" if statement.effect == "Allow" else "deny"
                message = (
                    f"Requests of these actions do not carry `{condition.key.text}`, so the statement does not {never}"
                    " them: move them to a statement without this condition key."
                )
                yield f"STUDIO_TAG_KEY_IGNORED_BY_{never.upper()}", message, at(*ignoring, condition.key)


def _needs_tag(condition: Condition) -> bool:
    """Whether the condition asks for a tag and does not hold where the request carries none."""
    if not condition.name.startswith(_TAGS) or condition.if_exists:
        return False
    if condition.base == "null":
        return [value.text.lower() for value in condition.values] == ["false"]
    return "not" not in condition.base and condition.quantifier != "forallvalues"


@lru_cache(maxsize=20_000)
def _ignores(entry: str, key: str) -> bool:
    meant = facts.expand(entry)
    return bool(meant) and not any(action.supports(key) for action in meant)


RULE = Rule(
    "Tags that SageMaker ignores",
    {
        "STUDIO_TAG_KEY_IGNORED_BY_ALLOW": FindingType.SUGGESTION,
        "STUDIO_TAG_KEY_IGNORED_BY_DENY": FindingType.SECURITY_WARNING,
    },
    check,
    source=Origin.STUDIO,
)
