"""The condition that holds exactly where another one does not, so that a Deny can be read as what it leaves."""

from collections.abc import Mapping
from dataclasses import replace

from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import NULL, is_usable, operator_of
from policystudio.engine.conditions.booleans import boolean
from policystudio.engine.document import Condition, Quantifier

_PAIRS = (
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
    ("NumericEquals", "NumericNotEquals"),
    ("DateEquals", "DateNotEquals"),
    ("IpAddress", "NotIpAddress"),
)
_NEGATIONS: Mapping[str, str] = dict(_PAIRS)
_POSITIVES: Mapping[str, str] = {negated: plain for plain, negated in _PAIRS}


def opposite(condition: Condition, keys: ConditionKeys) -> Condition | None:
    """The opposite for every value of the key's type and where the key is absent; None where no operator says it.

    Asked of a known key with one value alone: what a condition on a key with several does is not so simple.
    """
    if condition.quantifier is not Quantifier.NONE:
        return None
    if condition.operator == NULL:
        return _flipped(condition)
    key = keys.get(condition.key)
    if key is None or key.multi_valued or not is_usable(condition, operator_of(condition), key):
        return None
    if condition.operator == "Bool":
        flipped = _flipped(condition)
        return None if flipped is None else replace(flipped, if_exists=not condition.if_exists)
    if condition.operator in _POSITIVES:
        return replace(condition, operator=_POSITIVES[condition.operator], if_exists=False)
    if condition.operator in _NEGATIONS and not condition.if_exists:
        return replace(condition, operator=_NEGATIONS[condition.operator])
    return None


def _flipped(condition: Condition) -> Condition | None:
    """The same with `true` for `false` and the other way round."""
    wanted = {boolean(value) for value in condition.values}
    if len(wanted) != 1 or None in wanted:
        return None
    return replace(condition, values=("false" if wanted == {True} else "true",))
