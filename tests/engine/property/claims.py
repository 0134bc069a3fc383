"""What a cell claims, held against concrete requests that `authorize` decides."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.compile import CompiledStack, compile_stack
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Effect, Policy
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.matrix.rows import Matrix, PreparedRow
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from tests.engine.property.borders import Borders, Values

NEVER = (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY)
MIXED = (CellVerdict.SOME, CellVerdict.CONDITIONAL)


class Contradiction(AssertionError):
    """A claim of the engine and a request that belies it, ready to be pasted."""


def without_denies(stack: PolicyStack) -> PolicyStack:
    """The stack with every Deny statement removed."""

    def stripped(named: NamedPolicy) -> NamedPolicy:
        policy = named.policy
        allows = tuple(item for item in policy.statements if item.effect is Effect.ALLOW)
        return NamedPolicy(named.name, Policy(f"{policy.text} ", policy.kind, policy.version, allows))

    levels = stack.service_control_policies
    return PolicyStack(
        tuple(map(stripped, stack.identity_policies)),
        stripped(stack.permissions_boundary) if stack.permissions_boundary else None,
        None if stack.session_policies is None else tuple(map(stripped, stack.session_policies)),
        service_control_policies=None if levels is None else tuple(tuple(map(stripped, level)) for level in levels),
    )


def stack_as_json(stack: PolicyStack) -> dict[str, object]:
    """The stack in the words of ``manage.py evaluate``."""

    def document(named: NamedPolicy) -> object:
        return json.loads(named.policy.text)

    result: dict[str, object] = {"identity_policies": [document(item) for item in stack.identity_policies]}
    if stack.permissions_boundary:
        result["permissions_boundary"] = document(stack.permissions_boundary)
    if stack.session_policies is not None:
        result["session_policies"] = [document(item) for item in stack.session_policies]
    if stack.service_control_policies is not None:
        result["service_control_policies"] = [
            [document(item) for item in level] for level in stack.service_control_policies
        ]
    return result


@dataclass
class Claim:
    """One cell of one row, with what is needed to ask for concrete requests of it."""

    matrix: Matrix
    prepared: PreparedRow
    principal: Principal
    index: int
    seed: object = None

    def __post_init__(self) -> None:
        space, row = self.matrix.space, self.prepared.row
        self.column = space.columns[self.index]
        self.stack, self.facts = row.stack, row.facts
        self.keys: ConditionKeys = self.matrix.keys
        self.borders = Borders(
            self.stack, space.catalog, self.column, self.facts, self.keys, space.account, space.region
        )
        self.cell: Cell = self.matrix.cell(self.prepared, self.index)
        self.compiled: CompiledStack = compile_stack(self.stack, self.keys)

    def request(self, resource: str, assignment: Mapping[str, Values]) -> Request:
        """The request on a resource, with what is known and every other key that the stack reads as assigned."""
        entries = {**self.borders.absent, **self.facts.known}
        entries |= {key.lower(): values for key, values in assignment.items()}
        account = self.matrix.space.account
        return Request(self.principal, self.column.action, resource, account, Context(entries))

    def allows(self, resource: str, assignment: Mapping[str, Values]) -> bool:
        """Whether the request is allowed."""
        return self.compiled.decide(self.request(resource, assignment)).verdict is Verdict.ALLOWED

    def contradict(self, what: str, *requests: tuple[str, Mapping[str, Values]]) -> Contradiction:
        """The finding as text: what is wrong, and everything that shows it."""
        known = {key: list(values) for key, values in self.facts.known.items()}
        lines = [what, f"cell: {self.column.action} on {self.column.resource_type}: {self.cell}", f"seed: {self.seed}"]
        for resource, assignment in requests:
            request = self.request(resource, assignment)
            decision = authorize(self.stack, request, self.keys)
            asked = {
                "principal": self.principal.arn,
                **stack_as_json(self.stack),
                "context": {**known, **{key: list(values) for key, values in request.context.items()}},
                "action": self.column.action,
                "resource": resource,
            }
            lines.append(f"{decision.verdict} ({decision.reason}): {json.dumps(asked)}")
        if not requests:
            lines.append(json.dumps({"principal": self.principal.arn, "known": known, **stack_as_json(self.stack)}))
        return Contradiction("\n".join(lines))

    def check(self, dice: random.Random, resources: int = 4, contexts: int = 5) -> None:
        """Hold every claim of the cell against a grid of sampled requests, and its examples against `authorize`."""
        self.check_examples()
        if self.cell.verdict is CellVerdict.UNDECIDED:
            if not self.cell.undecided:
                raise self.contradict("undecided without a reason")
            return
        chosen = [self.borders.context(dice) for _ in range(contexts)]
        places = [self.borders.resource(dice, dice.choice(chosen)) for _ in range(resources)]
        for example in (self.cell.allowed, self.cell.denied):
            if example is not None:
                chosen.append({**self.borders.absent, **lowered(example.context)})
                places.append(example.resource)
        self.check_grid(list(dict.fromkeys(places)), chosen)

    def check_grid(self, places: list[str], chosen: list[Mapping[str, Values]]) -> None:
        """The universal claims, over every pair of a place and a context."""
        verdict = self.cell.verdict
        outcome = {
            (place, number): self.allows(place, context) for place in places for number, context in enumerate(chosen)
        }
        for (place, number), allowed in outcome.items():
            if (verdict is CellVerdict.ALLOWED and not allowed) or (verdict in NEVER and allowed):
                raise self.contradict("the verdict is uniform, this request differs", (place, chosen[number]))
        if verdict is CellVerdict.IMPLICIT_DENY:
            self.check_bare(places, chosen)
        if not self.cell.by_context:
            for place in places:
                sides = {outcome[place, number]: chosen[number] for number in range(len(chosen))}
                if len(sides) == 2:
                    raise self.contradict("the context matters", *((place, item) for item in sides.values()))
        if self.cell.by_resource is False:
            for number, context in enumerate(chosen):
                both = {outcome[place, number]: place for place in places}
                if len(both) == 2:
                    raise self.contradict("the resource matters", *((item, context) for item in both.values()))

    def check_bare(self, places: list[str], chosen: list[Mapping[str, Values]]) -> None:
        """Implicitly denied: nor would it be allowed with every Deny removed."""
        bare = compile_stack(without_denies(self.stack), self.keys)
        for place in places:
            for context in chosen:
                if bare.decide(self.request(place, context)).verdict is Verdict.ALLOWED:
                    raise self.contradict("a Deny stands in the way of this request", (place, context))

    def check_examples(self) -> None:
        """The requests on each side: in the universe, of free keys alone, and decided as the cell says."""
        cell = self.cell
        if cell.verdict in MIXED and (cell.allowed is None or cell.denied is None):
            raise self.contradict("a witness is missing")
        for wanted, example in ((True, cell.allowed), (False, cell.denied)):
            if example is not None:
                self.check_example(example, wanted)
        if cell.verdict is CellVerdict.EXPLICIT_DENY:
            if cell.denied is None:
                raise self.contradict("a witness is missing")
            request = self.request(cell.denied.resource, cell.denied.context)
            bare = authorize(without_denies(self.stack), request, self.keys).verdict
            denied = authorize(self.stack, request, self.keys).verdict
            if bare is not Verdict.ALLOWED or denied is not Verdict.EXPLICIT_DENY:
                raise self.contradict("no Deny stands in its way", (cell.denied.resource, cell.denied.context))
        flags = (cell.by_resource, cell.by_context)
        if cell.verdict is CellVerdict.SOME and flags != (True, False):
            raise self.contradict("`some` depends on the resource alone")
        if cell.verdict is CellVerdict.CONDITIONAL and not cell.by_context:
            raise self.contradict("`conditional` depends on the context")

    def check_example(self, example: Example, wanted: bool) -> None:
        decided = authorize(self.stack, self.request(example.resource, example.context), self.keys).verdict
        where = (example.resource, example.context)
        if (decided is Verdict.ALLOWED) is not wanted:
            raise self.contradict(f"the witness is {decided}", where)
        for key, values in example.context.items():
            if values and not self.borders.is_free(key.lower()):
                raise self.contradict(f"the witness sets `{key}`, which is known or never sent", where)
            described = self.keys.get(key)
            if described is not None and not described.multi_valued and len(values) > 1:
                raise self.contradict(f"the witness gives `{key}` several values", where)
        if not in_universe(self, example.resource):
            raise self.contradict("the witness is no resource of the cell", where)


def lowered(context: Mapping[str, Values]) -> dict[str, Values]:
    """The context with its keys in lower case."""
    return {key.lower(): values for key, values in context.items()}


def in_universe(claim: Claim, resource: str) -> bool:
    """Whether the resource is one of the cell's type, in the account and the Region asked about."""
    column, space = claim.column, claim.matrix.space
    found = space.catalog.resource_type(column.resource_type)
    if column.resource_type == "*":
        return resource == "*" or not column.types_known
    assert found is not None
    known = {"Partition": space.partition, "Account": space.account, "Region": space.region}
    want, have = found.arn.split(":", 5), resource.split(":", 5)
    return len(have) == 6 and all(_fits(left, right, known) for left, right in zip(want, have, strict=True))


def _fits(template: str, text: str, known: Mapping[str, str]) -> bool:
    """Whether a part of an ARN is what its template can give: names are not empty and hold no colon and no slash."""
    if template.count("/") != text.count("/") and "With" not in template:
        return False
    if "With" in template:
        return text.startswith(template.partition("${")[0]) and text != template.partition("${")[0]
    return all(_part_fits(left, right, known) for left, right in zip(template.split("/"), text.split("/"), strict=True))


def _part_fits(template: str, text: str, known: Mapping[str, str]) -> bool:
    if "${" not in template:
        return template == text
    head, _, rest = template.partition("${")
    name, _, tail = rest.partition("}")
    fixed = known.get(name)
    inner = text[len(head) : len(text) - len(tail)]
    return (
        text.startswith(head)
        and text.endswith(tail)
        and bool(inner)
        and ":" not in inner
        and (not fixed or inner == fixed)
    )
