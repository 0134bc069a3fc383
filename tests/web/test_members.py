"""Members of an account: who looks after it, and who may change that."""

from collections.abc import Callable

from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Role, Source
from policystudio.audit.models import AuditEntry
from policystudio.clients.services import client_create
from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/members/"


def test_everybody_sees_the_members_and_administrators_the_form(ada: Client, vic: Client) -> None:
    said = words_of(vic.get(BASE))
    assert "2 people; 1 administrator among them." in said
    assert "ada administrator" in said
    assert "Give somebody a role" not in said
    assert "Give somebody a role" in words_of(ada.get(BASE))


def test_a_role_is_given_and_recorded(ada: Client, lab: Lab) -> None:
    bo = factories.make_sign_in("bo")
    factories.make_membership(bo, lab.account, source=Source.GROUPS)
    said = words_of(ada.post(BASE, {"user": "bo", "role": "author"}, follow=True))
    assert "bo is now author of research." in said
    assert bo.memberships.get(source=Source.GRANTED).role == "author"
    assert AuditEntry.objects.get(action="membership.granted").details["after"] == "author"


def test_another_role_replaces_the_first(ada: Client, vic: Client, viewer: SignIn) -> None:
    ada.post(BASE, {"user": "vic", "role": "approver"})
    assert viewer.memberships.get().role == "approver"


def test_a_name_that_nobody_has_is_answered_like_one_that_the_administrator_knows_nothing_of(ada: Client) -> None:
    said = {}
    stan = factories.make_sign_in("stan")
    factories.make_membership(stan, factories.make_account(), Role.ADMINISTRATOR)
    for name in ("<ghost>", "stan"):
        response = ada.post(BASE, {"user": name, "role": "viewer"})
        assert response.status_code == 422
        assert f"Nobody called `{name}` has a role in an account that you see" in words_of(response)
        assert "<ghost>" not in response.content.decode()
        said[name] = words_of(response).replace(name, "NAME")
    assert said["<ghost>"] == said["stan"]
    assert stan.memberships.count() == 1


def test_colleagues_of_another_account_and_of_the_organization_are_known(
    ada: Client, lab: Lab, administrator: SignIn
) -> None:
    other, organization = factories.make_account(), factories.make_organization()
    factories.make_membership(administrator, other)
    bo, cyd = factories.make_sign_in("bo"), factories.make_sign_in("cyd")
    factories.make_membership(bo, other)
    other.unit = organization.units.get()
    other.save()
    factories.make_organization_membership(cyd, organization)
    for name in ("bo", "cyd"):
        assert ada.post(BASE, {"user": name, "role": "viewer"}).status_code == 302


def test_a_superuser_names_anybody(client_of: Callable[[SignIn], Client], lab: Lab) -> None:
    factories.make_sign_in("bo")
    root = client_of(factories.make_sign_in("root", superuser=True))
    assert root.post(BASE, {"user": "bo", "role": "viewer"}).status_code == 302


def test_api_clients_are_no_members_and_cannot_be_made_some(ada: Client, lab: Lab) -> None:
    client = client_create(by=None, account=lab.account, name="ci", role=Role.VIEWER, now=timezone.now())
    assert "ci" not in words_of(ada.get(BASE)).split()
    response = ada.post(BASE, {"user": client.user.get_username(), "role": "administrator"})
    assert response.status_code == 422
    assert client.role == Role.VIEWER


def test_a_role_that_does_not_exist_is_refused(ada: Client) -> None:
    assert ada.post(BASE, {"user": "ada", "role": "emperor"}).status_code == 422


def test_the_last_administrator_stays(ada: Client, administrator: SignIn) -> None:
    said = words_of(ada.post(BASE, {"user": "ada", "role": "viewer"}))
    assert "the last administrator of an account keeps the role" in said
    said = words_of(ada.post(f"{BASE}{administrator.pk}/remove/", follow=True))
    assert "the last administrator of an account keeps the role" in said
    assert administrator.memberships.get().role == "administrator"


def test_a_member_is_removed(ada: Client, vic: Client, viewer: SignIn) -> None:
    said = words_of(ada.post(f"{BASE}{viewer.pk}/remove/", follow=True))
    assert "vic does not see research any more." in said
    assert vic.get(BASE).status_code == 404


def test_somebody_who_leaves_comes_to_the_accounts(ada: Client, administrator: SignIn, lab: Lab) -> None:
    factories.make_membership(factories.make_sign_in("cyd"), lab.account, "administrator")
    response = ada.post(f"{BASE}{administrator.pk}/remove/")
    assert response.headers["Location"] == "/accounts/"
