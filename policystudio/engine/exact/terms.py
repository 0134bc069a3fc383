"""Statements as an exact search takes them: what each asks of the resource and of the free context keys."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import NULL, WITH_VARIABLES, condition_holds, is_usable, operator_of
from policystudio.engine.document import Condition, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.facts import Facts, variables_of
from policystudio.engine.exact.signatures import Cover, Universe
from policystudio.engine.exact.texts import apart
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.exact.values import Literal, Unknown, Values, find_values
from policystudio.engine.globs import Parts, Wild


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An entry of Resource or NotResource: a pattern, or the text of one that reads free variables.

    Like clauses and terms, the entries of one builder that are alike are the same object.
    """

    number: int
    text: str
    parts: Parts | None
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """A condition that can hold or not; ``free`` are the keys that its values read as variables and that vary."""

    number: int
    key: str  # in lower case
    condition: Condition
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A statement as far as it matters. Without entries it matches every resource that is asked about."""

    entries: tuple[Entry, ...]
    negated: bool
    clauses: tuple[Clause, ...]

    @property
    def always(self) -> bool:
        """Whether the statement matches every request."""
        return not self.entries and not self.clauses


@dataclass(frozen=True, slots=True)
class Side:
    """When a stack allows: no Deny matches, and in every group of one of the ``ways`` some Allow does."""

    denies: tuple[Term, ...]
    groups: tuple[tuple[Term, ...], ...]
    ways: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Place:
    """The resources that a search is about: texts of a universe that some patterns match and others do not.

    ``hints`` are resources that read well in examples. ``whole`` is the same set where it is that of a resource type,
    which tells at once how much of it a pattern matches. ``with_star`` adds the lone ``*`` to the texts. ARNs of a
    service ``without_colons`` have none behind the fifth.
    """

    universe: Universe
    required: frozenset[Parts] = frozenset()
    excluded: frozenset[Parts] = frozenset()
    hints: tuple[str, ...] = ()
    whole: ResourceUniverse | None = None
    with_star: bool = False
    without_colons: frozenset[str] = frozenset()

    def cover(self, pattern: Parts) -> Cover:
        """How much of the place a (resource) pattern matches: where that is not plain, some of it."""
        return _cover(pattern, self.whole or self)

    def has_parts(self, cut: tuple[Parts, ...]) -> bool:
        """Whether every text here that a pattern, cut into six, matches is cut in the same places."""
        if self.whole is not None:
            return self.whole.colons_stand
        return all(map(globs.is_literal, cut[:3])) and "".join(map(str, cut[2])) in self.without_colons

    def is_outside(self, pattern: Parts) -> bool:
        """Whether a part of an ARN is surely not what it must be here."""
        own = globs.split_segments(pattern)
        if own is None or not self.has_parts(own):
            return False
        return any(apart(left, right) for cut in self._cut for left, right in zip(own, cut, strict=True))

    @cached_property
    def _cut(self) -> list[tuple[Parts, ...]]:
        """The parts of what is required of every resource, where it has those of an ARN."""
        return [cut for cut in map(globs.split_segments, self.required) if cut is not None]


@lru_cache(maxsize=200_000)
def _cover(pattern: Parts, here: ResourceUniverse | Place) -> Cover:
    if pattern == (Wild.ANY,):
        return Cover.ALL
    if isinstance(here, ResourceUniverse):
        return here.cover(pattern)
    return Cover.NONE if here.is_outside(pattern) else Cover.SOME


def place_of(universe: ResourceUniverse, hints: tuple[str, ...] = ()) -> Place:
    """The resources of a type in an account."""
    return Place(universe.joined, hints=hints, whole=universe, with_star=universe.with_star)


@dataclass
class TermBuilder:
    """Builds terms for actions about which the same keys are free.

    ``is_free`` tells whether a key (in lower case) may be absent or have any value; the others have the values that
    the facts tell, or none.
    """

    facts: Facts
    keys: ConditionKeys
    is_free: Callable[[str], bool]
    _entries: dict[tuple[str, Parts | None], Entry] = field(default_factory=dict)
    _clauses: dict[Condition, Clause] = field(default_factory=dict)
    _clauses_of: dict[tuple[int, bool], tuple[tuple[Clause, ...] | None, Sequence[Condition]]] = field(
        default_factory=dict
    )
    _values: dict[tuple[str, frozenset[Literal]], Values | Unknown | None] = field(default_factory=dict)
    _entries_of: dict[tuple[tuple[str, ...], bool, int], tuple[tuple[Entry, ...] | None, object]] = field(
        default_factory=dict
    )
    # What ids stand for is kept, so that they stay theirs.
    _known: dict[tuple[int, bool, int], tuple[Term | None, Statement, object]] = field(default_factory=dict)
    _patterns: dict[tuple[str, bool], tuple[Parts | None, frozenset[str]]] = field(default_factory=dict)
    _terms: dict[tuple[frozenset[int], bool, frozenset[int]], Term] = field(default_factory=dict)

    def values(self, key: str, literals: Sequence[Literal]) -> Values | None:
        """Values of a key for literals that read no free variables; see ``find_values``."""
        asked = key, frozenset(literals)
        if asked not in self._values:
            try:
                self._values[asked] = find_values(self.keys.get(key), literals, self.facts.context, self.judge)
            except Unknown:
                self._values[asked] = Unknown()
        found = self._values[asked]
        if isinstance(found, Unknown):
            raise found
        return found

    def judge(self, condition: Condition, values: Values) -> bool:
        """Whether a condition holds when its key has these values, beside what is known."""
        return condition_holds(condition, self.facts.context_with({condition.key.lower(): values}), self.keys, True)

    def side(
        self,
        denies: Iterable[tuple[Statement, bool]],
        groups: Sequence[Iterable[tuple[Statement, bool]]],
        ways: Sequence[tuple[int, ...]],
        place: Place,
    ) -> Side:
        """A side from statements that name the action, each with whether its document knows variables."""
        return Side(
            self.terms(denies, place), tuple(self.terms(group, place) for group in groups), tuple(map(tuple, ways))
        )

    def terms(self, statements: Iterable[tuple[Statement, bool]], place: Place) -> tuple[Term, ...]:
        """The statements that can match at all, each once; only one where it matches every request."""
        found = [self.term(statement, modern, place) for statement, modern in statements]
        terms = tuple(dict.fromkeys(item for item in found if item is not None))
        return next(((item,) for item in terms if item.always), terms)

    def term(self, statement: Statement, modern: bool, place: Place) -> Term | None:
        """The statement as far as it matters; None where it can match no request."""
        step()
        here = place.whole or place
        asked = id(statement), modern, id(here)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = (self.work_out(statement, modern, place), statement, here)
        return found[0]

    def work_out(self, statement: Statement, modern: bool, place: Place) -> Term | None:
        """As ``term``, not cached."""
        negated = bool(statement.not_resources)
        entries = self._known_entries(statement.resources or statement.not_resources, modern, place)
        if entries is None:  # one covers the whole place
            if negated:
                return None
            entries = ()
        elif not entries and statement.resources:
            return None
        clauses = self._known_clauses(statement.conditions, modern)
        if clauses is None:
            return None
        key = (frozenset(item.number for item in entries), negated and bool(entries), frozenset(_numbers(clauses)))
        found = self._terms.get(key)
        if found is None:
            found = self._terms[key] = Term(entries, key[1], clauses)
        return found

    def _known_clauses(self, conditions: Sequence[Condition], modern: bool) -> tuple[Clause, ...] | None:
        """As ``clauses``, once for each list of conditions."""
        if not conditions:
            return ()
        asked = id(conditions), modern
        found = self._clauses_of.get(asked)
        if found is None:
            found = self._clauses_of[asked] = self.clauses(conditions, modern), conditions
        return found[0]

    def _known_entries(self, texts: tuple[str, ...], modern: bool, place: Place) -> tuple[Entry, ...] | None:
        """As ``entries``, once for each list of texts."""
        here = place.whole or place
        asked = texts, modern, id(here)
        found = self._entries_of.get(asked)
        if found is None:
            found = self._entries_of[asked] = self.entries(texts, modern, place), here
        return found[0]

    def clauses(self, conditions: Iterable[Condition], modern: bool) -> tuple[Clause, ...] | None:
        """The conditions that may hold or not; None where one never holds."""
        result: dict[int, Clause] = {}
        for written in conditions:
            condition = written if modern else literal_condition(written)
            key = condition.key.lower()
            reads = variables_of(condition) if condition.operator in WITH_VARIABLES else frozenset[str]()
            free = frozenset(filter(self.is_free, reads))
            if condition.operator != NULL and not is_usable(
                condition, operator_of(condition), self.keys.get(condition.key)
            ):
                return None
            if free or self.is_free(key):
                # However the key is spelled and the values are ordered, it is one condition.
                condition = replace(condition, key=key, values=tuple(sorted(set(condition.values))))
                clause = self._clauses.setdefault(condition, Clause(len(self._clauses), key, condition, free))
                result[clause.number] = clause
            elif not condition_holds(condition, self.facts.context, self.keys, True):
                return None
        return tuple(result.values())

    def entries(self, texts: Sequence[str], modern: bool, place: Place) -> tuple[Entry, ...] | None:
        """The entries that match a part of the place; None where one matches all of it."""
        result: dict[int, Entry] = {}
        for text in texts:
            parts, free = self.pattern(text, modern)
            if parts is None and not free:
                continue
            if parts is not None:
                cover = place.cover(parts)
                if cover is Cover.ALL:
                    return None
                if cover is Cover.NONE:
                    continue
            key = ("", parts) if parts is not None else (text, None)
            entry = self._entries.setdefault(key, Entry(len(self._entries), text, parts, free))
            result[entry.number] = entry
        return tuple(result.values())

    def pattern(self, text: str, modern: bool) -> tuple[Parts | None, frozenset[str]]:
        """The pattern of an entry, or the free variables that it reads; neither where a variable has no value."""
        found = self._patterns.get((text, modern))
        if found is None:
            free = self.free_names(text) if modern else frozenset[str]()
            parts = None if free else variables.expand_resource(text, self.facts.context, enabled=modern)
            found = self._patterns[text, modern] = parts, free
        return found

    def free_names(self, text: str) -> frozenset[str]:
        """The variables behind the fifth colon that may have any value."""
        if "${" not in text or text.count(":") < PARTS - 1:
            return frozenset()
        return frozenset(filter(self.is_free, variables.names(text.split(":", PARTS - 1)[-1])))


def _numbers(items: Iterable[Clause]) -> Iterable[int]:
    return (item.number for item in items)


def literal_condition(condition: Condition) -> Condition:
    """A condition of a 2008-10-17 document, where ``${`` is text, written for 2012-10-17."""
    values = tuple(value.replace("$", "${$}") for value in condition.values)
    return Condition(condition.quantifier, condition.operator, condition.if_exists, condition.key, values)
