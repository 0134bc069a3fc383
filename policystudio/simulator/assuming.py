"""Who can assume which roles, step by step into a graph, among the accounts that the asking person may see."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from policystudio.accounts.models import Account
from policystudio.engine.analyse.reach import POSSIBLE, AssumeGraph, Edge
from policystudio.engine.arn import Arn
from policystudio.engine.document import Policy, PrincipalKind
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.match import is_everyone
from policystudio.simulator.abroad import ask_abroad
from policystudio.simulator.callers import Callers, Entry
from policystudio.simulator.holdings import Holdings
from policystudio.simulator.outsiders import UNREAD, Outsider, action_of, outsiders_of
from policystudio.simulator.stacks import Bearer, Values
from policystudio.simulator.standing import Standing
from policystudio.simulator.trusts import ASSUME_ROLE, FEDERATED_ACTIONS, Decided, Step, Trust, TrustCells, principal_of


class Assuming:
    """Adds to a graph who can assume roles.

    ``holdings_of`` gives what an account holds about sts:AssumeRole. ``outsiders`` fills with those who are not
    identities of these accounts, ``unread`` with the roles whose trust policy could not be read, ``denied`` with the
    steps of those whom a Deny keeps from the role that was asked about. ``abroad`` takes patterns for the roles of
    accounts that are not known.
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
        self.denied: dict[str, Step] = {}
        self.abroad: set[str] = set()

    def know(self, holdings: Holdings) -> None:
        """Take in the roles of an account."""
        self.roles |= {row.arn: (row, holdings.account) for row in holdings.rows if row.kind == "role"}

    def add_callers(self, wanted: Sequence[str]) -> set[str]:
        """Add who can assume the roles; answers with all roles that are known, which may be callers themselves."""
        for pattern in self.abroad.intersection(wanted):
            owner = pattern.split(":")[4]
            holdings = [self.holdings_of(number) for number in sorted(self.accounts)]
            for arn, step in ask_abroad(holdings, ASSUME_ROLE, pattern, owner):
                self.graph.add(arn, Edge(pattern, step.cell.verdict, step))
        trusts = self._trusts([arn for arn in wanted if arn in self.roles], ASSUME_ROLE)
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
        trusts = self._trusts([role] if role in self.roles else [], action)
        if trusts:
            found = _Round(self, action, self.roles[role][1].number, trusts)
            found.run()
            self.denied |= found.entry.denied

    def _trusts(self, roles: Sequence[str], action: str) -> dict[str, tuple[str, Policy]]:
        """The trust policies of the roles that have a readable one, with their digests."""
        digests = {arn: self.roles[arn][0].trust_digest or "" for arn in roles}
        owners: dict[str, set[str]] = {}
        for arn, digest in digests.items():
            owners.setdefault(self.roles[arn][1].number, set()).add(digest)
        parsed: dict[str, Policy | None] = {}
        for number, wanted in owners.items():
            parsed |= self.holdings_of(number).source.documents(wanted)
        found = {}
        for arn, digest in digests.items():
            policy = parsed.get(digest)
            if policy is None:
                self._unread(arn, action)
            else:
                found[arn] = (digest, policy)
        return found

    def _unread(self, arn: str, action: str) -> None:
        """Somebody may assume a role whose trust policy could not be read; whoever that is."""
        row, account = self.roles[arn]
        self.unread.add(arn)
        whoever = Outsider(f"{UNREAD}{arn}", "unread", f"whoever {row.name} trusts", account.number, None)
        self.outsiders[whoever.arn] = whoever
        cell = Cell(CellVerdict.UNDECIDED, undecided=f"the trust policy of {row.name} could not be read")
        self.graph.add(whoever.arn, Edge(arn, cell.verdict, Step(action, arn, cell)))


def _trusts_provider(policy: Policy) -> bool:
    entries = (entry for statement in policy.statements for entry in statement.principals)
    return any(entry.kind is PrincipalKind.FEDERATED for entry in entries)


class _Round:
    """The roles of one account that are asked about at once, by one action."""

    def __init__(self, assuming: Assuming, action: str, owner: str, trusts: Mapping[str, tuple[str, Policy]]) -> None:
        self.assuming, self.graph, self.owner = assuming, assuming.graph, assuming.accounts[owner]
        rows = {arn: assuming.roles[arn][0] for arn in trusts}
        self.asked = TrustCells(action, assuming.holdings_of(owner), trusts, rows)
        self.entry = Entry(self._enter, self._enter_group, self._enter_outsider)
        self.standings: dict[str, Standing] = {}
        self._outside: dict[tuple[str, str, str], Decided] = {}

    def run(self) -> None:
        """Decide about everybody whom the trust policies name."""
        by_account: dict[str, list[Trust]] = {}
        named: dict[str, tuple[set[str], list[Outsider]]] = {}
        for trust in self.asked.trusts:
            found = named.get(trust.digest)
            if found is None:
                found = named[trust.digest] = self._accounts_named(trust), self._outsiders_named(trust)
            for number in found[0]:
                by_account.setdefault(number, []).append(trust)
            self._outsiders(trust, found[1])
        if self.asked.action not in FEDERATED_ACTIONS:
            for number in sorted(by_account):
                Callers(self.asked, self.standing(number), self.entry).run(by_account[number])

    def standing(self, number: str) -> Standing:
        """The rows of an account as callers."""
        found = self.standings.get(number)
        if found is None:
            holdings = self.assuming.holdings_of(number)
            self.assuming.know(holdings)
            organization = self.assuming.holdings_of(self.owner.number).reader.organization.facts
            keys = ("aws:resourceorgid", "aws:resourceorgpaths")
            owned: dict[str, Values | None] = {key: organization.get(key, ()) for key in keys}
            owned["aws:resourceaccount"] = (self.owner.number,)
            found = self.standings[number] = Standing(holdings, self.asked.cells, owned)
        return found

    def _accounts_named(self, trust: Trust) -> set[str]:
        """The accounts that are known, some of whose principals the trust policy names."""
        found = set()
        for entry in trust.entries:
            if is_everyone(entry):
                return set(self.assuming.accounts)
            principal = principal_of(entry.value)
            if principal is not None and principal.account in self.assuming.accounts:
                found.add(principal.account)
        return found

    def _outsiders_named(self, trust: Trust) -> list[Outsider]:
        """Services, providers, and principals of accounts that are not known here."""
        by_kind, action = self.asked.by_kind, self.asked.action
        return [
            outsider
            for outsider in outsiders_of(trust.entries, self.assuming.accounts)
            if outsider.principal and not (by_kind and action_of(outsider.principal) != action)
        ]

    def _outsiders(self, trust: Trust, outsiders: Iterable[Outsider]) -> None:
        for outsider in outsiders:
            decided = self._of_outsider(trust, outsider)
            if decided.cell.verdict in POSSIBLE:
                self._enter_outsider(outsider, self.asked.step(trust, decided, outsider.condition))

    def _of_outsider(self, trust: Trust, outsider: Outsider) -> Decided:
        key = (trust.digest, outsider.arn, trust.row.arn if self.asked.by_role else "")
        found = self._outside.get(key)
        if found is None and outsider.principal is not None:
            facts = outsider.facts(self.owner.number, self.assuming.context)
            found = self._outside[key] = self.asked.of_outsider(trust, outsider.principal, facts)
        return found or Decided(Cell(CellVerdict.IMPLICIT_DENY))

    # --- The graph ---------------------------------------------------------------------------------------------------

    def _enter(self, principal: str, step: Step) -> None:
        self.graph.add(principal, Edge(step.role, step.cell.verdict, step))

    def _enter_group(self, group: Hashable, members: Sequence[str], step: Step) -> None:
        self.graph.add_to_group(group, members, Edge(step.role, step.cell.verdict, step))

    def _enter_outsider(self, outsider: Outsider, step: Step) -> None:
        self.assuming.outsiders.setdefault(outsider.arn, outsider)
        self._enter(outsider.arn, step)


def is_role(resource: str) -> bool:
    """Whether an ARN is that of one role."""
    try:
        arn = Arn.parse(resource)
    except ValueError:
        return False
    return arn.service == "iam" and arn.resource.startswith("role/") and not set(resource) & set("*?")
