"""What a condition operator is; each family's module has a table of them."""

from collections.abc import Callable
from dataclasses import dataclass

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.request import Context

#: Whether one value of the request is matched; None where the two values cannot be compared, for one is no number,
#: date, address or ARN.
Test = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """A base operator, without set prefix and ``IfExists``.

    ``test_for(value, context, variables_enabled)`` makes the test that one value of the policy puts to a value of the
    request. A ``negated`` operator holds where none of its tests match. ``types`` are the types of keys that it may be
    used with.
    """

    test_for: Callable[[str, Context, bool], Test]
    types: frozenset[KeyType]
    negated: bool = False

    def holds(self, tests: list[Test], value: str) -> bool:
        """Whether one value of the request satisfies the operator: one test matches, or for a negated one none does.

        Where nothing can be compared there is no match either way.
        """
        results = [test(value) for test in tests]
        if True in results:
            return not self.negated
        return self.negated and (False in results or not results)


def without_variables(test_for: Callable[[str], Test]) -> Callable[[str, Context, bool], Test]:
    """The ``test_for`` of an operator that knows no policy variables: ``${...}`` is ordinary text to it."""

    def prepare(value: str, _context: Context, _variables_enabled: bool) -> Test:
        return test_for(value)

    return prepare


def never(_value: str) -> bool:
    """The test of a variable without value: nothing is equal to it or like it."""
    return False


def incomparable(_value: str) -> None:
    """The test of a value that the operator cannot read."""
