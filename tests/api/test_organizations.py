"""Organizations over REST: what stands above one's accounts, and nothing of anybody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Organization, OrganizationPolicy
from tests import factories
from tests.api.test_problems import assert_problem

HERE = "/api/v1/organizations"


@pytest.fixture
def organization(account: Account) -> Organization:
    """The account stands in Research; Elsewhere has another account, of somebody else."""
    made = factories.make_organization(name="Example")
    root = made.units.get()
    research, elsewhere = (factories.make_unit(root, name) for name in ("Research", "Elsewhere"))
    account.unit = research
    account.save()
    other = factories.make_account("999988887777", "other", unit=elsewhere)
    factories.make_organization_policy(made, name="all", targets=(root,))
    factories.make_organization_policy(made, name="mine", targets=(research, account))
    factories.make_organization_policy(made, name="theirs", targets=(elsewhere, other))
    return made


def rows(api: APIClient, address: str, name: str = "name") -> list[Any]:
    response = api.get(address)
    assert response.status_code == 200, response.content
    return [row[name] for row in response.json()["results"]]


def test_what_stands_above_is_told_and_nothing_else(api: APIClient, organization: Organization) -> None:
    here = f"{HERE}/{organization.org_id}"
    assert rows(api, HERE) == ["Example"]
    assert api.get(here).json()["id"] == organization.org_id
    assert rows(api, f"{here}/units?order=name") == ["Research", organization.units.get(parent=None).name]
    assert rows(api, f"{here}/policies") == ["all", "mine"]
    found = api.get(f"{here}/attachments").json()["results"]
    assert len(found) == 3
    assert {one["account"] for one in found} == {None, "111122223333"}
    assert "999988887777" not in api.get(f"{here}/attachments").content.decode()


def test_one_policy_has_its_text_and_its_digest_for_a_tag(api: APIClient, organization: Organization) -> None:
    mine, theirs = (OrganizationPolicy.objects.get(name=name) for name in ("mine", "theirs"))
    here = f"{HERE}/{organization.org_id}/policies"
    read = api.get(f"{here}/{mine.policy_id}")
    assert (read.json()["text"], read["ETag"]) == (mine.text, f'"{mine.digest}"')
    assert api.get(f"{here}/{mine.policy_id}", headers={"If-None-Match": read["ETag"]}).status_code == 304
    assert_problem(api.get(f"{here}/{theirs.policy_id}"), 404)
    export = "/api/v1/accounts/111122223333/organization-policies/{}/export?format=policy.json"
    assert api.get(export.format(mine.policy_id)).content.decode() == mine.text
    assert_problem(api.get(export.format(theirs.policy_id)), 404)


def test_strangers_find_no_organization(
    client_of: Callable[[Any], APIClient], stranger: Any, organization: Organization
) -> None:
    client = client_of(stranger)
    assert rows(client, HERE) == []
    for rest in ("", "/units", "/policies", "/attachments"):
        assert_problem(client.get(f"{HERE}/{organization.org_id}{rest}"), 404)


def test_levels_come_root_first(api: APIClient, organization: Organization) -> None:
    levels = api.get("/api/v1/accounts/111122223333/organization-levels").json()
    assert [level["kind"] for level in levels["scp"]] == ["root", "unit", "account"]
    assert [[one["name"] for one in level["policies"]] for level in levels["scp"]] == [["all"], ["mine"], ["mine"]]
    assert levels["rcp"] is None
