"""Concrete requests for cells with free policy variables, which join two keys or a key and the resource.

A free ``${aws:username}`` in a resource, or a free ``${aws:PrincipalTag/team}`` in a condition, cannot be cut into
classes key by key. But a few well chosen requests usually show that such a cell depends on its context.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice, product

from policystudio.engine import variables
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.document import Effect, Statement
from policystudio.engine.exact.domains import Domain, Values
from policystudio.engine.exact.facts import Facts, variables_of
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.match import resource_matches
from policystudio.engine.request import Context

#: What a free variable is tried with, besides being absent.
_VALUES = ("x", "example")
#: How many resources give a variable a part of their own name as its value, and in how many contexts each is tried.
_CAPTURES = 8
#: The longest name of a resource of which parts are tried as values.
_NAME_LIMIT = 24
#: How many requests are tried at most.
SAMPLE_LIMIT = 500

Assignment = Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One request and its decision, as it is and with every Deny removed."""

    resource: str
    context: Assignment
    allowed: bool
    without_denies: bool


@dataclass(frozen=True, slots=True)
class Sampler:
    """What is needed to try requests: the statements by layer, the universe, and what is known.

    ``statements`` holds (layer, statement, whether it knows variables); ``open_layers`` allow by themselves;
    ``is_free`` tells whether a key may have any value here.
    """

    layers: int
    statements: Sequence[tuple[int, Statement, bool]]
    universe: ResourceUniverse
    facts: Facts
    keys: ConditionKeys
    open_layers: frozenset[int]
    is_free: Callable[[str], bool]

    def run(self, resources: Sequence[str], domains: Sequence[Domain], names: frozenset[str]) -> Iterator[Sampled]:
        """Try ``resources`` and some that the variables ``names`` bring about, in contexts near the conditions."""
        spellings = self._spellings()
        names = frozenset(filter(self.is_free, names))
        contexts = list(islice(self._contexts(domains, names), SAMPLE_LIMIT))
        tried = list(dict.fromkeys((*resources, *self._resources(names))))
        requests = chain(self._captured(resources, contexts, names), product(tried, contexts))
        for resource, assignment in islice(requests, SAMPLE_LIMIT):
            context = self.facts.context_with(assignment)
            holding = [
                (layer, item) for layer, item, modern in self.statements if self._holds(item, resource, context, modern)
            ]
            allowing = {layer for layer, item in holding if item.effect is Effect.ALLOW} | self.open_layers
            granted = len(allowing) == self.layers
            denied = any(item.effect is Effect.DENY for _, item in holding)
            shown = {spellings.get(key, key): values for key, values in assignment.items()}
            yield Sampled(resource, shown, granted and not denied, granted)

    def _holds(self, statement: Statement, resource: str, context: Context, modern: bool) -> bool:
        entries = statement.resources or statement.not_resources
        matched = any(resource_matches(entry, resource, context, modern) for entry in entries)
        if entries and matched is not bool(statement.resources):
            return False
        return all(condition_holds(item, context, self.keys, modern) for item in statement.conditions)

    def _contexts(self, domains: Sequence[Domain], names: frozenset[str]) -> Iterator[Assignment]:
        """Every variable absent or with one of two values, keys with what their conditions then ask for."""
        choices: dict[str, list[Values]] = {name: [(), *((value,) for value in _VALUES)] for name in sorted(names)}
        for name, known in self._compared(names):
            choices[name].append(known)
        for item in domains:
            key = item.conditions[0].key.lower()
            choices.setdefault(key, []).extend(values for values in item.found.values() if values not in choices[key])
        for key, values in self._wanted(names):
            choices.setdefault(key, [()]).append(values)
        for combination in product(*choices.values()):
            yield {key: values for key, values in zip(choices, combination, strict=True) if values}

    def _wanted(self, names: frozenset[str]) -> Iterator[tuple[str, Values]]:
        """The values that conditions with variables ask for when their variables have the tried values."""
        for value in _VALUES:
            context = self.facts.context_with(dict.fromkeys(names, (value,)))
            for _, statement, modern in self.statements:
                for condition in statement.conditions if modern else ():
                    if not self.is_free(condition.key.lower()):
                        continue
                    for text in condition.values:
                        if variables.names(text) & names:
                            literal = variables.expand_literal(text, context, enabled=True)
                            yield condition.key.lower(), (literal or value,)

    def _compared(self, names: frozenset[str]) -> Iterator[tuple[str, Values]]:
        """The known values of keys whose conditions compare them to a variable."""
        for _, statement, modern in self.statements:
            for condition in statement.conditions if modern else ():
                values = self.facts.value_of(condition.key.lower())
                if values:
                    yield from ((name, values) for name in variables_of(condition) & names)

    def _resources(self, names: frozenset[str]) -> Iterator[str]:
        """A resource of the universe for each pattern, when the variables have the tried values."""
        for value in _VALUES:
            context = self.facts.context_with(dict.fromkeys(names, (value,)))
            for _, statement, modern in self.statements:
                for text in (*statement.resources, *statement.not_resources):
                    pattern = variables.expand_resource(text, context, enabled=modern)
                    if pattern is not None:
                        found = self.universe.signatures([pattern])
                        yield from (found[mask] for mask in (1,) if mask in found)

    def _captured(
        self, resources: Sequence[str], contexts: Sequence[Assignment], names: frozenset[str]
    ) -> Iterator[tuple[str, Assignment]]:
        """Resources with a part of their own name as the value of a variable, and without that variable."""
        spread = contexts[:: max(1, len(contexts) // _CAPTURES)]
        for resource in resources[:_CAPTURES]:
            for name, value in self._captures(resource, names):
                for context in spread:
                    yield resource, {**context, name: (value,)}
                    yield resource, {key: values for key, values in context.items() if key != name}

    def _captures(self, resource: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
        """For each entry with one free variable, a value for which it matches the resource, where there is one."""
        parts = [part for part in resource.rpartition(":")[2].split("/")[1:] if len(part) <= _NAME_LIMIT]
        values = [part[start:end] for part in parts for start, end in combinations(range(len(part) + 1), 2)]
        for _, statement, modern in self.statements:
            for entry in (*statement.resources, *statement.not_resources) if modern else ():
                free = variables.names(entry) & names
                for name in free if len(free) == 1 else ():
                    fitting = (value for value in values if self._fits(entry, resource, name, value))
                    yield from ((name, value) for value in islice(fitting, 1))

    def _fits(self, entry: str, resource: str, name: str, value: str) -> bool:
        return resource_matches(entry, resource, self.facts.context_with({name: (value,)}), True)

    def _spellings(self) -> dict[str, str]:
        """Keys in lower case to the way in which the statements write them."""
        spellings: dict[str, str] = {}
        for _, statement, _ in self.statements:
            texts = [text for condition in statement.conditions for text in condition.values]
            names = [name for text in (*statement.resources, *texts) for name in variables.written_names(text)]
            for name in (*(condition.key for condition in statement.conditions), *names):
                spellings.setdefault(name.lower(), name)
        return spellings
