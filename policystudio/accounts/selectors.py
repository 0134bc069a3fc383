"""Reads of accounts: who may see which of them, in what role, and which organization policies apply to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from policystudio.accounts.models import (
    CLIENT_PREFIX,
    Account,
    Invitation,
    Membership,
    Organization,
    OrganizationalUnit,
    OrganizationMembership,
    OrganizationPolicy,
    OrganizationPolicyTarget,
    Role,
    SecondFactor,
    SignedInSession,
    Source,
    digest_of,
)
from policystudio.lib.digits import MOST_KEY

AnyUser = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class OrganizationLevel:
    """The root, an organizational unit, or the account itself, with the policies of one kind attached right there."""

    kind: str  # root, unit or account
    id: str
    name: str
    policies: tuple[OrganizationPolicy, ...]


def accounts_visible_to(user: AnyUser) -> QuerySet[Account]:
    """The accounts that ``user`` has a role in, by themselves or by their organization.

    Every account for a superuser; none where nobody is signed in.
    """
    accounts = every_account()
    if not user.is_authenticated or not user.is_active:
        return accounts.none()
    if getattr(user, "is_superuser", False):
        return accounts
    mine = Membership.objects.filter(user=user.pk).order_by().values("account")
    whole = OrganizationMembership.objects.filter(user=user.pk).order_by().values("organization")
    return accounts.filter(Q(pk__in=mine) | Q(unit__organization__in=whole))


def organizations_visible_to(user: AnyUser) -> QuerySet[Organization]:
    """The organizations that ``user`` has a role in as a whole; every one for a superuser."""
    if not user.is_authenticated or not user.is_active:
        return Organization.objects.none()
    if getattr(user, "is_superuser", False):
        return Organization.objects.all()
    mine = OrganizationMembership.objects.filter(user=user.pk).order_by().values("organization")
    return Organization.objects.filter(pk__in=mine)


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
    """The role of ``user`` in the account, the highest of those given to them there and in its organization.

    None for a stranger, administrator for a superuser.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    if getattr(user, "is_superuser", False):
        return Role.ADMINISTRATOR
    return highest(role for _, role in _held(user, Account.objects.filter(pk=account.pk)))


def roles_of(user: AnyUser) -> dict[int, Role]:
    """The roles of ``user`` by the primary key of the account, in one query; for lists of accounts."""
    if not user.is_authenticated or not user.is_active:
        return {}
    if getattr(user, "is_superuser", False):
        return dict.fromkeys(Account.objects.values_list("pk", flat=True), Role.ADMINISTRATOR)
    found: dict[int, Role] = {}
    for pk, role in _held(user, Account.objects.all()):
        found[pk] = max(found.get(pk, role), role, key=lambda one: one.rank)
    return found


def _held(user: AnyUser, accounts: QuerySet[Account]) -> list[tuple[int, Role]]:
    """Every role that ``user`` has in these accounts, with the account's primary key, in one query."""
    accounts = accounts.order_by()
    own = accounts.filter(memberships__user=user.pk).values_list("pk", "memberships__role")
    whole = accounts.filter(unit__organization__memberships__user=user.pk)
    by_organization = whole.values_list("pk", "unit__organization__memberships__role")
    return [(pk, Role(role)) for pk, role in own.union(by_organization)]


def highest(roles: Iterable[Role]) -> Role | None:
    """The role that covers all of them; None of none."""
    return max(roles, key=lambda role: role.rank, default=None)


def role_in_organization(user: AnyUser, organization: Organization) -> Role | None:
    """The role of ``user`` in every account of the organization; None for a stranger, administrator for a superuser."""
    if not user.is_authenticated or not user.is_active:
        return None
    if getattr(user, "is_superuser", False):
        return Role.ADMINISTRATOR
    held = OrganizationMembership.objects.filter(user=user.pk, organization=organization)
    return highest(Role(role) for role in held.values_list("role", flat=True))


def may_in_organization(user: AnyUser, organization: Organization, needed: Role) -> bool:
    """Whether ``user`` has the role ``needed`` in the whole organization, or one that covers it."""
    role = role_in_organization(user, organization)
    return role is not None and role.covers(needed)


def may(user: AnyUser, account: Account, needed: Role) -> bool:
    """Whether ``user`` has the role ``needed`` in the account, or one that covers it."""
    role = role_of(user, account)
    return role is not None and role.covers(needed)


def members_of(account: Account) -> QuerySet[Membership]:
    """The memberships of people in the account, by sign-in name; those of its API clients are not among them."""
    people = account.memberships.exclude(user__username__startswith=CLIENT_PREFIX)
    return people.select_related("user").order_by("user__username", "source")


def member_of(account: Account, pk: int) -> AbstractBaseUser | None:
    """The person with this primary key, where somebody gave them a role in the account."""
    return _granted_to(account.memberships.all(), pk)


def organization_member_of(organization: Organization, pk: int) -> AbstractBaseUser | None:
    """The same of a role in the whole organization."""
    return _granted_to(organization.memberships.all(), pk)


def _granted_to(
    memberships: QuerySet[Membership] | QuerySet[OrganizationMembership], pk: int
) -> AbstractBaseUser | None:
    if pk > MOST_KEY:
        return None  # a foreign key compared with it would be an error of the database
    held = memberships.filter(user=pk, source=Source.GRANTED).select_related("user").first()
    return held.user if held else None


def organization_members_of(organization: Organization) -> QuerySet[OrganizationMembership]:
    """The roles in the whole organization, by sign-in name."""
    return organization.memberships.select_related("user").order_by("user__username", "source")


def person_named(name: str) -> AbstractBaseUser | None:
    """The person who signs in by this name; None where there is none, or where it is that of an API client."""
    users = get_user_model().objects.exclude(username__startswith=CLIENT_PREFIX)
    return users.filter(username=name).first()


def person_known(name: str, *, by: AnyUser, accounts: QuerySet[Account]) -> AbstractBaseUser | None:
    """The person who signs in by this name, where ``by`` may know that there is one.

    Superusers know everybody; others those with a role in one of ``accounts``, which they see, in an organization of
    these, or in one that they have a role in: just whom the lists of members tell of. Of anybody else it is not told
    whether they exist: they are invited.
    """
    found = person_named(name)
    if found is None or getattr(by, "is_superuser", False):
        return found
    over, mine = organizations_of(accounts).order_by(), organizations_visible_to(by).order_by()
    held = OrganizationMembership.objects.filter(user=found.pk)
    above = held.filter(Q(organization__in=over) | Q(organization__in=mine)).exists()
    return (
        found if above or Membership.objects.filter(user=found.pk, account__in=accounts.order_by()).exists() else None
    )


def role_stamp(role: str | None) -> str:
    """The version of a role that somebody was given, or of that there is none, by which a later one is told from it."""
    return digest_of(f"granted {role or 'none'}".encode())[:16]


def sessions_of(user: AbstractBaseUser, now: datetime) -> QuerySet[SignedInSession]:
    """The sessions of the user that have not ended, the one last seen first."""
    return SignedInSession.objects.filter(user=user.pk, session__expire_date__gt=now)


def second_factor_of(user: AbstractBaseUser) -> SecondFactor | None:
    """The second factor that the user signs in with, None where the password is enough."""
    return SecondFactor.objects.filter(user=user.pk, confirmed=True).first()


def owing_second_factor() -> ExpressionWrapper:
    """For rows of users: whether an account that they see asks for a second factor and they sign in by password alone.

    Whoever has no password comes from the identity provider, which asks for one itself, or is an API client.
    """
    asking = Account.objects.filter(needs_second_factor=True).order_by()
    own = Exists(asking.filter(memberships__user=OuterRef("pk")))
    above = Exists(asking.filter(unit__organization__memberships__user=OuterRef("pk")))
    has_none = ~Exists(SecondFactor.objects.filter(user=OuterRef("pk"), confirmed=True))
    by_password = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    owes = by_password & Q(own | above | (Q(is_superuser=True) & Q(Exists(asking)))) & Q(has_none)
    return ExpressionWrapper(owes, output_field=BooleanField())


def owes_second_factor(user: AbstractBaseUser) -> bool:
    """Whether it holds of this user."""
    return get_user_model().objects.filter(owing_second_factor(), pk=user.pk).exists()


def second_factor_begun(user: AbstractBaseUser) -> SecondFactor | None:
    """The second factor that the user set up and has not confirmed by a code yet."""
    return SecondFactor.objects.filter(user=user.pk, confirmed=False).first()


def open_invitations(whole: Account | Organization, now: datetime) -> QuerySet[Invitation]:
    """The invitations to the account or organization that can still be accepted, the newest first."""
    return _open(now).filter(**{"account" if isinstance(whole, Account) else "organization": whole})


def invitation_by_token(token: str, now: datetime) -> Invitation | None:
    """The invitation whose link has this token, as long as it can be accepted."""
    return _open(now).filter(digest=digest_of(token.encode("utf-8", "surrogatepass"))).first()


def invitation_get(pk: int, now: datetime) -> Invitation | None:
    """The invitation, as long as it can be accepted."""
    return _open(now).filter(pk=pk).first()


def _open(now: datetime) -> QuerySet[Invitation]:
    found = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    return found.select_related("account__unit__organization", "organization", "invited_by")


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


# What of organizations stands above accounts: nobody learns of other accounts of theirs, nor of what is attached there.


def organizations_of(accounts: QuerySet[Account]) -> QuerySet[Organization]:
    """The organizations in which the accounts stand."""
    return Organization.objects.filter(units__accounts__in=accounts.order_by()).distinct()


def units_above(accounts: QuerySet[Account], organization: Organization) -> QuerySet[OrganizationalUnit]:
    """The root and the organizational units of an organization above those of the accounts that stand in it."""
    units = OrganizationalUnit.objects.filter(organization=organization)
    parents: dict[int, int | None] = {unit.pk: unit.parent_id for unit in units}
    above: set[int] = set()
    for account in accounts.filter(unit__organization=organization).order_by():
        here = account.unit.pk if account.unit else None
        while here is not None and here not in above:
            above.add(here)
            here = parents.get(here)
    return OrganizationalUnit.objects.filter(pk__in=above).select_related("parent")


def targets_above(accounts: QuerySet[Account], organization: Organization) -> QuerySet[OrganizationPolicyTarget]:
    """What organization policies are attached to the accounts, and to the root and units above them."""
    units = units_above(accounts, organization)
    found = OrganizationPolicyTarget.objects.filter(policy__organization=organization)
    found = found.filter(Q(unit__in=units.order_by()) | Q(account__in=accounts.order_by()))
    return found.select_related("policy", "unit", "account")


def policies_above(accounts: QuerySet[Account], organization: Organization) -> QuerySet[OrganizationPolicy]:
    """The organization policies that are attached there, each once."""
    attached = targets_above(accounts, organization).order_by().values("policy")
    return OrganizationPolicy.objects.filter(pk__in=attached)
