"""Date operators, on instants: the W3C profile of ISO 8601, or seconds since 1970.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, without_variables

# https://www.w3.org/TR/NOTE-datetime: a time always has a zone. Four digits alone are a year.
_W3C = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?)?"
    r"(Z|(?P<sign>[+-])(?P<zone_hours>[0-9]{2}):(?P<zone_minutes>[0-9]{2})))?)?)?"
)
_EPOCH = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_START = datetime(1970, 1, 1)
_TYPES = frozenset({KeyType.DATE})


@lru_cache(maxsize=10_000)
def instant(text: str) -> Decimal | None:
    """The instant that ``text`` names as seconds since 1970, exactly; None where it names none."""
    match = _W3C.fullmatch(text)
    if match is None:
        return Decimal(text) if _EPOCH.fullmatch(text) else None
    field = {name: int(value) for name, value in match.groupdict(default="0").items() if value.isdigit()}
    if field["zone_hours"] > 23 or field["zone_minutes"] > 59:
        return None
    try:
        moment = datetime(
            field["year"],
            int(match["month"] or 1),
            int(match["day"] or 1),
            field["hour"],
            field["minute"],
            field["second"],
        )
    except ValueError:
        return None
    zone = timedelta(hours=field["zone_hours"], minutes=field["zone_minutes"])
    since = moment - _START + (zone if match["sign"] == "-" else -zone)
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(f"0{match['fraction'] or ''}")


def _comparison(compare: Callable[[Decimal, Decimal], bool], *, negated: bool = False) -> Operator:
    def test_for(value: str) -> Test:
        bound = instant(value)
        if bound is None:
            return incomparable

        def test(text: str) -> bool | None:
            given = instant(text)
            return None if given is None else compare(given, bound)

        return test

    return Operator(without_variables(test_for), _TYPES, negated)


OPERATORS: Mapping[str, Operator] = {
    "DateEquals": _comparison(operator.eq),
    "DateNotEquals": _comparison(operator.eq, negated=True),
    "DateLessThan": _comparison(operator.lt),
    "DateLessThanEquals": _comparison(operator.le),
    "DateGreaterThan": _comparison(operator.gt),
    "DateGreaterThanEquals": _comparison(operator.ge),
}
