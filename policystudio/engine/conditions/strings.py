"""String operators: StringEquals, StringEqualsIgnoreCase, StringLike and their negated forms.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
"""

from collections.abc import Mapping

from policystudio.engine import globs, variables
from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, never
from policystudio.engine.request import Context

# ARNs, dates and addresses are text too: AWS calls ARN and date operators a subset of the string operators.
_TYPES = frozenset({KeyType.STRING, KeyType.ARN, KeyType.DATE, KeyType.IP_ADDRESS})


def _equals(value: str, context: Context, variables_enabled: bool) -> Test:
    wanted = variables.expand_literal(value, context, variables_enabled)
    return never if wanted is None else wanted.__eq__


def _equals_ignoring_case(value: str, context: Context, variables_enabled: bool) -> Test:
    wanted = variables.expand_literal(value, context, variables_enabled)
    if wanted is None:
        return never
    folded = wanted.casefold()
    return lambda text: text.casefold() == folded


def _like(value: str, context: Context, variables_enabled: bool) -> Test:
    parts = variables.expand(value, context, variables_enabled)
    return never if parts is None else globs.matcher(parts)


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(_equals, _TYPES),
    "StringNotEquals": Operator(_equals, _TYPES, negated=True),
    "StringEqualsIgnoreCase": Operator(_equals_ignoring_case, _TYPES),
    "StringNotEqualsIgnoreCase": Operator(_equals_ignoring_case, _TYPES, negated=True),
    "StringLike": Operator(_like, _TYPES),
    "StringNotLike": Operator(_like, _TYPES, negated=True),
}
