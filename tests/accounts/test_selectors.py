"""Who sees which account, in what role, and the organization policies above an account."""

import pytest
from django.contrib.auth.models import AnonymousUser

from policystudio.accounts import selectors
from policystudio.accounts.models import Account, Role
from tests.factories import (
    make_account,
    make_membership,
    make_organization,
    make_organization_policy,
    make_sign_in,
    make_unit,
)

pytestmark = pytest.mark.django_db


def test_people_see_the_accounts_they_have_a_role_in() -> None:
    mine, _theirs = make_account(), make_account()
    member, stranger, superuser = make_sign_in(), make_sign_in(), make_sign_in(superuser=True)
    make_membership(member, mine)
    assert list(selectors.accounts_visible_to(member)) == [mine]
    assert list(selectors.accounts_visible_to(stranger)) == []
    assert list(selectors.accounts_visible_to(AnonymousUser())) == []
    assert selectors.accounts_visible_to(superuser).count() == 2


def test_a_person_who_was_deactivated_sees_nothing() -> None:
    account = make_account()
    member = make_sign_in(is_active=False)
    make_membership(member, account)
    former_superuser = make_sign_in(superuser=True, is_active=False)
    for user in (member, former_superuser):
        assert not selectors.accounts_visible_to(user).exists()
        assert selectors.role_of(user, account) is None
        assert selectors.roles_of(user) == {}


def test_an_account_that_is_not_theirs_does_not_exist() -> None:
    account, member = make_account(), make_sign_in()
    for number in (account.number, "999999999999", "", "no number"):
        with pytest.raises(Account.DoesNotExist):
            selectors.account_get(member, number)
    make_membership(member, account)
    assert selectors.account_get(member, account.number) == account


def test_roles_cover_the_ones_below() -> None:
    account, member = make_account(), make_sign_in()
    assert selectors.role_of(member, account) is None
    assert not selectors.may(member, account, Role.VIEWER)
    make_membership(member, account, Role.APPROVER)
    assert selectors.role_of(member, account) is Role.APPROVER
    assert [selectors.may(member, account, role) for role in Role] == [True, True, True, False]
    assert selectors.roles_of(member) == {account.pk: Role.APPROVER}


def test_a_superuser_is_administrator_everywhere() -> None:
    account, superuser = make_account(), make_sign_in(superuser=True)
    assert selectors.role_of(superuser, account) is Role.ADMINISTRATOR
    assert selectors.roles_of(superuser) == {account.pk: Role.ADMINISTRATOR}


def test_levels_run_from_the_root_to_the_account() -> None:
    organization = make_organization()
    root = organization.units.get()
    unit = make_unit(root, "ML")
    inner = make_unit(unit, "Research")
    aside = make_unit(root, "Aside")
    account = make_account(unit=inner)
    everywhere = make_organization_policy(organization, name="a", targets=(root, unit, inner, account))
    there = make_organization_policy(organization, name="b", targets=(inner,))
    make_organization_policy(organization, targets=(aside, make_account(unit=inner)))
    levels = selectors.organization_levels(account, "scp")
    assert levels is not None
    assert [(level.kind, level.name) for level in levels] == [
        ("root", "Root"),
        ("unit", "ML"),
        ("unit", "Research"),
        ("account", account.name),
    ]
    assert [level.policies for level in levels] == [(everywhere,), (everywhere,), (everywhere, there), (everywhere,)]


def test_levels_do_not_apply_without_organization_or_without_that_kind_of_policy() -> None:
    organization = make_organization()
    root = organization.units.get()
    account = make_account(unit=root)
    assert selectors.organization_levels(make_account(), "scp") is None
    assert selectors.organization_levels(account, "scp") is None
    make_organization_policy(organization, kind="rcp", targets=(root,))
    assert selectors.organization_levels(account, "scp") is None
    levels = selectors.organization_levels(account, "rcp")
    assert levels is not None
    assert [len(level.policies) for level in levels] == [1, 0]


def test_levels_of_one_organization_do_not_mix_with_another() -> None:
    first, second = make_organization(), make_organization()
    make_organization_policy(second, targets=(second.units.get(),))
    assert selectors.organization_levels(make_account(unit=first.units.get()), "scp") is None
