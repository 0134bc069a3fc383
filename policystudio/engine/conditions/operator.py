"""What a condition operator is; each family's module has a table of them."""

from collections.abc import Callable
from dataclasses import dataclass

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.request import Context

#: Tells whether one value of the request is matched.
Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """A base operator, without set prefix and ``IfExists``.

    ``test_for(value, context, variables_enabled)`` makes the test that one value of the policy puts to a value of the
    request; None where the value of the policy matches nothing (a bad number, a variable without value). A ``negated``
    operator holds where none of its tests do. ``types`` are the types of keys that it may be used with.
    """

    test_for: Callable[[str, Context, bool], Test | None]
    types: frozenset[KeyType]
    negated: bool = False


def without_variables(test_for: Callable[[str], Test | None]) -> Callable[[str, Context, bool], Test | None]:
    """The ``test_for`` of an operator that knows no policy variables: ``${...}`` is ordinary text to it."""

    def prepare(value: str, _context: Context, _variables_enabled: bool) -> Test | None:
        return test_for(value)

    return prepare
