"""An account that asks for a second factor: whoever has none is led to setting one up, and sees nothing before."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Account, Role
from policystudio.accounts.services import second_factor_demand, second_factor_remove
from policystudio.audit.models import AuditEntry
from policystudio.clients.services import client_token_issue, token_create
from tests import factories
from tests.access_cases import make_client
from tests.support.codes import enrol
from tests.web.conftest import Lab, words_of

ADDRESS = "/accounts/111122223333/members/second-factor/"
PAGES = ("/accounts/", "/accounts/111122223333/", "/search/?q=ana", "/simulator/", "/you/tokens/")


@pytest.fixture
def demanding(lab: Lab) -> Account:
    second_factor_demand(by=None, account=lab.account, needed=True)
    return lab.account


def test_an_administrator_asks_for_it_and_it_is_recorded(ada: Client, administrator: SignIn) -> None:
    enrol(administrator)
    ada.force_login(administrator)
    said = words_of(ada.post(ADDRESS, {"needed": "yes"}, follow=True))
    assert "Whoever has a role here and signs in by password has a second factor" in said
    assert AuditEntry.objects.get(action="account.second_factor_set").details == {"before": False, "after": True}
    ada.post(ADDRESS, {"needed": "yes"})
    said = words_of(ada.post(ADDRESS, {"needed": "no"}, follow=True))
    assert "A password is enough" in said
    assert AuditEntry.objects.filter(action="account.second_factor_set").count() == 2


def test_whoever_has_none_is_led_to_setting_one_up_and_sees_nothing_before(
    demanding: Account, vic: Client, viewer: SignIn
) -> None:
    for page in PAGES:
        refused = vic.get(page)
        assert refused.status_code == 403, page
        assert "research asks for one of everybody with a role there." in words_of(refused)
        assert b'href="/you/#second-factor"' in refused.content
    told = vic.get("/api/v1/accounts")
    assert (told.status_code, told.headers["Content-Type"]) == (403, "application/problem+json")
    assert "second factor" in told.json()["detail"]
    assert "Set up a second factor" in words_of(vic.get("/you/"))
    enrol(viewer)
    vic.force_login(viewer)
    assert {vic.get(page).status_code for page in PAGES} <= {200, 302}
    second_factor_remove(by=None, user=viewer)
    vic.force_login(viewer)
    assert vic.get("/accounts/").status_code == 403


def test_a_role_by_the_organization_is_asked_for_it_and_a_superuser_and_strangers_are_not_all(
    demanding: Account, client_of
) -> None:
    organization = factories.make_organization()
    demanding.unit = organization.units.get()
    demanding.save()
    above, stranger, root = (factories.make_sign_in(name) for name in ("olga", "stan", "root"))
    factories.make_organization_membership(above, organization, Role.VIEWER)
    SignIn.objects.filter(pk=root.pk).update(is_superuser=True)
    factories.make_membership(stranger, factories.make_account(), Role.ADMINISTRATOR)
    found = [client_of(user).get("/accounts/").status_code for user in (above, root, stranger)]
    assert found == [403, 403, 200]


def test_whoever_comes_by_single_sign_on_is_not_asked(demanding: Account, client_of, viewer: SignIn) -> None:
    viewer.set_unusable_password()
    viewer.save()
    assert client_of(viewer).get("/accounts/").status_code == 200


def test_tokens_and_clients_go_on_and_no_token_is_made_without_it(lab: Lab, viewer: SignIn) -> None:
    day = timedelta(days=1)
    _, mine = token_create(user=viewer, name="mine", scope="read", account=None, lifetime=day)
    client, _, _ = make_client(lab.account)
    _, its = client_token_issue(by=None, client=client, name="its", scope="read", lifetime=day)
    second_factor_demand(by=None, account=lab.account, needed=True)
    for secret in (mine, its):
        asked = Client().get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"})
        assert asked.json()["count"] == 1
    basic = {"Authorization": "Basic " + b64encode(f"vic:{factories.PASSWORD}".encode()).decode()}
    made = Client().post("/api/v1/tokens", {"name": "x"}, content_type="application/json", headers=basic)
    assert made.status_code == 400
    assert "asks for a second factor" in made.json()["detail"]
