"""Conditions: one (operator, key, values) against a request's context.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from collections.abc import Iterator, Mapping

from policystudio.engine import variables
from policystudio.engine.catalog.types import ConditionKey, ConditionKeys, KeyType
from policystudio.engine.conditions import addresses, arns, binaries, booleans, dates, numerics, strings
from policystudio.engine.conditions.operator import Operator
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.effort import step
from policystudio.engine.request import Context

#: The operators that compare values, by base name. ``Null`` compares none: it asks whether the key is there.
OPERATORS: Mapping[str, Operator] = {
    **strings.OPERATORS,
    **numerics.OPERATORS,
    **dates.OPERATORS,
    **booleans.OPERATORS,
    **binaries.OPERATORS,
    **addresses.OPERATORS,
    **arns.OPERATORS,
}
NULL = "Null"

#: The operators whose values may hold policy variables.
WITH_VARIABLES = frozenset(strings.OPERATORS) | frozenset(arns.OPERATORS)


def condition_holds(condition: Condition, context: Context, keys: ConditionKeys, variables_enabled: bool) -> bool:
    """Whether one condition holds in ``context``; a Condition block holds where all of its conditions do.

    Raises ``ValueError`` for an operator that IAM does not have, so that none is ever passed over.
    """
    step()
    values = context.values_of(condition.key.lower())
    if condition.operator == NULL:
        return _null_holds(condition, values)
    operator = operator_of(condition)
    if not is_usable(condition, operator, keys.get(condition.key), values):
        return False
    if not values:
        return holds_when_absent(condition, operator)
    if condition.quantifier is not Quantifier.NONE and not any(values):
        return condition.quantifier is Quantifier.FOR_ALL_VALUES
    tests = [operator.test_for(value, context, variables_enabled) for value in condition.values]
    held = (operator.holds(tests, value) for value in values)
    return any(held) if condition.quantifier is Quantifier.FOR_ANY_VALUE else all(held)


def operator_of(condition: Condition) -> Operator:
    """The comparing operator of a condition; raises ``ValueError`` for one that IAM does not have."""
    operator = OPERATORS.get(condition.operator)
    if operator is None:
        raise ValueError(f"`{condition.name}` is not a condition operator")
    return operator


def is_usable(condition: Condition, operator: Operator, key: ConditionKey | None, values: tuple[str, ...] = ()) -> bool:
    """Whether the operator fits the key: where it does not, the condition never holds, negated or not.

    An operator of the wrong family for the key's type fails, and so does a multivalued key without a set operator. A
    key that the catalogue does not know has no type; it is multivalued where the request has several values.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    if key is not None and not operator.types & _types_of(key):
        return False
    if condition.quantifier is not Quantifier.NONE:
        return True
    return len(values) < 2 and not (key is not None and key.multi_valued)


def holds_when_absent(condition: Condition, operator: Operator) -> bool:
    """Whether a condition holds where its key is absent: IfExists, ForAllValues and negated operators do."""
    if condition.if_exists or condition.quantifier is Quantifier.FOR_ALL_VALUES:
        return True
    return operator.negated and condition.quantifier is Quantifier.NONE


def keys_read(condition: Condition, variables_enabled: bool) -> Iterator[str]:
    """The context keys that a condition reads, as it writes them: its own, and those of variables in its values."""
    yield condition.key
    if variables_enabled and condition.operator in WITH_VARIABLES:
        for value in condition.values:
            yield from variables.written_names(value)


def _null_holds(condition: Condition, values: tuple[str, ...]) -> bool:
    """``true`` asks for a key that is absent or has only empty values, ``false`` for one that has a value."""
    is_null = not any(values)
    return any(booleans.boolean(value) is is_null for value in condition.values)


def _types_of(key: ConditionKey) -> frozenset[KeyType]:
    # AWS gives this one date in seconds, and says that numeric operators take it as well.
    if key.name.lower() == "aws:epochtime":
        return frozenset({KeyType.DATE, KeyType.NUMERIC})
    return frozenset({key.type})
