"""Identities from the database as the engine takes them: policy stacks and known facts, read in bulk."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from django.db.models import Count, QuerySet

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import OrganizationLevel, organization_levels
from policystudio.engine import globs
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.exact.facts import SESSION_KEYS, Facts
from policystudio.engine.exact.sessions import ANY_SESSION, USER_ID, reads_user_id, session_matters
from policystudio.engine.matrix.rows import RowInput
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.request import Levels, NamedPolicy, PolicyStack, Principal, PrincipalType
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion
from policystudio.simulator.question import IdentityFilter, WhatIf

Values = tuple[str, ...]
#: How many distinct documents stay parsed in a process.
PARSED_LIMIT = 20_000
#: Up to this many identities are asked for by id; above, the whole account is read.
_BY_ID_LIMIT = 500
_BATCH = 500

_FIELDS = (
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
    """One row of the simulator: a user, group or role of the database, or the account's root user (``id`` None)."""

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


class _Parsed:
    """Documents by digest, parsed once a process; a document never changes under its digest."""

    def __init__(self) -> None:
        self._policies: OrderedDict[str, Policy | None] = OrderedDict()
        self._lock = Lock()

    def get_many(self, digests: Iterable[str]) -> dict[str, Policy | None]:
        """The policy of each digest; None where it does not parse or is not there."""
        wanted = set(digests)
        with self._lock:
            found = {digest: self._policies[digest] for digest in wanted if digest in self._policies}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), _BATCH):
            rows = Document.objects.filter(digest__in=missing[start : start + _BATCH])
            for digest, kind, text in rows.values_list("digest", "kind", "text"):
                found[digest] = parse_or_none(text, PolicyKind(kind))
        with self._lock:
            self._policies.update(found)
            while len(self._policies) > PARSED_LIMIT:
                self._policies.popitem(last=False)
        return found


_parsed = _Parsed()


def parse_or_none(text: str, kind: PolicyKind) -> Policy | None:
    """The policy, or None where the text is not one."""
    try:
        return parse_policy(text, kind)
    except PolicyError:
        return None


def documents(digests: Iterable[str]) -> dict[str, Policy | None]:
    """Parsed documents by digest; None for one that does not parse."""
    return _parsed.get_many(digests)


def bearers(account: Account, wanted: IdentityFilter) -> list[Bearer]:
    """The rows that the filter lets through: users, groups and roles by name, then the root user."""
    query = Identity.objects.filter(account=account, kind__in=wanted.kinds & {"user", "group", "role"})
    if wanted.arns:
        query = query.filter(arn__in=wanted.arns)
    rows = [Bearer(*values) for values in query.order_by("kind", "name").values_list(*_FIELDS)]
    root = root_bearer(account)
    if "root" in wanted.kinds and (not wanted.arns or root.arn in wanted.arns):
        rows.append(root)
    order = {"user": 0, "group": 1, "role": 2, "root": 3}
    chosen = [row for row in rows if _passes(row, wanted)]
    chosen.sort(key=lambda row: (order[row.kind], row.name.lower()))
    return chosen


def root_bearer(account: Account) -> Bearer:
    """The root user of an account, who is no row of the database."""
    arn = f"arn:{account.partition}:iam::{account.number}:root"
    return Bearer(None, "root", "/", "root", arn, account.number, {})


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


def organization_view(account: Account) -> OrganizationView:
    """The account's place in its organization.

    Resource control policies are left out on purpose: SageMaker is not among the services that they reach
    (evaluation.md 1.7), so none of them decides a cell.
    """
    tree = organization_levels(account, "scp")
    facts = _organization_facts(account)
    if tree is None or account.is_management:
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


def _organization_facts(account: Account) -> dict[str, Values]:
    """The organization's keys for a principal and a resource of the account; absent where it is in none."""
    names = ("aws:principalorgid", "aws:resourceorgid"), ("aws:principalorgpaths", "aws:resourceorgpaths")
    if account.unit is None:
        return dict.fromkeys((*names[0], *names[1]), ())
    organization = account.unit.organization
    tree, unit = [account.unit.unit_id], account.unit.parent
    while unit is not None:
        tree.insert(0, unit.unit_id)
        unit = unit.parent
    path = f"{organization.org_id}/{'/'.join(tree)}/"
    facts: dict[str, Values] = dict.fromkeys(names[0], (organization.org_id,))
    return facts | dict.fromkeys(names[1], (path,))


@dataclass
class SubjectReader:
    """Reads what applies to rows of one account. The question's own context and Region count as known."""

    account: Account
    context: Mapping[str, Values] = field(default_factory=dict)
    region: str = ""
    what_if: WhatIf = field(default_factory=WhatIf)

    def __post_init__(self) -> None:
        self.organization = organization_view(self.account)
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
        managed = _Managed(ManagedPolicy.objects.filter(account=self.account, arn__in=arns)) if arns else None
        tried = [(written, _tried(written, named, managed)) for written, named in wanted]
        self.unknown_added = [written for written, found in tried if found is None]
        self.added = [found for _, found in tried[: len(self.what_if.add)] if found is not None]
        self.boundary = tried[-1][1] if self.what_if.boundary else None
        self._reading: dict[int, tuple[NamedPolicy, bool]] = {}

    def subjects(self, rows: Sequence[Bearer]) -> list[Subject]:
        """The rows with everything that applies to them, in a handful of queries."""
        ids = [row.id for row in rows if row.id is not None]
        reach = _Reach(self.account, ids if len(ids) <= _BY_ID_LIMIT else None)
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
        management = self.account.is_management
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

    def __init__(self, query: Iterable[ManagedPolicy] | None, account: Account | None = None) -> None:
        policies = ManagedPolicy.objects.filter(account=account) if query is None else query
        rows = [(item.pk, item.arn, item.name, item.is_aws_managed) for item in policies]
        versions = PolicyVersion.objects.filter(is_default=True, policy__in=[row[0] for row in rows])
        if account is not None:
            versions = PolicyVersion.objects.filter(is_default=True, policy__account=account)
        digests = dict(versions.values_list("policy_id", "document_id"))
        parsed = documents(digests.values())
        self.by_id: dict[int, AttachedPolicy] = {}
        self.by_arn: dict[str, AttachedPolicy] = {}
        for pk, arn, name, is_aws in rows:
            policy = parsed.get(digests.get(pk, ""))
            named = None if policy is None else NamedPolicy(name, policy)
            attached = AttachedPolicy(arn, name, "aws-managed" if is_aws else "managed", named, pk)
            self.by_id[pk] = self.by_arn[arn] = attached


class _Reach:
    """The policies that reach identities of an account, directly and through groups. ``ids`` None means all."""

    def __init__(self, account: Account, ids: list[int] | None) -> None:
        self.managed = _Managed(None, account)
        self.groups: dict[int, list[int]] = {}
        memberships = GroupMembership.objects.filter(user__account=account)
        if ids is not None:
            memberships = memberships.filter(user__in=ids)
        for user, group in memberships.order_by("user_id", "group__name").values_list("user_id", "group_id"):
            self.groups.setdefault(user, []).append(group)
        everyone = None if ids is None else sorted({*ids, *(item for found in self.groups.values() for item in found)})
        self.attached: dict[int, list[int]] = {}
        attachments = PolicyAttachment.objects.filter(identity__account=account)
        inline = InlinePolicy.objects.filter(identity__account=account)
        if everyone is not None:
            attachments, inline = attachments.filter(identity__in=everyone), inline.filter(identity__in=everyone)
        for identity, policy in attachments.order_by("identity_id", "id").values_list("identity_id", "policy_id"):
            self.attached.setdefault(identity, []).append(policy)
        self.inline = self._inline(inline.order_by("identity_id", "name"))
        groups = list(Identity.objects.filter(account=account, kind="group").values_list("id", "arn", "gaps"))
        self.group_arns = {pk: arn for pk, arn, _ in groups}
        self.group_gaps = {pk: gaps for pk, _, gaps in groups if gaps}
        self._through: dict[int, list[AttachedPolicy]] = {}

    @staticmethod
    def _inline(query: QuerySet[InlinePolicy]) -> dict[int, list[AttachedPolicy]]:
        rows = list(query.values_list("identity_id", "identity__name", "name", "document_id"))
        parsed = documents({digest for _, _, _, digest in rows})
        result: dict[int, list[AttachedPolicy]] = {}
        for identity, owner, name, digest in rows:
            policy = parsed.get(digest)
            named = None if policy is None else NamedPolicy(name, policy)
            attached = AttachedPolicy(f"inline:{owner}/{name}", name, "inline", named)
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


def member_counts(account: Account) -> dict[int, int]:
    """How many users each group has, by the group's primary key."""
    rows = GroupMembership.objects.filter(group__account=account).values_list("group_id")
    return dict(rows.annotate(number=Count("pk")))


def group_names(ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the groups that users are in, by the user's primary key."""
    result: dict[int, list[str]] = {}
    rows = GroupMembership.objects.filter(user__in=ids).order_by("group__name").values_list("user_id", "group__name")
    for user, name in rows:
        result.setdefault(user, []).append(name)
    return result
