"""What the Allow statements of an identity policy allow of SageMaker, and where; Deny statements are not weighed."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.lint import facts
from policystudio.engine.lint.patterns import overlap
from policystudio.engine.lint.tree import Condition, Document, Node, Statement

SERVICE = "sagemaker.amazonaws.com"


def allowing(document: Document, actions: Iterable[str]) -> Iterator[tuple[Statement, Node, str]]:
    """Every entry of Action in an Allow that means one of the actions: its statement, itself, the first such action."""
    wanted = tuple(actions)
    for statement in document.statements:
        if statement.effect == "Allow":
            for entry in statement.actions:
                found = _first(entry.text, wanted)
                if found:
                    yield statement, entry, found


@lru_cache(maxsize=20_000)
def _first(entry: str, actions: tuple[str, ...]) -> str:
    return next((action for action in actions if facts.action_matches(entry, action)), "")


def passing_to_sagemaker(document: Document) -> Iterator[tuple[Statement, Node]]:
    """Every entry that allows to pass a role to SageMaker."""
    for statement, entry, _ in allowing(document, ("iam:PassRole",)):
        if _reaches(statement.conditions):
            yield statement, entry


def _reaches(conditions: tuple[Condition, ...]) -> bool:
    """Whether the conditions on the service that a role is passed to let SageMaker through."""
    for condition in conditions:
        if condition.name == "iam:passedtoservice" and condition.base in ("stringequals", "stringlike"):
            patterns = [value.text for value in condition.values]
            if not any(overlap(pattern, SERVICE) for pattern in patterns):
                return False
    return True


@cache
def actions_with_key(*keys: str) -> tuple[str, ...]:
    """SageMaker's actions that create or change something and carry one of the keys, given in lower case."""
    known = facts.actions("sagemaker")
    return tuple(
        f"sagemaker:{action.name}"
        for action in load_sagemaker().actions
        if action.name.startswith(("Create", "Update")) and _carries(known.get(action.name.lower()), keys)
    )


def _carries(action: facts.ActionFacts | None, keys: tuple[str, ...]) -> bool:
    return action is not None and action.keys is not None and any(key in action.keys for key in keys)


@cache
def actions_that_pass_roles() -> tuple[str, ...]:
    """SageMaker's actions that hand a role to it."""
    return tuple(f"sagemaker:{action.name}" for action in load_sagemaker().actions if action.passes_role_to)


def keys_of(document: Document) -> frozenset[str]:
    """The condition keys of all statements of the document, Deny statements too."""
    return frozenset(condition.name for statement in document.statements for condition in statement.conditions)
