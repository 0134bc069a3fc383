"""ARN operators: six parts, each matched for itself; ArnEquals means the same as ArnLike.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

from collections.abc import Mapping
from functools import lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, never
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.request import Context

_TYPES = frozenset({KeyType.ARN, KeyType.STRING})


def _test_for(value: str, context: Context, variables_enabled: bool) -> Test:
    parts = variables.expand(value, context, variables_enabled)
    return never if parts is None else _matcher(parts)


@lru_cache(maxsize=10_000)
def _matcher(pattern: Parts) -> Test:
    """The test of a pattern; with fewer than six parts neither pattern nor text can be compared."""
    segments = _segments(pattern)
    if len(segments) < PARTS:
        return incomparable
    matchers = [globs.matcher(segment) for segment in segments]

    def test(text: str) -> bool | None:
        parts = text.split(":", PARTS - 1)
        if len(parts) < PARTS:
            return None
        return all(match(part) for match, part in zip(matchers, parts, strict=True))

    return test


def _segments(pattern: Parts) -> list[Parts]:
    """Cut a pattern at its first five colons."""
    segments: list[list[str | Wild]] = [[]]
    for part in pattern:
        if isinstance(part, Wild):
            segments[-1].append(part)
            continue
        first, *rest = part.split(":", PARTS - len(segments))
        segments[-1].append(first)
        segments += [[piece] for piece in rest]
    return [globs.normal(segment) for segment in segments]


OPERATORS: Mapping[str, Operator] = {
    "ArnEquals": Operator(_test_for, _TYPES),
    "ArnLike": Operator(_test_for, _TYPES),
    "ArnNotEquals": Operator(_test_for, _TYPES, negated=True),
    "ArnNotLike": Operator(_test_for, _TYPES, negated=True),
}
