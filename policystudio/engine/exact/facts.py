"""What is known of every request of a row, and what is free to be absent or to have any value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine import variables
from policystudio.engine.document import Condition, Statement
from policystudio.engine.request import Context

#: A free key's assignment for one request: key in lower case to its values; no values means absent.
Assignment = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Facts:
    """The facts of a principal and of the question (cells.md, "What is known and what is free").

    ``known`` maps keys in lower case to their values, an empty tuple where the key is known to be absent. A key under
    one of ``closed_prefixes`` (``aws:principaltag/``) that ``known`` does not name is absent too.
    """

    known: Mapping[str, tuple[str, ...]]
    closed_prefixes: tuple[str, ...] = ()

    @cached_property
    def context(self) -> Context:
        """The known values as a request's context."""
        return Context({key: values for key, values in self.known.items() if values})

    def knows(self, key: str) -> bool:
        """Whether the key (in lower case) has the same values, or none, in every request of the row."""
        return key in self.known or key.startswith(self.closed_prefixes or ("\0",))

    def value_of(self, key: str) -> tuple[str, ...]:
        """The known values of a known key."""
        return self.known.get(key, ())

    def context_with(self, assignment: Assignment) -> Context:
        """The context of one concrete request: what is known, and ``assignment`` for the free keys."""
        return Context({**{key: values for key, values in self.known.items() if values}, **assignment})

    def free_names(self, text: str) -> frozenset[str]:
        """The policy variables in ``text`` whose values are not known."""
        return frozenset(name for name in variables.names(text) if not self.knows(name))


def is_service_key(key: str) -> bool:
    """Whether the key (in lower case) belongs to one service: it is absent where the catalogue does not list it."""
    return not key.startswith("aws:")


def keys_read(statement: Statement, variables_enabled: bool) -> frozenset[str]:
    """Every context key (in lower case) that the statement's conditions and variables read."""
    keys = {condition.key.lower() for condition in statement.conditions}
    if variables_enabled:
        for text in (*statement.resources, *statement.not_resources):
            keys |= variables.names(text)
        for condition in statement.conditions:
            for value in condition.values:
                keys |= variables.names(value)
    return frozenset(keys)


def variables_of(condition: Condition) -> frozenset[str]:
    """The keys (in lower case) that the values of a condition read as policy variables."""
    return frozenset(name for value in condition.values for name in variables.names(value))
