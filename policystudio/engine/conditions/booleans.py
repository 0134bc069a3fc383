"""The Bool operator.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean
"""

from collections.abc import Mapping

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, without_variables


def boolean(text: str) -> bool | None:
    """The truth value that ``text`` writes, in any letter case; None where it writes none."""
    return {"true": True, "false": False}.get(text.lower())


def _test_for(value: str) -> Test:
    wanted = boolean(value)
    return incomparable if wanted is None else lambda text: boolean(text) is wanted


OPERATORS: Mapping[str, Operator] = {"Bool": Operator(without_variables(_test_for), frozenset({KeyType.BOOL}))}
