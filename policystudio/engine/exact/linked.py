"""Requests for literals with free policy variables, which join two keys, or a key and the resource.

A variable is tried with a few well chosen values; each makes the question one without variables, which has an exact
answer. That no value will do is claimed only where it follows from less: a variable in a pattern may stand for any
text, or for a letter that nothing but itself and a star matches.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from policystudio.engine import globs, variables
from policystudio.engine.conditions import OPERATORS, condition_holds
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.exact.places import find_resource
from policystudio.engine.exact.terms import Clause, Entry, Place, TermBuilder
from policystudio.engine.exact.texts import covers, letter
from policystudio.engine.exact.values import Literal, Unknown, Values, find_values
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.request import Context

#: A key in one of the contexts of a search.
Name = tuple[int, str]
Assignment = Mapping[Name, Values]
#: How many values a variable is tried with, and how many combinations of them.
_OPTIONS, _COMBINATIONS = 8, 64
#: With more variables than this, it is not tried to show that there is no request.
_NAMES = 4


@dataclass(frozen=True, slots=True)
class Literals:
    """What is asked: entries by (resource, context), clauses by context, each with how it shall come out."""

    entries: tuple[tuple[int, int, Entry, bool], ...]
    clauses: tuple[tuple[int, Clause, bool], ...]
    resources: int
    contexts: int


@dataclass(frozen=True, slots=True)
class Requests:
    """One resource and one context for each that was asked about."""

    resources: tuple[str, ...]
    contexts: tuple[dict[str, Values], ...]


class Linked:
    """Literals with free variables, to be solved."""

    def __init__(self, literals: Literals, place: Place, builder: TermBuilder) -> None:
        self.literals, self.place, self.builder = literals, place, builder
        names = {(context, name) for _, context, entry, _ in literals.entries for name in entry.free}
        names |= {(context, name) for context, clause, _ in literals.clauses for name in clause.free}
        self.names = sorted(names)

    def solve(self) -> Requests | None:
        """Requests as the literals ask; None where there are none. Raises ``Unknown``."""
        tried: set[tuple[Values, ...]] = set()
        for options in (self.usual, self.fitting):
            for values in islice(product(*(options(name) for name in self.names)), _COMBINATIONS):
                if values not in tried:
                    tried.add(values)
                    found = self.grounded(dict(zip(self.names, values, strict=True)))
                    if found is not None:
                        return found
        if self.may_exist():
            raise Unknown
        return None

    # With values for all variables.

    def context_of(self, number: int, assignment: Assignment, more: Mapping[str, Values] | None = None) -> Context:
        """What is known, the variables' values, and ``more``."""
        mine = {name: values for (context, name), values in assignment.items() if context == number}
        return self.builder.facts.context_with({**mine, **(more or {})})

    def grounded(self, assignment: Assignment) -> Requests | None:
        """Requests in which the variables have these values."""
        contexts = [self.keys(number, assignment) for number in range(self.literals.contexts)]
        resources = [self.resource(number, assignment) for number in range(self.literals.resources)]
        if None in contexts or None in resources:
            return None
        return Requests(tuple(item for item in resources if item), tuple(item for item in contexts if item is not None))

    def keys(self, number: int, assignment: Assignment) -> dict[str, Values] | None:
        """Values for all keys of one context."""
        result = {name: values for (context, name), values in assignment.items() if context == number}
        for key, literals in self.by_key(number).items():
            if key in result:
                values: Values | None = result[key]
                if not all(self.judge(item, values or (), number, assignment) is wanted for item, wanted in literals):
                    return None
            else:
                values = self.values(key, literals, number, assignment)
            if values is None:
                return None
            result[key] = values
        return result

    def values(self, key: str, literals: list[Literal], number: int, assignment: Assignment) -> Values | None:
        """Values of one key, the variables being known; its own, where it is known itself."""

        def judge(condition: Condition, values: Values) -> bool:
            return self.judge(condition, values, number, assignment)

        if not self.builder.is_free(key):
            own = self.builder.facts.value_of(key)
            return own if all(judge(condition, own) is wanted for condition, wanted in literals) else None
        context = self.context_of(number, assignment)
        return find_values(self.builder.keys.get(key), literals, context, judge)

    def judge(self, condition: Condition, values: Values, number: int, assignment: Assignment) -> bool:
        """Whether a condition holds when its key has these values, in one of the contexts."""
        context = self.context_of(number, assignment, {condition.key.lower(): values})
        return condition_holds(condition, context, self.builder.keys, True)

    def by_key(self, number: int) -> dict[str, list[Literal]]:
        """The clauses of one context by their key."""
        result: dict[str, list[Literal]] = {}
        for context, clause, wanted in self.literals.clauses:
            if context == number:
                result.setdefault(clause.key, []).append((clause.condition, wanted))
        return result

    def resource(self, number: int, assignment: Assignment) -> str | None:
        """A resource, the variables being known."""
        required, excluded = set[Parts](), set[Parts]()
        for resource, context, entry, wanted in self.literals.entries:
            if resource != number:
                continue
            parts = entry.parts
            if parts is None:
                parts = variables.expand_resource(entry.text, self.context_of(context, assignment), enabled=True)
            if parts is not None:
                (required if wanted else excluded).add(parts)
            elif wanted:
                return None
        return find_resource(self.place, frozenset(required), frozenset(excluded))

    # Values that are worth trying.

    def usual(self, name: Name) -> list[Values]:
        """What a variable is tried with at first: some value that it may have, and being absent."""
        number, key = name
        own = [literal for literal in self.by_key(number).get(key, []) if not self.reads(literal[0])]
        found = [values for literals in ([*own, _present(key)], own) for values in self.tried(key, literals, number)]
        return list(dict.fromkeys(found))

    def fitting(self, name: Name) -> list[Values]:
        """What a variable is tried with then: values that something compares it with, or that a resource has."""
        found = [(value,) for value in (*self.compared(name), *self.captured(name)) if value]
        return list(dict.fromkeys([*found, *self.usual(name)]))[:_OPTIONS]

    def reads(self, condition: Condition) -> bool:
        """Whether a condition reads one of the variables."""
        return any(clause.condition is condition and clause.free for _, clause, _ in self.literals.clauses)

    def tried(self, key: str, literals: list[Literal], number: int) -> Iterator[Values]:
        """Values of a key for some literals, if a variable can have them."""
        try:
            values = self.values(key, literals, number, {})
        except Unknown:
            values = None
        if values is not None and len(values) < 2:
            yield values

    def compared(self, name: Name) -> Iterator[str]:
        """Values of the keys whose conditions compare them with the variable."""
        number, variable = name
        for context, clause, _ in self.literals.clauses:
            if context == number and variable in clause.free:
                others = [item for item in self.by_key(number)[clause.key] if not self.reads(item[0])]
                for values in self.tried(clause.key, [*others, _present(clause.key)], number):
                    yield from values[:1]

    def captured(self, name: Name) -> Iterator[str]:
        """The part of a fitting resource that stands where an entry has the variable."""
        number, variable = name
        for resource, context, entry, wanted in self.literals.entries:
            if not wanted or context != number or variable not in entry.free:
                continue
            text = find_resource(self.place, *self.relaxed_patterns(resource, dict.fromkeys(self.names, True)))
            found = re.fullmatch(self.expression(entry, variable), text or "", re.DOTALL)
            yield from found.groups()[:1] if found else ()

    def expression(self, entry: Entry, variable: str) -> str:
        """A regular expression for an entry, with a group where the variable first stands."""
        result = ""
        for token in variables.tokens(entry.text):
            if isinstance(token, str):
                result += "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in token)
                continue
            name = token.name.lower()
            if name in entry.free:
                result += "(.+)" if name == variable else ".+"
            else:
                result += re.escape(variables.value_of(token, self.builder.facts.context) or "")
        return result

    # That nothing will do.

    def may_exist(self) -> bool:
        """Whether requests are not ruled out, each variable being absent or having some value."""
        if len(self.names) > _NAMES:
            return True
        for present in product((True, False), repeat=len(self.names)):
            if self.possible(dict(zip(self.names, present, strict=True))):
                return True
        return False

    def possible(self, present: Mapping[Name, bool]) -> bool:
        """Whether this combination of variables with and without a value is not ruled out."""
        return all(self.keys_possible(number, present) for number in range(self.literals.contexts)) and all(
            self.resource_possible(number, present) for number in range(self.literals.resources)
        )

    def resource_possible(self, number: int, present: Mapping[Name, bool]) -> bool:
        """Whether a resource is not ruled out, the variables being any text."""
        entries = [
            (context, entry, wanted) for place, context, entry, wanted in self.literals.entries if place == number
        ]
        for context, entry, wanted in entries:
            if wanted and self.written(entry, context, present, lettered=True) is None:
                return False
        wide = [
            self.written(entry, context, present, lettered=True) for context, entry, wanted in entries if not wanted
        ]
        for context, entry, wanted in entries:
            narrow = self.written(entry, context, present, lettered=True)
            if wanted and narrow is not None and any(item is not None and covers(item, narrow) for item in wide):
                return False
        return find_resource(self.place, *self.relaxed_patterns(number, present)) is not None

    def relaxed_patterns(self, number: int, present: Mapping[Name, bool]) -> tuple[frozenset[Parts], frozenset[Parts]]:
        """The patterns that must match when variables may be anything, and those without variables that must not."""
        required, excluded = set[Parts](), set[Parts]()
        for resource, context, entry, wanted in self.literals.entries:
            if resource != number:
                continue
            parts = self.written(entry, context, present, lettered=False)
            if parts is None:
                continue
            if wanted:
                required.add(parts)
            elif not any(present[context, name] for name in entry.free):
                excluded.add(parts)
        return frozenset(required), frozenset(excluded)

    def written(self, entry: Entry, context: int, present: Mapping[Name, bool], *, lettered: bool) -> Parts | None:
        """An entry with a letter, or anything, for each variable that has a value; None where one is absent."""
        if entry.parts is not None:
            return entry.parts
        result: list[str | Wild] = []
        for token in variables.tokens(entry.text):
            if isinstance(token, str):
                result += globs.parse(token)
            elif present.get((context, token.name.lower())) and token.name.lower() in entry.free:
                symbol = letter(self.names.index((context, token.name.lower())))
                result += [symbol] if lettered else [Wild.ONE, Wild.ANY]
            else:
                value = variables.value_of(token, self.builder.facts.context)
                if value is None:
                    return None
                result.append(value)
        return globs.resource_parts(globs.normal(result))

    def keys_possible(self, number: int, present: Mapping[Name, bool]) -> bool:
        """Whether each key by itself can be as the literals without variables ask."""
        grouped = self.by_key(number)
        absent: Assignment = {name: () for name, there in present.items() if not there}
        for key in dict.fromkeys([*grouped, *(name for context, name in self.names if context == number)]):
            literals = grouped.get(key, [])
            plain = [item for item in literals if self.is_plain(item[0], number, present)]
            plain += [_present(key) for item in literals if item not in plain and _needs_value(*item)][:1]
            there = present.get((number, key))
            if there is False:
                continue
            for others in self.same_value(key, number, present):
                plain += [_about(key, literal) for literal in others]
            try:
                if self.values(key, [*plain, *([_present(key)] if there else [])], number, absent) is None:
                    return False
            except Unknown:
                continue
        return True

    def is_plain(self, condition: Condition, number: int, present: Mapping[Name, bool]) -> bool:
        """Whether a condition reads no variable that has a value here."""
        free = next((item.free for _, item, _ in self.literals.clauses if item.condition is condition), frozenset())
        return not any(present[number, name] for name in free)

    def same_value(self, key: str, number: int, present: Mapping[Name, bool]) -> Iterable[list[Literal]]:
        """What is asked of variables that the key must be equal to."""
        grouped = self.by_key(number)
        for condition, wanted in grouped.get(key, []):
            if not wanted or condition.operator != "StringEquals" or condition.quantifier is not Quantifier.NONE:
                continue
            if condition.if_exists or len(condition.values) != 1:
                continue
            tokens = variables.tokens(condition.values[0])
            if len(tokens) == 1 and not isinstance(tokens[0], str):
                name = tokens[0].name.lower()
                if present.get((number, name)):
                    plain = [item for item in grouped.get(name, []) if self.is_plain(item[0], number, present)]
                    yield [item for item in plain if _is_simple(item[0])]


def _present(key: str) -> Literal:
    return Condition(Quantifier.NONE, "Null", False, key, ("false",)), True


def _about(key: str, literal: Literal) -> Literal:
    """The same demand, made of another key."""
    condition, wanted = literal
    return Condition(condition.quantifier, condition.operator, condition.if_exists, key, condition.values), wanted


def _is_simple(condition: Condition) -> bool:
    """Whether a condition means the same of any key with one text for a value."""
    return condition.quantifier is Quantifier.NONE and condition.operator.startswith("String")


def _needs_value(condition: Condition, wanted: bool) -> bool:
    """Whether a literal can only come out as wanted where the key is there."""
    operator = OPERATORS.get(condition.operator)
    if operator is None or condition.if_exists or condition.quantifier is Quantifier.FOR_ALL_VALUES:
        return False
    return wanted and not operator.negated
