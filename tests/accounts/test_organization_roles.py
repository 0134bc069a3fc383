"""Roles in every account of an organization: what they cover, who gives them, and those that come from groups."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policystudio.accounts import selectors, services
from policystudio.accounts.models import Account, Membership, OrganizationMembership, Role, Source
from policystudio.audit.models import AuditEntry
from policystudio.changes.services.locking import require
from tests.factories import (
    make_account,
    make_membership,
    make_organization,
    make_organization_membership,
    make_sign_in,
    make_unit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(db: None):
    return make_organization()


def in_it(organization, name: str = "") -> Account:
    return make_account(name=name, unit=make_unit(organization.units.get(parent=None)))


def test_it_holds_in_every_account_of_the_organization_and_in_no_other(organization) -> None:
    there, elsewhere, member = in_it(organization), make_account(unit=make_organization().units.get()), make_sign_in()
    make_organization_membership(member, organization, Role.APPROVER)
    assert list(selectors.accounts_visible_to(member)) == [there]
    assert selectors.role_of(member, there) is Role.APPROVER
    assert selectors.role_of(member, elsewhere) is None
    assert selectors.role_of(member, make_account()) is None
    later = in_it(organization)
    assert selectors.roles_of(member) == {there.pk: Role.APPROVER, later.pk: Role.APPROVER}
    later.unit = None
    later.save()
    assert selectors.role_of(member, later) is None


def test_the_higher_of_both_roles_counts(organization) -> None:
    low, high, member = in_it(organization), in_it(organization), make_sign_in()
    make_organization_membership(member, organization, Role.AUTHOR)
    make_membership(member, low, Role.VIEWER)
    make_membership(member, high, Role.ADMINISTRATOR)
    assert selectors.roles_of(member) == {low.pk: Role.AUTHOR, high.pk: Role.ADMINISTRATOR}
    assert [selectors.role_of(member, one) for one in (low, high)] == [Role.AUTHOR, Role.ADMINISTRATOR]
    assert selectors.accounts_visible_to(member).count() == 2  # none twice


def test_a_role_in_the_organization_costs_no_further_query(organization) -> None:
    account, member = in_it(organization), make_sign_in()
    make_organization_membership(member, organization)
    for ask in (
        lambda: selectors.role_of(member, account),
        lambda: selectors.roles_of(member),
        lambda: list(selectors.accounts_visible_to(member)),
    ):
        with CaptureQueriesContext(connection) as queries:
            ask()
        assert len(queries) == 1


def test_whoever_was_deactivated_has_none(organization) -> None:
    account, member = in_it(organization), make_sign_in(is_active=False)
    make_organization_membership(member, organization, Role.ADMINISTRATOR)
    assert selectors.role_of(member, account) is None
    assert selectors.role_in_organization(member, organization) is None
    assert not selectors.accounts_visible_to(member).exists()
    assert not selectors.organizations_visible_to(member).exists()


def test_it_covers_an_organization_policy_also_for_accounts_that_join_later(organization) -> None:
    account, member = in_it(organization), make_sign_in()
    make_organization_membership(member, organization, Role.AUTHOR)
    in_it(organization)
    require(member, account, Role.AUTHOR, ["organization-policy"])
    with pytest.raises(PermissionDenied):
        require(member, account, Role.APPROVER, ["organization-policy"])
    single = make_sign_in()
    make_membership(single, account, Role.ADMINISTRATOR)
    with pytest.raises(PermissionDenied, match="every account"):
        require(single, account, Role.AUTHOR, ["organization-policy"])


def test_administrators_of_the_organization_give_and_take_it_on_record(organization) -> None:
    dana, vic = make_sign_in("dana"), make_sign_in("vic")
    services.organization_membership_grant(by=None, user=dana, organization=organization, role=Role.ADMINISTRATOR)
    services.organization_membership_grant(by=dana, user=vic, organization=organization, role=Role.VIEWER)
    services.organization_membership_grant(by=dana, user=vic, organization=organization, role=Role.VIEWER)
    services.organization_membership_grant(by=dana, user=vic, organization=organization, role=Role.AUTHOR)
    services.organization_membership_revoke(by=dana, user=vic, organization=organization)
    services.organization_membership_revoke(by=dana, user=vic, organization=organization)
    found = AuditEntry.objects.order_by("sequence")
    told = [(one.actor, one.action.partition(".")[2], one.details["before"], one.details["after"]) for one in found]
    assert told == [
        ("command line", "granted", None, "administrator"),
        ("dana", "granted", None, "viewer"),
        ("dana", "granted", "viewer", "author"),
        ("dana", "revoked", "author", None),
    ]
    assert {one.target for one in found} == {organization.org_id}


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.APPROVER])
def test_nobody_else_gives_or_takes_it(organization, role: Role | None) -> None:
    person, vic = make_sign_in(), make_sign_in("vic")
    make_membership(person, in_it(organization), Role.ADMINISTRATOR)  # of one account, not of the organization
    make_organization_membership(person, make_organization(), Role.ADMINISTRATOR)
    make_organization_membership(vic, organization, Role.ADMINISTRATOR)
    if role:
        make_organization_membership(person, organization, role)
    with pytest.raises(PermissionDenied):
        services.organization_membership_grant(
            by=person, user=person, organization=organization, role=Role.ADMINISTRATOR
        )
    with pytest.raises(PermissionDenied):
        services.organization_membership_revoke(by=person, user=vic, organization=organization)
    assert not AuditEntry.objects.exists()


def test_the_last_administrator_of_an_organization_stays(organization) -> None:
    dana = make_sign_in("dana")
    make_organization_membership(dana, organization, Role.ADMINISTRATOR)
    with pytest.raises(services.MembershipError, match="last administrator of an organization"):
        services.organization_membership_revoke(by=dana, user=dana, organization=organization)
    with pytest.raises(services.MembershipError):
        services.organization_membership_grant(by=dana, user=dana, organization=organization, role=Role.AUTHOR)
    superuser = make_sign_in(superuser=True)
    services.organization_membership_revoke(by=superuser, user=dana, organization=organization)
    assert not organization.memberships.exists()


def test_an_administrator_of_the_organization_is_one_of_each_account(organization) -> None:
    """They name members there, and the last one of the account itself may go while they are there."""
    account, dana, vic = in_it(organization), make_sign_in("dana"), make_sign_in("vic")
    make_organization_membership(dana, organization, Role.ADMINISTRATOR)
    services.membership_grant(by=dana, user=vic, account=account, role=Role.ADMINISTRATOR)
    services.membership_revoke(by=vic, user=vic, account=account)
    assert selectors.role_of(vic, account) is None


def test_an_api_client_gets_no_role_in_an_organization(organization) -> None:
    client = make_sign_in("client:111122223333:nightly")
    with pytest.raises(services.MembershipError, match="nobody signs in as"):
        services.organization_membership_grant(by=None, user=client, organization=organization, role=Role.VIEWER)
    assert selectors.person_named("client:111122223333:nightly") is None


def test_roles_by_groups_come_and_go_and_leave_what_people_gave(organization) -> None:
    account, other, user = in_it(organization), make_account(), make_sign_in("gil")
    make_membership(user, account, Role.VIEWER)
    wanted = {account: Role.AUTHOR, other: Role.VIEWER}
    services.group_roles_set(user=user, accounts=wanted, organizations={organization: Role.APPROVER})
    services.group_roles_set(user=user, accounts=wanted, organizations={organization: Role.APPROVER})
    assert AuditEntry.objects.count() == 3
    assert selectors.roles_of(user) == {account.pk: Role.APPROVER, other.pk: Role.VIEWER}
    services.group_roles_set(user=user, accounts={other: Role.AUTHOR}, organizations={})
    assert selectors.roles_of(user) == {account.pk: Role.VIEWER, other.pk: Role.AUTHOR}
    services.group_roles_set(user=user, accounts={}, organizations={})
    assert selectors.roles_of(user) == {account.pk: Role.VIEWER}
    assert not OrganizationMembership.objects.exists()
    last = AuditEntry.objects.order_by("sequence").last()
    assert last is not None
    assert (last.action, last.details["source"]) == ("membership.revoked", "groups")


def test_an_administrator_does_not_take_away_what_groups_gave() -> None:
    account, dana, gil = make_account(), make_sign_in("dana"), make_sign_in("gil")
    make_membership(dana, account, Role.ADMINISTRATOR)
    services.group_roles_set(user=gil, accounts={account: Role.AUTHOR}, organizations={})
    services.membership_revoke(by=dana, user=gil, account=account)
    assert Membership.objects.get(user=gil).source == Source.GROUPS
    services.membership_grant(by=dana, user=gil, account=account, role=Role.VIEWER)
    assert selectors.role_of(gil, account) is Role.AUTHOR


def test_the_command_gives_and_takes_roles(organization) -> None:
    account, dana = in_it(organization, "research"), make_sign_in("dana")
    out = io.StringIO()
    call_command("grant_role", "dana", "administrator", "--organization", organization.org_id, stdout=out)
    assert selectors.role_in_organization(dana, organization) is Role.ADMINISTRATOR
    call_command("grant_role", "dana", "none", "--organization", organization.org_id, stdout=out)
    call_command("grant_role", "dana", "author", "--account", "research", stdout=out)
    assert selectors.role_of(dana, account) is Role.AUTHOR
    call_command("grant_role", "dana", "none", "--account", account.number, stdout=out)
    assert selectors.role_of(dana, account) is None
    for words in (
        ("nobody", "viewer", "--account", "research"),
        ("dana", "viewer", "--account", "nowhere"),
        ("dana", "viewer", "--organization", "o-nowhere0000"),
    ):
        with pytest.raises(CommandError) as refused:
            call_command("grant_role", *words, stdout=out)
        assert refused.value.returncode == 2
