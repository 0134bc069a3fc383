"""Writes of memberships: who of our users has which role in an account, or in every account of an organization."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from policystudio.accounts import selectors
from policystudio.accounts.models import (
    CLIENT_PREFIX,
    Account,
    Membership,
    Organization,
    OrganizationMembership,
    Role,
    Source,
)
from policystudio.audit import services as audit

AnyMembership = Membership | OrganizationMembership
#: What a role is of.
Whole = Account | Organization


class MembershipError(ValueError):
    """A membership cannot be changed as asked; the text says why to a person."""


class StaleMembershipError(RuntimeError):
    """Somebody gave or took the role since it was read."""


@transaction.atomic
def membership_grant(
    *, by: AbstractBaseUser | None, user: AbstractBaseUser, account: Account, role: Role, seen: str | None = None
) -> Membership:
    """Give ``user`` this role in the account, instead of the one that somebody gave them there.

    ``by`` is the administrator who does it, None for the command line; ``seen`` the stamp of the role that they saw,
    None for whichever. Raises ``PermissionDenied`` where ``by`` is no administrator of the account, ``MembershipError``
    where its last administrator would lose the role, ``StaleMembershipError`` where it is another role by now.
    """
    check_administrator(by, account)
    _check_whose(user, account)
    before = _locked(account, user, seen)
    if isinstance(before, Membership) and before.role == role:
        return before
    if before is not None and role != Role.ADMINISTRATOR:
        _keep_an_administrator(by, before)
    membership, _ = Membership.objects.update_or_create(
        user_id=user.pk, account=account, source=Source.GRANTED, defaults={"role": role}
    )
    _record(by, "membership.granted", account, user, before.role if before else None, role)
    return membership


@transaction.atomic
def membership_revoke(
    *, by: AbstractBaseUser | None, user: AbstractBaseUser, account: Account, seen: str | None = None
) -> None:
    """Take the account away from ``user``; nothing happens where nobody gave them a role in it.

    What they have by the organization, or by their groups at the identity provider, stays. Raises as
    ``membership_grant`` does.
    """
    check_administrator(by, account)
    before = _locked(account, user, seen)
    if before is None:
        return
    _keep_an_administrator(by, before)
    before.delete()
    _record(by, "membership.revoked", account, user, before.role, None)


@transaction.atomic
def organization_membership_grant(
    *,
    by: AbstractBaseUser | None,
    user: AbstractBaseUser,
    organization: Organization,
    role: Role,
    seen: str | None = None,
) -> OrganizationMembership:
    """Give ``user`` this role in every account of the organization, whichever stand in it now or later.

    ``by`` is an administrator of the organization, or a superuser; None for the command line. Raises as
    ``membership_grant`` does; an API client, which is of one account, gets no such role.
    """
    check_administrator(by, organization)
    _check_whose(user, None)
    before = _locked(organization, user, seen)
    if isinstance(before, OrganizationMembership) and before.role == role:
        return before
    if before is not None and role != Role.ADMINISTRATOR:
        _keep_an_administrator(by, before)
    membership, _ = OrganizationMembership.objects.update_or_create(
        user_id=user.pk, organization=organization, source=Source.GRANTED, defaults={"role": role}
    )
    _record(by, "organization_membership.granted", organization, user, before.role if before else None, role)
    return membership


@transaction.atomic
def organization_membership_revoke(
    *, by: AbstractBaseUser | None, user: AbstractBaseUser, organization: Organization, seen: str | None = None
) -> None:
    """Take the role in the whole organization away; roles in single accounts stay. Raises as the grant does."""
    check_administrator(by, organization)
    before = _locked(organization, user, seen)
    if before is None:
        return
    _keep_an_administrator(by, before)
    before.delete()
    _record(by, "organization_membership.revoked", organization, user, before.role, None)


@transaction.atomic
def group_roles_set(
    *, user: AbstractBaseUser, accounts: Mapping[Account, Role], organizations: Mapping[Organization, Role]
) -> None:
    """Let ``user`` have just these roles by groups at the identity provider; what people gave them stays.

    Every difference is an entry of the audit record. The identity provider decides: the last administrator may go.
    Of two sign-ins at the same moment the later finds what the earlier did.
    """
    get_user_model().objects.select_for_update().get(pk=user.pk)
    held: list[AnyMembership] = [
        *Membership.objects.filter(user=user.pk, source=Source.GROUPS).select_related("account"),
        *OrganizationMembership.objects.filter(user=user.pk, source=Source.GROUPS).select_related("organization"),
    ]
    before: dict[Whole, AnyMembership] = {_whole(one): one for one in held}
    wanted: dict[Whole, Role] = dict([*accounts.items(), *organizations.items()])
    for whole, one in before.items():
        if whole not in wanted:
            one.delete()
            _record(user, f"{_noun(whole)}.revoked", whole, user, one.role, None, by_groups=True)
    for whole, role in wanted.items():
        known = before.get(whole)
        if known is not None and known.role == role:
            continue
        _model(whole).objects.update_or_create(
            user_id=user.pk, source=Source.GROUPS, defaults={"role": role}, **_key(whole)
        )
        old = known.role if known else None
        _record(user, f"{_noun(whole)}.granted", whole, user, old, role, by_groups=True)


@transaction.atomic
def second_person_set(*, by: AbstractBaseUser | None, account: Account, needed: bool) -> None:
    """Say whether a change of the account is approved by somebody who wrote none of its edits.

    Raises ``PermissionDenied`` where ``by`` is no administrator of the account.
    """
    _set(by, account, "needs_second_person", needed, "account.second_person_set")


@transaction.atomic
def second_factor_demand(*, by: AbstractBaseUser | None, account: Account, needed: bool) -> None:
    """Say whether whoever has a role in the account and signs in by password has to have a second factor.

    Raises ``PermissionDenied`` where ``by`` is no administrator of the account.
    """
    _set(by, account, "needs_second_factor", needed, "account.second_factor_set")


def _set(by: AbstractBaseUser | None, account: Account, field: str, needed: bool, action: str) -> None:
    check_administrator(by, account)
    row = Account.objects.select_for_update().get(pk=account.pk)
    if getattr(row, field) == needed:
        return
    for one in (row, account):
        setattr(one, field, needed)
    row.save(update_fields=[field])
    details = {"before": not needed, "after": needed}
    audit.record(actor=by, action=action, target=account.number, account=account.number, details=details)


def check_administrator(by: AbstractBaseUser | None, whole: Whole) -> None:
    """Raise ``PermissionDenied`` unless ``by`` administers the account or organization; None is the command line."""
    if by is None:
        return
    if isinstance(whole, Account):
        if not selectors.may(by, whole, Role.ADMINISTRATOR):
            raise PermissionDenied("only administrators of the account change who may do what in it")
    elif not selectors.may_in_organization(by, whole, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the organization change who may do what in it")


def _check_whose(user: AbstractBaseUser, account: Account | None) -> None:
    """An API client is of one account: in another one, or in an organization, it is nobody and not told to exist."""
    name = user.get_username()
    if name.startswith(CLIENT_PREFIX) and not (account and name.startswith(f"{CLIENT_PREFIX}{account.number}:")):
        raise MembershipError(f"nobody signs in as `{name}`")


def _locked(whole: Whole, user: AbstractBaseUser, seen: str | None) -> AnyMembership | None:
    """The role that somebody gave the user. Locks the account (or organization) first, so that two administrators
    cannot demote each other at once."""
    type(whole).objects.select_for_update().get(pk=whole.pk)
    found: AnyMembership | None = (
        _model(whole).objects.filter(user=user.pk, source=Source.GRANTED, **_key(whole)).first()
    )
    role = found.role if found else None
    if seen is not None and seen != selectors.role_stamp(role):
        raise StaleMembershipError(
            f"{user.get_username()} was given {Role(role).label if role else 'no role'} meanwhile"
        )
    return found


def _keep_an_administrator(by: AbstractBaseUser | None, membership: AnyMembership) -> None:
    """Superusers and the command line may leave an account without one: they can always name another.

    It is a person: an API client that may do as much does not look after an account. An administrator of the
    organization is one of each of its accounts.
    """
    if membership.role != Role.ADMINISTRATOR or by is None or getattr(by, "is_superuser", False):
        return
    whole = _whole(membership)
    if membership.user.get_username().startswith(CLIENT_PREFIX):
        return
    if isinstance(whole, Account):
        others = selectors.members_of(whole).filter(role=Role.ADMINISTRATOR).exclude(pk=membership.pk).exists()
        above = whole.organization
        others = others or (above is not None and _is_administered(above))
    else:
        found = selectors.organization_members_of(whole).filter(role=Role.ADMINISTRATOR)
        others = found.exclude(pk=membership.pk).exists()
    if not others:
        raise MembershipError(f"the last administrator of an {_word(whole)} keeps the role: name another one first")


def _is_administered(organization: Organization) -> bool:
    return selectors.organization_members_of(organization).filter(role=Role.ADMINISTRATOR).exists()


def _whole(membership: AnyMembership) -> Whole:
    return membership.account if isinstance(membership, Membership) else membership.organization


def _model(whole: Whole) -> Any:
    return Membership if isinstance(whole, Account) else OrganizationMembership


def _key(whole: Whole) -> dict[str, Any]:
    return {_word(whole): whole}


def _word(whole: Whole) -> str:
    return "account" if isinstance(whole, Account) else "organization"


def _noun(whole: Whole) -> str:
    return "membership" if isinstance(whole, Account) else "organization_membership"


def _record(
    by: AbstractBaseUser | None,
    action: str,
    whole: Whole,
    user: AbstractBaseUser,
    before: str | None,
    after: str | None,
    *,
    by_groups: bool = False,
) -> None:
    number = whole.number if isinstance(whole, Account) else ""
    target = number or getattr(whole, "org_id", "")
    details = {"user": user.get_username(), "before": before, "after": after}
    if by_groups:
        details["source"] = Source.GROUPS
    audit.record(actor=by, action=action, target=target, account=number, details=details)
