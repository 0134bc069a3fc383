"""Requests for literals with free policy variables, which join two keys, or a key and the resource.

A variable is tried with a few well chosen values; each makes the question one without variables, which has an exact
answer. That no value will do is claimed only where it follows from less: a variable in a pattern may stand for any
text, or for a letter that nothing but itself and a star matches.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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


class State(Enum):
    """What a variable's key is: only with one value that is not empty does the variable stand for it."""

    VALUE = "one value"
    ABSENT = "absent"
    EMPTY = "an empty value"
    SEVERAL = "several values"


States = Mapping[Name, State]
_EMPTY: Values = ("",)
#: Values with which the variable is in the state, where it is the same whatever they are.
_FIXED: Mapping[State, Values] = {State.ABSENT: (), State.EMPTY: _EMPTY, State.SEVERAL: ("x", "y")}


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
        for assignments in (self.usual_ones(), self.fitting_ones(self.names, {})):
            for assignment in islice(assignments, _COMBINATIONS):
                values = tuple(assignment[name] for name in self.names)
                if values not in tried:
                    tried.add(values)
                    found = self.grounded(assignment)
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
        """Values for all keys of one context that are free."""
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
            if self.builder.is_free(key):
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

    def usual_ones(self) -> Iterator[Assignment]:
        """Each variable with some value that it may have, absent, or empty."""
        for values in product(*(self.usual(name, {}) for name in self.names)):
            yield dict(zip(self.names, values, strict=True))

    def usual(self, name: Name, assignment: Assignment) -> list[Values]:
        """Values that a variable may have by the conditions on its own key."""
        number, key = name
        own = self.by_key(number).get(key, [])
        plain = [literal for literal in own if self.is_settled(literal[0], number, assignment)]
        asked = ([*plain, _present(key)], plain)
        found = [values for literals in asked for values in self.tried(key, literals, number, assignment)]
        if plain and all(self.judge(condition, _EMPTY, number, assignment) is wanted for condition, wanted in plain):
            found.append(_EMPTY)
        return list(dict.fromkeys(found))

    def fitting_ones(self, names: Sequence[Name], assignment: Assignment) -> Iterator[Assignment]:
        """One variable after the other with values that fit what those before it have."""
        if not names:
            yield assignment
            return
        for values in self.fitting(names[0], assignment):
            yield from self.fitting_ones(names[1:], {**assignment, names[0]: values})

    def fitting(self, name: Name, assignment: Assignment) -> list[Values]:
        """Values that something compares a variable with or that a resource has, then the usual ones."""
        found = [(value,) for value in (*self.compared(name, assignment), *self.captured(name, assignment)) if value]
        return list(dict.fromkeys([*found, *self.usual(name, assignment)]))[:_OPTIONS]

    def is_settled(self, condition: Condition, number: int, assignment: Assignment) -> bool:
        """Whether a condition reads only variables that have a value."""
        return all((number, name) in assignment for name in self.read_by(condition))

    def read_by(self, condition: Condition) -> frozenset[str]:
        """The free variables that a condition reads."""
        return next((item.free for _, item, _ in self.literals.clauses if item.condition is condition), frozenset())

    def tried(self, key: str, literals: list[Literal], number: int, assignment: Assignment) -> Iterator[Values]:
        """Values of a key for some literals, if a variable can have them."""
        try:
            values = self.values(key, literals, number, assignment)
        except Unknown:
            values = None
        if values is not None and len(values) < 2:
            yield values

    def compared(self, name: Name, assignment: Assignment) -> Iterator[str]:
        """Values of the keys whose conditions compare them with the variable, and the part that stands for it."""
        number, variable = name
        for context, clause, wanted in self.literals.clauses:
            if context == number and variable in clause.free:
                literals = self.by_key(number)[clause.key]
                plain = [item for item in literals if self.is_settled(item[0], number, assignment)]
                for values in self.tried(clause.key, [*plain, _present(clause.key)], number, assignment):
                    yield from values[:1]
                    if wanted and len(clause.condition.values) == 1:
                        yield from self.standing(clause.condition.values[0], values[0], name, assignment)

    def captured(self, name: Name, assignment: Assignment) -> Iterator[str]:
        """The part of a fitting resource that stands where an entry has the variable."""
        number, variable = name
        present = dict.fromkeys(self.names, State.VALUE)
        for resource, context, entry, wanted in self.literals.entries:
            if wanted and context == number and variable in entry.free:
                text = find_resource(self.place, *self.relaxed_patterns(resource, present, assignment))
                if text is not None:
                    yield from self.standing(entry.text, text, name, assignment)

    def standing(self, pattern: str, text: str, name: Name, assignment: Assignment) -> Iterator[str]:
        """What stands in a text where a pattern first has the variable; the longest part, if there is one."""
        before, behind = self.around(pattern, name, assignment)
        starts = (index for index in range(len(text)) if globs.matches(before, text[:index]))
        start = next(starts, len(text))
        ends = (index for index in range(len(text), start, -1) if globs.matches(behind, text[index:]))
        yield from (text[start:end] for end in islice(ends, 1))

    def around(self, pattern: str, name: Name, assignment: Assignment) -> tuple[Parts, Parts]:
        """What stands before and behind the first place of a variable; those without a value are any text."""
        sides: list[list[str | Wild]] = [[]]
        context = self.context_of(name[0], assignment)
        for token in variables.tokens(pattern):
            key = "" if isinstance(token, str) else token.name.lower()
            if isinstance(token, str):
                sides[-1] += globs.parse(token)
            elif key == name[1] and len(sides) == 1:
                sides.append([])
            elif (name[0], key) in self.names and (name[0], key) not in assignment:
                sides[-1] += [Wild.ONE, Wild.ANY]
            else:
                sides[-1].append(variables.value_of(token, context) or "")
        before, behind = (globs.normal(side) for side in (*sides, [])[:2])
        return before, behind

    # That nothing will do.

    def may_exist(self) -> bool:
        """Whether requests are not ruled out, whatever each variable is."""
        choices = [self.states(name) for name in self.names]
        if math.prod(map(len, choices)) > _COMBINATIONS:
            return True
        return any(self.possible(dict(zip(self.names, states, strict=True))) for states in product(*choices))

    def states(self, name: Name) -> list[State]:
        """The states of a variable that are not the same to all literals as one before."""
        number, key = name
        own = self.by_key(number).get(key, [])
        described = self.builder.keys.get(key)
        states = [State.VALUE, State.ABSENT]
        if own:
            states.append(State.EMPTY)
        if (own or self.has_default(name)) and (described is None or described.multi_valued):
            states.append(State.SEVERAL)
        return states

    def has_default(self, name: Name) -> bool:
        """Whether a default stands in for the variable somewhere."""
        texts = [entry.text for _, context, entry, _ in self.literals.entries if context == name[0]]
        texts += [
            text
            for context, clause, _ in self.literals.clauses
            if context == name[0]
            for text in clause.condition.values
        ]
        tokens = (token for text in texts for token in variables.tokens(text) if not isinstance(token, str))
        return any(token.default is not None and token.name.lower() == name[1] for token in tokens)

    def possible(self, states: States) -> bool:
        """Whether these states of the variables are not ruled out."""
        return all(self.keys_possible(number, states) for number in range(self.literals.contexts)) and all(
            self.resource_possible(number, states) for number in range(self.literals.resources)
        )

    def resource_possible(self, number: int, states: States) -> bool:
        """Whether a resource is not ruled out, the variables with a value being any text."""
        entries = [
            (wanted, self.written(entry, context, states, {}, lettered=True))
            for place, context, entry, wanted in self.literals.entries
            if place == number
        ]
        narrow = [parts for wanted, parts in entries if wanted]
        wide = [parts for wanted, parts in entries if not wanted and parts is not None]
        if any(parts is None or any(covers(item, parts) for item in wide) for parts in narrow):
            return False
        return find_resource(self.place, *self.relaxed_patterns(number, states, {})) is not None

    def relaxed_patterns(
        self, number: int, states: States, assignment: Assignment
    ) -> tuple[frozenset[Parts], frozenset[Parts]]:
        """The patterns that must match when unassigned variables may be anything, and those without that must not."""
        required, excluded = set[Parts](), set[Parts]()
        for resource, context, entry, wanted in self.literals.entries:
            if resource != number:
                continue
            parts = self.written(entry, context, states, assignment, lettered=False)
            if parts is None:
                continue
            if wanted:
                required.add(parts)
            elif not any(self.is_open((context, name), states, assignment) for name in entry.free):
                excluded.add(parts)
        return frozenset(required), frozenset(excluded)

    def is_open(self, name: Name, states: States, assignment: Assignment) -> bool:
        """Whether the variable has some value that is not chosen yet."""
        return name not in assignment and states.get(name) is State.VALUE

    def written(
        self, entry: Entry, context: int, states: States, assignment: Assignment, *, lettered: bool
    ) -> Parts | None:
        """An entry with a letter, or anything, for each open variable; None where one has no value."""
        if entry.parts is not None:
            return entry.parts
        known = self.context_of(context, {**_fixed(states), **assignment})
        result: list[str | Wild] = []
        for token in variables.tokens(entry.text):
            name = (context, "" if isinstance(token, str) else token.name.lower())
            if isinstance(token, str):
                result += globs.parse(token)
            elif name[1] in entry.free and self.is_open(name, states, assignment):
                result += [letter(self.names.index(name))] if lettered else [Wild.ONE, Wild.ANY]
            else:
                value = variables.value_of(token, known)
                if value is None:
                    return None
                result.append(value)
        return globs.resource_parts(globs.normal(result))

    def keys_possible(self, number: int, states: States) -> bool:
        """Whether each key by itself can be as the literals that read no open variable ask."""
        grouped = self.by_key(number)
        variables_here = (name for context, name in self.names if context == number)
        return all(
            self.key_possible(key, grouped.get(key, []), number, states)
            for key in dict.fromkeys([*grouped, *variables_here])
        )

    def key_possible(self, key: str, literals: list[Literal], number: int, states: States) -> bool:
        """Whether one key can be as its literals that read no open variable ask."""
        fixed, state = _fixed(states), states.get((number, key))
        plain = [item for item in literals if self.is_settled(item[0], number, fixed)]
        needed = any(_needs_value(*item) for item in literals if item not in plain)
        if state is State.SEVERAL:
            return True  # of these only the number is known
        if state in (State.ABSENT, State.EMPTY):
            values = _FIXED[state]
            refused = needed and not values
            return not refused and all(self.judge(item, values, number, fixed) is wanted for item, wanted in plain)
        plain += [_present(key)] if needed or state is State.VALUE else []
        for others in self.same_value(key, number, states):
            plain += [_about(key, literal) for literal in others]
        try:
            return self.values(key, plain, number, fixed) is not None
        except Unknown:
            return True

    def same_value(self, key: str, number: int, states: States) -> Iterable[list[Literal]]:
        """What is asked of open variables that the key must be equal to."""
        grouped, fixed = self.by_key(number), _fixed(states)
        for condition, wanted in grouped.get(key, []):
            if not wanted or condition.operator != "StringEquals" or condition.quantifier is not Quantifier.NONE:
                continue
            if condition.if_exists or len(condition.values) != 1:
                continue
            tokens = variables.tokens(condition.values[0])
            if len(tokens) == 1 and not isinstance(tokens[0], str):
                name = tokens[0].name.lower()
                if states.get((number, name)) is State.VALUE:
                    plain = [item for item in grouped.get(name, []) if self.is_settled(item[0], number, fixed)]
                    yield [item for item in plain if _is_simple(item[0])]


def _fixed(states: States) -> Assignment:
    """Values of the variables that are not open."""
    return {name: _FIXED[state] for name, state in states.items() if state is not State.VALUE}


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
