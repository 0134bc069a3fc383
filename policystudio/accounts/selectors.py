"""Reads of accounts: who may see which of them, in what role, and which organization policies apply to them."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from policystudio.accounts.models import (
    CLIENT_PREFIX,
    Account,
    Membership,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
    Role,
)

AnyUser = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class OrganizationLevel:
    """The root, an organizational unit, or the account itself, with the policies of one kind attached right there."""

    kind: str  # root, unit or account
    id: str
    name: str
    policies: tuple[OrganizationPolicy, ...]


def accounts_visible_to(user: AnyUser) -> QuerySet[Account]:
    """The accounts that ``user`` has a role in; every account for a superuser; none where nobody is signed in."""
    accounts = every_account()
    if not user.is_authenticated or not user.is_active:
        return accounts.none()
    if getattr(user, "is_superuser", False):
        return accounts
    return accounts.filter(memberships__user=user.pk)


def every_account() -> QuerySet[Account]:
    """All accounts, for the command line, whose user sees everything."""
    return Account.objects.select_related("unit__organization")


def is_empty() -> bool:
    """Whether no account has been imported yet, so that `make run` may load the demonstration."""
    return not Account.objects.exists()


def account_get(user: AnyUser, number: str) -> Account:
    """The account with this 12-digit number; raises ``Account.DoesNotExist`` where ``user`` may not see it, too."""
    return accounts_visible_to(user).get(number=number)


class AccountNotFoundError(LookupError):
    """No account, or more than one, goes by what was written."""


def account_find(written: str) -> Account:
    """The account with this 12-digit number, or else with this name, in any letter case; for the command line.

    Raises ``AccountNotFoundError`` with the accounts that there are.
    """
    accounts = every_account()
    found = list(accounts.filter(number=written)) or list(accounts.filter(name__iexact=written))
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(account.number for account in found)
        raise AccountNotFoundError(f"{len(found)} accounts are called `{written}`: write the number, one of {numbers}")
    known = ", ".join(f"{account.name} ({account.number})" for account in accounts[:20])
    hint = f"there are {known}" if known else "there is none yet, import one by manage.py import_account"
    raise AccountNotFoundError(f"no account `{written}`: {hint}")


def role_of(user: AnyUser, account: Account) -> Role | None:
    """The role of ``user`` in the account; None for a stranger, administrator for a superuser."""
    if not user.is_authenticated or not user.is_active:
        return None
    if getattr(user, "is_superuser", False):
        return Role.ADMINISTRATOR
    role = Membership.objects.filter(user=user.pk, account=account).values_list("role", flat=True).first()
    return Role(role) if role else None


def roles_of(user: AnyUser) -> dict[int, Role]:
    """The roles of ``user`` by the primary key of the account, in one query; for lists of accounts."""
    if not user.is_authenticated or not user.is_active:
        return {}
    if getattr(user, "is_superuser", False):
        return dict.fromkeys(Account.objects.values_list("pk", flat=True), Role.ADMINISTRATOR)
    return {pk: Role(role) for pk, role in Membership.objects.filter(user=user.pk).values_list("account", "role")}


def may(user: AnyUser, account: Account, needed: Role) -> bool:
    """Whether ``user`` has the role ``needed`` in the account, or one that covers it."""
    role = role_of(user, account)
    return role is not None and role.covers(needed)


def members_of(account: Account) -> QuerySet[Membership]:
    """The memberships of people in the account, by sign-in name; those of its API clients are not among them."""
    people = account.memberships.exclude(user__username__startswith=CLIENT_PREFIX)
    return people.select_related("user").order_by("user__username")


def organization_levels(account: Account, kind: str) -> tuple[OrganizationLevel, ...] | None:
    """The levels of organization policies of ``kind`` (``scp`` or ``rcp``) that the account stands under, root first.

    None where they do not apply: the account is in no organization that we know, or its organization has no policy of
    that kind at all (the type is not enabled there). A level without policies allows nothing.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    """
    if account.unit is None:
        return None
    organization = account.unit.organization_id
    if not OrganizationPolicy.objects.filter(organization=organization, kind=kind).exists():
        return None
    path = _path_to(account.unit)
    targets = (
        OrganizationPolicyTarget.objects.filter(Q(unit__in=path) | Q(account=account), policy__kind=kind)
        .select_related("policy")
        .order_by("policy__name", "policy__policy_id")
    )
    by_unit: dict[int | None, list[OrganizationPolicy]] = {}
    for target in targets:
        by_unit.setdefault(target.unit_id, []).append(target.policy)
    levels = [
        OrganizationLevel(
            "unit" if unit.parent_id else "root", unit.unit_id, unit.name, tuple(by_unit.get(unit.pk, ()))
        )
        for unit in path
    ]
    return (*levels, OrganizationLevel("account", account.number, account.name, tuple(by_unit.get(None, ()))))


def accounts_called(accounts: QuerySet[Account], text: str) -> QuerySet[Account]:
    """Those of the accounts whose name, or number with or without spaces, holds ``text``."""
    return accounts.filter(Q(name__icontains=text) | Q(number__contains=text.replace(" ", "") or text))


def _path_to(unit: OrganizationalUnit) -> list[OrganizationalUnit]:
    """The units from the root down to ``unit``, in one query."""
    units = {one.pk: one for one in OrganizationalUnit.objects.filter(organization=unit.organization_id)}
    path = [units[unit.pk]]
    while path[0].parent_id is not None and len(path) <= len(units):
        path.insert(0, units[path[0].parent_id])
    return path
