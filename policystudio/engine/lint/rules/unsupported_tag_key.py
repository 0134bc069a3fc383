"""ALLOW_…, DENY_…WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE: aws:ResourceTag for actions that do not carry it."""

from collections.abc import Iterator
from functools import lru_cache

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document, Node

_TAG_KEYS = (facts.RESOURCE_TAG, facts.REQUEST_TAG, facts.TAG_KEYS)


def check(document: Document) -> Iterator[Report]:
    """One finding for each condition that a request without the key cannot fulfil."""
    for statement in document.statements:
        effect = statement.effect.upper()
        conditions = [condition for condition in statement.conditions if _needs_tag(condition)]
        if effect not in ("ALLOW", "DENY") or not conditions:
            continue
        excepted = statement.texts("NotAction")
        unsupported = tuple(action for action in statement.actions if _lacks_tags(action.text))
        for condition in conditions:
            if excepted:
                yield _report(f"{effect}_NOTACTION", (*excepted, condition.key), condition)
            elif unsupported:
                yield _report(effect, (*unsupported, condition.key), condition)


def _needs_tag(condition: Condition) -> bool:
    """Whether the condition asks for a tag of the resource and does not hold where there is none."""
    if not condition.name.startswith(facts.RESOURCE_TAG) or condition.if_exists:
        return False
    if condition.base == "null":
        return [value.text.lower() for value in condition.values] == ["false"]
    return "not" not in condition.base and condition.quantifier != "forallvalues"


@lru_cache(maxsize=20_000)
def _lacks_tags(entry: str) -> bool:
    """Whether requests of an action, or of one that a pattern means, carry neither the resource's tags nor new ones."""
    return any(not any(action.supports(key) for key in _TAG_KEYS) for action in facts.expand(entry))


def _report(prefix: str, nodes: tuple[Node, ...], condition: Condition) -> Report:
    code = f"{prefix}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
    message = (
        f"Requests of these actions do not carry `{condition.key.text}`, so the statement never applies to them:"
        " move them to a statement without this condition key."
    )
    return code, message, at(*nodes)


RULE = Rule(
    "Tags that actions do not carry",
    {
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": FindingType.SUGGESTION,
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": FindingType.SUGGESTION,
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": FindingType.SECURITY_WARNING,
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE": FindingType.SECURITY_WARNING,
    },
    check,
)
