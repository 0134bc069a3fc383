"""Reads of what was: the states of an account or an organization at a moment, and since when they are known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from policystudio.accounts.models import (
    Account,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
)
from policystudio.history.models import StateRecord
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import ManagedPolicy, PolicyVersion

Kind = StateRecord.Kind
State = dict[str, Any]
#: States by kind and key.
States = dict[tuple[str, str], State]


@dataclass(frozen=True)
class Known:
    """The states of an account or an organization at a moment, by kind and key."""

    states: States

    def of(self, kind: str) -> dict[str, State]:
        """Those of one kind, by key."""
        return {key: state for (found, key), state in self.states.items() if found == kind}


def known_since(owner: Account | Organization) -> datetime | None:
    """Since when it is known what the account or organization held; None where nothing was recorded yet."""
    since: datetime | None = _records(owner).aggregate(first=Min("since"))["first"]
    return since


def known_since_all(accounts: Iterable[Account]) -> dict[int, datetime]:
    """Since when it is known what each of the accounts held, by primary key; without those of which nothing is."""
    records = StateRecord.objects.filter(account__in=[account.pk for account in accounts]).order_by()
    return dict(records.values_list("account").annotate(first=Min("since")))


def states_at(owner: Account | Organization, at: datetime) -> Known | None:
    """What an account or an organization held at a moment; None where that is not known."""
    began = known_since(owner)
    if began is None or at < began:
        return None
    found = _records(owner).filter(Q(until=None) | Q(until__gt=at), since__lte=at)
    return Known({(kind, key): state for kind, key, state in found.values_list("kind", "key", "state")})


def states_now(account: Account, keys: Collection[str] | None = None) -> States:
    """What an account holds now, as it is recorded: all of it, or the account itself and what has these ARNs."""
    states: States = {(Kind.ACCOUNT, account.number): _account(account)}
    for arn, state in _policies(account, keys):
        states[Kind.POLICY, arn] = state
    for arn, state in _identities(account, keys):
        states[Kind.IDENTITY, arn] = state
    return states


def organization_states_now(organization: Organization) -> States:
    """What an organization is now, as it is recorded."""
    units = OrganizationalUnit.objects.filter(organization=organization).order_by("unit_id")
    told = [(row.unit_id, row.name, row.parent_id) for row in units]
    ids = {row.pk: row.unit_id for row in units}
    targets: dict[int, list[str]] = {}
    attached = OrganizationPolicyTarget.objects.filter(policy__organization=organization).order_by()
    for policy, unit, number in attached.values_list("policy_id", "unit__unit_id", "account__number"):
        targets.setdefault(policy, []).append(unit or number or "")
    numbers = Account.objects.filter(unit__organization=organization).order_by("number")
    states: States = {
        (Kind.ORGANIZATION, organization.org_id): {
            "name": organization.name,
            "units": [[unit, name, ids[parent] if parent else ""] for unit, name, parent in told],
            "accounts": list(numbers.values_list("number", flat=True)),
        }
    }
    for row in OrganizationPolicy.objects.filter(organization=organization):
        states[Kind.ORGANIZATION_POLICY, row.policy_id] = {
            "kind": row.kind,
            "name": row.name,
            "description": row.description,
            "text": row.text,
            "targets": sorted(targets.get(row.pk, ())),
        }
    return states


def documents_of(kind: str, state: State) -> set[str]:
    """The digests of the documents that a state names."""
    if kind == Kind.POLICY:
        return {state["document"]} if state["document"] else set()
    if kind == Kind.IDENTITY:
        return {digest for _, digest in state["inline"]} | ({state["trust"]} if state["trust"] else set())
    return set()


def _records(owner: Account | Organization) -> QuerySet[StateRecord]:
    if isinstance(owner, Account):
        return StateRecord.objects.filter(account=owner).order_by()
    return StateRecord.objects.filter(organization=owner).order_by()


def _account(account: Account) -> State:
    unit = account.unit
    return {
        "name": account.name,
        "partition": account.partition,
        "is_management": account.is_management,
        "organization": unit.organization.org_id if unit else "",
        "unit": unit.unit_id if unit else "",
    }


def _policies(account: Account, keys: Collection[str] | None) -> list[tuple[str, State]]:
    query, versions = ManagedPolicy.objects.filter(account=account), PolicyVersion.objects.filter(is_default=True)
    versions = versions.filter(policy__account=account).order_by()
    if keys is not None:
        query, versions = query.filter(arn__in=keys), versions.filter(policy__arn__in=keys)
    digests = dict(versions.values_list("policy_id", "document_id"))
    fields = ("pk", "arn", "path", "name", "description", "tags", "is_aws_managed")
    names = ("path", "name", "description", "tags", "aws")
    return [
        (arn, {**dict(zip(names, values, strict=True)), "document": digests.get(pk)})
        for pk, arn, *values in query.order_by().values_list(*fields)
    ]


def _identities(account: Account, keys: Collection[str] | None) -> list[tuple[str, State]]:
    query = Identity.objects.filter(account=account).order_by()
    inline = InlinePolicy.objects.filter(identity__account=account).order_by("identity_id", "name")
    attached = PolicyAttachment.objects.filter(identity__account=account).order_by("identity_id", "id")
    groups = GroupMembership.objects.filter(user__account=account).order_by("user_id", "group__name")
    if keys is not None:
        query, inline = query.filter(arn__in=keys), inline.filter(identity__arn__in=keys)
        attached, groups = attached.filter(identity__arn__in=keys), groups.filter(user__arn__in=keys)
    policies = dict(ManagedPolicy.objects.filter(account=account).order_by().values_list("pk", "arn"))
    arns = dict(Identity.objects.filter(account=account, kind="group").order_by().values_list("pk", "arn"))
    has: dict[int, State] = {}
    for pk, name, digest in inline.values_list("identity_id", "name", "document_id"):
        has.setdefault(pk, {}).setdefault("inline", []).append([name, digest])
    for pk, policy in attached.values_list("identity_id", "policy_id"):
        has.setdefault(pk, {}).setdefault("attached", []).append(policies[policy])
    for pk, group in groups.values_list("user_id", "group_id"):
        has.setdefault(pk, {}).setdefault("groups", []).append(arns[group])
    fields = ("pk", "arn", "boundary_id", "kind", "path", "name", "unique_id", "tags", "trust_document_id")
    names = ("kind", "path", "name", "unique_id", "tags", "trust", "service_linked", "gaps")
    nothing: State = {"inline": [], "attached": [], "groups": []}
    return [
        (arn, {**nothing, **has.get(pk, {}), **dict(zip(names, values, strict=True)), "boundary": policies.get(bound)})
        for pk, arn, bound, *values in query.values_list(*fields, "service_linked", "gaps")
    ]
