"""The identities of one account as callers of roles of another, or of the same: decided alike where they are alike."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from policystudio.engine.analyse.reach import POSSIBLE
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.sessions import ANY_SESSION, USER_ID, session_matters
from policystudio.engine.match import is_everyone
from policystudio.engine.request import Principal, PrincipalType
from policystudio.simulator.outsiders import Outsider
from policystudio.simulator.stacks import Bearer
from policystudio.simulator.standing import Layers, Standing
from policystudio.simulator.trusts import Decided, Step, Trust, TrustCells, names


@dataclass
class Entry:
    """Takes in what is found out: who can assume a role, alone or all of a group, and whom a Deny keeps from it."""

    one: Callable[[str, Step], None]
    group: Callable[[Hashable, Sequence[str], Step], None]
    session: Callable[[Outsider, Step], None]
    denied: dict[str, Step] = field(default_factory=dict)


@dataclass
class _Group:
    """Identities on whom the very same statements bear."""

    key: Hashable
    layers: Layers
    members: list[Bearer] = field(default_factory=list)

    @cached_property
    def arns(self) -> tuple[str, ...]:
        """The ARNs of the members."""
        return tuple(row.arn for row in self.members)

    @cached_property
    def ids(self) -> frozenset[int]:
        """Tells whether a row is among the members."""
        return frozenset(map(id, self.members))


class Callers:
    """Asks for every identity of an account, and for the single sessions that trust policies name."""

    def __init__(self, asked: TrustCells, standing: Standing, entry: Entry) -> None:
        self.asked, self.standing, self.entry = asked, standing, entry
        self.holdings = standing.holdings
        self.account = self.holdings.account
        self.same_account = self.account.number == asked.owner.account.number
        self.by_arn = {row.arn: row for row in self.holdings.rows if row.kind in ("user", "role")}
        self.roles = {row.name: row for row in self.by_arn.values() if row.kind == "role"}
        self.groups: dict[bool, list[_Group]] = {}
        self._unread: dict[Hashable, bool] = {}

    def run(self, trusts: Sequence[Trust]) -> None:
        """Decide for each role: alike for those on whom the same statements bear, and one by one for those named."""
        anybody = Principal(PrincipalType.ROOT_USER, f"arn:{self.account.partition}:iam::{self.account.number}:root")
        anybody = replace(anybody, account=self.account.number, partition=self.account.partition)
        for trust in trusts:
            sessions = self._sessions(trust)
            named = [self.by_arn[value] for value in names(trust.entries) & self.by_arn.keys()]
            named += [row for row in map(self.by_arn.__getitem__, sessions) if row not in named]
            if trust.allows_some(anybody):
                self._all_of_account(trust, named)
            for row in named:
                self._one(trust, row, self.standing.layers(row), sessions.get(row.arn, ()))

    def _sessions(self, trust: Trust) -> dict[str, list[Principal]]:
        """The sessions of the account's roles that the trust policy names, by the role's ARN."""
        found: dict[str, list[Principal]] = {}
        for session in trust.sessions:
            row = self.roles.get(session.role_arn.rpartition("/")[2])
            if session.account == self.account.number and row is not None:
                found.setdefault(row.arn, []).append(session)
        return found

    def _all_of_account(self, trust: Trust, except_for: Sequence[Bearer]) -> None:
        """Decide for everybody but those who are named themselves."""
        others = frozenset(map(id, except_for))
        everybody = self.same_account and any(is_everyone(entry) for entry in trust.entries)
        for group in self._groups(everybody=everybody):
            unread = self._is_unread(group)
            if not everybody and not unread and not self._may(group.layers, trust):
                continue
            if trust.alike and not unread and others.isdisjoint(group.ids):
                self._group(trust, group)
            else:
                for row in group.members:
                    if id(row) not in others:
                        self._one(trust, row, group.layers)

    def _may(self, layers: Layers, trust: Trust) -> bool:
        """Whether an Allow of the caller's own policies bears on the role."""
        return bool(self.asked.cells.mask(layers.identity, trust.index).allow)

    def _groups(self, *, everybody: bool) -> list[_Group]:
        """Users and roles by the statements that bear on them; those without any only where ``everybody`` counts."""
        found = self.groups.get(everybody)
        if found is None:
            groups: dict[Hashable, _Group] = {}
            for row in self.by_arn.values():
                if not everybody and not self.standing.is_concerned(row):
                    continue
                layers = self.standing.layers(row)
                key = (self.account.number, self.asked.number, everybody, row.kind, row.service_linked, layers.key)
                groups.setdefault(key, _Group(key, layers)).members.append(row)
            found = self.groups[everybody] = list(groups.values())
        return found

    def _is_unread(self, group: _Group) -> bool:
        """Whether something that applies to a member could not be read."""
        found = self._unread.get(group.key)
        if found is None:
            found = self._unread[group.key] = any(any(self.standing.unreadable(row)) for row in group.members)
        return found

    def _group(self, trust: Trust, group: _Group) -> None:
        found = self._decide(trust, group.members[0], group.layers)
        if found.cell.verdict in POSSIBLE:
            self.entry.group(group.key, group.arns, self.asked.step(trust, found))
        elif found.cell.verdict is CellVerdict.EXPLICIT_DENY:
            self.entry.denied |= dict.fromkeys(group.arns, self.asked.step(trust, found))

    def _one(self, trust: Trust, row: Bearer, layers: Layers, sessions: Sequence[Principal] = ()) -> None:
        """Decide for one row; a role of which single sessions are named can what they can, under their names."""
        found = self._decide(trust, row, layers)
        of_sessions = [(session, self._decide(trust, row, layers, session)) for session in sessions]
        if found.cell.verdict in POSSIBLE:
            worse = [one for one, other in of_sessions if other.cell.verdict is not found.cell.verdict]
            besides = f"the session is not named {' or '.join(map(_name_of, worse))}" if worse else ""
            self.entry.one(row.arn, self.asked.step(trust, found, besides))
        elif found.cell.verdict is CellVerdict.EXPLICIT_DENY:
            self.entry.denied[row.arn] = self.asked.step(trust, found)
        for session, other in of_sessions:
            if other.cell.verdict in POSSIBLE and other.cell.verdict is not found.cell.verdict:
                step = self.asked.step(trust, other, f"the session is named {_name_of(session)}")
                self.entry.one(row.arn, replace(step, session=session.arn))
                name = session.arn.rpartition(":")[2]
                outsider = Outsider(session.arn, "session", name, self.account.number, session)
                self.entry.session(outsider, self.asked.step(trust, other))

    def _decide(self, trust: Trust, row: Bearer, layers: Layers, session: Principal | None = None) -> Decided:
        facts = self.standing.facts(row)
        principal = self.holdings.reader.principal(row)
        if session is not None:
            principal = replace(principal, arn=session.arn)
        if row.kind == "role" and trust.reads_user_id and USER_ID not in self.holdings.reader.given:
            facts = _with_user_id(facts, row, trust, session)
        return self.asked.of_caller(trust, principal, layers, facts, self.standing.unreadable(row))


def _with_user_id(facts: Facts, row: Bearer, trust: Trust, session: Principal | None) -> Facts:
    """The facts with the ID of one session, or that of any where the trust policy does not ask for its name."""
    known = {key: values for key, values in facts.known.items() if key != USER_ID}
    name = session.arn.rpartition("/")[2] if session else ANY_SESSION
    if row.unique_id and (session or not session_matters([trust.policy], row.unique_id)):
        known[USER_ID] = (f"{row.unique_id}:{name}",)
    return replace(facts, known=known)


def _name_of(session: Principal) -> str:
    return f"`{session.arn.rpartition('/')[2]}`"
