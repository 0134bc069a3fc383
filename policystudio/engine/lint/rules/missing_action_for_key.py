"""MISSING_ACTION_FOR_CONDITION_KEY: a key that only requests of an action carry that the statement leaves out."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_ACTIONS = {"sts:sourceidentity": "sts:SetSourceIdentity", "sts:transitivetagkeys": "sts:TagSession"}


def check(document: Document) -> Iterator[Report]:
    """Every Allow of some actions: each of these keys has an action that sets it."""
    for statement in document.statements:
        for condition in statement.conditions:
            needed = _ACTIONS.get(condition.name)
            if needed is None or not statement.actions or statement.effect != "Allow":
                continue
            if not any(facts.action_matches(action.text, needed) for action in statement.actions):
                message = f"Add {needed} to the actions to allow values for the condition key `{condition.key.text}`."
                yield "MISSING_ACTION_FOR_CONDITION_KEY", message, at(condition.key)


RULE = Rule("Actions that set keys", {"MISSING_ACTION_FOR_CONDITION_KEY": FindingType.ERROR}, check)
