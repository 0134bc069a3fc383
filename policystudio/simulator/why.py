"""Why a cell says what it says: the path through the layers, the statements that count, and a request on each side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policystudio.accounts.models import Account
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.types import Action, Column
from policystudio.engine.decision import Decision, Element, Layer, StatementTrace
from policystudio.engine.document import Effect
from policystudio.engine.evaluate import written_keys
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.exact.facts import is_service_key
from policystudio.engine.matrix.records import Record
from policystudio.engine.matrix.rows import Matrix, PreparedRow, RowInput
from policystudio.engine.request import NamedPolicy, PolicyStack, Request
from policystudio.engine.variables import expand_resource_loosely
from policystudio.simulator.permissions import Permission, letters_of
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import (
    UnknownIdentity,
    compiled_matrix,
    concrete_request,
    condition_keys,
    subject_reader,
)
from policystudio.simulator.sentences import Bearing, Residue, sentence
from policystudio.simulator.stacks import AttachedPolicy, Bearer, Subject, SubjectReader, bearers
from policystudio.simulator.together import Together, needed_with, together
from policystudio.simulator.witnesses import RowWitness

_PASS_ROLE = "iam:PassRole"  # noqa: S105 -- an action, no password
_SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"
#: What a person asks about first; organization policies that allow everything come last.
_SHOWN_FIRST = (Layer.IDENTITY, Layer.BOUNDARY, Layer.SERVICE_CONTROL)
#: A statement that failed only here came near.
_NEAR = frozenset({Element.RESOURCE, Element.NOT_RESOURCE, Element.CONDITION})


class UnknownCell(LookupError):
    """The catalogue has no such action on such a type."""


@dataclass(frozen=True, slots=True)
class Side:
    """A concrete request of the cell, and its plain decision."""

    request: Request
    decision: Decision
    example: Example


@dataclass(frozen=True, slots=True)
class WhyLayer:
    """One layer (or one level of the organization): what it says of the cell by itself, and its policies.

    ``letter`` is the cell's verdict if this layer alone decided. ``denies`` tells that a Deny of it takes part.
    """

    layer: Layer
    name: str
    letter: CellVerdict
    policies: tuple[str, ...]
    denies: bool


@dataclass(frozen=True, slots=True)
class WhyStatement:
    """A statement that bears on the cell, with the policy that it stands in.

    ``matched_allowed`` and ``matched_denied`` tell whether it matches the request of each side (None: no such side);
    ``kept`` what kept it from matching where it nearly did. Lines count from 1 in ``text``.
    """

    layer: Layer
    policy: NamedPolicy
    attached: AttachedPolicy | None
    trace: StatementTrace
    matched_allowed: bool | None
    matched_denied: bool | None
    kept: str

    @property
    def first_line(self) -> int:
        """The line on which the statement's own text begins."""
        span = self.trace.statement.span
        text = self.policy.policy.text[span.start.offset : span.end.offset]
        return span.start.line + text[: len(text) - len(text.lstrip(", \t\r\n"))].count("\n")

    @property
    def last_line(self) -> int:
        """The line on which the statement ends."""
        return self.trace.statement.span.end.line


@dataclass(frozen=True, slots=True)
class AlsoNeeded:
    """Another permission that the operation needs, with the verdict of its own cell."""

    action: str
    resource_type: str
    letter: CellVerdict


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one cell in full."""

    column: Column
    bearer: Bearer
    cell: Cell
    sentence: str
    residue: tuple[Residue, ...]
    allowed: Side | None
    denied: Side | None
    layers: tuple[WhyLayer, ...]
    statements: tuple[WhyStatement, ...]
    missing_context_keys: tuple[str, ...]
    absent_keys: tuple[str, ...]
    also_needed: tuple[AlsoNeeded, ...]
    together: Together | None = None

    @property
    def letter(self) -> CellVerdict:
        """The cell's verdict."""
        return self.cell.verdict

    @property
    def decision(self) -> Decision | None:
        """The plain decision of the request to show first: the allowed one, where there is one."""
        side = self.allowed or self.denied
        return side.decision if side else None


def why(account: Account, question: Question, identity_arn: str, action: str, resource_type: str) -> Why:
    """Explain one cell. Raises ``UnknownIdentity`` or ``UnknownCell``."""
    reader = subject_reader(account, question)
    found = bearers(reader.source, IdentityFilter(arns=(identity_arn,)))
    if not found:
        raise UnknownIdentity(identity_arn)
    subject = reader.subjects(found)[0]
    compiled, lock = compiled_matrix(account, question)
    index = compiled.space.index_of.get((action, resource_type))
    if index is None:
        raise UnknownCell(f"`{action}` does not act on `{resource_type}`")
    with lock:
        return Explainer(reader, subject, compiled, index).explain()


class Explainer:
    """Explains one column of a matrix for one row.

    ``resource_policy`` stands for that of the resource where a service asks for one (KMS keys); its statements are not
    told of.
    """

    def __init__(
        self,
        reader: SubjectReader,
        subject: Subject,
        compiled: Matrix,
        index: int,
        resource_policy: NamedPolicy | None = None,
    ) -> None:
        self.reader, self.subject, self.compiled, self.index = reader, subject, compiled, index
        self.resource_policy = resource_policy
        self.column = compiled.space.columns[index]
        self.bit = compiled.space.bit(index)
        self.prepared = compiled.prepare([subject.row])[0]
        self.cell = compiled.cell(self.prepared, index)

    def explain(self) -> Why:
        """The whole answer."""
        allowed, denied = self.side(self.cell.allowed), self.side(self.cell.denied)
        if allowed is None and denied is None:
            denied = self.side(Example(self.sample_resource(), {}))
        facts = self.subject.row.facts
        bearing = Bearing(self.bit, self.concerns, self.is_free, facts.context)
        residue = tuple(bearing.residue(*placed) for placed in self.layered_records())
        sides = [side for side in (allowed, denied) if side]
        missing = {name for side in sides for name in side.decision.missing_context_keys}
        return Why(
            self.column,
            self.subject.bearer,
            self.cell,
            sentence(self.cell, self.column, residue),
            residue,
            allowed,
            denied,
            tuple(self.layers()),
            tuple(self.statements(allowed, denied)),
            tuple(sorted(missing - set(self.absent_keys()))),
            tuple(self.absent_keys()),
            tuple(self.also_needed()),
            self.together(),
        )

    def concerns(self, resource: str) -> bool:
        """Whether a resource that a statement names can be one of the column's; ``*`` says nothing about it."""
        pattern = expand_resource_loosely(resource, self.subject.row.facts.context, enabled="${" in resource)
        covers, touches = self.compiled.space.cover_masks(pattern)
        return resource != "*" and bool((covers | touches) & self.bit)

    def is_free(self, key: str) -> bool:
        """Whether a key may have any value in this column."""
        return self.compiled.builder.is_free(key, self.subject.row.facts, self.bit)

    def side(self, example: Example | None) -> Side | None:
        """A request of the cell with its decision."""
        if example is None:
            return None
        request = concrete_request(self.reader, self.subject, self.column.action, example.resource, example.context)
        stack = replace(self.subject.row.stack, resource_policy=self.resource_policy)
        decision = authorize(stack, request, condition_keys())
        own = tuple(trace for trace in decision.traces if trace.layer is not Layer.RESOURCE)
        return Side(request, replace(decision, traces=own), example)

    def sample_resource(self) -> str:
        """A resource of the column."""
        universe = self.compiled.space.universe_of(self.column)
        return "".join(part if isinstance(part, str) else "example" for part in universe.joined)

    def placed(self) -> Iterator[tuple[Layer, str, tuple[NamedPolicy, ...]]]:
        """The layers that take part, organization levels one by one from the root."""
        stack = self.subject.row.stack
        tree = self.reader.organization.tree or ()
        for number, level in enumerate(stack.service_control_policies or ()):
            yield Layer.SERVICE_CONTROL, tree[number].name if number < len(tree) else f"level {number + 1}", level
        if stack.permissions_boundary is not None:
            yield Layer.BOUNDARY, "permissions boundary", (stack.permissions_boundary,)
        yield Layer.IDENTITY, "identity policies", stack.identity_policies

    def layers(self) -> Iterator[WhyLayer]:
        row = self.subject.row
        for layer, name, policies in self.placed():
            alone = RowInput(PolicyStack(policies), row.facts, row.unrestricted and layer is Layer.IDENTITY)
            prepared = self.compiled.prepare([alone])[0]
            cell = self.compiled.cell(prepared, self.index)
            denies = any(not record.is_allow for record in self.records(prepared))
            yield WhyLayer(layer, name, cell.verdict, tuple(item.name for item in policies), denies)

    def records(self, prepared: PreparedRow) -> list[Record]:
        """The compiled statements that can match in this column."""
        compiled = (item for layer in prepared.layers for item in layer)
        found = (record for item in compiled for record in self.compiled.records(item, prepared.row.facts))
        return [record for record in found if record.live & self.bit]

    def layered_records(self) -> Iterator[tuple[Layer, int | None, str, Record]]:
        """The statements that can match, with their layer (of the organization's, the level) and policy."""
        for number, (layer, _, policies) in enumerate(self.placed()):
            level = number if layer is Layer.SERVICE_CONTROL else None  # the levels come first
            for named in policies:
                alone = RowInput(PolicyStack((named,)), self.subject.row.facts)
                for record in self.records(self.compiled.prepare([alone])[0]):
                    yield layer, level, named.name, record

    def statements(self, allowed: Side | None, denied: Side | None) -> Iterator[WhyStatement]:
        """The statements that match one of the requests, Deny first, then those that nearly match."""
        found = list(self.all_statements(allowed, denied))
        matched = [item for item in found if item.matched_allowed or item.matched_denied]
        near = [item for item in found if item not in matched and item.trace.failed in _NEAR]
        matched.sort(key=lambda item: (item.trace.statement.effect is Effect.ALLOW, _SHOWN_FIRST.index(item.layer)))
        return iter([*matched, *near])

    def all_statements(self, allowed: Side | None, denied: Side | None) -> Iterator[WhyStatement]:
        named = self.named_in_order()
        first = allowed or denied
        if first is None:
            return
        others = denied.decision.traces if allowed and denied else first.decision.traces
        for trace, other, policy in zip(first.decision.traces, others, named, strict=True):
            attached = next((item for item in self.attached() if item.named is policy), None)
            yes = trace.matched if allowed else None
            no = (other.matched if allowed else trace.matched) if denied else None
            shown = trace if trace.matched or not other.matched else other
            yield WhyStatement(trace.layer, policy, attached, shown, yes, no, kept(shown))

    def named_in_order(self) -> list[NamedPolicy]:
        """The policy of each trace, in the order of ``authorize``: one entry a statement."""
        stack = self.subject.row.stack
        boundary = () if stack.permissions_boundary is None else (stack.permissions_boundary,)
        levels = [named for level in stack.service_control_policies or () for named in level]
        identity = () if self.subject.bearer.kind == "root" else stack.identity_policies
        return [named for named in (*levels, *identity, *boundary) for _ in named.policy.statements]

    def attached(self) -> Iterator[AttachedPolicy]:
        yield from self.subject.policies
        if self.subject.boundary is not None:
            yield self.subject.boundary

    def absent_keys(self) -> list[str]:
        """Keys that a policy asks for and that the service never sends for this action and type."""
        space, facts = self.compiled.space, self.subject.row.facts
        names = {
            name
            for _, _, policies in self.placed()
            for named in policies
            for statement in named.policy.statements
            if self.compiled.builder.actions(statement) & self.bit
            for name in written_keys(named.policy, statement)
        }
        asked = {name: name.lower() for name in names if not facts.knows(name.lower())}
        return sorted(name for name, key in asked.items() if is_service_key(key) and not space.key_mask(key) & self.bit)

    def together(self) -> Together | None:
        """What the action comes to with the other resource types that it requires; None where there is no other."""
        space, action, kind = self.compiled.space, self.column.action, self.column.resource_type
        others = needed_with(space.catalog, action, kind)
        if not others:
            return None
        indexes = {name: space.index_of[action, name] for name in (kind, *others)}
        letters = self.compiled.letters(self.prepared, only=frozenset(indexes.values()))
        row = RowWitness(self.reader, self.subject, self.compiled, self.prepared)
        return together(row, action, {name: letters[index] for name, index in indexes.items()})

    def also_needed(self) -> Iterator[AlsoNeeded]:
        """The dependent actions of the cell's action: each with the verdict of its own cell."""
        wanted = _dependents(self.compiled.space.catalog.action(self.column.action), self.column.resource_type)
        for name in dict.fromkeys(wanted):
            index = self.compiled.space.index_of.get((name, self.column.resource_type))
            if index is not None:
                yield AlsoNeeded(name, self.column.resource_type, self.compiled.cell(self.prepared, index).verdict)
            elif name == _PASS_ROLE:
                yield AlsoNeeded(name, "role", pass_role_verdict(self.reader.account, self.subject.row))


def _dependents(action: Action | None, resource_type: str) -> tuple[str, ...]:
    """What the reference lists for the action on this type, or for the action as a whole."""
    if action is None:
        return ()
    for taken in action.resource_types or ():
        if taken.name == resource_type and taken.dependent_actions:
            return taken.dependent_actions
    return action.dependent_actions


def pass_role_verdict(account: Account, row: RowInput) -> CellVerdict:
    """Whether the row may pass all, some or none of the account's roles to SageMaker.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    role = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
    known = {"iam:passedtoservice": (_SERVICE_PRINCIPAL,)}
    return CellVerdict(letters_of(account, row, [Permission(_PASS_ROLE, "role", role, known)]))


def kept(trace: StatementTrace) -> str:
    """What kept a statement from matching, in words; empty where it matched."""
    if trace.matched or trace.failed is None:
        return ""
    if trace.failed is Element.CONDITION:
        names = ", ".join(f"{item.name} on {item.key}" for item in trace.failed_conditions)
        missing = f" ({', '.join(trace.missing_keys)} missing)" if trace.missing_keys else ""
        return f"its condition does not hold: {names}{missing}"
    words: Mapping[Element, str] = {
        Element.RESOURCE: "its resources do not include this one",
        Element.NOT_RESOURCE: "it leaves this resource out",
    }
    return words.get(trace.failed, f"its {trace.failed} does not match")
