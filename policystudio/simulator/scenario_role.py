"""What the execution role itself can reach, told apart from what the caller needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from policystudio.engine.analyse.scenario import PASS_ROLE, SERVICE_PRINCIPAL, Need
from policystudio.engine.catalog.load import load_sagemaker, load_services
from policystudio.engine.catalog.scenarios import ExecutionRoleNeeds, load_scenario_facts
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.simulator.permissions import Permission
from policystudio.simulator.scenario_question import ScenarioQuestion
from policystudio.simulator.scenario_steps import Checker, Step, blames_of
from policystudio.simulator.stacks import Subject, SubjectReader

_ANY_SAGEMAKER = "arn:${Partition}:sagemaker:${Region}:${Account}:${AnyWithSlashes}"
_LOG_GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:"


@dataclass(frozen=True, slots=True)
class RoleNeed:
    """One permission that AWS documents for the execution role, for a purpose, with the role's own verdict."""

    purpose: str
    page: str
    step: Step


def role_needs(reader: SubjectReader, role: Subject, asked: ScenarioQuestion) -> Iterator[RoleNeed]:
    """The documented permissions in their order; none where AWS documents no list for the operation.

    Those of a switch that the call is known not to have are left out; those of an open one do not count.
    """
    documented = load_scenario_facts().execution_roles.get(asked.operation)
    if documented is None:
        return
    found = list(_permissions(documented, role.bearer.arn, asked))
    checker = Checker(reader, role, asked.question.region)
    for (purpose, need, permission), why in zip(found, checker.explained([one[2] for one in found]), strict=True):
        counts = not need.switch or need.switch in asked.given
        said = checker.said(why, need)
        yield RoleNeed(
            purpose,
            documented.page,
            Step(need, permission.arn, permission.known, why, why.letter, said, blames_of(why), counts, is_own=False),
        )


def _permissions(
    documented: ExecutionRoleNeeds, role_arn: str, asked: ScenarioQuestion
) -> Iterator[tuple[str, Need, Permission]]:
    for group in documented.groups:
        if group.switch in asked.not_given:
            continue
        for action, place in group.permissions:
            known = {"iam:passedtoservice": (SERVICE_PRINCIPAL,)} if action == PASS_ROLE else {}
            for resource_type, arn in _resources(action, place, role_arn, documented.log_group, asked):
                need = Need(action, resource_type, arn, switch=group.switch, known=known)
                yield group.text, need, Permission(action, resource_type, arn, known)


def _resources(
    action: str, place: str, role_arn: str, log_group: str, asked: ScenarioQuestion
) -> Iterator[tuple[str, str]]:
    """The resource types of a permission, each with what it is asked on."""
    facts = load_scenario_facts()
    if place == "*":
        yield NO_TYPE, "*"
    elif place == "itself":
        yield "role", role_arn
    elif place == "log-group":
        yield place, f"{_LOG_GROUP}{log_group}"
    elif place == "log-stream":
        yield place, f"{_LOG_GROUP}{log_group}:log-stream:${{LogStreamNameWithPath}}"
    elif place:
        named = asked.resources.get(place) or _bucket_of(asked.resources.get(facts.places[place].bucket_of, ""))
        yield place, named or facts.places[place].arn
    else:
        yield from _types_of(action)


def _types_of(action: str) -> Iterator[tuple[str, str]]:
    """The types that an action takes, where the permission is about no single place."""
    own = load_sagemaker().action(action)
    if own is not None:
        taken = [item.name for item in own.resource_types or () if item.required]
        types = {item.name: item.arn for item in load_sagemaker().resource_types}
        yield from ((name, types[name]) for name in taken)
        if not taken:
            yield NO_TYPE, _ANY_SAGEMAKER
        return
    described = load_scenario_facts().actions.get(action.lower())
    types_of_service = load_services()[action.partition(":")[0]].resource_types
    taken = list(described.types) if described else []
    yield from ((name, types_of_service[name]) for name in taken)
    if not taken:
        yield NO_TYPE, "*"


def _bucket_of(arn: str) -> str:
    """The bucket of an object's ARN."""
    return arn.partition("/")[0]
