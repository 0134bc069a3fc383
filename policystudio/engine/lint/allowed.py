"""What the Allow statements of an identity policy allow of SageMaker, and where, as far as its Denies leave it."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.lint import facts
from policystudio.engine.lint.denies import hits, is_taken_away, means, resources_of
from policystudio.engine.lint.finding import Path
from policystudio.engine.lint.patterns import has_wildcard, overlap
from policystudio.engine.lint.tree import Condition, Document, Node, Statement

SERVICE = "sagemaker.amazonaws.com"
PASSING = "iam:PassRole"
_KEY = "iam:passedtoservice"
_COMPARING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "stringnotequals", "stringnotlike"})


def grants(document: Document, actions: Iterable[str]) -> Iterator[tuple[Statement, Node, str]]:
    """Every entry of Action in an Allow that means one of the actions, and every NotAction that spares one: its
    statement, itself, the action. What a Deny without a condition takes away is left out.
    """
    wanted = tuple(actions)
    for statement in document.statements:
        if statement.effect == "Allow":
            for entry, action in _meant(statement, wanted):
                if not is_taken_away(document, statement, action):
                    yield statement, entry, action


def _meant(statement: Statement, wanted: tuple[str, ...]) -> Iterator[tuple[Node, str]]:
    services = {action.partition(":")[0] for action in wanted}
    for entry in statement.actions:
        # Most entries of a long list are of other services: they are not compared with each action.
        service = entry.text.partition(":")[0].lower()
        if service in services or has_wildcard(service):
            yield from ((entry, action) for action in _matching(entry.text, wanted))
    spared = statement.elements.get("NotAction")
    if spared is not None:
        yield from ((spared, action) for action in wanted if means(statement, action))


@lru_cache(maxsize=20_000)
def _matching(entry: str, actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(action for action in actions if facts.action_matches(entry, action))


def allowing(document: Document, actions: Iterable[str]) -> Iterator[tuple[Statement, Node, str]]:
    """Every entry that ``grants`` has, once, with the first of its actions."""
    last: Path | None = None
    for statement, entry, action in grants(document, actions):
        if entry.path != last:
            yield statement, entry, action
        last = entry.path


def passing_to_sagemaker(document: Document) -> Iterator[tuple[Statement, Node]]:
    """Every entry that allows to pass a role to SageMaker."""
    denies = [
        statement
        for statement in document.statements
        if statement.effect == "Deny" and means(statement, PASSING) and _is_about_service(statement)
    ]
    for statement, entry, _ in allowing(document, (PASSING,)):
        is_denied = any(
            all(any(hits(deny, resource) for deny in denies) for resource in resources)
            for resources in resources_of(statement, PASSING)
        )
        if not is_denied and reaches(statement.conditions):
            yield statement, entry


def _is_about_service(statement: Statement) -> bool:
    """Whether the conditions ask for the service alone, and hold for SageMaker."""
    conditions = statement.conditions
    return bool(conditions) and all(condition.name == _KEY for condition in conditions) and reaches(conditions)


def reaches(conditions: tuple[Condition, ...]) -> bool:
    """Whether the conditions on the service that a role is passed to let SageMaker through."""
    for condition in conditions:
        if condition.name == _KEY and condition.base in _COMPARING:
            is_named = any(overlap(value.text, SERVICE) for value in condition.values)
            if is_named == ("not" in condition.base):
                return False
    return True


def holds_service(statement: Statement) -> bool:
    """Whether a condition holds the service that a role is passed to, and fails where the request names none."""
    return any(
        condition.name == _KEY and "not" not in condition.base and condition.base != "null" and not condition.if_exists
        for condition in statement.conditions
    )


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
def actions_named(part: str) -> tuple[str, ...]:
    """SageMaker's actions whose name holds a part."""
    return tuple(f"sagemaker:{action.name}" for action in load_sagemaker().actions if part in action.name)
