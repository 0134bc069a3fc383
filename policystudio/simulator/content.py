"""Where the simulator reads an account from: the database as it is now, or plain rows of a draft or of the past."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Protocol

from django.db.models import Count

from policystudio.accounts.models import (
    Account,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
)
from policystudio.accounts.selectors import OrganizationLevel, organization_levels
from policystudio.engine.document import Policy
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.lib import metrics
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.simulator.documents import documents
from policystudio.simulator.plain import (
    BEARER_FIELDS,
    Bearer,
    GroupRow,
    InlineRow,
    ManagedRow,
    OrganizationPolicyRow,
    OrganizationRows,
    ReachRows,
    UnitRow,
)
from policystudio.simulator.question import IdentityFilter

#: Up to this many identities are asked for by id; above, the whole account is read.
_BY_ID_LIMIT = 500
#: So many contents stay in a process.
_KEPT = 6
_IDENTITIES = frozenset({"user", "group", "role"})


class Source(Protocol):
    """What the simulator asks of an account's content. ``is_past`` and the like play no part: rows are rows."""

    @property
    def account(self) -> Account:
        """The account."""

    @property
    def is_management(self) -> bool:
        """Whether it is the management account of its organization."""

    def identities(self, wanted: IdentityFilter) -> list[Bearer]:
        """The users, groups and roles of these kinds and ARNs; the filter's other parts need not be heeded."""

    def reach(self, ids: Sequence[int] | None) -> ReachRows:
        """How policies reach these identities, or all of them (None)."""

    def managed(self, arns: Collection[str]) -> list[ManagedRow]:
        """The managed policies with these ARNs."""

    def levels(self, kind: str) -> tuple[OrganizationLevel, ...] | None:
        """The levels of the organization's policies of a kind, root first; None where they do not apply."""

    def organization_path(self) -> tuple[str, tuple[str, ...]] | None:
        """The id of the organization and of the units down to the account's; None where it is in none."""

    def documents(self, digests: Iterable[str]) -> dict[str, Policy | None]:
        """Parsed documents by digest; None for one that does not parse."""

    def group_names(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """The names of the groups that users are in, by the user's id."""

    def member_counts(self) -> dict[int, int]:
        """How many users each group has that has any, by the group's id."""


@dataclass(frozen=True)
class Present:
    """The database as it is now. It is read when it is asked, and no more of it than is asked for."""

    account: Account

    @property
    def is_management(self) -> bool:
        """Whether it is the management account of its organization."""
        return self.account.is_management

    def identities(self, wanted: IdentityFilter) -> list[Bearer]:
        """The users, groups and roles of these kinds and ARNs."""
        query = Identity.objects.filter(account=self.account, kind__in=wanted.kinds & _IDENTITIES)
        if wanted.arns:
            query = query.filter(arn__in=wanted.arns)
        return [Bearer(*values) for values in query.order_by("kind", "name").values_list(*BEARER_FIELDS)]

    def reach(self, ids: Sequence[int] | None) -> ReachRows:
        """How policies reach these identities, or all of them (None, or many)."""
        ids = None if ids is not None and len(ids) > _BY_ID_LIMIT else ids
        policies = self._managed(None)
        groups: dict[int, list[int]] = {}
        memberships = GroupMembership.objects.filter(user__account=self.account)
        if ids is not None:
            memberships = memberships.filter(user__in=ids)
        for user, group in memberships.order_by("user_id", "group__name").values_list("user_id", "group_id"):
            groups.setdefault(user, []).append(group)
        attached: dict[int, list[int]] = {}
        attachments = PolicyAttachment.objects.filter(identity__account=self.account)
        inline = InlinePolicy.objects.filter(identity__account=self.account)
        if ids is not None:
            everyone = sorted({*ids, *(item for found in groups.values() for item in found)})
            attachments, inline = attachments.filter(identity__in=everyone), inline.filter(identity__in=everyone)
        for identity, policy in attachments.order_by("identity_id", "id").values_list("identity_id", "policy_id"):
            attached.setdefault(identity, []).append(policy)
        found: dict[int, list[InlineRow]] = {}
        told = inline.order_by("identity_id", "name").values_list(
            "identity_id", "identity__name", "name", "document_id"
        )
        for identity, owner, name, digest in told:
            found.setdefault(identity, []).append(InlineRow(owner, name, digest))
        rows = Identity.objects.filter(account=self.account, kind="group").values_list("id", "arn", "gaps")
        return ReachRows(policies, groups, attached, found, [GroupRow(*row) for row in rows])

    def managed(self, arns: Collection[str]) -> list[ManagedRow]:
        """The managed policies with these ARNs."""
        return self._managed(arns)

    def _managed(self, arns: Collection[str] | None) -> list[ManagedRow]:
        policies = ManagedPolicy.objects.filter(account=self.account)
        versions = PolicyVersion.objects.filter(is_default=True, policy__account=self.account)
        if arns is not None:
            policies, versions = policies.filter(arn__in=arns), versions.filter(policy__arn__in=arns)
        rows = list(policies.values_list("pk", "arn", "name", "is_aws_managed"))
        digests = dict(versions.order_by().values_list("policy_id", "document_id"))
        return [ManagedRow(*row, digests.get(row[0])) for row in rows]

    def levels(self, kind: str) -> tuple[OrganizationLevel, ...] | None:
        """The levels of the organization's policies of a kind, root first; None where they do not apply."""
        return organization_levels(self.account, kind)

    def organization_path(self) -> tuple[str, tuple[str, ...]] | None:
        """The id of the organization and of the units down to the account's; None where it is in none."""
        if self.account.unit is None:
            return None
        path, unit = [self.account.unit.unit_id], self.account.unit.parent
        while unit is not None:
            path.insert(0, unit.unit_id)
            unit = unit.parent
        return self.account.unit.organization.org_id, tuple(path)

    def documents(self, digests: Iterable[str]) -> dict[str, Policy | None]:
        """Parsed documents by digest; None for one that does not parse."""
        return documents(digests)

    def group_names(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """The names of the groups that users are in, by the user's id."""
        result: dict[int, list[str]] = {}
        rows = GroupMembership.objects.filter(user__in=ids).order_by("group__name")
        for user, name in rows.values_list("user_id", "group__name"):
            result.setdefault(user, []).append(name)
        return result

    def member_counts(self) -> dict[int, int]:
        """How many users each group has that has any, by the group's id."""
        rows = GroupMembership.objects.filter(group__account=self.account).values_list("group_id")
        return dict(rows.annotate(number=Count("pk")))


@dataclass(frozen=True)
class Content:
    """All that decides about an account's identities, as plain rows.

    ``account`` is the row of the database as it is now; ``unit`` and ``is_management`` say where it stands.
    ``rows`` are users, groups and roles by id, ``texts`` documents by digest that the database may not have.
    """

    account: Account
    rows: Mapping[int, Bearer]
    policies: Mapping[int, ManagedRow] = field(default_factory=dict)
    groups: Mapping[int, Sequence[int]] = field(default_factory=dict)
    attached: Mapping[int, Sequence[int]] = field(default_factory=dict)
    inline: Mapping[int, Sequence[InlineRow]] = field(default_factory=dict)
    organization: OrganizationRows | None = None
    unit: str = ""
    is_management: bool = False
    texts: Mapping[str, Policy | None] = field(default_factory=dict)

    @cached_property
    def by_arn(self) -> dict[str, Bearer]:
        """Users, groups and roles by ARN."""
        return {row.arn: row for row in self.rows.values()}

    @cached_property
    def policies_by_arn(self) -> dict[str, ManagedRow]:
        """Managed policies by ARN."""
        return {row.arn: row for row in self.policies.values()}

    @cached_property
    def members(self) -> dict[int, list[int]]:
        """The users of each group that has any."""
        found: dict[int, list[int]] = {}
        for user, groups in self.groups.items():
            for group in groups:
                found.setdefault(group, []).append(user)
        return found

    def identities(self, wanted: IdentityFilter) -> list[Bearer]:
        """The users, groups and roles of these kinds and ARNs."""
        if wanted.arns:
            rows = [self.by_arn[arn] for arn in dict.fromkeys(wanted.arns) if arn in self.by_arn]
        else:
            rows = list(self.rows.values())
        return [row for row in rows if row.kind in wanted.kinds]

    def reach(self, ids: Sequence[int] | None) -> ReachRows:
        """How policies reach these identities, or all of them (None)."""
        groups = [GroupRow(row.id or 0, row.arn, row.gaps) for row in self.rows.values() if row.kind == "group"]
        if ids is None:
            return ReachRows(tuple(self.policies.values()), self.groups, self.attached, self.inline, groups)
        everyone = {*ids, *(group for one in ids for group in self.groups.get(one, ()))}
        wanted = {policy for one in everyone for policy in self.attached.get(one, ())}
        wanted |= {self.rows[one].boundary_id or 0 for one in ids}
        policies = [row for pk, row in self.policies.items() if pk in wanted]
        inline = {one: self.inline[one] for one in everyone if one in self.inline}
        return ReachRows(policies, self.groups, self.attached, inline, groups)

    def managed(self, arns: Collection[str]) -> list[ManagedRow]:
        """The managed policies with these ARNs."""
        return [self.policies_by_arn[arn] for arn in dict.fromkeys(arns) if arn in self.policies_by_arn]

    def levels(self, kind: str) -> tuple[OrganizationLevel, ...] | None:
        """The levels of the organization's policies of a kind, root first; None where they do not apply."""
        if self.organization is None:
            return None
        return self.organization.levels(kind, self.unit, self.account.number, self.account.name)

    def organization_path(self) -> tuple[str, tuple[str, ...]] | None:
        """The id of the organization and of the units down to the account's; None where it is in none."""
        if self.organization is None:
            return None
        return self.organization.org_id, tuple(unit.unit_id for unit in self.organization.path(self.unit))

    def documents(self, digests: Iterable[str]) -> dict[str, Policy | None]:
        """Parsed documents by digest; None for one that does not parse."""
        wanted = set(digests)
        own = {digest: self.texts[digest] for digest in wanted & self.texts.keys()}
        return own | documents(wanted - own.keys())

    def group_names(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """The names of the groups that users are in, by the user's id."""
        return {one: [self.rows[group].name for group in self.groups[one]] for one in ids if self.groups.get(one)}

    def member_counts(self) -> dict[int, int]:
        """How many users each group has that has any, by the group's id."""
        return {group: len(users) for group, users in self.members.items()}


def read_content(account: Account, organization: OrganizationRows | None = None) -> Content:
    """The account as it is now, all of it; ``organization`` where it was read already."""
    present = Present(account)
    rows = {row.id or 0: row for row in present.identities(IdentityFilter())}
    reach = present.reach(None)
    unit = account.unit
    return Content(
        account,
        rows,
        {row.id: row for row in reach.policies},
        reach.groups,
        reach.attached,
        reach.inline,
        (organization or read_organization(unit.organization_id)) if unit else None,
        unit.unit_id if unit else "",
        account.is_management,
    )


class _Kept:
    """Contents of this process that were asked for last, by what they were read from."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Content] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...], read: Callable[[], Content]) -> Content:
        """The content under the key, read if it is not there."""
        with self._lock:
            found = self._kept.get(key)
            metrics.looked_up("content", found=found is not None)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = read()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


kept = _Kept()


def present_content(account: Account) -> Content:
    """As ``read_content``; kept as long as nothing of the account and its organization changes."""
    organization = account.organization
    revision = organization.revision if organization else None
    return kept.get(("present", account.pk, account.revision, revision), lambda: read_content(account))


def read_organization(pk: int) -> OrganizationRows:
    """An organization as it is now, by its primary key."""
    units = OrganizationalUnit.objects.filter(organization=pk).select_related("organization")
    found = {row.unit_id: row for row in units}
    by_pk = {row.pk: row.unit_id for row in found.values()}
    policies = OrganizationPolicy.objects.filter(organization=pk)
    fields = ("pk", "policy_id", "kind", "name", "text", "description")
    targets = OrganizationPolicyTarget.objects.filter(policy__organization=pk).order_by()
    return OrganizationRows(
        next(iter(found.values())).organization.org_id,
        {one: UnitRow(one, row.name, by_pk.get(row.parent_id or 0, "")) for one, row in found.items()},
        {row[1]: OrganizationPolicyRow(*row) for row in policies.values_list(*fields)},
        frozenset(
            (policy, unit or number or "")
            for policy, unit, number in targets.values_list("policy__policy_id", "unit__unit_id", "account__number")
        ),
        frozenset(Account.objects.filter(unit__organization=pk).values_list("number", flat=True)),
    )
