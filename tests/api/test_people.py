"""Members over REST: nobody learns who else signs in, and nobody's change is lost."""

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Role
from tests import factories

HERE = "/api/v1/accounts/111122223333/members"


@pytest.fixture
def api(client_of, administrator: SignIn) -> APIClient:
    return client_of(administrator)


def put(api: APIClient, name: str, role: str, seen: str = "*"):
    return api.put(f"{HERE}/{name}", {"role": role}, format="json", headers={"If-Match": seen})


def test_nobody_and_somebody_unknown_are_answered_alike(api: APIClient) -> None:
    stan = factories.make_sign_in("stan")
    factories.make_membership(stan, factories.make_account(), Role.ADMINISTRATOR)
    client = factories.make_sign_in("client:111122223333:ci")
    answers = [put(api, name, "viewer") for name in ("stan", "nobody", client.get_username())]
    assert {one.status_code for one in answers} == {404}
    assert len({str(one.json()["errors"]) + one.json()["detail"] for one in answers}) == 1
    assert stan.memberships.count() == 1


def test_somebody_of_another_account_that_one_sees_is_given_a_role(api: APIClient, administrator: SignIn) -> None:
    other, bo = factories.make_account(), factories.make_sign_in("bo")
    factories.make_membership(bo, other)
    assert put(api, "bo", "author").status_code == 404
    factories.make_membership(administrator, other)
    assert put(api, "bo", "author").json() == {"user": "bo", "role": "author", "source": "granted"}


def test_a_role_is_given_over_the_one_that_was_seen(api: APIClient, account: Account, viewer: SignIn) -> None:
    seen = api.get(f"{HERE}/vic").headers["ETag"]
    missing = api.put(f"{HERE}/vic", {"role": "author"}, format="json")
    assert missing.status_code == 428
    given = put(api, "vic", "author", seen)
    assert given.status_code == 200
    assert given.headers["ETag"] == api.get(f"{HERE}/vic").headers["ETag"] != seen
    stale = put(api, "vic", "approver", seen)
    assert stale.status_code == 412
    assert stale.json()["errors"][0]["message"] == "vic was given author meanwhile"
    assert viewer.memberships.get().role == "author"


def test_a_role_is_taken_as_it_was_seen(api: APIClient, viewer: SignIn) -> None:
    seen = api.get(f"{HERE}/vic").headers["ETag"]
    put(api, "vic", "author")
    assert api.delete(f"{HERE}/vic").status_code == 428
    assert api.delete(f"{HERE}/vic", headers={"If-Match": seen}).status_code == 412
    assert api.delete(f"{HERE}/vic", headers={"If-Match": "*"}).status_code == 204
    assert api.get(f"{HERE}/vic").status_code == 404
