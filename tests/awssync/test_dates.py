"""Dates in every form that exports write them in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.awssync.snapshot.dates import parse_date

MOMENT = datetime(2019, 12, 18, 19, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2019-12-18 19:10:08+00:00",
        "2019-12-18T19:10:08Z",
        "2019-12-18T19:10:08",
        "2019-12-18 19:10:08",
        "2019-12-18T19:10:08.000Z",
        "2019-12-18T19:10:08.000000+00:00",
        "2019-12-18T20:10:08+01:00",
        "2019-12-18T14:10:08-0500",
        "20191218T191008Z",
        " 2019-12-18T19:10:08Z ",
        "2019-12-18 19:10:08 UTC",
        1576696208,
        1576696208.0,
        1576696208000,
        "1576696208",
        "1576696208.0",
        "/Date(1576696208000)/",
        "/Date(1576696208000+0100)/",
    ],
)
def test_one_moment_in_many_forms(value: Any) -> None:
    assert parse_date(value) == MOMENT


def test_a_day_alone_begins_at_midnight() -> None:
    assert parse_date("2019-12-18") == datetime(2019, 12, 18, tzinfo=UTC)


NO_DATES = [
    *(None, "", "yesterday", "2019-13-18T00:00:00Z", "Wed, 18 Dec 2019 19:10:08 GMT", "0001-01-01T00:00:00+14:00"),
    *(True, [], {}, 1e300, "9" * 15, "/Date(1576696208000", "/Date()/"),
]


@pytest.mark.parametrize("value", NO_DATES)
def test_what_is_no_date_is_none(value: Any) -> None:
    assert parse_date(value) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_what_python_writes_is_read(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == parse_date(str(moment)) == moment


@given(st.text() | st.integers() | st.floats())
def test_nothing_makes_it_fail(value: Any) -> None:
    assert parse_date(value) is None or parse_date(value).tzinfo is UTC
