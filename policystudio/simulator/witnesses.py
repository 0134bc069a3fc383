"""Cells with their proof: a request on each side that `authorize` confirms, and what is allowed, as data and words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from logging import getLogger

from policystudio.engine.arn import Arn
from policystudio.engine.authorize import authorize, principal_facts
from policystudio.engine.catalog.types import Column
from policystudio.engine.decision import Verdict
from policystudio.engine.evaluate import written_keys
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.matrix.quiet import quiet_resource
from policystudio.engine.matrix.rows import Matrix, PreparedRow
from policystudio.engine.request import Context, NamedPolicy, Request
from policystudio.simulator.residues import Residues
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.sentences import Residue, sentence
from policystudio.simulator.stacks import Subject, SubjectReader

log = getLogger(__name__)

Values = tuple[str, ...]
_REGION = "aws:RequestedRegion"
#: What a placeholder of an ARN is filled with where any name will do.
_NAME = "example"
_ANY_REGION = "us-east-1"
_GIVEN_UP = "the question has too many cells that are hard to decide"


@dataclass(frozen=True, slots=True)
class Witness:
    """A concrete request and its decision, with all of the context that the policies read of it.

    A key without values is absent, although the principal or the resource would bring it along.
    """

    action: str
    resource: str
    context: Mapping[str, Values]
    decision: Verdict


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """One cell with what proves it. ``text`` is its verdict in words, ``undecided`` why there is none."""

    column: Column
    verdict: CellVerdict
    by_resource: bool | None
    by_context: bool
    allowed: Witness | None
    denied: Witness | None
    residue: tuple[Residue, ...]
    text: str
    undecided: str


@dataclass(frozen=True, slots=True)
class _Read:
    """The keys that a statement reads, as it writes them, and the columns whose action it names."""

    columns: int
    keys: tuple[str, ...]


class RowWitness:
    """Finds the evidence for the cells of one row. Use it under the lock of its matrix."""

    def __init__(self, reader: SubjectReader, subject: Subject, compiled: Matrix, prepared: PreparedRow) -> None:
        self.reader, self.subject, self.compiled, self.prepared = reader, subject, compiled, prepared
        self.facts, self.stack = subject.row.facts, subject.row.stack
        self.principal = reader.principal(subject.bearer)
        self.residues = Residues(compiled, prepared)
        self.unreadable = bool(subject.row.unreadable_identity or subject.row.unreadable_around)
        self._derived = principal_facts(self.principal, self.principal.account)
        self._reads = [
            _Read(compiled.builder.actions(statement), tuple(written_keys(named.policy, statement)))
            for named in self._policies()
            for statement in named.policy.statements
        ]

    def cell(self, index: int, letter: str) -> CellEvidence:
        """The evidence for a column, whose letter is known: what lanes tell may be too hard for the exact path."""
        column = self.compiled.space.columns[index]
        cell = self.compiled.cell(self.prepared, index)
        verdict = CellVerdict(letter)
        if verdict is not cell.verdict:
            cell = Cell(verdict, undecided=cell.undecided or _GIVEN_UP)
        if self.unreadable:
            return CellEvidence(
                column, verdict, False, False, None, None, (), f"Undecided: {cell.undecided}.", cell.undecided
            )
        residue = self.residues.of(index)
        return CellEvidence(
            column,
            verdict,
            cell.by_resource,
            cell.by_context,
            self.witness(cell.allowed or self._any(verdict, index, "A"), index, wanted=True),
            self.witness(cell.denied or self._any(verdict, index, "EI"), index, wanted=False),
            residue,
            sentence(cell, column, residue),
            cell.undecided if verdict is CellVerdict.UNDECIDED else "",
        )

    def _any(self, verdict: CellVerdict, index: int, letters: str) -> Example | None:
        """Any request will do where all are decided alike."""
        return Example(self.any_resource(index), {}) if verdict in letters else None

    def any_resource(self, index: int) -> str:
        """Some resource of a column."""
        universe = self.compiled.space.universe_of(self.compiled.space.columns[index])
        return quiet_resource(replace(universe, region=universe.region or _ANY_REGION), _NAME)

    # --- Requests ----------------------------------------------------------------------------------------------------

    def witness(self, example: Example | None, index: int, *, wanted: bool) -> Witness | None:
        """The example with its whole context, once it is confirmed; None where there is none."""
        if example is None:
            return None
        found = self.confirmed(example, index, wanted=wanted)
        if found is None:
            action = self.compiled.space.columns[index].action
            log.error("an example of %s for %s is not what its cell says", action, self.subject.bearer.arn)
        return found

    def confirmed(self, example: Example, index: int, *, wanted: bool) -> Witness | None:
        """The example with its whole context, if it is decided as wanted.

        Where a policy asks for the Region of the request and the example has none, it is that of the ARN, if that
        changes nothing: so requests look like those that are made.
        """
        action = self.compiled.space.columns[index].action
        region = Arn.parse(example.resource).region if example.resource != "*" else ""
        context = self.context(example, index)
        if region and context.get(_REGION) == ():
            likely = self._confirmed(Example(example.resource, {**context, _REGION: (region,)}), action, wanted)
            if likely is not None:
                return likely
        return self._confirmed(Example(example.resource, context), action, wanted)

    def _confirmed(self, example: Example, action: str, wanted: bool) -> Witness | None:
        request = Request(self.principal, action, example.resource, "", Context(example.context))
        verdict = authorize(self.stack, request, condition_keys()).verdict
        if (verdict is Verdict.ALLOWED) is not wanted:
            return None
        return Witness(action, example.resource, example.context, verdict)

    def context(self, example: Example, index: int) -> dict[str, Values]:
        """What the policies read of the request: the example's values, and what is known of the identity.

        A key that is absent stands there without values only where something would bring it along: the principal
        (a group's member has a name), or the resource (its tags, its Region).
        """
        bit = self.compiled.space.bit(index)
        given = {key.lower(): values for key, values in example.context.items()}
        names: dict[str, str] = {}
        for read in self._reads:
            if read.columns & bit:
                for name in read.keys:
                    names.setdefault(name.lower(), name)
        result = dict(example.context)
        for key, name in names.items():
            if key in given:
                continue
            values = self.facts.value_of(key) if self.facts.knows(key) else ()
            if values or key in self._derived or self._brought(key):
                result[_REGION if key == _REGION.lower() else name] = values
        return result

    def _brought(self, key: str) -> bool:
        """Whether a resource may bring the key along."""
        if self.facts.knows(key):
            return False
        return key == _REGION.lower() or key.partition("/")[0] in ("aws:resourcetag", "sagemaker:resourcetag")

    # --- Policies ---------------------------------------------------------------------------------------------------

    def _policies(self) -> Iterator[NamedPolicy]:
        """Every policy that takes part."""
        stack = self.stack
        yield from stack.identity_policies
        yield from () if stack.permissions_boundary is None else (stack.permissions_boundary,)
        yield from stack.session_policies or ()
        for policies in stack.service_control_policies or ():
            yield from policies
