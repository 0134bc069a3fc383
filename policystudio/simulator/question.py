"""What is asked of the simulator, and how it stands in a URL: every view of it is a link that can be sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Protocol

from policystudio.engine.arn import Arn
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import ACCESS_LEVELS
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.request import NamedPolicy
from policystudio.lib.digits import number_in

#: The kinds of row, in the order in which they are listed.
KINDS = ("user", "group", "role", "root")
LETTERS = frozenset(verdict.value for verdict in CellVerdict)
#: A context key behind this mark is known to be absent.
ABSENT = "!"
_REGION_LENGTH = 32
_END_OF_DAY = time(23, 59, 59, 999_999, tzinfo=UTC)
_WHAT_IF_LIMIT = 10
_EXCLUDED = re.compile(r"boundary|inline:.+|arn:[^:\s]+:iam::([0-9]{12}|aws):policy/\S+", re.DOTALL)


class Query(Protocol):
    """A parsed query string: Django's ``QueryDict``, or anything like it."""

    def getlist(self, key: str) -> list[str]:
        """All values of a parameter."""


class ListQuery:
    """A ``Query`` made of pairs, for callers that have no ``QueryDict``."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs

    def getlist(self, key: str) -> list[str]:
        """All values of a parameter."""
        return [value for name, value in self._pairs if name == key]


class QuestionError(ValueError):
    """The parameters were not understood. ``problems`` holds (parameter, message) pairs, all of them."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{name}: {message}" for name, message in problems))

    def as_options(self) -> str:
        """The problems as a command tells them: a line each, with the option that is wrong."""
        return "\n".join(f"--{name}: {message}" for name, message in self.problems)


@dataclass(frozen=True)
class IdentityFilter:
    """Which rows. ``name`` and ``path`` are globs (a path without wildcards is a prefix); ``arns`` empty means all."""

    kinds: frozenset[str] = frozenset(KINDS)
    path: str = ""
    name: str = ""
    tag_key: str = ""
    tag_value: str | None = None
    arns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnFilter:
    """Which columns. ``action`` is a glob with or without ``sagemaker:``; ``types`` empty means all."""

    access_levels: frozenset[str] = frozenset(ACCESS_LEVELS)
    action: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhatIf:
    """A change to try on every row: policies taken away, identity policies added, another permissions boundary.

    ``exclude`` holds managed policy ARNs, ``inline:<identity>/<policy>``, or ``boundary``. ``add`` holds
    (as written in the URL, policy) pairs: an ARN of a managed policy of the account has no policy yet. ``boundary`` is
    such a pair, for every user and role, whatever boundary they have.
    """

    exclude: tuple[str, ...] = ()
    add: tuple[tuple[str, NamedPolicy | None], ...] = ()
    boundary: tuple[str, NamedPolicy | None] | None = None

    def __bool__(self) -> bool:
        return bool(self.exclude or self.add or self.boundary)


@dataclass(frozen=True)
class Question:
    """Everything that a view of the simulator depends on. An empty tuple in ``context`` means the key is absent.

    ``at`` is the moment that is asked about, ``change`` the number of a change that is taken for published; without
    either the account is asked about as it is.
    """

    identities: IdentityFilter = field(default_factory=IdentityFilter)
    columns: ColumnFilter = field(default_factory=ColumnFilter)
    region: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    what_if: WhatIf = field(default_factory=WhatIf)
    verdicts: frozenset[str] = frozenset()
    at: datetime | None = None
    change: int | None = None

    @property
    def is_of_now(self) -> bool:
        """Whether it is asked of the account as it is."""
        return self.at is None and self.change is None

    @property
    def at_written(self) -> str:
        """The moment as it stands in an address: a date alone for the end of that day."""
        if self.at is None:
            return ""
        at = self.at.astimezone(UTC)
        return f"{at:%Y-%m-%d}" if at.timetz() == _END_OF_DAY else at.isoformat().replace("+00:00", "Z")

    @property
    def moment(self) -> str:
        """Of when it is asked, as a sentence; empty where it is asked of the account as it is."""
        if self.at is not None:
            return f"As of {self.at_written}."
        return "" if self.change is None else f"As if change {self.change} were published."


def question_from_query(query: Query) -> Question:
    """Read a query string; raises ``QuestionError`` naming every parameter that was not understood."""
    reader = _Reader(query)
    question = Question(
        identities=reader.identities(),
        columns=reader.columns(),
        region=reader.region(),
        context=reader.context(),
        what_if=reader.what_if(),
        verdicts=reader.verdicts(),
        at=reader.at(),
        change=reader.change(),
    )
    if reader.problems:
        raise QuestionError(reader.problems)
    return question


def question_to_query(question: Question) -> list[tuple[str, str]]:
    """The parameters that give ``question`` again; nothing for what is at its default."""
    identities, columns = question.identities, question.columns
    pairs: list[tuple[str, str]] = []
    if identities.kinds != frozenset(KINDS):
        pairs += [("kind", kind) for kind in KINDS if kind in identities.kinds]
    pairs += [(name, value) for name, value in (("path", identities.path), ("name", identities.name)) if value]
    if identities.tag_key:
        value = identities.tag_value
        pairs.append(("tag", identities.tag_key if value is None else f"{identities.tag_key}={value}"))
    pairs += [("identity", arn) for arn in identities.arns]
    if columns.access_levels != frozenset(ACCESS_LEVELS):
        pairs += [("level", level) for level in ACCESS_LEVELS if level in columns.access_levels]
    pairs += [("action", columns.action)] if columns.action else []
    pairs += [("type", name) for name in columns.types]
    pairs += [("region", question.region)] if question.region else []
    for key, values in question.context.items():
        pairs += [("context", f"{key}={value}") for value in values] or [("context", f"{ABSENT}{key}")]
    pairs += [("exclude", name) for name in question.what_if.exclude]
    pairs += [("add", written) for written, _ in question.what_if.add]
    pairs += [("boundary", question.what_if.boundary[0])] if question.what_if.boundary else []
    pairs += [("at", question.at_written)] if question.at else []
    pairs += [("change", str(question.change))] if question.change is not None else []
    return pairs + [("verdict", letter) for letter in sorted(question.verdicts)]


class _Reader:
    """Reads one group of parameters after the other and collects what is wrong."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.problems: list[tuple[str, str]] = []

    def one(self, name: str) -> str:
        values = [value.strip() for value in self.query.getlist(name) if value.strip()]
        if len(values) > 1:
            self.problems.append((name, "give it once"))
        return values[-1] if values else ""

    def chosen(self, name: str, allowed: Sequence[str]) -> frozenset[str]:
        """Values out of a list; all of them where none is given."""
        values = [value for value in self.query.getlist(name) if value]
        for value in values:
            if value not in allowed:
                self.problems.append((name, f"`{value}` is not one of {', '.join(allowed)}"))
        return frozenset(values) & frozenset(allowed) or frozenset(allowed)

    def identities(self) -> IdentityFilter:
        tag = self.one("tag")
        key, equals, value = tag.partition("=")
        arns = tuple(dict.fromkeys(value for value in self.query.getlist("identity") if value))
        for arn in arns:
            try:
                Arn.parse(arn)
            except ValueError as error:
                self.problems.append(("identity", str(error)))
        return IdentityFilter(
            kinds=self.chosen("kind", KINDS),
            path=self.one("path"),
            name=self.one("name"),
            tag_key=key,
            tag_value=value if equals else None,
            arns=arns,
        )

    def columns(self) -> ColumnFilter:
        names = [item.name for item in load_sagemaker().resource_types]
        types = tuple(dict.fromkeys(value for value in self.query.getlist("type") if value))
        for name in types:
            if name not in (*names, "*"):
                self.problems.append(("type", f"`{name}` is not a SageMaker resource type"))
        return ColumnFilter(self.chosen("level", ACCESS_LEVELS), self.one("action"), types)

    def region(self) -> str:
        region = self.one("region")
        if region and (len(region) > _REGION_LENGTH or not region.replace("-", "").isalnum() or not region.isascii()):
            self.problems.append(("region", f"`{region}` is not the code of a Region, such as us-east-1"))
        return region

    def context(self) -> dict[str, tuple[str, ...]]:
        result: dict[str, tuple[str, ...]] = {}
        for entry in self.query.getlist("context"):
            key, equals, value = entry.partition("=")
            if entry.startswith(ABSENT) and ":" in entry:
                result[entry.removeprefix(ABSENT).strip()] = ()
            elif not equals or ":" not in key or not value:
                self.problems.append(("context", f"`{entry}` is not key=value, or {ABSENT}key for an absent key"))
            else:
                result[key.strip()] = (*result.get(key.strip(), ()), value)
        return result

    def what_if(self) -> WhatIf:
        exclude = tuple(dict.fromkeys(value for value in self.query.getlist("exclude") if value))
        for value in exclude:
            if not _EXCLUDED.fullmatch(value):
                said = "is no managed policy's ARN, nor `inline:<identity>/<policy>` or `boundary`"
                self.problems.append(("exclude", f"`{value[:80]}` {said}"))
        written = [value for value in self.query.getlist("add") if value.strip()]
        if len(written) > _WHAT_IF_LIMIT:
            self.problems.append(("add", f"at most {_WHAT_IF_LIMIT} policies can be added at once"))
            written = written[:_WHAT_IF_LIMIT]
        add = tuple((text, self.added(number, text)) for number, text in enumerate(written, start=1))
        boundary = self.one("boundary")
        return WhatIf(exclude, add, (boundary, self.bounding(boundary)) if boundary else None)

    def added(self, number: int, text: str) -> NamedPolicy | None:
        if text.startswith("arn:"):
            return None
        try:
            return NamedPolicy(f"what if {number}", parse_policy(text, PolicyKind.IDENTITY))
        except PolicyError as error:
            self.problems += [("add", f"policy {number}, {problem}") for problem in error.problems]
            return None

    def bounding(self, text: str) -> NamedPolicy | None:
        if text.startswith("arn:"):
            return None
        try:
            return NamedPolicy("what-if boundary", parse_policy(text, PolicyKind.IDENTITY))
        except PolicyError as error:
            self.problems += [("boundary", str(problem)) for problem in error.problems]
            return None

    def at(self) -> datetime | None:
        """A moment; a date alone is the end of that day, and what names no zone is UTC."""
        text = self.one("at")
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self.problems.append(("at", f"`{text[:40]}` is no date or time: write 2026-11-01, or 2026-11-01T09:30:00Z"))
            return None
        if len(text) == len("2026-11-01"):
            return datetime.combine(found.date(), _END_OF_DAY)
        try:
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        except OverflowError:
            self.problems.append(("at", f"`{text[:40]}` is beyond the last day that there is"))
            return None

    def change(self) -> int | None:
        """The number of a change."""
        text = self.one("change")
        number = number_in(text)
        if text and not number:
            self.problems.append(("change", f"`{text[:40]}` is not the number of a change"))
        return number or None

    def verdicts(self) -> frozenset[str]:
        letters = frozenset(letter for value in self.query.getlist("verdict") for letter in value)
        for letter in sorted(letters - LETTERS):
            self.problems.append(("verdict", f"`{letter}` is not one of the letters A S C E I U"))
        return letters & LETTERS
