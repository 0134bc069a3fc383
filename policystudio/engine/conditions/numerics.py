"""Numeric operators, on exact decimals.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
"""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, without_variables

# Decimal() alone would take "NaN", "1_000", blanks and digits of other scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


@lru_cache(maxsize=10_000)
def number(text: str) -> Decimal | None:
    """The integer or decimal that ``text`` writes, exactly; None where it writes none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _comparison(compare: Callable[[Decimal, Decimal], bool], *, negated: bool = False) -> Operator:
    def test_for(value: str) -> Test:
        bound = number(value)
        if bound is None:
            return incomparable

        def test(text: str) -> bool | None:
            given = number(text)
            return None if given is None else compare(given, bound)

        return test

    return Operator(without_variables(test_for), frozenset({KeyType.NUMERIC}), negated)


OPERATORS: Mapping[str, Operator] = {
    "NumericEquals": _comparison(operator.eq),
    "NumericNotEquals": _comparison(operator.eq, negated=True),
    "NumericLessThan": _comparison(operator.lt),
    "NumericLessThanEquals": _comparison(operator.le),
    "NumericGreaterThan": _comparison(operator.gt),
    "NumericGreaterThanEquals": _comparison(operator.ge),
}
