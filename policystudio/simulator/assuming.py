"""Who can assume which roles: every step decided by the engine, from the trust policy and what the caller has.

Within an account a trust policy that names the caller itself needs no Allow of the caller's policies; one that names
the caller's role leaves the boundary in force; one that names the account delegates to it. Across accounts both sides
must allow (evaluation.md 2.1). That is put as layers that must each allow, with the same Allow in several of them.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from policystudio.accounts.models import Account
from policystudio.engine.analyse.reach import POSSIBLE, AssumeGraph, Edge
from policystudio.engine.arn import Arn
from policystudio.engine.document import Effect, Policy, PrincipalKind
from policystudio.engine.exact.cell import Cell, Example
from policystudio.engine.exact.facts import Facts
from policystudio.engine.match import Naming, is_everyone, is_spared, principal_matches
from policystudio.engine.matrix.asked import AskedSpace
from policystudio.engine.matrix.shared import Borne, SharedCells, Unit
from policystudio.engine.request import NamedPolicy, Principal, PrincipalType
from policystudio.simulator.holdings import Holdings
from policystudio.simulator.outsiders import Outsider, action_of, outsiders_of
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.stacks import Bearer, Values, documents
from policystudio.simulator.standing import Layers, Standing, undecided

ASSUME_ROLE = "sts:AssumeRole"
FEDERATED_ACTIONS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_rounds = count()
#: The prefixes of keys that requests for a role's credentials may carry, beside the global ones.
_SENT = ("sts:", "iam:resourcetag/")


@dataclass(frozen=True, slots=True)
class Step:
    """One role that is assumed: by which action, how it was decided, and the statements that bear on it."""

    action: str
    role: str
    cell: Cell
    statements: tuple[Borne, ...]
    cells: SharedCells
    index: int
    besides: str = ""


@dataclass(frozen=True, slots=True)
class _Trust:
    """A role that somebody wants to assume, with the statements of its trust policy."""

    index: int
    row: Bearer
    digest: str
    units: tuple[Unit, ...]


class Assuming:
    """Adds to a graph who can assume roles, among the accounts that the asking person may see.

    ``holdings_of`` gives what an account holds about sts:AssumeRole. ``outsiders`` fills with those who are not
    identities of these accounts, ``unread`` with the roles whose trust policy could not be read.
    """

    def __init__(
        self,
        graph: AssumeGraph,
        accounts: Mapping[str, Account],
        holdings_of: Callable[[str], Holdings],
        context: Mapping[str, Values],
    ) -> None:
        self.graph, self.accounts, self.holdings_of, self.context = graph, accounts, holdings_of, context
        self.outsiders: dict[str, Outsider] = {}
        self.unread: set[str] = set()
        self.roles: dict[str, tuple[Bearer, Account]] = {}

    def know(self, holdings: Holdings) -> None:
        """Take in the roles of an account."""
        self.roles |= {row.arn: (row, holdings.account) for row in holdings.rows if row.kind == "role"}

    def add_callers(self, wanted: Sequence[str]) -> set[str]:
        """Add who can assume the roles; answers with all roles that are known, which may be callers themselves."""
        trusts = self._trusts([arn for arn in wanted if arn in self.roles])
        federated = {digest for digest, policy in trusts.values() if _trusts_provider(policy)}
        for owner in sorted({self.roles[arn][1].number for arn in trusts}):
            mine = {arn: found for arn, found in trusts.items() if self.roles[arn][1].number == owner}
            _Round(self, ASSUME_ROLE, owner, mine).run()
            provided = {arn: found for arn, found in mine.items() if found[0] in federated}
            for action in FEDERATED_ACTIONS if provided else ():
                _Round(self, action, owner, provided).run()
        return set(self.roles)

    def ask(self, role: str, action: str) -> None:
        """Add who may perform one of the actions that a role's trust policy decides."""
        trusts = self._trusts([role] if role in self.roles else [])
        if trusts:
            _Round(self, action, self.roles[role][1].number, trusts).run()

    def _trusts(self, roles: Sequence[str]) -> dict[str, tuple[str, Policy]]:
        """The trust policies of the roles that have a readable one, with their digests."""
        digests = {arn: self.roles[arn][0].trust_digest or "" for arn in roles}
        parsed = documents(set(digests.values()))
        found = {arn: (digest, parsed.get(digest)) for arn, digest in digests.items()}
        self.unread |= {arn for arn, (_, policy) in found.items() if policy is None}
        return {arn: (digest, policy) for arn, (digest, policy) in found.items() if policy is not None}


def _trusts_provider(policy: Policy) -> bool:
    entries = (entry for statement in policy.statements for entry in statement.principals)
    return any(entry.kind is PrincipalKind.FEDERATED for entry in entries)


class _Round:
    """The roles of one account that are asked about at once, by one action."""

    def __init__(self, assuming: Assuming, action: str, owner: str, trusts: Mapping[str, tuple[str, Policy]]) -> None:
        self.assuming, self.action = assuming, action
        self.graph = assuming.graph
        self.owner = assuming.accounts[owner]
        self.number = next(_rounds)
        federated = action in FEDERATED_ACTIONS
        #: Whether the action is for some kinds of principal only.
        self.by_kind = federated or action == ASSUME_ROLE
        space = AskedSpace(
            action,
            list(trusts),
            self.owner.partition,
            owner,
            lambda key: federated or key.startswith(_SENT),
            colons=False,
        )
        self.cells = SharedCells(space, condition_keys())
        self.standings: dict[str, Standing] = {}
        self._outside_cells: dict[tuple[str, str], tuple[Cell, tuple[Borne, ...]]] = {}
        units: dict[str, tuple[Unit, ...]] = {}
        self.trusts: list[_Trust] = []
        for arn, (digest, policy) in trusts.items():
            found = units.get(digest)
            if found is None:
                found = units[digest] = tuple(self.cells.units(NamedPolicy("trust policy", policy)))
            if any(unit.statement.effect is Effect.ALLOW for unit in found):
                self.trusts.append(_Trust(space.index_of[(action, arn)], assuming.roles[arn][0], digest, found))

    def standing(self, number: str) -> Standing:
        """The rows of an account as callers."""
        found = self.standings.get(number)
        if found is None:
            holdings = self.assuming.holdings_of(number)
            self.assuming.know(holdings)
            organization = self.assuming.holdings_of(self.owner.number).reader.organization.facts
            keys = ("aws:resourceorgid", "aws:resourceorgpaths")
            owned: dict[str, Values] = {key: organization.get(key, ()) for key in keys}
            owned["aws:resourceaccount"] = (self.owner.number,)
            found = self.standings[number] = Standing(holdings, self.cells, owned)
        return found

    def run(self) -> None:
        """Decide about everybody whom the trust policies name."""
        by_account: dict[str, list[_Trust]] = {}
        named: dict[str, tuple[set[str], list[Outsider]]] = {}
        for trust in self.trusts:
            found = named.get(trust.digest)
            if found is None:
                found = named[trust.digest] = self._accounts_named(trust), self._outsiders_named(trust)
            for number in found[0]:
                by_account.setdefault(number, []).append(trust)
            self._outsiders(trust, found[1])
        if self.action not in FEDERATED_ACTIONS:
            for number in sorted(by_account):
                _Callers(self, self.standing(number)).run(by_account[number])

    def _accounts_named(self, trust: _Trust) -> set[str]:
        """The accounts that are known, some of whose principals the trust policy names."""
        found = set()
        for unit in trust.units:
            for entry in unit.statement.principals:
                if is_everyone(entry):
                    return set(self.assuming.accounts)
                principal = _principal(entry.value)
                if principal is not None and principal.account in self.assuming.accounts:
                    found.add(principal.account)
        return found

    def _outsiders_named(self, trust: _Trust) -> list[Outsider]:
        """Services, providers, single sessions, and principals of accounts that are not known here."""
        entries = [entry for unit in trust.units for entry in unit.statement.principals]
        return [
            outsider
            for outsider in outsiders_of(entries, self.assuming.accounts)
            if outsider.principal and not (self.by_kind and action_of(outsider.principal) != self.action)
        ]

    def _outsiders(self, trust: _Trust, outsiders: Iterable[Outsider]) -> None:
        for outsider in outsiders:
            if outsider.principal is None:
                continue
            cell, statements = self._outside(trust, outsider, outsider.principal)
            if cell.verdict in POSSIBLE:
                self.assuming.outsiders.setdefault(outsider.arn, outsider)
                self.add(outsider.arn, trust, cell, statements, outsider)

    def add(
        self,
        principal: str,
        trust: _Trust,
        cell: Cell,
        statements: tuple[Borne, ...],
        outsider: Outsider | None = None,
        group: tuple[Hashable, Sequence[Bearer]] | None = None,
    ) -> None:
        """Enter that a principal, or all of a group, can assume the role."""
        role = trust.row.arn
        verdict = cell.verdict if outsider is None else outsider.worst(cell.verdict)
        besides = "" if outsider is None else outsider.condition
        edge = Edge(
            role, verdict, Step(self.action, role, _about(cell, role), statements, self.cells, trust.index, besides)
        )
        if group is None:
            self.graph.add(principal, edge)
        else:
            self.graph.add_to_group(group[0], (row.arn for row in group[1]), edge)

    def _outside(self, trust: _Trust, outsider: Outsider, principal: Principal) -> tuple[Cell, tuple[Borne, ...]]:
        """What the trust policy alone, and the organization's resource control policies, say of an outsider."""
        key = (trust.digest, outsider.arn)
        found = self._outside_cells.get(key)
        if found is None:
            facts = outsider.facts(self.owner.number, self.assuming.context)
            named = self.named(trust, principal, facts, bounded=False)
            layers = [named.all, *self.resource_levels(principal, facts)]
            found = self._outside_cells[key] = self.decide(trust, layers, [named.denies], facts)
        return found

    def resource_levels(self, principal: Principal, facts: Facts) -> list[tuple[Borne, ...]]:
        """The resource control policies around the role, by level."""
        if principal.service_linked:
            return []
        return [
            tuple(item for named in level for item in self.cells.borne(self.cells.units(named), facts))
            for level in self.assuming.holdings_of(self.owner.number).resource_levels
        ]

    def decide(
        self, trust: _Trust, layers: Sequence[tuple[Borne, ...]], denies: Sequence[tuple[Borne, ...]], facts: Facts
    ) -> tuple[Cell, tuple[Borne, ...]]:
        """The cell of one caller and one role, with all statements that bear on it."""
        masks = [self.cells.mask(layer, trust.index) for layer in layers]
        deny = 0
        for layer in (*layers, *denies):
            deny |= self.cells.mask(layer, trust.index).deny
        cell = self.cells.decided([mask.allow for mask in masks], deny, trust.index, lambda: facts)
        statements = dict.fromkeys(item for layer in (*layers, *denies) for item in layer)
        return cell, tuple(statements)

    def named(self, trust: _Trust, principal: Principal, facts: Facts, *, bounded: bool) -> "_Named":
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


@dataclass(frozen=True, slots=True)
class _Named:
    """A trust policy's statements for one caller: those that name it directly, behind its session, by its account."""

    direct: tuple[Borne, ...]
    behind: tuple[Borne, ...]
    account: tuple[Borne, ...]
    denies: tuple[Borne, ...]

    @property
    def all(self) -> tuple[Borne, ...]:
        """Every Allow that applies."""
        return (*self.direct, *self.behind, *self.account)


class _Callers:
    """The identities of one account as callers of roles of another, or of the same."""

    def __init__(self, around: _Round, standing: Standing) -> None:
        self.round, self.standing = around, standing
        self.holdings = standing.holdings
        self.account = self.holdings.account
        self.same_account = self.account.number == around.owner.number
        self.by_arn = {row.arn: row for row in self.holdings.rows if row.kind in ("user", "role")}
        self.groups: dict[bool, dict[Hashable, tuple[Layers, list[Bearer]]]] = {}

    def run(self, trusts: Sequence[_Trust]) -> None:
        """Decide for each role: alike for those on whom the same statements bear, and one by one for those named."""
        for trust in trusts:
            named = {entry.value for unit in trust.units for entry in unit.statement.principals}
            one_by_one = [self.by_arn[value] for value in named & self.by_arn.keys()]
            if self._names_all(trust):
                self._all_of_account(trust, one_by_one)
            for row in one_by_one:
                self._one(trust, row, self.standing.layers(row))

    def _names_all(self, trust: _Trust) -> bool:
        """Whether the trust policy names the account as a whole, or everybody."""
        anybody = Principal(PrincipalType.ROOT_USER, f"arn:{self.account.partition}:iam::{self.account.number}:root")
        anybody = replace(anybody, account=self.account.number, partition=self.account.partition)
        allows = [unit.statement for unit in trust.units if unit.statement.effect is Effect.ALLOW]
        return any(principal_matches(statement.principals, anybody) for statement in allows)

    def _all_of_account(self, trust: _Trust, except_for: Sequence[Bearer]) -> None:
        """Decide for everybody but those who are named themselves."""
        others = {id(row) for row in except_for}
        everybody = self.same_account and any(
            is_everyone(entry) for unit in trust.units for entry in unit.statement.principals
        )
        for key, (layers, members) in self._groups(everybody=everybody).items():
            if not everybody and not self._may(layers, trust) and not self._unread(members):
                continue
            if _alike(trust) and others.isdisjoint(map(id, members)) and not self._unread(members):
                cell, statements = self._decide(trust, members[0], layers)
                if cell.verdict in POSSIBLE:
                    self.round.add("", trust, cell, statements, group=(key, members))
            else:
                for row in members:
                    if id(row) not in others:
                        self._one(trust, row, layers)

    def _may(self, layers: Layers, trust: _Trust) -> bool:
        """Whether an Allow of the caller's own policies bears on the role."""
        return bool(self.round.cells.mask(layers.identity, trust.index).allow)

    def _groups(self, *, everybody: bool) -> dict[Hashable, tuple[Layers, list[Bearer]]]:
        """Users and roles by the statements that bear on them; those without any only where ``everybody`` counts."""
        found = self.groups.get(everybody)
        if found is None:
            found = self.groups[everybody] = {}
            for row in self.by_arn.values():
                if not everybody and not self.standing.is_concerned(row):
                    continue
                layers = self.standing.layers(row)
                key = (self.account.number, self.round.number, everybody, row.kind, row.service_linked, layers.key)
                found.setdefault(key, (layers, []))[1].append(row)
        return found

    def _unread(self, members: Iterable[Bearer]) -> bool:
        return any(any(self.standing.unreadable(row)) for row in members)

    def _one(self, trust: _Trust, row: Bearer, layers: Layers) -> None:
        cell, statements = self._decide(trust, row, layers)
        if cell.verdict in POSSIBLE:
            self.round.add(row.arn, trust, cell, statements)

    def _decide(self, trust: _Trust, row: Bearer, layers: Layers) -> tuple[Cell, tuple[Borne, ...]]:
        facts = self.standing.facts(row)
        principal = self.holdings.reader.principal(row)
        named = self.round.named(trust, principal, facts, bounded=layers.boundary is not None)
        waives = (*named.direct, *named.behind) if self.same_account else ()
        identity = (*layers.identity, *waives)
        needed = [identity, named.all]
        if layers.boundary is not None:
            needed.append((*layers.boundary, *(named.direct if self.same_account else ())))
        needed += layers.levels
        needed += self.round.resource_levels(principal, facts)
        own, around = self.standing.unreadable(row)
        if own or around:
            allows = [self.round.cells.mask(layer, trust.index).allow for layer in needed]
            return undecided((own, around), allows, frozenset()), ()
        return self.round.decide(trust, needed, [named.denies], facts)


#: The keys that tell rows of one account apart, beside their tags.
_ROW_KEYS = frozenset({"aws:principalarn", "aws:username", "aws:userid", "aws:principaltype"})


def _principal(value: str) -> Principal | None:
    try:
        return Principal.parse(value)
    except ValueError:
        return None


def _about(cell: Cell, role: str) -> Cell:
    """The cell with this role in its examples: cells that do not depend on the resource are shared by roles."""
    if cell.allowed is None and cell.denied is None:
        return cell
    allowed, denied = (None if one is None else Example(role, one.context) for one in (cell.allowed, cell.denied))
    return replace(cell, allowed=allowed, denied=denied)


def _alike(trust: _Trust) -> bool:
    """Whether the trust policy looks the same to callers on whom otherwise the same statements bear."""
    reads = {key for unit in trust.units for key in unit.reads}
    spares = any(unit.statement.not_principals for unit in trust.units)
    return not spares and not reads & _ROW_KEYS and not any(key.startswith("aws:principaltag/") for key in reads)


def is_role(resource: str) -> bool:
    """Whether an ARN is that of one role."""
    try:
        arn = Arn.parse(resource)
    except ValueError:
        return False
    return arn.service == "iam" and arn.resource.startswith("role/") and not set(resource) & set("*?")
