"""Answers comparisons: two sides in, what changes between them out, as JSON for scripts or as text for people."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Any, BinaryIO

from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Change, Comparison, Witness
from policystudio.engine.analyse.trust import Entrance, compare_trust
from policystudio.engine.catalog.load import load_condition_keys, load_service_actions
from policystudio.simulator.comparing import Pair, TrustPair, read_pair
from policystudio.simulator.evaluation_input import EvaluationInputError, Id, InputProblem, PolicyCache
from policystudio.simulator.lines import answered

#: Up to so many changes are listed one by one; more are counted by service.
LISTED = 40
_NAMED = 4
#: The account of a role whose account nobody names.
SOME_ACCOUNT = "111122223333"
_SERVICES = 20


class Outcome(IntEnum):
    """What a comparison says to whoever waits for an exit status."""

    FINE = 0
    FOUND = 1  # there is what was looked for: new access
    UNKNOWN = 2  # not understood, or not decided: no gate may take it for fine


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON text of one answer, on one line, with what it amounts to."""

    text: str
    outcome: Outcome


def outcome_of(comparison: Comparison) -> Outcome:
    """New access found, none, or not decided."""
    if comparison.no_new_access is None:
        return Outcome.UNKNOWN
    return Outcome.FINE if comparison.no_new_access else Outcome.FOUND


def worst(outcomes: Collection[Outcome]) -> Outcome:
    """The outcome of many: what was found counts before what is not known."""
    if Outcome.FOUND in outcomes:
        return Outcome.FOUND
    return max(outcomes, default=Outcome.FINE)


def compare_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, before, after}` of a stream, in order; it is read as it is answered."""
    cache = PolicyCache()

    def answers(text: bytes) -> Iterator[Answer]:
        yield compared(text, cache)

    return answered(stream, answers, lambda error: Answer(error, Outcome.UNKNOWN))


def compared_pair(pair: Pair | TrustPair) -> Comparison:
    """The comparison; raises ``EvaluationInputError`` where policies say whom they are for and nobody is named."""
    if isinstance(pair, TrustPair):
        return compare_trust(pair.before, pair.after, SOME_ACCOUNT, load_condition_keys())
    try:
        return compare(pair.before, pair.after)
    except ValueError as error:
        raise EvaluationInputError([InputProblem("", str(error))]) from None


def compared(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one `{id, before, after}`; raises ``EvaluationInputError``."""
    pair = read_pair(text, cache)
    comparison = compared_pair(pair)
    return Answer(json.dumps(comparison_as_json(pair.id, comparison)), outcome_of(comparison))


def comparison_as_json(given: Id, comparison: Comparison) -> dict[str, Any]:
    """A comparison in the words of AWS and JSON; ``undecided`` is null where everything was decided."""
    return {
        "id": given,
        "no_new_access": comparison.no_new_access,
        "no_lost_access": comparison.no_lost_access,
        "undecided": comparison.undecided or None,
        "newly_allowed": witness_as_json(comparison.newly_allowed),
        "newly_denied": witness_as_json(comparison.newly_denied),
        "changes": [_change(change) for change in comparison.changes],
    }


def witness_as_json(witness: Witness | None) -> dict[str, Any] | None:
    """A request, of a principal where that matters; a context key with an empty list is absent."""
    if witness is None:
        return None
    context = {key: list(values) for key, values in witness.context.items()}
    principal = {"principal": witness.principal} if isinstance(witness, Entrance) else {}
    return {**principal, "action": witness.action, "resource": witness.resource, "context": context}


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "resource_type": change.resource_type,
        "newly_allowed": witness_as_json(change.newly_allowed),
        "newly_denied": witness_as_json(change.newly_denied),
        "undecided": change.undecided or None,
    }


# As text.


def headline(comparison: Comparison) -> str:
    """The answer in words: `New access: 4 actions. No access is lost.`"""
    return " ".join(
        (
            _direction(comparison, gained=True),
            _direction(comparison, gained=False),
            *([f"Undecided: {comparison.undecided}."] if comparison.undecided else []),
        )
    )


def _direction(comparison: Comparison, *, gained: bool) -> str:
    verdict = comparison.no_new_access if gained else comparison.no_lost_access
    what = "New access" if gained else "Lost access"
    if verdict is None:
        return f"{what}: not decided."
    if verdict:
        return "No new access." if gained else "No access is lost."
    found = {item.action for item in comparison.changes if (item.newly_allowed if gained else item.newly_denied)}
    return f"{what}: {_count(len(found), 'action')}." if found else f"{what}: yes."


def comparison_as_text(comparison: Comparison) -> Iterator[str]:
    """Lines for a person: the answer, a request for each direction, and what changes, grouped where it is much."""
    yield headline(comparison)
    for title, witness in (("allowed", comparison.newly_allowed), ("denied", comparison.newly_denied)):
        if witness is not None:
            yield ""
            yield f"Newly {title}, for example:"
            yield from (f"  {line}" for line in witness_as_text(witness))
    changes = sorted(comparison.changes, key=lambda change: (_service(change), change.action, change.resource_type))
    if changes:
        yield ""
        yield f"What changes, {_count(len(changes), 'action and type', 'actions and types')} in all:"
        yield "  + newly allowed   - newly denied   ± both   ? not decided"
        lines = _listed(changes) if len(changes) <= LISTED else _grouped(changes)
        yield from (f"  {line}" for line in lines)


def witness_as_text(witness: Witness) -> Iterator[str]:
    """A request over a few lines: action and resource, then each context key."""
    if isinstance(witness, Entrance):
        yield witness.principal
    yield f"{witness.action} on {witness.resource}"
    for key, values in sorted(witness.context.items()):
        yield f"  {key} = {', '.join(values)}" if values else f"  {key} absent"


def sign(change: Change) -> str:
    """The direction of a change as one character."""
    if change.newly_allowed and change.newly_denied:
        return "±"
    if change.newly_allowed or change.newly_denied:
        return "+" if change.newly_allowed else "-"
    return "?"


def _listed(changes: Sequence[Change]) -> Iterator[str]:
    width = max(len(change.action) for change in changes)
    for change in changes:
        on = "" if change.resource_type == "*" else change.resource_type
        why = f" ({change.undecided})" if change.undecided else ""
        yield f"{sign(change)} {change.action:<{width}}  {on}{why}".rstrip()


def _grouped(changes: Sequence[Change]) -> Iterator[str]:
    """A line for each service and direction, with the first of its actions; where most changes comes first."""
    services = [(name, list(items)) for name, items in groupby(changes, _service)]
    services.sort(key=lambda pair: (pair[0] != "sagemaker", -len(pair[1]), pair[0]))
    shown = services[:_SERVICES]
    width = max(len(name) for name, _ in shown)
    for name, items in shown:
        for mark in "+-±?":
            actions = list(dict.fromkeys(item.action.partition(":")[2] for item in items if sign(item) == mark))
            if actions:
                yield f"{mark} {name:<{width}}  {_some_of(name, actions)}"
    rest = services[_SERVICES:]
    if rest:
        left = _count(sum(len(items) for _, items in rest), "action and type", "actions and types")
        yield f"  {_count(len(rest), 'more service')} with {left}: --format json has them all"


def _some_of(service: str, actions: Sequence[str]) -> str:
    """How many actions, and the first of them by name."""
    if len(actions) > _NAMED and len(actions) == len(load_service_actions().get(service, ())):
        return f"all {len(actions):,} actions"
    more = f" and {len(actions) - _NAMED:,} more" if len(actions) > _NAMED else ""
    return f"{_count(len(actions), 'action')}: {', '.join(actions[:_NAMED])}{more}"


def _service(change: Change) -> str:
    return change.action.partition(":")[0]


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
