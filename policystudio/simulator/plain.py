"""What decides about an account's identities as plain rows, wherever it comes from: the database, a draft, the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.accounts.selectors import OrganizationLevel

#: The fields of a ``Bearer`` in its order, as the database calls them.
BEARER_FIELDS = (
    "id",
    "kind",
    "path",
    "name",
    "arn",
    "unique_id",
    "tags",
    "boundary_id",
    "trust_document_id",
    "service_linked",
    "gaps",
)


@dataclass(slots=True)
class Bearer:
    """One row of the simulator: a user, group or role, or the account's root user (``id`` None).

    ``id`` is the primary key of its row in the database; negative where it has none there, in a draft or in the past.
    """

    id: int | None
    kind: str
    path: str
    name: str
    arn: str
    unique_id: str
    tags: Mapping[str, str]
    boundary_id: int | None = None
    trust_digest: str | None = None
    service_linked: bool = False
    gaps: Sequence[str] = ()


def root_bearer(account: Account) -> Bearer:
    """The root user of an account, who is no row of the database."""
    arn = f"arn:{account.partition}:iam::{account.number}:root"
    return Bearer(None, "root", "/", "root", arn, account.number, {})


@dataclass(frozen=True, slots=True)
class ManagedRow:
    """A managed policy with the digest of its document in force, None where that is not known."""

    id: int
    arn: str
    name: str
    is_aws_managed: bool
    digest: str | None


@dataclass(frozen=True, slots=True)
class InlineRow:
    """An inline policy, with the name of the identity that has it."""

    owner: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group, as its members need to know it."""

    id: int
    arn: str
    gaps: Sequence[str] = ()


@dataclass(slots=True)
class ReachRows:
    """How policies reach identities: by identity its groups (by name), its attached and its inline policies."""

    policies: Sequence[ManagedRow] = ()
    groups: Mapping[int, Sequence[int]] = field(default_factory=dict)
    attached: Mapping[int, Sequence[int]] = field(default_factory=dict)
    inline: Mapping[int, Sequence[InlineRow]] = field(default_factory=dict)
    group_rows: Sequence[GroupRow] = ()


@dataclass(frozen=True, slots=True)
class UnitRow:
    """An organizational unit; the root has no ``parent``."""

    unit_id: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationPolicyRow:
    """A policy of an organization; ``pk`` is that of its row in the database, None where it has none there."""

    pk: int | None
    policy_id: str
    kind: str
    name: str
    text: str
    description: str = ""

    def as_model(self) -> OrganizationPolicy:
        """The same as a row of the database would be; it is not saved."""
        return OrganizationPolicy(
            pk=self.pk,
            policy_id=self.policy_id,
            kind=self.kind,
            name=self.name,
            text=self.text,
            description=self.description,
        )


@dataclass(frozen=True)
class OrganizationRows:
    """An organization: its units, its policies, what these are attached to (policy id, unit id or account number).

    ``accounts`` are the numbers of those that stand in it.
    """

    org_id: str
    units: Mapping[str, UnitRow]
    policies: Mapping[str, OrganizationPolicyRow] = field(default_factory=dict)
    targets: frozenset[tuple[str, str]] = frozenset()
    accounts: frozenset[str] = frozenset()

    def path(self, unit: str) -> list[UnitRow]:
        """The units from the root down to one."""
        found = [self.units[unit]]
        while found[0].parent and len(found) <= len(self.units):
            found.insert(0, self.units[found[0].parent])
        return found

    def levels(self, kind: str, unit: str, number: str, name: str) -> tuple[OrganizationLevel, ...] | None:
        """The levels above and of an account in a unit, as ``accounts.selectors.organization_levels`` tells them."""
        chosen = sorted(
            (row for row in self.policies.values() if row.kind == kind), key=lambda row: (row.name, row.policy_id)
        )
        if not chosen:
            return None
        places = [("unit" if one.parent else "root", one.unit_id, one.name) for one in self.path(unit)]
        return tuple(
            OrganizationLevel(
                level, place, called, tuple(row.as_model() for row in chosen if (row.policy_id, place) in self.targets)
            )
            for level, place, called in (*places, ("account", number, name))
        )
