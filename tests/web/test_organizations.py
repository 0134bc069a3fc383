"""Members of an organization: the page, who sees it, and what it changes."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Organization, Role
from tests import factories
from tests.web.conftest import words_of


@pytest.fixture
def organization(db: None) -> Organization:
    made = factories.make_organization(name="Quillmere")
    factories.make_account("111122223333", "research", unit=made.units.get())
    return made


@pytest.fixture
def ada(organization: Organization, client_of: Callable[[SignIn], Client]) -> Client:
    person = factories.make_sign_in("ada")
    factories.make_organization_membership(person, organization, Role.ADMINISTRATOR)
    return client_of(person)


def base(organization: Organization) -> str:
    return f"/organizations/{organization.org_id}/members/"


def test_a_role_is_given_and_opens_every_account(
    ada: Client, organization: Organization, client_of: Callable[[SignIn], Client]
) -> None:
    bo = factories.make_sign_in("bo")
    assert ada.post(base(organization), {"user": "bo", "role": "viewer"}).status_code == 422
    factories.make_membership(bo, organization.units.get().accounts.get())
    said = words_of(ada.post(base(organization), {"user": "bo", "role": "viewer"}, follow=True))
    assert "bo is now viewer of every account of Quillmere." in said
    assert "2 people; 1 administrator among them." in said
    his = client_of(bo)
    assert his.get("/accounts/111122223333/").status_code == 200
    members = words_of(his.get("/accounts/111122223333/members/"))
    assert "These people have a role in every account of Quillmere" in members
    assert "Give somebody a role" not in members
    assert "You have a role in every account of Quillmere" in words_of(his.get("/accounts/"))
    assert "Give somebody a role" not in words_of(his.get(base(organization)))


def test_a_role_is_taken_away(ada: Client, organization: Organization, client_of: Callable[[SignIn], Client]) -> None:
    bo = factories.make_sign_in("bo")
    factories.make_organization_membership(bo, organization)
    said = words_of(ada.post(f"{base(organization)}{bo.pk}/remove/", follow=True))
    assert "bo has no role in the whole of Quillmere any more." in said
    assert client_of(bo).get("/accounts/111122223333/").status_code == 404
    assert ada.post(f"{base(organization)}{bo.pk}/remove/").status_code == 404


def test_an_administrator_of_one_account_finds_no_organization(
    organization: Organization, client_of: Callable[[SignIn], Client]
) -> None:
    cyd = factories.make_sign_in("cyd")
    factories.make_membership(cyd, organization.units.get().accounts.get(), Role.ADMINISTRATOR)
    assert client_of(cyd).get(base(organization)).status_code == 404


def test_the_last_administrator_stays(ada: Client, organization: Organization) -> None:
    said = words_of(ada.post(base(organization), {"user": "ada", "role": "viewer"}))
    assert "the last administrator of an organization keeps the role" in said


def test_whoever_lost_a_role_of_the_account_may_keep_one_by_the_organization(
    ada: Client, organization: Organization
) -> None:
    account, bo = organization.units.get().accounts.get(), factories.make_sign_in("bo")
    factories.make_membership(bo, account, Role.AUTHOR)
    factories.make_organization_membership(bo, organization)
    said = words_of(ada.post(f"/accounts/{account.number}/members/{bo.pk}/remove/", follow=True))
    assert "bo is still viewer of research, by the organization or by groups." in said
