"""Writes of memberships (who of our users has which role in an account), and of the stamps that tell of changes."""

from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import Signal

from policystudio.accounts import selectors
from policystudio.accounts.models import CLIENT_PREFIX, Account, Membership, Organization, Role
from policystudio.audit import services as audit

#: Sent in the transaction of a change, with the ``row`` (account or organization) that has a new revision: for apps
#: that know of more than accounts does, and that want to do something once the change is kept.
changed = Signal()


class MembershipError(ValueError):
    """A membership cannot be changed as asked; the text says why to a person."""


@transaction.atomic
def membership_grant(
    *, by: AbstractBaseUser | None, user: AbstractBaseUser, account: Account, role: Role
) -> Membership:
    """Give ``user`` this role in the account, instead of the one they may have there.

    ``by`` is the administrator who does it, None for the command line. Raises ``PermissionDenied`` where ``by`` is no
    administrator of the account, ``MembershipError`` where its last administrator would lose the role.
    """
    _check_administrator(by, account)
    _check_whose(user, account)
    before = _locked(account, user)
    if before is not None and before.role == role:
        return before
    if before is not None and role != Role.ADMINISTRATOR:
        _keep_an_administrator(by, before)
    membership, _ = Membership.objects.update_or_create(user_id=user.pk, account=account, defaults={"role": role})
    details = {"user": user.get_username(), "before": before.role if before else None, "after": role}
    audit.record(actor=by, action="membership.granted", target=account.number, account=account.number, details=details)
    return membership


@transaction.atomic
def membership_revoke(*, by: AbstractBaseUser | None, user: AbstractBaseUser, account: Account) -> None:
    """Take the account away from ``user``; nothing happens where they have no role in it.

    Raises as ``membership_grant`` does.
    """
    _check_administrator(by, account)
    before = _locked(account, user)
    if before is None:
        return
    _keep_an_administrator(by, before)
    before.delete()
    details = {"user": user.get_username(), "before": before.role, "after": None}
    audit.record(actor=by, action="membership.revoked", target=account.number, account=account.number, details=details)


@transaction.atomic
def second_person_set(*, by: AbstractBaseUser | None, account: Account, needed: bool) -> None:
    """Say whether a change of the account is approved by somebody who wrote none of its edits.

    Raises ``PermissionDenied`` where ``by`` is no administrator of the account.
    """
    _check_administrator(by, account)
    row = Account.objects.select_for_update().get(pk=account.pk)
    if row.needs_second_person == needed:
        return
    row.needs_second_person = account.needs_second_person = needed
    row.save(update_fields=["needs_second_person"])
    details = {"before": not needed, "after": needed}
    audit.record(
        actor=by, action="account.second_person_set", target=account.number, account=account.number, details=details
    )


@transaction.atomic
def content_changed(row: Account | Organization) -> None:
    """Give an account or an organization a new revision, because what it holds changes.

    Whoever writes identities, policies or resources of an account, or the units and policies of an organization, calls
    this in the same transaction: nobody then sees the new content under the old revision.
    """
    row.revision = uuid4()
    row.save(update_fields=["revision"])
    changed.send(sender=type(row), row=row)


def _check_administrator(by: AbstractBaseUser | None, account: Account) -> None:
    if by is not None and not selectors.may(by, account, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the account change who may do what in it")


def _check_whose(user: AbstractBaseUser, account: Account) -> None:
    """An API client is of one account: in another one it is nobody, and is not told to exist."""
    name = user.get_username()
    if name.startswith(CLIENT_PREFIX) and not name.startswith(f"{CLIENT_PREFIX}{account.number}:"):
        raise MembershipError(f"nobody signs in as `{name}`")


def _locked(account: Account, user: AbstractBaseUser) -> Membership | None:
    """The user's membership. Locks the account first, so that two administrators cannot demote each other at once."""
    Account.objects.select_for_update().get(pk=account.pk)
    return Membership.objects.filter(account=account, user=user.pk).first()


def _keep_an_administrator(by: AbstractBaseUser | None, membership: Membership) -> None:
    """Superusers and the command line may leave an account without one: they can always name another.

    It is a person: an API client that may do as much does not look after an account.
    """
    if membership.role != Role.ADMINISTRATOR or by is None or getattr(by, "is_superuser", False):
        return
    others = selectors.members_of(membership.account).filter(role=Role.ADMINISTRATOR).exclude(pk=membership.pk)
    if not membership.user.get_username().startswith(CLIENT_PREFIX) and not others.exists():
        raise MembershipError("the last administrator of an account keeps the role: name another one first")
