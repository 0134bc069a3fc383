"""Memberships: who may change them, what is recorded, and that an account keeps an administrator."""

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.models import Membership, Role
from policystudio.accounts.services import MembershipError, membership_grant, membership_revoke, second_person_set
from policystudio.audit.models import AuditEntry
from tests.factories import make_account, make_membership, make_sign_in

pytestmark = pytest.mark.django_db


def test_an_administrator_gives_and_changes_and_takes_a_role() -> None:
    account, dana, vic = make_account(), make_sign_in("dana"), make_sign_in("vic")
    make_membership(dana, account, Role.ADMINISTRATOR)
    membership_grant(by=dana, user=vic, account=account, role=Role.VIEWER)
    membership_grant(by=dana, user=vic, account=account, role=Role.AUTHOR)
    assert Membership.objects.get(user=vic).role == Role.AUTHOR
    membership_revoke(by=dana, user=vic, account=account)
    assert not Membership.objects.filter(user=vic).exists()
    entries = AuditEntry.objects.order_by("sequence")
    assert [(entry.actor, entry.action, entry.target) for entry in entries] == [
        ("dana", "membership.granted", account.number),
        ("dana", "membership.granted", account.number),
        ("dana", "membership.revoked", account.number),
    ]
    assert [(entry.details["before"], entry.details["after"]) for entry in entries] == [
        (None, "viewer"),
        ("viewer", "author"),
        ("author", None),
    ]


def test_nothing_is_recorded_where_nothing_changes() -> None:
    account, vic = make_account(), make_sign_in("vic")
    membership_grant(by=None, user=vic, account=account, role=Role.VIEWER)
    membership_grant(by=None, user=vic, account=account, role=Role.VIEWER)
    membership_revoke(by=None, user=make_sign_in(), account=account)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.AUTHOR, Role.APPROVER])
def test_nobody_else_changes_roles(role: Role | None) -> None:
    account, person, vic = make_account(), make_sign_in(), make_sign_in("vic")
    make_membership(make_sign_in(), account, Role.ADMINISTRATOR)
    make_membership(person, make_account(), Role.ADMINISTRATOR)
    if role:
        make_membership(person, account, role)
    with pytest.raises(PermissionDenied):
        membership_grant(by=person, user=vic, account=account, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        membership_grant(by=person, user=person, account=account, role=Role.ADMINISTRATOR)
    with pytest.raises(PermissionDenied):
        membership_revoke(by=person, user=vic, account=account)
    assert not AuditEntry.objects.exists()


def test_the_last_administrator_stays() -> None:
    account, dana = make_account(), make_sign_in("dana")
    make_membership(dana, account, Role.ADMINISTRATOR)
    with pytest.raises(MembershipError, match="last administrator"):
        membership_revoke(by=dana, user=dana, account=account)
    with pytest.raises(MembershipError, match="last administrator"):
        membership_grant(by=dana, user=dana, account=account, role=Role.VIEWER)
    make_membership(make_sign_in(), account, Role.ADMINISTRATOR)
    membership_revoke(by=dana, user=dana, account=account)
    assert not Membership.objects.filter(user=dana).exists()


def test_a_superuser_may_leave_an_account_without_administrator() -> None:
    account, dana = make_account(), make_sign_in("dana")
    make_membership(dana, account, Role.ADMINISTRATOR)
    membership_revoke(by=make_sign_in(superuser=True), user=dana, account=account)
    assert not account.memberships.exists()


def test_administrators_alone_say_whether_a_second_person_approves() -> None:
    account, dana, petra = make_account(), make_sign_in("dana"), make_sign_in("petra")
    make_membership(dana, account, Role.ADMINISTRATOR)
    make_membership(petra, account, Role.APPROVER)
    second_person_set(by=dana, account=account, needed=True)
    second_person_set(by=dana, account=account, needed=True)  # it says so already
    account.refresh_from_db()
    assert account.needs_second_person
    assert AuditEntry.objects.get(action="account.second_person_set").details == {"before": False, "after": True}
    with pytest.raises(PermissionDenied):
        second_person_set(by=petra, account=account, needed=False)
