"""What edits touch, in memory: as it stands, and as it is after them; nothing is written here."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from policystudio.accounts.models import Account
from policystudio.changes.selectors import organization_policy_of
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy


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

    def __init__(self, load: Callable[[str], State | None]) -> None:
        self._load: Callable[[str], State | None] = load
        self.before: dict[str, State | None] = {}
        self.after: dict[str, State | None] = {}

    def get(self, key: str) -> State | None:
        """The thing as the edits so far made it."""
        if key not in self.after:
            self.before[key] = self._load(key)
            self.after[key] = deepcopy(self.before[key])
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
        self.identities: Shelf[IdentityState] = Shelf(self._identity)
        self.policies: Shelf[PolicyState] = Shelf(self._policy)
        self.organization_policies: Shelf[OrganizationPolicyState] = Shelf(self._organization_policy)

    def _identity(self, arn: str) -> IdentityState | None:
        rows = Identity.objects.select_related("boundary", "trust_document")
        row = rows.filter(account=self.account, arn=arn).first()
        if row is None:
            return None
        return IdentityState(
            arn=arn,
            kind=row.kind,
            name=row.name,
            path=row.path,
            tags=dict(row.tags),
            boundary=row.boundary.arn if row.boundary else "",
            trust=row.trust_document.text if row.trust_document else "",
            inline=dict(row.inline_policies.values_list("name", "document__text")),
            attached=set(row.managed_policies.order_by().values_list("arn", flat=True)),
            groups=set(row.groups.order_by().values_list("arn", flat=True)),
            members=set(row.members.order_by().values_list("arn", flat=True)) if row.kind == "group" else set(),
            service_linked=row.service_linked,
        )

    def _policy(self, arn: str) -> PolicyState | None:
        row = ManagedPolicy.objects.filter(account=self.account, arn=arn).first()
        if row is None:
            return None
        text = row.versions.filter(is_default=True).values_list("document__text", flat=True).first()
        return PolicyState(arn, row.name, row.path, row.description, dict(row.tags), text, row.is_aws_managed)

    def _organization_policy(self, policy_id: str) -> OrganizationPolicyState | None:
        row = organization_policy_of(self.account, policy_id)
        if row is None:
            return None
        rows = row.targets.values_list("unit__unit_id", "account__number")
        targets = {unit or number for unit, number in rows}
        return OrganizationPolicyState(policy_id, row.kind, row.name, row.description, row.text, targets)
