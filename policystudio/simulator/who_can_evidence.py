"""What an answer to "who can" rests on, principal by principal: what is left of statements, and requests as proof."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from logging import getLogger

from policystudio.engine.analyse.reach import joined
from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Layer, Verdict
from policystudio.engine.document import Effect, Policy
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.match import action_matches, principal_matches
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from policystudio.simulator.holdings import RCP_SERVICES, Holdings
from policystudio.simulator.residues import plain
from policystudio.simulator.scenario_steps import Blame, key_policy
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.sentences import Residue
from policystudio.simulator.stacks import Bearer
from policystudio.simulator.standing import Layers
from policystudio.simulator.trusts import Placed, Step, is_session
from policystudio.simulator.weighed import Weighed
from policystudio.simulator.who_can import Answer, Found
from policystudio.simulator.witnesses import Witness

log = getLogger(__name__)

_NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})
_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves a cell: the parts that are allowed, or what stands in the way, and a request on each side.

    A request is None where there is none on that side, or where nothing can be said. ``besides`` says in words what
    must be so that the policies known here do not tell, ``reason`` why a cell is never allowed that no policies decide.
    ``principal`` makes the requests; it is empty for somebody of an account that is not known.
    """

    cell: Cell
    residue: tuple[Residue, ...] = ()
    blames: tuple[Blame, ...] = ()
    allowed: Witness | None = None
    denied: Witness | None = None
    besides: str = ""
    reason: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Roles that are assumed one after the other, each with its evidence; ``end`` is what the last one can itself."""

    steps: tuple[tuple[Step, Evidence], ...]
    end: Evidence
    verdict: CellVerdict


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who makes a request, with what applies to it; ``levels`` names the organization's."""

    principal: Principal
    stack: PolicyStack
    levels: tuple[str, ...] = ()
    is_known: bool = True


class Prover:
    """Finds the evidence for the rows of one answer. Use it under the answer's lock."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._found: dict[tuple[str, str], Evidence] = {}

    def direct(self, row: Found) -> Evidence:
        """The evidence for what a principal can by itself."""
        standing = self.answer.standing
        if (step := self.answer.steps.get(row.arn)) is not None:
            return self._of_step(row.arn, step)
        if standing is None or row.bearer is None or row.account != self.answer.question.owner:
            return Evidence(row.direct, reason=self._why_not(row))
        found = self._found.get((row.arn, ""))
        if found is None:
            placed = _placed(standing.holdings, standing.layers(row.bearer))
            weighed = Weighed(row.direct, placed, standing.cells, 0, standing.facts(row.bearer))
            found = self._found[row.arn, ""] = self._evidence(weighed, self.answer.question.action, row.arn)
        return found

    def _why_not(self, row: Found) -> str:
        """Why somebody can do nothing directly, of whom no policy is asked."""
        question = self.answer.question
        if not question.by_trust:
            known = "" if question.owner in self.answer.accounts else ", which is not known here"
            return f"is not of account {question.owner}{known}"
        if row.arn == question.resource:
            return "is the role itself"
        if row.kind in ("root", "group"):
            return "cannot assume roles" if row.kind == "root" else "is no principal: its members are asked themselves"
        role = self._bearers.get(question.resource)
        if role is None or row.arn not in self._bearers:
            return "is not known to be let in"
        trust = _trust_of(*role)
        caller = self._bearers[row.arn][1].reader.principal(self._bearers[row.arn][0])
        named = trust is not None and any(
            statement.effect is Effect.ALLOW
            and any(action_matches(action, question.action) for action in statement.actions)
            and principal_matches(statement.principals, caller)
            for statement in trust.statements
        )
        return "is allowed by no identity policy" if named else "is not named by the trust policy"

    def chains(self, row: Found) -> tuple[list[Chain], bool]:
        """The best chains of a principal with their evidence, and whether there may be more."""
        chains, more = self.answer.chains(row)
        return [self._chain(row.arn, steps) for steps in chains], more

    def _chain(self, caller: str, steps: Sequence[Step]) -> Chain:
        found = []
        for step in steps:
            found.append((step, self._of_step(caller, step)))
            caller = step.role
        last = self.answer.by_arn.get(caller)
        end = Evidence(steps[-1].cell) if last is None else self.direct(last)
        return Chain(tuple(found), end, joined((end.cell.verdict, *(step.cell.verdict for step in steps))))

    def _of_step(self, caller: str, step: Step) -> Evidence:
        key = (caller, f"{step.action} {step.role} {step.besides}")
        found = self._found.get(key)
        if found is None:
            found = Evidence(step.cell, besides=step.besides)
            if step.cells is not None:
                weighed = Weighed(step.cell, step.placed, step.cells, step.index, step.facts, step.role)
                found = replace(self._evidence(weighed, step.action, caller, step), besides=step.besides)
            self._found[key] = found
        return found

    def _evidence(self, weighed: Weighed, action: str, arn: str, step: Step | None = None) -> Evidence:
        cell = weighed.cell
        if cell.verdict is CellVerdict.UNDECIDED:
            return Evidence(cell)
        caller, residue = self._caller(arn, action, step), tuple(weighed.residue())
        never = cell.verdict in _NEVER
        blames = tuple(weighed.blames(residue, caller.stack, caller.levels)) if never else ()
        if cell.verdict in (CellVerdict.SOME, CellVerdict.CONDITIONAL):
            residue = plain(residue)
        sample = Example(weighed.sample(), {})
        yes = cell.allowed or (sample if cell.verdict is CellVerdict.ALLOWED else None)
        no = cell.denied or (sample if never else None)
        sides = ((yes, True), (no, False))
        allowed, denied = (self._witness(weighed, caller, action, one, wanted=wanted) for one, wanted in sides)
        who = caller.principal.arn if caller.is_known else ""
        return Evidence(cell, residue, blames, allowed, denied, principal=who)

    def _witness(
        self, weighed: Weighed, caller: _Caller, action: str, example: Example | None, *, wanted: bool
    ) -> Witness | None:
        """The example with its whole context, once it is confirmed."""
        if example is None:
            return None
        owner = weighed.resource.split(":")[4] if weighed.resource else self.answer.question.owner
        context = weighed.context(example, caller.principal, owner, caller.stack)
        management = self.answer.accounts[owner].is_management
        request = Request(caller.principal, action, example.resource, owner, Context(context), management)
        verdict = authorize(caller.stack, request, condition_keys()).verdict
        if (verdict is Verdict.ALLOWED) is not wanted:
            who = caller.principal.arn
            log.error("an example of %s on %s for %s is not what is said", action, example.resource, who)
            return None
        return Witness(action, example.resource, context, verdict)

    # --- Who asks ----------------------------------------------------------------------------------------------------

    @cached_property
    def _bearers(self) -> dict[str, tuple[Bearer, Holdings]]:
        return {row.arn: (row, holdings) for holdings in self.answer.holdings.values() for row in holdings.rows}

    def _caller(self, arn: str, action: str, step: Step | None) -> _Caller:
        """A principal with what applies to it. Whose policies are not known here is taken to have what it takes."""
        row = self.answer.by_arn.get(arn)
        outsider = row.outsider if row is not None else None
        principal = outsider.principal if outsider is not None else None
        if step is not None and step.session:
            principal = Principal.parse(step.session)
        found = self._bearers.get(self._role_of(principal) if principal and is_session(principal) else arn)
        if found is None:
            principal = principal or Principal.parse("anonymous")
            stack = PolicyStack((NamedPolicy("home", parse_policy(_EVERYTHING)),))
            is_known = outsider is not None and outsider.kind in ("service", "federated")
            return _Caller(principal, self._with_resource(stack, principal, action, step), is_known=is_known)
        bearer, holdings = found
        known = holdings.reader.principal(bearer)
        principal = known if principal is None else replace(known, arn=principal.arn)
        levels = tuple(one.name for one in holdings.reader.organization.tree or ())
        return _Caller(principal, self._with_resource(holdings.stack(bearer), principal, action, step), levels)

    def _role_of(self, session: Principal) -> str:
        """The role of a session, whose ARN does not tell the role's path."""
        head, _, name = session.role_arn.partition(":role/")
        return next((arn for arn in self._bearers if arn.startswith(f"{head}:role/") and arn.endswith(f"/{name}")), "")

    def _with_resource(self, stack: PolicyStack, principal: Principal, action: str, step: Step | None) -> PolicyStack:
        """The stack with the policies of the resource: of a role its trust policy, of a key the usual one."""
        service = action.partition(":")[0]
        owner = self.answer.holdings[step.role.split(":")[4] if step else self.answer.question.owner]
        reached = service in RCP_SERVICES and not principal.service_linked
        policy = key_policy(owner.account) if service == "kms" else None
        if step is not None:
            trust = _trust_of(*self._bearers[step.role])
            policy = NamedPolicy("trust policy", trust) if trust is not None else None
        levels = (owner.resource_levels or None) if reached else None
        return replace(stack, resource_control_policies=levels, resource_policy=policy)


def _trust_of(role: Bearer, holdings: Holdings) -> Policy | None:
    """The trust policy of a role; None where it could not be read."""
    digest = role.trust_digest or ""
    return holdings.source.documents([digest]).get(digest)


def _placed(holdings: Holdings, layers: Layers) -> tuple[Placed, ...]:
    """The statements that bear on a row, in their layers."""
    found = [Placed(Layer.IDENTITY, None, layers.identity)]
    if layers.boundary is not None:
        found.append(Placed(Layer.BOUNDARY, None, layers.boundary))
    own = len(holdings.reader.organization.levels or ())
    for number, level in enumerate(layers.levels):
        kind, level_number = (Layer.SERVICE_CONTROL, number) if number < own else (Layer.RESOURCE_CONTROL, number - own)
        found.append(Placed(kind, level_number, level))
    return tuple(found)
