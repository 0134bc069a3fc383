"""What an account has of all that some edits name, as the writers of formats want it."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Prefetch

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.accounts.selectors import organization_levels
from policystudio.changes.models import Edit as EditRow
from policystudio.identities.models import Identity
from policystudio.interchange.edits import (
    Edit,
    Known,
    KnownIdentity,
    KnownOrganizationPolicy,
    KnownPolicy,
)
from policystudio.policies.models import ManagedPolicy, PolicyVersion


def known_of(account: Account, edits: Iterable[Edit]) -> Known:
    """What exists now of what the edits name."""
    named = {name for edit in edits for name in (edit.target, edit.other) if name}
    return Known(
        account.number,
        account.partition,
        policies=_policies(account, named),
        identities=_identities(account, named),
        organization_policies=_organization_policies(account, named),
    )


def known_before(account: Account, rows: Iterable[EditRow], edits: Iterable[Edit]) -> Known:
    """What existed of it before the edits of a change that is published already: what their bases tell."""
    known = known_of(account, edits)
    policies, identities = dict(known.policies), dict(known.identities)
    for row in rows:
        base = row.base or {}
        if row.kind in (EditRow.Kind.MANAGED_POLICY, EditRow.Kind.IDENTITY) and row.base is None:
            policies.pop(row.target, None)
            identities.pop(row.target, None)
        elif row.kind == EditRow.Kind.MANAGED_POLICY_DELETE:
            policies[row.target] = KnownPolicy(base.get("text", ""), base.get("description", ""), base.get("tags", {}))
        elif row.kind == EditRow.Kind.IDENTITY_DELETE:
            identities[row.target] = _identity_of(base)
    for row in rows:
        if row.base is None and row.target in identities:
            identities[row.target] = _without(identities[row.target], row)
    return replace(known, policies=policies, identities=identities)


def _without(identity: KnownIdentity, row: EditRow) -> KnownIdentity:
    """The identity without what the edit gave it."""
    if row.kind == EditRow.Kind.INLINE_POLICY:
        return replace(identity, inline=tuple(name for name in identity.inline if name != row.name))
    if row.kind == EditRow.Kind.ATTACH:
        return replace(identity, attached=tuple(arn for arn in identity.attached if arn != row.other))
    if row.kind == EditRow.Kind.JOIN_GROUP:
        return replace(identity, groups=tuple(arn for arn in identity.groups if arn != row.other))
    return identity


def _identity_of(base: dict[str, object]) -> KnownIdentity:
    """What the base of an edit that removes an identity tells of it."""

    def listed(name: str) -> tuple[str, ...]:
        value = base.get(name)
        return tuple(map(str, value)) if isinstance(value, list | dict) else ()

    tags = base.get("tags")
    return KnownIdentity(
        trust=str(base.get("trust") or ""),
        boundary=str(base.get("boundary") or ""),
        tags=dict(tags) if isinstance(tags, dict) else {},
        attached=listed("attached"),
        inline=listed("inline"),
        groups=listed("groups"),
        members=listed("members"),
    )


def _policies(account: Account, named: set[str]) -> dict[str, KnownPolicy]:
    rows = ManagedPolicy.objects.filter(account=account, arn__in=named).prefetch_related(
        Prefetch("versions", queryset=PolicyVersion.objects.select_related("document").order_by("created_at", "id")),
        Prefetch("identities", queryset=Identity.objects.only("arn").order_by("kind", "name")),
    )
    known = {}
    for row in rows:
        versions = list(row.versions.all())
        in_force = next((version for version in versions if version.is_default), None)
        known[row.arn] = KnownPolicy(
            text=in_force.document.text if in_force else "",
            description=row.description,
            tags=row.tags,
            versions=tuple(version.version_id for version in versions if not version.is_default),
            bearers=tuple(identity.arn for identity in row.identities.all()),
        )
    return known


def _identities(account: Account, named: set[str]) -> dict[str, KnownIdentity]:
    rows = Identity.objects.filter(account=account, arn__in=named).select_related("boundary", "trust_document")
    return {
        row.arn: KnownIdentity(
            trust=row.trust_document.text if row.trust_document else "",
            boundary=row.boundary.arn if row.boundary else "",
            tags=row.tags,
            attached=tuple(sorted(policy.arn for policy in row.managed_policies.all())),
            inline=tuple(sorted(policy.name for policy in row.inline_policies.all())),
            groups=tuple(sorted(group.arn for group in row.groups.all())),
            members=tuple(sorted(member.arn for member in row.members.all())),
        )
        for row in rows.prefetch_related("managed_policies", "inline_policies", "groups", "members")
    }


def _organization_policies(account: Account, named: set[str]) -> dict[str, KnownOrganizationPolicy]:
    if account.organization is None:
        return {}
    rows = OrganizationPolicy.objects.filter(organization=account.organization, policy_id__in=named)
    return {
        row.policy_id: KnownOrganizationPolicy(
            row.name, row.kind, row.description, row.text, targets_above(account, row)
        )
        for row in rows
    }


def targets_above(account: Account, policy: OrganizationPolicy) -> tuple[str, ...]:
    """Where a policy is attached, of the places above the account: who sees the account may know no others."""
    levels = organization_levels(account, policy.kind) or ()
    return tuple(level.id for level in levels if any(one.pk == policy.pk for one in level.policies))
