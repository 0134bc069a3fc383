"""Collect what is wrong with a document; how messages show what the user wrote."""

from typing import Protocol

from policystudio.engine.nearest import nearest
from policystudio.engine.source import Path, Problem, Source

#: The limit of IAM's API on a PolicyDocument parameter, in characters: what a person can send to AWS.
API_CHARACTERS = 131_072

#: The largest document that is read. AWS's own policies pass the limit of its API: ``AWSSupportServiceRolePolicy``,
#: which every account has, counts more than 150,000 characters without white space.
MAX_CHARACTERS = 262_144

#: How deep objects and arrays may stand in each other. A policy needs seven levels.
MAX_NESTING = 100

#: A document is refused with its first problems; nobody reads more.
MAX_PROBLEMS = 500

_SHOWN = 60


class Place(Protocol):
    """Anything that stands somewhere in the text: offsets in characters, ``end`` just behind the last one."""

    start: int
    end: int


class Report:
    """The problems of one document."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._problems: dict[tuple[int, int, str, str], Problem] = {}

    def add(self, code: str, message: str, place: Place, path: Path = ()) -> None:
        """Note a problem; the same one at the same place counts once."""
        self.add_at(code, message, place.start, place.end, path)

    def add_at(self, code: str, message: str, start: int, end: int, path: Path = ()) -> None:
        """Note a problem of the characters from ``start`` to before ``end``."""
        key = (start, end, code, message)
        if key not in self._problems and not self.is_full:
            self._problems[key] = Problem(code, message, self.source.span(start, end), path)

    @property
    def is_full(self) -> bool:
        """Whether no further problem is kept."""
        return len(self._problems) >= MAX_PROBLEMS

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in the order of the text."""
        return tuple(problem for _, problem in sorted(self._problems.items(), key=lambda item: item[0]))


def shown(text: str) -> str:
    """``text`` in backticks as a message shows it: shortened, with unprintable characters as escapes."""
    if not text:
        return "the empty text"
    cut = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f"`{''.join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)}`"


def suggestion(name: str, known: tuple[str, ...]) -> str:
    """The name of ``known`` that was probably meant; empty where none is close."""
    return nearest(name, known, alike=0.7)
