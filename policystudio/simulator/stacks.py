"""Identities from the database as the engine takes them: policy stacks and known facts, read in bulk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import OrganizationLevel
from policystudio.engine import globs
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import SESSION_KEYS, Facts
from policystudio.engine.exact.sessions import ANY_SESSION, USER_ID, reads_user_id, session_matters
from policystudio.engine.matrix.rows import RowInput
from policystudio.engine.request import Levels, NamedPolicy, PolicyStack, Principal, PrincipalType
from policystudio.simulator.content import Present, Source
from policystudio.simulator.documents import documents, parse_or_none
from policystudio.simulator.plain import Bearer, InlineRow, ManagedRow, ReachRows, root_bearer
from policystudio.simulator.question import IdentityFilter, WhatIf

__all__ = [
    "AttachedPolicy",
    "Bearer",
    "OrganizationView",
    "Subject",
    "SubjectReader",
    "Values",
    "bearers",
    "documents",
    "organization_view",
    "parse_or_none",
    "root_bearer",
    "source_of",
]

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy as it reaches an identity. ``named`` is None where its document is missing or does not parse.

    ``key`` is how a what-if excludes it; ``policy_id`` the managed policy's primary key; ``through`` the ARN of the
    group that it comes from, or empty.
    """

    key: str
    name: str
    kind: str  # managed, aws-managed or inline
    named: NamedPolicy | None
    policy_id: int | None = None
    through: str = ""


@dataclass(slots=True)
class Subject:
    """A row with everything that applies to it."""

    bearer: Bearer
    row: RowInput
    policies: tuple[AttachedPolicy, ...]
    boundary: AttachedPolicy | None = None


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """What an account's organization adds to every row: the SCP levels, and the facts."""

    levels: Levels | None
    unreadable: tuple[str, ...]
    tree: tuple[OrganizationLevel, ...] | None
    facts: Mapping[str, Values]


def source_of(asked: Account | Source) -> Source:
    """Where to read from; an account stands for what it is now."""
    return Present(asked) if isinstance(asked, Account) else asked


def bearers(asked: Account | Source, wanted: IdentityFilter) -> list[Bearer]:
    """The rows that the filter lets through: users, groups and roles by name, then the root user."""
    source = source_of(asked)
    rows = source.identities(wanted)
    root = root_bearer(source.account)
    if "root" in wanted.kinds and (not wanted.arns or root.arn in wanted.arns):
        rows.append(root)
    order = {"user": 0, "group": 1, "role": 2, "root": 3}
    chosen = [row for row in rows if _passes(row, wanted)]
    chosen.sort(key=lambda row: (order[row.kind], row.name.lower()))
    return chosen


def _passes(row: Bearer, wanted: IdentityFilter) -> bool:
    if wanted.tag_key:
        value = row.tags.get(wanted.tag_key)
        if value is None or (wanted.tag_value is not None and value != wanted.tag_value):
            return False
    if wanted.path and not _path_passes(row.path, wanted.path):
        return False
    if not wanted.name:
        return True
    pattern = wanted.name.lower() if set(wanted.name) & set("*?") else f"*{wanted.name.lower()}*"
    return globs.matches(globs.parse(pattern), row.name.lower())


def _path_passes(path: str, pattern: str) -> bool:
    return globs.matches(globs.parse(pattern if set(pattern) & set("*?") else f"{pattern}*"), path)


def organization_view(source: Source) -> OrganizationView:
    """The account's place in its organization.

    Resource control policies are left out on purpose: SageMaker is not among the services that they reach
    (evaluation.md 1.7), so none of them decides a cell.
    """
    tree = source.levels("scp")
    facts = _organization_facts(source)
    if tree is None or source.is_management:
        return OrganizationView(None, (), tree, facts)
    unreadable: list[str] = []
    levels: list[tuple[NamedPolicy, ...]] = []
    for level in tree:
        named = []
        for policy in level.policies:
            parsed = parse_or_none(policy.text, PolicyKind.SERVICE_CONTROL)
            if parsed is None:
                unreadable.append(policy.name)
            else:
                named.append(NamedPolicy(policy.name, parsed, level.id))
        levels.append(tuple(named))
    return OrganizationView(tuple(levels), tuple(unreadable), tree, facts)


def _organization_facts(source: Source) -> dict[str, Values]:
    """The organization's keys for a principal and a resource of the account; absent where it is in none."""
    names = ("aws:principalorgid", "aws:resourceorgid"), ("aws:principalorgpaths", "aws:resourceorgpaths")
    place = source.organization_path()
    if place is None:
        return dict.fromkeys((*names[0], *names[1]), ())
    organization, units = place
    facts: dict[str, Values] = dict.fromkeys(names[0], (organization,))
    return facts | dict.fromkeys(names[1], (f"{organization}/{'/'.join(units)}/",))


@dataclass
class SubjectReader:
    """Reads what applies to rows of one account. The question's own context and Region count as known."""

    source: Source
    context: Mapping[str, Values] = field(default_factory=dict)
    region: str = ""
    what_if: WhatIf = field(default_factory=WhatIf)

    def __post_init__(self) -> None:
        self.account = self.source.account
        self.organization = organization_view(self.source)
        self.given = {key.lower(): values for key, values in self.context.items()}
        number = self.account.number
        self.shared: dict[str, Values] = {
            "aws:principalaccount": (number,),
            "aws:resourceaccount": (number,),
            "aws:principalisawsservice": ("false",),
            "aws:principalservicename": (),
            "aws:principalservicenameslist": (),
            **({"aws:requestedregion": (self.region,)} if self.region else {}),
            **self.organization.facts,
        }
        wanted = [*self.what_if.add, *([self.what_if.boundary] if self.what_if.boundary else [])]
        arns = [written for written, named in wanted if named is None]
        managed = _Managed(self.source, self.source.managed(arns)) if arns else None
        tried = [(written, _tried(written, named, managed)) for written, named in wanted]
        self.unknown_added = [written for written, found in tried if found is None]
        self.added = [found for _, found in tried[: len(self.what_if.add)] if found is not None]
        self.boundary = tried[-1][1] if self.what_if.boundary else None
        self._reading: dict[int, tuple[NamedPolicy, bool]] = {}

    def subjects(self, rows: Sequence[Bearer]) -> list[Subject]:
        """The rows with everything that applies to them, in a handful of queries."""
        ids = [row.id for row in rows if row.id is not None]
        reach = _Reach(self.source, self.source.reach(ids))
        return [self._subject(row, reach) for row in rows]

    def _subject(self, row: Bearer, reach: "_Reach") -> Subject:
        excluded = set(self.what_if.exclude)
        policies = [item for item in reach.policies(row) if item.key not in excluded]
        policies += [item for item in self.added if row.kind != "root"]
        boundary = None if "boundary" in excluded else reach.managed.by_id.get(row.boundary_id or 0)
        if self.boundary is not None and row.kind in ("user", "role") and not row.service_linked:
            boundary = self.boundary
        missing = [item.name for item in policies if item.named is None] + reach.gaps(row)
        around = list(self.organization.unreadable)
        if boundary is not None and boundary.named is None:
            around.append(boundary.name)
        restricted = self.organization.levels is not None and not row.service_linked
        stack = PolicyStack(
            identity_policies=tuple(item.named for item in policies if item.named is not None),
            permissions_boundary=boundary.named if boundary else None,
            service_control_policies=self.organization.levels if restricted else None,
        )
        row_input = RowInput(
            stack,
            self.facts_with(row, stack),
            row.kind == "root",
            tuple(missing),
            tuple(around) if restricted or boundary else (),
        )
        return Subject(row, row_input, tuple(policies), boundary)

    def facts(self, row: Bearer) -> Facts:
        """What is known of every request of the row (cells.md)."""
        known = dict(self.shared)
        if row.kind != "role":
            known |= dict.fromkeys(SESSION_KEYS, ())
        closed: tuple[str, ...] = ("aws:principaltag/",)
        if row.kind == "group":
            known["aws:principaltype"] = ("User",)
            closed = ()
        else:
            known["aws:principalarn"] = (row.arn,)
            known |= {f"aws:principaltag/{key.lower()}": (str(value),) for key, value in row.tags.items()}
        if row.kind == "user":
            known |= {"aws:principaltype": ("User",), "aws:username": (row.name,), "aws:userid": (row.unique_id,)}
        elif row.kind == "role":
            known |= {"aws:principaltype": ("AssumedRole",), "aws:username": ()}
        elif row.kind == "root":
            known |= {"aws:principaltype": ("Account",), "aws:username": (), "aws:userid": (self.account.number,)}
        return Facts(known | self.given, closed)

    def facts_with(self, row: Bearer, stack: PolicyStack) -> Facts:
        """As ``facts``; of a role's sessions the user ID as well, where these policies do not ask for their names."""
        facts = self.facts(row)
        if row.kind != "role" or USER_ID in facts.known:
            return facts
        levels = (named for level in stack.service_control_policies or () for named in level)
        boundary = [stack.permissions_boundary] if stack.permissions_boundary else []
        reading = [named.policy for named in (*stack.identity_policies, *boundary, *levels) if self._reads(named)]
        if not reading or session_matters(reading, row.unique_id):
            return facts
        return replace(facts, known={**facts.known, USER_ID: (f"{row.unique_id}:{ANY_SESSION}",)})

    def _reads(self, named: NamedPolicy) -> bool:
        """Whether a policy reads ``aws:userid``; told once for all rows that have it."""
        known = self._reading.get(id(named))
        if known is None:
            known = self._reading[id(named)] = named, reads_user_id(named.policy)
        return known[1]

    def principal(self, row: Bearer) -> Principal:
        """The row as a caller. A group stands for a member of no other group, whose name is not known."""
        number, partition = self.account.number, self.account.partition
        management = self.source.is_management
        if row.kind == "root":
            return Principal(PrincipalType.ROOT_USER, row.arn, number, partition, in_management_account=management)
        if row.kind == "role":
            return Principal(
                PrincipalType.ROLE_SESSION,
                row.arn,
                number,
                partition,
                role_arn=row.arn,
                in_management_account=management,
                service_linked=row.service_linked,
            )
        arn = row.arn if row.kind == "user" else f"arn:{partition}:iam::{number}:user/member-of-{row.name}"
        return Principal(PrincipalType.USER, arn, number, partition, in_management_account=management)


def _tried(written: str, named: NamedPolicy | None, managed: "_Managed | None") -> AttachedPolicy | None:
    """A policy of a what-if: as it is written, or by its ARN among those of the account; None where there is none."""
    if named is not None:
        return AttachedPolicy(written, named.name, "what-if", named)
    return managed.by_arn.get(written) if managed is not None else None


class _Managed:
    """Managed policies with their default documents."""

    def __init__(self, source: Source, rows: Iterable[ManagedRow]) -> None:
        rows = list(rows)
        parsed = source.documents(row.digest for row in rows if row.digest)
        self.by_id: dict[int, AttachedPolicy] = {}
        self.by_arn: dict[str, AttachedPolicy] = {}
        for row in rows:
            policy = parsed.get(row.digest or "")
            named = None if policy is None else NamedPolicy(row.name, policy)
            kind = "aws-managed" if row.is_aws_managed else "managed"
            attached = AttachedPolicy(row.arn, row.name, kind, named, row.id if row.id > 0 else None)
            self.by_id[row.id] = self.by_arn[row.arn] = attached


class _Reach:
    """The policies that reach identities of an account, directly and through groups."""

    def __init__(self, source: Source, rows: ReachRows) -> None:
        self.managed = _Managed(source, rows.policies)
        self.groups, self.attached = rows.groups, rows.attached
        self.inline = self._inline(source, rows.inline)
        self.group_arns = {row.id: row.arn for row in rows.group_rows}
        self.group_gaps = {row.id: row.gaps for row in rows.group_rows if row.gaps}
        self._through: dict[int, list[AttachedPolicy]] = {}

    @staticmethod
    def _inline(source: Source, rows: Mapping[int, Sequence[InlineRow]]) -> dict[int, list[AttachedPolicy]]:
        parsed = source.documents({row.digest for found in rows.values() for row in found})
        result: dict[int, list[AttachedPolicy]] = {}
        for identity, found in rows.items():
            for row in found:
                policy = parsed.get(row.digest)
                named = None if policy is None else NamedPolicy(row.name, policy)
                attached = AttachedPolicy(f"inline:{row.owner}/{row.name}", row.name, "inline", named)
                result.setdefault(identity, []).append(attached)
        return result

    def gaps(self, row: Bearer) -> list[str]:
        """What the export left unknown about the row's permissions, and about its groups'."""
        through = [gap for group in self.groups.get(row.id or 0, ()) for gap in self.group_gaps.get(group, ())]
        return [*row.gaps, *through]

    def policies(self, row: Bearer) -> Iterator[AttachedPolicy]:
        """Inline, then attached, then what comes through each group."""
        if row.id is None:
            return
        yield from self.inline.get(row.id, ())
        yield from (self.managed.by_id[policy] for policy in self.attached.get(row.id, ()))
        for group in self.groups.get(row.id, ()):
            yield from self.through(group)

    def through(self, group: int) -> list[AttachedPolicy]:
        """A group's policies, as its members get them."""
        found = self._through.get(group)
        if found is None:
            own = [*self.inline.get(group, ()), *(self.managed.by_id[item] for item in self.attached.get(group, ()))]
            arn = self.group_arns.get(group, "")
            found = [AttachedPolicy(item.key, item.name, item.kind, item.named, item.policy_id, arn) for item in own]
            self._through[group] = found
        return found
