"""`SimulateCustomPolicy` and `SimulatePrincipalPolicy`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import invalid_input
from policystudio.awsquery.finding import reading
from policystudio.awsquery.paging import DEFAULT_ITEMS
from policystudio.awsquery.simulation import parameters as read
from policystudio.awsquery.simulation.context_entries import read_context
from policystudio.awsquery.simulation.deciding import decide, statements_in
from policystudio.awsquery.simulation.documents import named_policies, organization_levels, refuse_long_documents
from policystudio.awsquery.simulation.entities import Entity, entity_of, owner_of
from policystudio.awsquery.simulation.exclusions import read_exclusions
from policystudio.awsquery.simulation.markers import marker, position_of
from policystudio.awsquery.simulation.question import Simulation, Values
from policystudio.awsquery.simulation.report import evaluation_result
from policystudio.awsquery.simulation.subjects import Known, entity_get, known_entity
from policystudio.engine.document import PolicyKind
from policystudio.engine.match import resource_may_match
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal
from policystudio.simulator.concrete import tags_of, with_facts_of

#: Statements times simulations of one page, and statements that it reports: a page ends early beyond either.
_MOST_WORK = 500_000
_MOST_WORK_OF_ACTION = 100_000
_MOST_REPORTED = 20_000


@reading("SimulateCustomPolicy")
def simulate_custom_policy(caller: Caller, parameters: Parameters) -> Mapping[str, Any]:
    """Policies that stand in the request. Nothing of the account plays a part."""
    refuse_long_documents(read.documents_in(parameters))
    actions = read.read_actions(parameters)
    resources = read.read_resources(parameters, actions)
    named = entity_of(parameters["CallerArn"]) if "CallerArn" in parameters else None
    resource_policy = read.read_resource_policy(parameters, named, resources)
    if resource_policy is not None:
        _refuse_inapplicable(resource_policy, resources)
    levels = [read.level_of(level) for level in parameters.get("OrderedOrganizationPolicyInputList") or ()]
    stack = PolicyStack(
        named_policies(parameters["PolicyInputList"], "PolicyInputList", PolicyKind.IDENTITY),
        read.read_boundary(parameters),
        service_control_policies=organization_levels(levels),
        resource_policy=resource_policy,
    )
    simulation = Simulation(
        actions,
        resources,
        stack,
        _principal(named) if named else None,
        caller.account.number,
        owner=_owner(parameters),
        given=read_context(parameters.get("ContextEntries") or ()),
        known=_facts_of_member(named),
        in_organization=stack.service_control_policies is not None,
    )
    return _answer(caller, "SimulateCustomPolicy", parameters, simulation)


@reading("SimulatePrincipalPolicy")
def simulate_principal_policy(caller: Caller, parameters: Parameters) -> Mapping[str, Any]:
    """The policies of a user, group or role of the caller's account, with what the request adds and leaves out."""
    refuse_long_documents(read.documents_in(parameters))
    actions = read.read_actions(parameters)
    resources = read.read_resources(parameters, actions)
    source = entity_of(parameters["PolicySourceArn"])
    named = entity_of(parameters["CallerArn"]) if "CallerArn" in parameters else source
    resource_policy = read.read_resource_policy(parameters, named, resources)
    exclusions = read_exclusions(parameters.get("PolicyExclusionList") or ())
    added = named_policies(parameters.get("PolicyInputList") or (), "PolicyInputList", PolicyKind.IDENTITY)
    boundary, given = read.read_boundary(parameters), read_context(parameters.get("ContextEntries") or ())
    known = entity_get(caller.account, source)
    stack = known.stack(exclusions, boundary=boundary, added=added)
    stack = replace(stack, resource_policy=resource_policy)
    principal, facts = _caller(caller, known, named, stack)
    simulation = Simulation(
        actions,
        resources,
        stack,
        principal,
        caller.account.number,
        owner=_owner(parameters),
        given=given,
        known=facts,
        facts=_facts_of_resources(caller, resources),
        in_organization=known.in_organization and "scp" not in exclusions.types,
    )
    return _answer(caller, "SimulatePrincipalPolicy", parameters, simulation)


def _owner(parameters: Parameters) -> str:
    return owner_of(parameters["ResourceOwner"]) if "ResourceOwner" in parameters else ""


def _principal(entity: Entity) -> Principal:
    """An entity that nobody looked up, as a caller; for a group, a member of it."""
    if entity.kind == "group":
        return Principal.parse(f"arn:{entity.partition}:iam::{entity.account}:user/member-of-{entity.name}")
    return Principal.parse(entity.arn)


def _facts_of_member(entity: Entity | None) -> Mapping[str, Values]:
    """A member of a group is nobody in particular."""
    is_group = entity is not None and entity.kind == "group"
    return {"aws:username": (), "aws:principalarn": ()} if is_group else {}


def _caller(caller: Caller, known: Known, named: Entity, stack: PolicyStack) -> tuple[Principal, Mapping[str, Values]]:
    """Who is simulated to call, and what is known of them: `CallerArn` calls as if it had the other's policies."""
    other = known if named.arn == known.bearer.arn else known_entity(caller.account, named)
    if other is not None:
        return other.principal, other.facts(stack)
    shared = known.reader.shared if named.account == caller.account.number else {}
    return _principal(named), {**shared, **_facts_of_member(named)}


def _facts_of_resources(caller: Caller, resources: Sequence[str]) -> dict[str, Mapping[str, Values]]:
    """The tags of the resources that are known here, and the Region in each ARN."""
    arns = [resource for resource in resources if resource != "*"]
    tags = tags_of(caller.account, arns) if arns else {}
    return {arn: with_facts_of(arn, tags.get(arn, {}), {}) for arn in arns}


def _refuse_inapplicable(policy: NamedPolicy, resources: Sequence[str]) -> None:
    """AWS wants a `ResourcePolicy` of SimulateCustomPolicy to be one for every resource that is simulated."""
    document = policy.policy
    for resource in resources:
        applies = False
        for statement in document.statements:
            entries = statement.resources or statement.not_resources
            matched = any(resource_may_match(one, resource, Context(), document.has_variables) for one in entries)
            applies = applies or matched is not bool(statement.not_resources) or not entries
        if resource != "*" and not applies:
            raise invalid_input(f"The ResourcePolicy is not applicable to the resource {resource}.")


def _answer(caller: Caller, name: str, parameters: Parameters, simulation: Simulation) -> Mapping[str, Any]:
    """The page that the request asks for. As AWS may, it ends early where more would be too much for one request."""
    position = position_of(caller, name, parameters)
    start = position or 0
    size = min(parameters.get("MaxItems", DEFAULT_ITEMS), _actions_at_once(simulation))
    page = simulation.actions[start : start + size]
    results: list[Mapping[str, Any]] = []
    reported = 0
    for action, decided in zip(page, decide(simulation, page), strict=True):
        results.append(evaluation_result(simulation, action, decided))
        reported += sum(len(one.answer.matched) for one in decided)
        if reported > _MOST_REPORTED:
            break
    after = start + len(results)
    truncated = after < len(simulation.actions)
    answer: dict[str, Any] = {"EvaluationResults": results, "IsTruncated": truncated}
    if truncated:
        answer["Marker"] = marker(caller, name, parameters, after)
    return answer


def _actions_at_once(simulation: Simulation) -> int:
    """How many actions one page may have; raises ``InvalidInput`` where a single one would be too much."""
    statements, resources = statements_in(simulation.stack), len(simulation.resources)
    work = max(1, statements * resources)
    if work > _MOST_WORK_OF_ACTION:
        raise invalid_input(
            f"{statements} statements on {resources} ResourceArns are too much for one request: name fewer resources."
        )
    return max(1, _MOST_WORK // work)
