"""What edits touch, in memory: as it stands, and as it is after them; nothing is written here."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db.models import Prefetch

from policystudio.accounts.models import Account, OrganizationPolicy, OrganizationPolicyTarget
from policystudio.changes.models import Edit
from policystudio.changes.selectors import is_organization_kind
from policystudio.identities.models import Identity, InlinePolicy
from policystudio.policies.models import ManagedPolicy, PolicyVersion

#: So many rows are read by one query.
_AT_ONCE = 500


@dataclass
class IdentityState:
    """A user, group or role; ``boundary``, ``attached`` and ``groups`` are ARNs, ``inline`` texts by name."""

    arn: str
    kind: str
    name: str
    path: str
    tags: dict[str, str] = field(default_factory=dict)
    boundary: str = ""
    trust: str = ""
    inline: dict[str, str] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    service_linked: bool = False


@dataclass
class PolicyState:
    """A managed policy; ``text`` is that of the default version, None where the account's export did not carry it."""

    arn: str
    name: str
    path: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    is_aws_managed: bool = False


@dataclass
class OrganizationPolicyState:
    """An organization policy; ``targets`` are ids of units and account numbers."""

    policy_id: str
    kind: str
    name: str
    description: str = ""
    text: str = ""
    targets: set[str] = field(default_factory=set)


State = TypeVar("State", IdentityState, PolicyState, OrganizationPolicyState)


class Shelf(Generic[State]):
    """The things of one sort by ARN or id: each is read when it is first asked for, None where there is none."""

    def __init__(self, load: Callable[[Sequence[str]], Mapping[str, State]]) -> None:
        self._load: Callable[[Sequence[str]], Mapping[str, State]] = load
        self.before: dict[str, State | None] = {}
        self.after: dict[str, State | None] = {}

    def fetch(self, keys: Iterable[str]) -> None:
        """Read many at once."""
        wanted = sorted(set(keys) - self.before.keys())
        for start in range(0, len(wanted), _AT_ONCE):
            batch = wanted[start : start + _AT_ONCE]
            found = self._load(batch)
            for key in batch:
                self.before[key] = found.get(key)
                self.after[key] = deepcopy(self.before[key])

    def get(self, key: str) -> State | None:
        """The thing as the edits so far made it."""
        self.fetch([key])
        return self.after[key]

    def put(self, key: str, state: State | None) -> None:
        """Make it another one; None takes it away."""
        self.get(key)
        self.after[key] = state

    def changed(self) -> Iterator[tuple[str, State | None, State | None]]:
        """What is not as it was: its key, before and after."""
        for key, after in self.after.items():
            if after != self.before[key]:
                yield key, self.before[key], after


class World:
    """What a change touches of its account and organization."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.identities: Shelf[IdentityState] = Shelf(self._identities)
        self.policies: Shelf[PolicyState] = Shelf(self._policies)
        self.organization_policies: Shelf[OrganizationPolicyState] = Shelf(self._organization_policies)

    def fetch(self, edits: Iterable[Edit]) -> None:
        """Read all that the edits name, in few queries."""
        listed = list(edits)
        arns = {arn for edit in listed for arn in (edit.target, edit.other) if arn.startswith("arn:")}
        policies = {arn for arn in arns if ":policy/" in arn}
        self.policies.fetch(policies)
        self.identities.fetch(arns - policies)
        self.organization_policies.fetch(edit.target for edit in listed if is_organization_kind(edit.kind))

    def _identities(self, arns: Sequence[str]) -> dict[str, IdentityState]:
        rows = Identity.objects.filter(account=self.account, arn__in=arns).select_related("boundary", "trust_document")
        inline = InlinePolicy.objects.select_related("document")
        linked = rows.prefetch_related(Prefetch("inline_policies", inline), "managed_policies", "groups", "members")
        return {row.arn: _identity(row) for row in linked}

    def _policies(self, arns: Sequence[str]) -> dict[str, PolicyState]:
        rows = ManagedPolicy.objects.filter(account=self.account, arn__in=arns)
        texts = PolicyVersion.objects.filter(policy__in=rows, is_default=True).order_by()
        by_policy = dict(texts.values_list("policy_id", "document__text"))
        return {
            row.arn: PolicyState(
                row.arn, row.name, row.path, row.description, dict(row.tags), by_policy.get(row.pk), row.is_aws_managed
            )
            for row in rows
        }

    def _organization_policies(self, ids: Sequence[str]) -> dict[str, OrganizationPolicyState]:
        if self.account.organization is None:
            return {}
        rows = OrganizationPolicy.objects.filter(organization=self.account.organization, policy_id__in=ids)
        targets: dict[int, set[str]] = {}
        for row in OrganizationPolicyTarget.objects.filter(policy__in=rows).select_related("unit", "account"):
            place = row.unit.unit_id if row.unit else row.account.number if row.account else ""
            targets.setdefault(row.policy_id, set()).add(place)
        return {
            row.policy_id: OrganizationPolicyState(
                row.policy_id, row.kind, row.name, row.description, row.text, targets.get(row.pk, set())
            )
            for row in rows
        }


def _identity(row: Identity) -> IdentityState:
    """A row with what hangs on it prefetched."""
    return IdentityState(
        arn=row.arn,
        kind=row.kind,
        name=row.name,
        path=row.path,
        tags=dict(row.tags),
        boundary=row.boundary.arn if row.boundary else "",
        trust=row.trust_document.text if row.trust_document else "",
        inline={one.name: one.document.text for one in row.inline_policies.all()},
        attached={one.arn for one in row.managed_policies.all()},
        groups={one.arn for one in row.groups.all()},
        members={one.arn for one in row.members.all()},
        service_linked=row.service_linked,
    )
