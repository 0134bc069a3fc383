"""Whether one caller can assume one role: the layers that must allow it, and what decides in each.

Within an account a trust policy that names the caller itself needs no Allow of the caller's policies; one that names
the caller's role leaves the boundary in force; one that names the account delegates to it. Across accounts both sides
must allow (evaluation.md 2.1). That is put as layers that must each allow, with the same Allow in several of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect, Policy, PrincipalEntry
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.sessions import reads_user_id
from policystudio.engine.match import Naming, is_spared, principal_matches
from policystudio.engine.matrix.asked import AskedSpace
from policystudio.engine.matrix.shared import Borne, SharedCells, Unit
from policystudio.engine.request import NamedPolicy, Principal, PrincipalType
from policystudio.simulator.holdings import Holdings
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.stacks import Bearer
from policystudio.simulator.standing import Layers, undecided

ASSUME_ROLE = "sts:AssumeRole"
FEDERATED_ACTIONS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
#: The prefixes of keys that requests for a role's credentials may carry, beside the global ones.
_SENT = ("sts:", "iam:resourcetag/")
#: The keys that tell rows of one account apart, beside their tags.
_ROW_KEYS = frozenset({"aws:principalarn", "aws:username", "aws:userid", "aws:principaltype"})
_numbers = count()
_NO_FACTS = Facts({})


@dataclass(frozen=True, slots=True)
class Placed:
    """The statements of one layer, or of one level of the organization, as they bear on a caller."""

    layer: Layer
    level: int | None
    statements: tuple[Borne, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """The cell of one caller and one role, and the statements that it rests on, for these facts."""

    cell: Cell
    placed: tuple[Placed, ...] = ()
    facts: Facts = _NO_FACTS


@dataclass(frozen=True, slots=True)
class Step:
    """One role that is assumed: by which action, and how that was decided.

    ``besides`` says in words what must be so that the policies known here do not tell; ``session`` is the ARN of the
    one session of a role that it is about. ``cells`` is None where the trust policy could not be read.
    """

    action: str
    role: str
    cell: Cell
    placed: tuple[Placed, ...] = ()
    facts: Facts = _NO_FACTS
    cells: SharedCells | None = None
    index: int = 0
    besides: str = ""
    session: str = ""


@dataclass(frozen=True)
class Trust:
    """A role that somebody wants to assume, with the statements of its trust policy."""

    index: int
    row: Bearer
    digest: str
    policy: Policy
    units: tuple[Unit, ...]

    @cached_property
    def entries(self) -> tuple[PrincipalEntry, ...]:
        """Whom its statements name, those that deny too."""
        return tuple(dict.fromkeys(entry for unit in self.units for entry in unit.statement.principals))

    @cached_property
    def sessions(self) -> tuple[Principal, ...]:
        """The single sessions of roles that it names."""
        found = (principal_of(entry.value) for entry in self.entries)
        return tuple(one for one in found if one is not None and is_session(one))

    @cached_property
    def alike(self) -> bool:
        """Whether it looks the same to callers on whom otherwise the same statements bear."""
        reads = {key for unit in self.units for key in unit.reads}
        return not reads & _ROW_KEYS and not any(key.startswith("aws:principaltag/") for key in reads)

    @cached_property
    def reads_user_id(self) -> bool:
        """Whether it asks for the ID of the caller, which tells the sessions of a role apart."""
        return reads_user_id(self.policy)

    def allows_some(self, caller: Principal) -> bool:
        """Whether an Allow names the caller, whatever else it asks for."""
        allows = (unit.statement for unit in self.units if unit.statement.effect is Effect.ALLOW)
        return any(principal_matches(statement.principals, caller) for statement in allows)


@dataclass(frozen=True, slots=True)
class _Named:
    """A trust policy's statements for one caller: those that name it directly, behind its session, by its account."""

    direct: tuple[Borne, ...]
    behind: tuple[Borne, ...]
    account: tuple[Borne, ...]
    denies: tuple[Borne, ...]

    @property
    def all(self) -> tuple[Borne, ...]:
        """Every statement that applies."""
        return (*self.direct, *self.behind, *self.account, *self.denies)


@dataclass
class TrustCells:
    """Decides about callers of the roles of one account, by one action. ``owner`` is what that account holds."""

    action: str
    owner: Holdings
    policies: Mapping[str, tuple[str, Policy]]
    rows: Mapping[str, Bearer]
    number: int = field(default_factory=_numbers.__next__)

    def __post_init__(self) -> None:
        account, federated = self.owner.account, self.action in FEDERATED_ACTIONS
        space = AskedSpace(
            self.action,
            list(self.policies),
            account.partition,
            account.number,
            lambda key: federated or is_sent(key),
            colons=False,
        )
        self.cells = SharedCells(space, condition_keys())
        #: Whether the action is for some kinds of principal only.
        self.by_kind = federated or self.action == ASSUME_ROLE
        self.trusts = list(self._trusts(space))

    def _trusts(self, space: AskedSpace) -> Iterator[Trust]:
        """The roles whose trust policy allows somebody the action."""
        known: dict[str, tuple[Unit, ...]] = {}
        for arn, (digest, policy) in self.policies.items():
            units = known.get(digest)
            if units is None:
                units = known[digest] = tuple(self.cells.units(NamedPolicy("trust policy", policy)))
            if any(unit.statement.effect is Effect.ALLOW for unit in units):
                yield Trust(space.index_of[(self.action, arn)], self.rows[arn], digest, policy, units)

    def of_caller(self, trust: Trust, principal: Principal, layers: Layers, facts: Facts, unread: "Unread") -> Decided:
        """The cell of an identity of a known account."""
        same_account = principal.account == self.owner.account.number
        named = self._named(trust, principal, facts, bounded=layers.boundary is not None)
        waives = (*named.direct, *named.behind) if same_account else ()
        needed = [
            Placed(Layer.IDENTITY, None, (*layers.identity, *waives)),
            Placed(Layer.RESOURCE, None, named.all),
        ]
        if layers.boundary is not None:
            direct = named.direct if same_account else ()
            needed.append(Placed(Layer.BOUNDARY, None, (*layers.boundary, *direct)))
        needed += [Placed(Layer.SERVICE_CONTROL, level, found) for level, found in enumerate(layers.levels)]
        needed += self._resource_levels(principal, facts)
        own, around = unread
        around = [*around, *self._unread_levels(principal)]
        if own or around:
            allows = [self.cells.mask(one.statements, trust.index).allow for one in needed]
            return Decided(undecided((own, around), allows, frozenset()))
        return self._decide(trust, needed, facts)

    def of_outsider(self, trust: Trust, principal: Principal, facts: Facts) -> Decided:
        """What the trust policy and the resource control policies say of somebody whose own account is not known."""
        named = self._named(trust, principal, facts, bounded=False)
        needed = [Placed(Layer.RESOURCE, None, named.all), *self._resource_levels(principal, facts)]
        if unread := self._unread_levels(principal):
            allows = [self.cells.mask(one.statements, trust.index).allow for one in needed]
            return Decided(undecided(([], unread), allows, frozenset()))
        return self._decide(trust, needed, facts)

    @property
    def by_role(self) -> bool:
        """Whether the organization's policies may tell roles with the same trust policy apart."""
        return bool(self.owner.resource_levels)

    def step(self, trust: Trust, decided: Decided, besides: str = "") -> Step:
        """The step to a role. Something ``besides`` the policies makes it conditional at best."""
        role, cell = trust.row.arn, decided.cell
        if cell.allowed is not None or cell.denied is not None:
            # Cells that do not depend on the resource are shared by roles.
            allowed, denied = (
                None if one is None else Example(role, one.context) for one in (cell.allowed, cell.denied)
            )
            cell = replace(cell, allowed=allowed, denied=denied)
        if besides and cell.verdict is CellVerdict.ALLOWED:
            cell = replace(cell, verdict=CellVerdict.CONDITIONAL, by_context=True)
        return Step(self.action, role, cell, decided.placed, decided.facts, self.cells, trust.index, besides)

    def _resource_levels(self, principal: Principal, facts: Facts) -> list[Placed]:
        """The resource control policies around the role, by level."""
        if principal.service_linked:
            return []
        levels = (
            tuple(item for named in level for item in self.cells.borne(self.cells.units(named), facts))
            for level in self.owner.resource_levels
        )
        return [Placed(Layer.RESOURCE_CONTROL, number, found) for number, found in enumerate(levels)]

    def _unread_levels(self, principal: Principal) -> Sequence[str]:
        return () if principal.service_linked else self.owner.unreadable_levels

    def _decide(self, trust: Trust, needed: Sequence[Placed], facts: Facts) -> Decided:
        masks = [self.cells.mask(one.statements, trust.index) for one in needed]
        deny = 0
        for mask in masks:
            deny |= mask.deny
        cell = self.cells.decided([mask.allow for mask in masks], deny, trust.index, lambda: facts)
        return Decided(cell, tuple(needed), facts)

    def _named(self, trust: Trust, principal: Principal, facts: Facts, *, bounded: bool) -> _Named:
        """The trust policy's statements that apply to a caller, by how they name it."""
        found: dict[Naming, list[Unit]] = {}
        denies: list[Unit] = []
        for unit in trust.units:
            statement = unit.statement
            naming = principal_matches(statement.principals, principal)
            if statement.effect is Effect.DENY:
                spared = statement.not_principals and not bounded and is_spared(statement.not_principals, principal)
                if naming or (statement.not_principals and not spared):
                    denies.append(unit)
            elif naming:
                found.setdefault(naming, []).append(unit)
        borne = {naming: tuple(self.cells.borne(units, facts)) for naming, units in found.items()}
        return _Named(
            borne.get(Naming.DIRECT, ()),
            borne.get(Naming.BEHIND_SESSION, ()),
            borne.get(Naming.ACCOUNT, ()),
            tuple(self.cells.borne(denies, facts)),
        )


def is_sent(key: str) -> bool:
    """Whether requests for a role's credentials may carry a service's key (in lower case)."""
    return key.startswith(_SENT)


#: What could not be read of a caller's own policies, and of those around them.
Unread = tuple[Sequence[str], Sequence[str]]


def principal_of(value: str) -> Principal | None:
    """The principal that a value of a Principal element names; None where it names none."""
    try:
        return Principal.parse(value)
    except ValueError:
        return None


def is_session(principal: Principal) -> bool:
    """Whether it is one session of a role, rather than any."""
    return principal.type is PrincipalType.ROLE_SESSION and principal.arn != principal.role_arn


def names(entries: Iterable[PrincipalEntry]) -> set[str]:
    """The values of the entries."""
    return {entry.value for entry in entries}
