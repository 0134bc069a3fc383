"""A name that stands in patterns of resources: which other names could stand there without making a difference.

Say the patterns hold a name behind ``/`` and before ``-``, and no other literal of theirs can overlap with a name there
in any text. Then every occurrence of ``/NAME-`` in a resource can be read as one letter of its own: a resource matches
the patterns of one name exactly where the resource with the other name in its place matches those of the other.
(Whatever of a resource no literal touches can be any letter that occurs in none of them, so that no name comes about by
chance.)
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from typing import Any

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.document import Condition

#: Stands for the name; no policy has this character.
HOLE = "\ue000"
#: Conditions that ask of two texts only whether they are equal.
_EQUAL = frozenset({"StringEquals", "StringNotEquals", "Null"})
_ANY_SERVICE = ""
#: The characters that names, and values taken for names, are made of.
_NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-")


@dataclass(frozen=True, slots=True)
class _Literal:
    """A stretch of a pattern without wildcards; whether it begins or ends every text that the pattern matches."""

    text: str
    first: bool
    last: bool


@dataclass(frozen=True)
class _Service:
    """The patterns of one service that hold the name: what stands before it and behind it, and every other literal."""

    name: str  # empty for patterns that may be of any service
    before: str
    behind: str
    literals: tuple[_Literal, ...]

    def fits(self, name: str) -> bool:
        """Whether no literal can overlap with the name (and what is behind it), nor the name with itself."""
        spot = f"{name}{self.behind}"
        if spot.startswith(self.tails) or spot.endswith(self.heads):
            return False
        if any(tail.startswith(spot) for tail in self.long_tails):
            return False
        usual, others = self.inner
        if any(text in spot for text in usual) or (
            not _NAMES.issuperset(name) and any(text in spot for text in others)
        ):
            return False
        return self.stands_alone(spot)

    def exchanged(self, resource: str, name: str, other: str) -> str:
        """A resource with the two names in each other's place, between what stands before and behind a name."""
        either = f"(?<={re.escape(self.before)})({re.escape(name)}|{re.escape(other)})(?={re.escape(self.behind)})"
        return re.sub(either, lambda found: other if found[0] == name else name, resource)

    @cached_property
    def long_tails(self) -> tuple[str, ...]:
        """What follows in a literal on a place where the name could begin."""
        return tuple(dict.fromkeys(tail for literal in self.literals for tail in _tails(literal, self.before)))

    @cached_property
    def tails(self) -> tuple[str, ...]:
        """Those of them that the text may go on behind, so that the rest of the name could follow."""
        free = (literal for literal in self.literals if not literal.last)
        return tuple(dict.fromkeys(tail for literal in free for tail in _tails(literal, self.before)))

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """What literals begin with that need not stand first, as far as a name can end so."""
        found: dict[str, None] = {}
        for literal in self.literals:
            for length in range(1, len(literal.text) + 1) if not literal.first else ():
                if literal.text[length - 1] not in _NAMES | set(self.behind):
                    break
                found[literal.text[:length]] = None
        return tuple(found)

    @cached_property
    def inner(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Literals that could stand in the middle of a usual name (with what is behind it), and of others."""
        found = dict.fromkeys(one.text for one in self.literals if not (one.first or one.last))
        usual = tuple(text for text in found if (_NAMES | set(self.behind)).issuperset(text))
        return usual, tuple(text for text in found if text not in usual)

    def stands_alone(self, spot: str) -> bool:
        """Whether two places of the name in one text cannot overlap."""
        if self.before and self.before[-1] not in spot:
            return True
        whole = f"{self.before}{spot}"
        return not any(whole[shift:] == whole[: len(whole) - shift] for shift in range(1, len(spot)))


@dataclass(frozen=True, slots=True)
class Holes:
    """Where the name stands: in patterns of some services, and among the values of some context keys."""

    services: tuple[_Service, ...]
    values: tuple[tuple[str, frozenset[str]], ...]

    def fits(self, name: str) -> bool:
        """Whether the name can be told from every other text that it may meet."""
        for _, texts in self.values:
            written = [text.replace(HOLE, name).lower() for text in texts]
            if len(set(written)) < len(written):
                return False
        return all(service.fits(name) for service in self.services)

    def exchanged_in(self, resource: str, name: str, other: str) -> str:
        """A resource with the two names in each other's place, wherever the patterns have a name."""
        own = _service_of(resource)
        for service in self.services:
            if service.name in (_ANY_SERVICE, own):
                return service.exchanged(resource, name, other)
        return resource

    def exchanged(self, key: str, value: str, name: str, other: str) -> str:
        """A value of a context key with the two names in each other's place."""
        for known, texts in self.values:
            if known == key.lower():
                for text in texts:
                    mine, theirs = text.replace(HOLE, name), text.replace(HOLE, other)
                    if value in (mine, theirs):
                        return theirs if value == mine else mine
        return value


def holes_in(contents: Iterable[tuple[Any, ...]]) -> Holes | None:
    """Where the name stands in statements; None where names cannot be exchanged whatever they are.

    A statement is (effect, actions, not_actions, resources, not_resources, conditions), with what is known written in.
    """
    told = list(contents)
    texts = list(dict.fromkeys(text for one in told for text in (*one[3], *one[4])))
    conditions: list[Condition] = list(dict.fromkeys(condition for one in told for condition in one[5]))
    values = _values(conditions)
    if values is None or any(mark in text for text in texts for mark in ("?", "${")):
        return None
    if any("${" in text for condition in conditions for text in condition.values):
        return None
    services = {_service_of(text) for text in texts if HOLE in text}
    if _ANY_SERVICE in services:
        return Holes((_service(texts, _ANY_SERVICE),), values)
    return Holes(tuple(_service(texts, name) for name in sorted(services)), values)


def _values(conditions: Sequence[Condition]) -> tuple[tuple[str, frozenset[str]], ...] | None:
    """By key the values of those keys that are compared with the name; None where they are not only compared."""
    named = {one.key.lower() for one in conditions if any(HOLE in text for text in one.values)}
    about = [one for one in conditions if one.key.lower() in named]
    if any(one.operator not in _EQUAL for one in about):
        return None
    return tuple(
        (
            key,
            frozenset(
                text for one in about if one.key.lower() == key and one.operator != "Null" for text in one.values
            ),
        )
        for key in sorted(named)
    )


def _service(texts: Sequence[str], name: str) -> _Service:
    """The patterns that resources of a service may match."""
    chosen = [text for text in texts if not name or _service_of(text) in (name, _ANY_SERVICE)]
    around = [text.split(HOLE) for text in chosen if HOLE in text]
    before = _common_end([left.rpartition("*")[2] for pieces in around for left in pieces[:-1]])
    behind = _common_start([right.partition("*")[0] for pieces in around for right in pieces[1:]])
    literals = dict.fromkeys(literal for text in chosen for literal in _literals(text, behind))
    return _Service(name, before, behind, (*literals, *(_own() if name in ("sagemaker", _ANY_SERVICE) else ())))


def _common_start(texts: Sequence[str]) -> str:
    """What all of the texts begin with."""
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False)))


def _common_end(texts: Sequence[str]) -> str:
    """What all of the texts end with."""
    return _common_start([text[::-1] for text in texts])[::-1]


def _literals(text: str, behind: str) -> Iterator[_Literal]:
    """The stretches between wildcards and names; one after a name without what always stands behind it."""
    runs = text.split("*")
    for number, run in enumerate(runs):
        pieces = run.split(HOLE)
        for place, piece in enumerate(pieces):
            literal = piece.removeprefix(behind) if place else piece
            first = number == 0 and place == 0
            last = number == len(runs) - 1 and place == len(pieces) - 1
            if literal:
                yield _Literal(literal, first, last)


@cache
def _own() -> tuple[_Literal, ...]:
    """What stands in the ARNs of SageMaker's resource types."""
    found: dict[_Literal, None] = {}
    for item in load_sagemaker().resource_types:
        resource = item.arn.split(":", 5)[-1]
        while resource:
            literal, _, rest = resource.partition("${")
            resource = rest.partition("}")[2]
            if literal:
                found[_Literal(literal, False, False)] = None
    return tuple(found)


def _service_of(text: str) -> str:
    """The service of an ARN pattern; nothing where it may be any."""
    parts = text.split(":", 3)
    named = len(parts) == 4 and parts[0] == "arn" and not set(parts[2]) & {"*", HOLE}
    return parts[2] if named else _ANY_SERVICE


def _tails(literal: _Literal, before: str) -> Iterator[str]:
    """What follows in a literal on each place that looks like the one before the name, as far as it shows."""
    text = literal.text
    for place in range(len(text)):
        if text.startswith(before, place) and text[place + len(before) :]:
            yield text[place + len(before) :]
    for shown in range(1, len(before)) if not literal.first else ():
        if text.startswith(before[-shown:]) and text[shown:]:
            yield text[shown:]
