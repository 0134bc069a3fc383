"""Paths to other permissions: what identities can have SageMaker run as roles that may do what they themselves may not.

Every step is a cell of the simulator, so policies, groups, boundary and service control policies all count, and the
role's trust policy is asked as SageMaker would ask. What is not proved is not reported.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from policystudio.engine.analyse.service_trust import ServiceTrust, Trusted
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.rows import Matrix, PreparedRow, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.findings.checks.codes import made
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.path_words import Evidence, Proof, evidence_of, said_of
from policystudio.findings.checks.places import plain_key
from policystudio.findings.checks.ways import WAYS, Way, probes
from policystudio.simulator.content import Source
from policystudio.simulator.permissions import Permission, column_of, permission_matrix, row_for
from policystudio.simulator.question import IdentityFilter, ListQuery
from policystudio.simulator.scenario_question import scenario_from_query
from policystudio.simulator.scenarios import service_trusts
from policystudio.simulator.selectors import catalog, condition_keys
from policystudio.simulator.stacks import Subject, SubjectReader, bearers
from policystudio.simulator.together import required_types

PASS_ROLE = "iam:PassRole"  # noqa: S105 -- an action, no password
SERVICE = "sagemaker.amazonaws.com"
_KNOWN = {"iam:passedtoservice": (SERVICE,), "aws:requesttag/": (), "aws:tagkeys": ()}
_CAN = frozenset("ASC")
#: The letters from the surest down.
_ORDER = "ASCUIE?"
#: Rows that are worked out between two signs of life, and one question of the matrix to hard cells.
_CHUNK = 100
#: Up to so many roles that can be passed have every cell worked out; above, cells that are not plain count for nothing.
_EXACT_ROLES = 300
_BITS = {"can": str.maketrans("ASCEIU?", "1110000"), "never": str.maketrans("ASCEIU?", "0001100")}


@dataclass(slots=True)
class Caller:
    """A user or role, with what it can start (letters by action) and what it surely can and cannot do, as bits."""

    subject: Subject
    letters: dict[str, str]
    can: int = 0
    never: int = 0
    passable: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A role that trusts SageMaker."""

    subject: Subject
    trust: ServiceTrust
    can: int

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.subject.bearer.arn


@dataclass
class Paths:
    """The paths of all users and roles of an account. ``alive`` is called now and then, as it takes its time."""

    source: Source
    alive: Callable[[], None] = lambda: None
    _gains: dict[tuple[int, str], tuple[tuple[int, int], ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        account = self.source.account
        self.reader = SubjectReader(self.source)
        wanted = bearers(self.source, IdentityFilter(kinds=frozenset({"user", "role"})))
        self.subjects = [one for one in self.reader.subjects(wanted) if self._is_known(one)]
        self.matrix = Matrix(Space(catalog(), account.partition, account.number, ""), condition_keys())
        self.probes = probes(account.partition, account.number)
        self.columns = {
            action: [self.matrix.space.index_of[action, name] for name in required_types(catalog().action(action))]
            for way in WAYS
            for step in way.steps
            for action in step
        }

    @staticmethod
    def _is_known(one: Subject) -> bool:
        return not (one.row.unreadable_identity or one.row.unreadable_around)

    @property
    def known_subjects(self) -> list[Subject]:
        """The users and roles whose policies could be read, but service-linked roles, which only AWS mends."""
        return [one for one in self.subjects if not one.bearer.service_linked]

    def found(self, wanted: Sequence[Subject]) -> Iterator[tuple[int, Found]]:
        """The findings about these users and roles, each with the id of the identity."""
        for caller in self.callers(wanted) if self.passed else ():
            for code in dict.fromkeys(way.code for way in WAYS):
                open_ways = [way for way in WAYS if way.code == code and _possible(caller.letters, way)]
                roles = self.gaining(caller, passes=open_ways[0].passes) if open_ways else ()
                if roles:
                    yield caller.subject.bearer.id or 0, self.told(caller, open_ways, roles)

    def told(self, caller: Caller, ways: Sequence[Way], roles: Sequence[tuple[int, int]]) -> Found:
        """The finding about ways of one code that lead to these roles, with the surest of them as evidence."""
        best, gain = max(roles, key=lambda pair: (_ones(pair[1] >> self.width), _ones(pair[1])))
        way = min(ways, key=lambda one: _ORDER.find(_possible(caller.letters, one)))
        surely = _possible(caller.letters, way) == CellVerdict.ALLOWED
        evidence = Evidence(
            [way, *(one for one in ways if one is not way)],
            self.passed[best].subject,
            self.passed[best].trust,
            [self.passed[best].arn, *(self.passed[number].arn for number, _ in roles if number != best)],
            list(dict.fromkeys(self.names_of(gain))),
            surely=surely and (not way.passes or caller.passable[best] == CellVerdict.ALLOWED),
        )
        proof = evidence_of(evidence, self.requests(caller, way, best, gain), self.reader, caller.subject)
        # Roles that are added later are another finding: nobody has looked at these.
        return made(way.code, said_of(evidence), plain_key(way.code, *sorted(evidence.roles)), evidence=proof)

    # What can be started.

    def callers(self, rows: Sequence[Subject]) -> list[Caller]:
        """Those that can start something."""
        wanted = frozenset(index for indexes in self.columns.values() for index in indexes)
        found = []
        for one, told in self._letters(self.matrix, rows, wanted):
            letters = {action: _weakest([told[index] for index in indexes]) for action, indexes in self.columns.items()}
            if any(_possible(letters, way) for way in WAYS):
                found.append(Caller(one, letters))
        self._add_bits(found)
        if any(way.passes and _possible(caller.letters, way) for caller in found for way in WAYS):
            self._add_passable(found)
        return found

    # What the roles may do.

    @cached_property
    def passed(self) -> list[Passed]:
        """The roles that SageMaker may assume, with what they surely can do."""
        roles = [one for one in self.subjects if one.bearer.kind == "role" and not one.bearer.service_linked]
        if not roles:
            return []
        asked = scenario_from_query(ListQuery([("operation", "CreateTrainingJob"), ("identity", roles[0].bearer.arn)]))
        trusts = service_trusts(self.reader, roles[0], asked, [one.bearer for one in roles])
        trusting = [one for one in roles if trusts[one.bearer.arn].trusted in (Trusted.YES, Trusted.SOME)]
        bits = self.bits(trusting, "can", exact=len(trusting) <= _EXACT_ROLES)
        return [Passed(one, trusts[one.bearer.arn], can) for one, can in zip(trusting, bits, strict=True)]

    @property
    def width(self) -> int:
        """How many bits are SageMaker's; those of the probes stand above."""
        return len(self.matrix.space.columns)

    def bits(self, rows: Sequence[Subject], what: str, *, exact: bool) -> list[int]:
        """What each row ``can`` do, or ``never`` can, a bit for each column of SageMaker and each probe above."""
        table, width = _BITS[what], 0
        result = [0] * len(rows)
        for matrix, order in self._matrices:
            for number, (_, prepared) in enumerate(self._prepared(matrix, rows)):
                told = matrix.letters(prepared, exact=exact)
                text = told if order is None else "".join([told[index] for index in order])
                result[number] |= int(text.translate(table)[::-1], 2) << width
            width += len(matrix.space.columns) if order is None else len(order)
        return result

    @cached_property
    def _matrices(self) -> list[tuple[Matrix, Sequence[int] | None]]:
        """SageMaker's matrix, then one for each service of the probes with their columns in order."""
        result: list[tuple[Matrix, Sequence[int] | None]] = [(self.matrix, None)]
        for permissions in self.probes:
            matrix = permission_matrix(self.source.account, permissions)
            result.append((matrix, [column_of(matrix, permissions, at) for at in range(len(permissions))]))
        return result

    def names_of(self, gain: int) -> Iterator[str]:
        """The actions that bits stand for, those of other services first."""
        others = [permission.action for permissions in self.probes for permission in permissions]
        for number, name in enumerate(others):
            if gain >> (self.width + number) & 1:
                yield name
        for number, column in enumerate(self.matrix.space.columns):
            if gain >> number & 1:
                yield column.action

    def gaining(self, caller: Caller, *, passes: bool) -> tuple[tuple[int, int], ...]:
        """The roles by number that can do what the caller never can, and what; with ``passes`` of passable ones."""
        open_to = caller.passable if passes else ""
        key = (caller.never, open_to if passes else "*")
        found = self._gains.get(key)
        if found is None:
            found = self._gains[key] = tuple(
                (number, role.can & caller.never)
                for number, role in enumerate(self.passed)
                if role.can & caller.never and (not passes or (open_to and open_to[number] in _CAN))
            )
        return tuple(pair for pair in found if self.passed[pair[0]].arn != caller.subject.bearer.arn)

    # Bits and letters of callers.

    def _add_bits(self, callers: Sequence[Caller]) -> None:
        rows = [caller.subject for caller in callers]
        for caller, never in zip(callers, self.bits(rows, "never", exact=False), strict=True):
            caller.never = never

    def _add_passable(self, callers: Sequence[Caller]) -> None:
        """Which of the roles each caller may pass to SageMaker, a letter for each."""
        matrix = self.passing
        order = [column_of(matrix, self.pass_permissions, at) for at in range(len(self.pass_permissions))]
        starters = [one for one in callers if any(way.passes and _possible(one.letters, way) for way in WAYS)]
        told_of = self._letters(matrix, [one.subject for one in starters], frozenset(order), passing=True)
        for caller, (_, told) in zip(starters, told_of, strict=True):
            caller.passable = "".join([told[index] for index in order])

    @cached_property
    def pass_permissions(self) -> list[Permission]:
        """Passing each of the roles to SageMaker."""
        return [Permission(PASS_ROLE, "role", role.arn, _KNOWN) for role in self.passed]

    @cached_property
    def passing(self) -> Matrix:
        """The matrix of passing roles."""
        return permission_matrix(self.source.account, self.pass_permissions)

    def _letters(
        self, matrix: Matrix, rows: Sequence[Subject], only: frozenset[int], passing: bool = False
    ) -> Iterator[tuple[Subject, str]]:
        """The letters of the rows in some columns, worked out once for rows on which the same statements bear."""
        mask = sum(matrix.space.bit(index) for index in only)
        known: dict[object, str] = {}
        for one, prepared in self._prepared(matrix, rows, passing):
            key = _bearing(prepared, mask)
            if key not in known:
                known[key] = matrix.letters(prepared, only=only)
            yield one, known[key]

    def _prepared(
        self, matrix: Matrix, rows: Sequence[Subject], passing: bool = False
    ) -> Iterator[tuple[Subject, PreparedRow]]:
        """The rows compiled; all of them first, so that the matrix knows what tells them apart, then in chunks."""
        inputs: list[RowInput] = [row_for(one.row, _KNOWN) if passing else one.row for one in rows]
        matrix.prepare(inputs)
        for start in range(0, len(rows), _CHUNK):
            self.alive()
            part = matrix.prepare(inputs[start : start + _CHUNK])
            yield from zip(rows[start : start + _CHUNK], part, strict=True)

    # Evidence.

    def requests(self, caller: Caller, way: Way, role: int, gain: int) -> Iterator[Proof]:
        """The steps as cells: what the step is, its action, whose it is, and the example that is allowed."""
        prepared = self.matrix.prepare([caller.subject.row])[0]
        for step in way.steps:
            action = min(step, key=lambda one: _ORDER.find(caller.letters[one]))
            for index in self.columns[action]:
                yield "start", action, caller.subject, self.matrix.cell(prepared, index).allowed
        if way.passes:
            passing = self.passing.prepare([row_for(caller.subject.row, _KNOWN)])[0]
            index = column_of(self.passing, self.pass_permissions, role)
            example = self.passing.cell(passing, index).allowed
            if example is not None:
                context = {"iam:PassedToService": (SERVICE,), **example.context}
                yield "pass", PASS_ROLE, caller.subject, replace(example, context=context)
        yield from self._gained(self.passed[role].subject, gain)

    def _gained(self, role: Subject, gain: int) -> Iterator[Proof]:
        """One thing that the role may do and the caller may not, probes first."""
        at = self.width
        for (matrix, order), permissions in zip(self._matrices[1:], self.probes, strict=True):
            for number, permission in enumerate(permissions):
                if gain >> (at + number) & 1 and order is not None:
                    cell = matrix.cell(matrix.prepare([role.row])[0], order[number])
                    yield "gain", permission.action, role, cell.allowed
                    return
            at += len(permissions)
        number = (gain & -gain).bit_length() - 1
        cell = self.matrix.cell(self.matrix.prepare([role.row])[0], number)
        yield "gain", self.matrix.space.columns[number].action, role, cell.allowed


def _bearing(row: PreparedRow, mask: int) -> object:
    """What the letters of a row in these columns depend on: two rows with the same have the same letters."""
    layers = [
        frozenset(id(compiled) for compiled in layer if any(record.live & mask for record in compiled.records))
        for layer in row.layers
    ]
    named = any(compiled.entry.names for layer in row.layers for compiled in layer)
    return (*layers, tuple(sorted(row.row.facts.known.items())) if named else row.row.unrestricted)


def _ones(bits: int) -> int:
    return bits.bit_count()


def _weakest(letters: Sequence[str]) -> str:
    """The letter of an action that needs all of several types."""
    return max(letters, key=_ORDER.find) if letters else "I"


def _possible(letters: dict[str, str], way: Way) -> str:
    """How surely every step is possible: ``A``, another letter that means perhaps, or nothing."""
    best = [min((letters[action] for action in step), key=_ORDER.find) for step in way.steps]
    if way.everywhere and best[-1] != CellVerdict.ALLOWED:
        return ""
    return _weakest(best) if all(letter in _CAN for letter in best) else ""
