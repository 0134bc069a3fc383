"""Actions with several required resource types: possible only where each of their cells allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from policystudio.engine.catalog.types import NO_TYPE, Action, Catalog
from policystudio.engine.exact.cell import CellVerdict, Example
from policystudio.simulator.sentences import WORDS
from policystudio.simulator.witnesses import RowWitness, Values, Witness

#: The first of these that a cell has is the verdict of all together.
_WEAKEST_FIRST = (
    CellVerdict.EXPLICIT_DENY,
    CellVerdict.IMPLICIT_DENY,
    CellVerdict.UNDECIDED,
    CellVerdict.CONDITIONAL,
    CellVerdict.SOME,
    CellVerdict.ALLOWED,
)
#: Why the cells that depend on conditions may not be possible together.
NOT_TOGETHER = "each of its resource types is allowed under conditions, and no context was found that allows all"
_TAGS = ("aws:resourcetag/", "sagemaker:resourcetag/")
#: In how many orders the contexts of the cells are laid over each other.
_ORDERS = 24


@dataclass(frozen=True, slots=True)
class Together:
    """What an action with several required types comes to.

    ``cells`` holds each required type with its verdict. ``allowed`` has one allowed request for each of them, made in
    one context (each resource has tags of its own), where the verdict leaves anything to show.
    """

    action: str
    cells: Mapping[str, CellVerdict]
    verdict: CellVerdict
    allowed: tuple[Witness, ...] = ()
    undecided: str = ""


def required_types(action: Action | None) -> tuple[str, ...]:
    """The resource types that the reference stars. It is an upper bound: a call may touch fewer of them."""
    return tuple(taken.name for taken in (action.resource_types if action else None) or () if taken.required)


def needed_with(catalog: Catalog, action: str, resource_type: str) -> tuple[str, ...]:
    """The required types of an action beside the one that is looked at."""
    if resource_type == NO_TYPE:
        return ()
    return tuple(name for name in required_types(catalog.action(action)) if name != resource_type)


def weakest(verdicts: Sequence[CellVerdict]) -> CellVerdict:
    """The most that an action can come to whose evaluations have these verdicts: all of them must allow."""
    return next(verdict for verdict in _WEAKEST_FIRST if verdict in verdicts)


def together(row: RowWitness, action: str, letters: Mapping[str, str]) -> Together:
    """The summary of an action; ``letters`` holds the verdict of each required type's cell.

    Cells that depend on conditions may exclude one another, so a context that allows all is searched for.
    """
    cells = {name: CellVerdict(letter) for name, letter in letters.items()}
    verdict = weakest(list(cells.values()))
    if verdict not in (CellVerdict.CONDITIONAL, CellVerdict.SOME):
        undecided = "one of its cells is undecided" if verdict is CellVerdict.UNDECIDED else ""
        return Together(action, cells, verdict, undecided=undecided)
    allowed = _allowed(row, action, cells)
    if not allowed and verdict is CellVerdict.CONDITIONAL:
        return Together(action, cells, CellVerdict.UNDECIDED, undecided=NOT_TOGETHER)
    return Together(action, cells, verdict, allowed)


def said(found: Together, resource_type: str) -> str:
    """What an action comes to, in words, for somebody who looks at one of its resource types."""
    name = found.action.partition(":")[2]
    others = [f"{other} ({WORDS[verdict]})" for other, verdict in found.cells.items() if other != resource_type]
    listed = " and ".join([", ".join(others[:-1]), others[-1]] if len(others) > 1 else others)
    reason = f", since {found.undecided}" if found.undecided == NOT_TOGETHER else ""
    return (
        f"{name} takes {listed} as well, and is possible only where each allows it: together {WORDS[found.verdict]}"
        f"{reason}. AWS's reference lists them all; a call may touch fewer."
    )


def _allowed(row: RowWitness, action: str, cells: Mapping[str, CellVerdict]) -> tuple[Witness, ...]:
    """An allowed request for each type, all in one context."""
    indexes = [row.compiled.space.index_of[action, name] for name in cells]
    examples = [row.compiled.cell(row.prepared, index).allowed for index in indexes]
    found = [example or Example(row.any_resource(index), {}) for example, index in zip(examples, indexes, strict=True)]
    for shared in _contexts([example.context for example in found]):
        witnesses = [
            row.confirmed(_within(row, example, shared, index), index, wanted=True)
            for example, index in zip(found, indexes, strict=True)
        ]
        if all(witnesses):
            return tuple(witness for witness in witnesses if witness)
    return ()


def _within(row: RowWitness, example: Example, shared: Mapping[str, Values], index: int) -> Example:
    """The example's resource with its own tags, in the shared context as far as its requests carry such keys."""
    bit = row.compiled.space.bit(index)
    free = {key: values for key, values in shared.items() if row.compiled.builder.is_free(key.lower(), row.facts, bit)}
    tags = {key: values for key, values in example.context.items() if key.lower().startswith(_TAGS)}
    return Example(example.resource, {**free, **tags})


def _contexts(contexts: Sequence[Mapping[str, Values]]) -> Iterator[dict[str, Values]]:
    """The contexts of all cells over each other, in several orders; without the tags of resources."""
    for number, order in enumerate(permutations(contexts)):
        if number == _ORDERS:
            return
        merged: dict[str, Values] = {}
        names: dict[str, str] = {}
        for context in order:
            for key, values in context.items():
                if not key.lower().startswith(_TAGS) and key.lower() not in names:
                    names[key.lower()] = key
                    merged[key] = values
        yield merged
