"""Pages by cursor: every row once in every order, whatever comes and goes in between; and rows with fewer fields."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.identities.models import Identity
from tests import factories
from tests.api.test_problems import assert_problem

HERE = "/api/v1/accounts/111122223333"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def pages(api: APIClient, address: str | None) -> list[list[dict[str, Any]]]:
    found = []
    while address:
        page = api.get(address)
        assert page.status_code == 200, page.content
        found.append(page.json()["results"])
        address = page.json()["next"]
    return found


def rows(api: APIClient, address: str) -> list[dict[str, Any]]:
    return [row for page in pages(api, address) for row in page]


@pytest.fixture
def policies(account: Account) -> None:
    """Of both managers, with equal dates and without any: what an order of one column cannot tell apart."""
    for number in range(7):
        made = factories.make_managed_policy(account, f"p{number}", aws=number % 2 == 1)
        made.created_at = None if number < 2 else DAY + timedelta(days=number // 3)
        made.save()


@pytest.mark.parametrize("order", ["manager", "name", "path", "created_at", "updated_at"])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_every_row_comes_once_in_every_order(api: APIClient, policies: None, order: str, sign: str, limit: int) -> None:
    address = f"{HERE}/policies?order={sign}{order}"
    found = pages(api, f"{address}&limit={limit}")
    assert all(len(page) <= limit for page in found)
    names = [row["name"] for page in found for row in page]
    assert names == [row["name"] for row in api.get(address).json()["results"]]
    assert sorted(names) == [f"p{number}" for number in range(7)]


def test_an_order_is_one_and_what_is_not_known_comes_last(api: APIClient, policies: None) -> None:
    for sign, dated in (("", ["p2", "p3", "p4", "p5", "p6"]), ("-", ["p6", "p5", "p4", "p3", "p2"])):
        names = [row["name"] for row in rows(api, f"{HERE}/policies?order={sign}created_at&limit=2")]
        assert names[:5] == dated
        assert set(names[5:]) == {"p0", "p1"}


def test_what_comes_and_goes_meanwhile_moves_nothing(api: APIClient, account: Account) -> None:
    for name in "bdfh":
        factories.make_identity(account, "user", name)
    first = api.get(f"{HERE}/users?limit=2").json()
    for name in "ace":
        factories.make_identity(account, "user", name)
    Identity.objects.filter(name__in="bd").delete()
    assert [row["name"] for row in rows(api, first["next"])] == ["e", "f", "h"]


def test_the_matrix_goes_on_behind_the_row_that_it_ended_with(api: APIClient, account: Account) -> None:
    for name in "bdfh":
        factories.make_identity(account, "user", name)
    asked = f"{HERE}/matrix?kind=user&type=model&level=List"
    first = api.get(f"{asked}&limit=2").json()
    factories.make_identity(account, "user", "a")
    assert [row["name"] for row in api.get(first["next"]).json()["rows"]] == ["f", "h"]
    Identity.objects.filter(name="d").delete()
    assert [row["name"] for row in api.get(first["next"]).json()["rows"]] == ["f", "h"]  # a took the place of d


@pytest.mark.parametrize("change", ["&order=path", "x", "&limit=0"])
def test_a_cursor_is_good_for_its_own_list_alone(api: APIClient, account: Account, change: str) -> None:
    for name in "abc":
        factories.make_identity(account, "user", name)
    address = api.get(f"{HERE}/users?limit=1").json()["next"]
    cursor = address.partition("cursor=")[2].partition("&")[0]
    assert_problem(api.get(f"{HERE}/users?cursor={cursor}{change}"), 400)
    assert_problem(api.get(f"{HERE}/groups?cursor={cursor}{change}"), 400)
    problem = assert_problem(api.get(f"{HERE}/policies?cursor={cursor}"), 400)
    assert problem["errors"][0]["place"] == "cursor"


def test_rows_with_some_of_their_fields(api: APIClient, account: Account) -> None:
    factories.make_identity(account, "user", "dana", tags={"team": "ml"})
    page = api.get(f"{HERE}/users?fields=name,tags").json()
    assert page["results"] == [{"name": "dana", "tags": {"team": "ml"}}]
    problem = assert_problem(api.get(f"{HERE}/users?fields=name,tag"), 400)
    assert problem["errors"][0]["message"] == "the rows have no field `tag`: did you mean `tags`?"
    for other in ("policies", "resources", "findings", "changes", "expectations", "waivers"):
        assert_problem(api.get(f"{HERE}/{other}?fields=nothing"), 400)


def test_tokens_keys_and_the_record_come_in_pages_like_everything_else(
    client_of: Any, administrator: Any, account: Account
) -> None:
    ada = client_of(administrator)
    for name in "abc":
        assert ada.post("/api/v1/tokens", {"name": name}, format="json").status_code == 201
    assert [row["name"] for row in rows(ada, "/api/v1/tokens?order=name&limit=1")] == ["a", "b", "c"]
    assert ada.get("/api/v1/tokens?scope=write").json()["count"] == 0
    ada.patch(HERE, {"needs_second_person": True}, format="json", headers={"If-Match": "*"})
    ada.patch(HERE, {"needs_second_person": False}, format="json", headers={"If-Match": "*"})
    whole = [row["sequence"] for row in ada.get(f"{HERE}/record").json()["results"]]
    assert len(whole) >= 2
    assert [row["sequence"] for row in rows(ada, f"{HERE}/record?limit=1")] == whole


@pytest.mark.parametrize("address", ["/api/v1/templates", "/api/v1/finding-codes"])
def test_what_stands_in_the_code_comes_in_pages_too(api: APIClient, address: str) -> None:
    whole = api.get(f"{address}?limit=1000").json()
    assert whole["count"] == len(whole["results"]) > 7
    assert whole["next"] is None
    assert rows(api, f"{address}?limit=7") == whole["results"]
