"""Entries are found by who, what, when and where, newest first, each once, however the list is cut into pages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from policystudio.audit import selectors, services
from policystudio.audit.selectors import Place, Wanted, WantedError, wanted_from

pytestmark = pytest.mark.django_db

ONE, OTHER = "111122223333", "444455556666"
START = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)


@pytest.fixture
def thirty() -> None:
    """An entry an hour; three of them at the same moment, and one that was begun earlier than it was written."""
    with transaction.atomic():
        for number in range(30):
            services.record(
                actor=("dana", "eve")[number % 2],
                action=("change.published", "token.used", "edit.saved")[number % 3],
                target=f"arn:aws:iam::{ONE}:role/Train-{number}",
                account=("", ONE, OTHER)[number % 3],
                address=f"192.0.2.{number % 4}",
                at=START + timedelta(hours=7 if number in (8, 9) else 3 if number == 20 else number),
            )


def found(wanted: Wanted, size: int = 4) -> list[int]:
    """All sequences, page by page."""
    told: list[int] = []
    after = None
    while True:
        part = selectors.part_of(wanted, after=after, size=size)
        told += [entry.sequence for entry in part.entries]
        assert len(part.entries) <= size
        if part.further is None:
            return told
        after = Place.read(str(part.further))


def every(accounts=None, **given: str) -> list[int]:
    return found(wanted_from(accounts, given))


@pytest.mark.usefixtures("thirty")
class TestLists:
    @pytest.mark.parametrize("size", [1, 2, 4, 29, 30, 31, 1000])
    def test_each_entry_comes_once_newest_first(self, size: int) -> None:
        told = found(wanted_from(None, {}), size)
        assert sorted(told) == list(range(1, 31))
        moments = [selectors.entry_get(None, sequence).at for sequence in told]
        assert moments == sorted(moments, reverse=True)

    def test_only_of_the_accounts(self) -> None:
        assert sorted(every([ONE])) == list(range(2, 31, 3))
        assert sorted(every([ONE, OTHER])) == sorted([*range(2, 31, 3), *range(3, 31, 3)])
        assert every([]) == []

    def test_by_who_what_and_where(self) -> None:
        assert sorted(every(actor="dana")) == list(range(1, 31, 2))
        assert sorted(every(action="token.used")) == list(range(2, 31, 3))
        assert sorted(every(address="192.0.2.3")) == list(range(4, 31, 4))
        assert sorted(every(actor="eve", action="token.used")) == list(range(2, 31, 6))
        assert every(actor="dan") == []

    def test_by_part_of_the_target_in_any_letter_case(self) -> None:
        assert sorted(every(target="train-2")) == [3, *range(21, 31)]
        assert every(target="%") == every(target="_") == []

    @pytest.mark.parametrize("window", [1, 2, 7, 30, 31])
    def test_a_text_is_looked_for_a_window_at_a_time(self, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(selectors, "WINDOW", window)
        assert sorted(every(target="train-2")) == [3, *range(21, 31)]
        part = selectors.part_of(wanted_from(None, {"target": "Train-0"}))
        assert (part.searched_to is None) == (window == 31)

    def test_by_days_that_both_count(self) -> None:
        assert sorted(every(since="2026-03-02", until="2026-03-02")) == list(range(2, 26))
        assert every(until="2026-03-01") == [1]
        assert sorted(every(since="2026-03-03")) == list(range(26, 31))

    def test_they_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert selectors.count_of(wanted_from([ONE], {})) == 10
        assert selectors.count_of(wanted_from([ONE], {"target": "x"})) is None
        monkeypatch.setattr(selectors, "MOST_COUNTED", 5)
        assert selectors.count_of(wanted_from([ONE], {})) == 6

    def test_the_actions_are_those_that_there_are(self) -> None:
        assert selectors.actions_recorded(None) == ["change.published", "edit.saved", "token.used"]
        assert selectors.actions_recorded(ONE) == ["token.used"]
        assert selectors.actions_recorded("999999999999") == []


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "20260301"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"address": "192.0.2"}, "address"),
        ({"actor": "a\0b"}, "actor"),
        ({"target": "x" * 2049}, "target"),
    ],
)
def test_what_cannot_be_read_is_named(given: dict[str, str], place: str) -> None:
    with pytest.raises(WantedError) as error:
        wanted_from(None, given)
    assert [name for name, _ in error.value.problems] == [place]


@pytest.mark.parametrize("text", ["", "1", "-", "1-", "x-1", "1-2-3", "9" * 40 + "-1", "١-1", "-1-1"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        Place.read(text)


def test_a_place_comes_back_to_the_microsecond() -> None:
    place = Place(datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC), 7)
    assert Place.read(str(place)) == place


def test_an_address_is_compared_as_an_address() -> None:
    assert wanted_from(None, {"address": "2001:DB8:0::1"}).address == "2001:db8::1"
    assert wanted_from(None, {"since": "2026-03-01"}).since == date(2026, 3, 1)
