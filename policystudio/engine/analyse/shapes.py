"""Resource types that policies cannot tell apart, so that an answer about one of them holds for the other.

``model/N`` and ``endpoint/N`` are alike to ``*/prod-*``: behind either type, it waits for the same.
"""

from collections.abc import Hashable, Iterable
from functools import lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.arn import PARTS
from policystudio.engine.exact.signatures import Hole, automaton
from policystudio.engine.exact.terms import Entry, Place, Side
from policystudio.engine.exact.texts import letter


def shape(place: Place, sides: Iterable[Side]) -> Hashable:
    """What the entries of the sides see of a place. Places with one shape give the same answers, but for the names."""
    terms = (term for side in sides for group in (side.denies, *side.groups) for term in group)
    entries = {entry for term in terms for entry in term.entries}
    if place.whole is None:
        return place
    if not entries:
        return None
    if len(place.whole.segments) != PARTS:
        return place
    *heads, last = place.whole.segments
    match last:
        case (str(literal), Hole.NAME) if literal.endswith("/") and literal.count("/") == 1:
            seen = [(entry.number, _behind(entry, literal)) for entry in entries]
            if all(state >= 0 for _, state in seen):
                return tuple(heads), tuple(sorted(seen))
    return place


@lru_cache(maxsize=100_000)
def _behind(entry: Entry, literal: str) -> int:
    """The positions of an entry's last part behind the type; -1 where that is not all that matters."""
    if entry.parts is not None:
        segments = globs.split_segments(entry.parts)
        if segments is None:
            return -1
        machine, state = automaton(segments[-1]), 1
    else:
        text = entry.text.split(":", PARTS - 1)[-1]
        if "/" not in text.partition("${")[0]:
            return -1
        pieces = [letter(0) if not isinstance(token, str) else token for token in variables.tokens(text)]
        machine, state = automaton(globs.parse("".join(pieces))), 1
    for char in literal:
        state = machine.step(state, char)
    return state
