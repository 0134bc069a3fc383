"""What a scenario answers, in sentences that a person would say."""

import re
from collections.abc import Sequence

from policystudio.engine.analyse.scenario import PASS_ROLE
from policystudio.engine.analyse.service_trust import Trusted
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.decision import Layer
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.scenario_steps import Blame, Step
from policystudio.simulator.scenarios import Scenario
from policystudio.simulator.stacks import Bearer

_NEVER = (CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY)
ANSWERS = {
    CellVerdict.ALLOWED: "yes",
    CellVerdict.SOME: "depends",
    CellVerdict.CONDITIONAL: "depends",
    CellVerdict.UNDECIDED: "depends",
    CellVerdict.EXPLICIT_DENY: "no",
    CellVerdict.IMPLICIT_DENY: "no",
}
_LAYERS = {
    Layer.IDENTITY: "identity policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SERVICE_CONTROL: "service control policy",
    Layer.RESOURCE_CONTROL: "resource control policy",
    Layer.RESOURCE: "trust policy",
}
_LEVELS = {
    Layer.SERVICE_CONTROL: "service control policies",
    Layer.RESOURCE_CONTROL: "resource control policies",
}
#: A verdict in more letters than these is left to the table of steps.
_SHORT = 220
_SHOWN = 3
_MOST_TARGETS = 4
_HOLE = re.compile(r"\$\{[^}]*\}")


def called(bearer: Bearer) -> str:
    """`user/ana`, `the root user`."""
    return "the root user" if bearer.kind == "root" else f"{bearer.kind}/{bearer.name}"


def resource_of(scenario: Scenario, step: Step) -> str:
    """What a step was asked on, as a pattern of ARNs: what varies stands as ``*``."""
    account = scenario.account
    text = step.resource.replace("${Partition}", account.partition).replace("${Account}", account.number)
    region = scenario.asked.question.region
    return _HOLE.sub("*", text.replace("${Region}", region or "*"))


def question_of(scenario: Scenario) -> str:
    """The title: the question."""
    who = called(scenario.caller)
    return f"Can {who} run {scenario.plan.operation}{_with_role(scenario)}?"


def _with_role(scenario: Scenario) -> str:
    return f" with role {scenario.asked.role.rpartition('/')[2]}" if scenario.asked.role else ""


def answer_of(scenario: Scenario) -> str:
    """The first line: the answer in one sentence, naming what stands in the way."""
    who, what = called(scenario.caller), f"run {scenario.plan.operation}{_with_role(scenario)}"
    who = who[:1].upper() + who[1:] if who.startswith("the ") else who
    tail = _tail(scenario)
    if scenario.letter in _NEVER:
        return f"{who} cannot {what}: {_obstacles(scenario)}."
    if scenario.letter is CellVerdict.UNDECIDED:
        return f"It is undecided whether {who} can {what}: {'; '.join(_doubts(scenario))}."
    with_roles = _some_roles(scenario)
    if scenario.letter is CellVerdict.ALLOWED:
        return f"{who} can {what}{with_roles}{tail}."
    return f"{who} can {what}{with_roles} in some cases ({'; '.join(_cases(scenario))}){tail}."


def _some_roles(scenario: Scenario) -> str:
    """Which roles could be passed, where none was chosen."""
    if not scenario.roles:
        return ""
    works = [choice for choice in scenario.roles if choice.works not in _NEVER]
    names = [choice.bearer.name for choice in works]
    if len(names) <= _SHOWN:
        return f" with role {_listing(names, 'or')}"
    return f" with {len(works)} of {len(scenario.roles)} roles, such as {names[0]}"


def _obstacles(scenario: Scenario) -> str:
    """What stands in the way; resource types of one action that the same layers keep out are told together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for step in scenario.steps:
        if step.counts and step.weight in _NEVER:
            said = f"is not possible: {step.note}" if step.note else obstacle_words(step.blames)
            alike.setdefault((step.need.action, said), []).append(_target(step))
    found = [f"{action}{_on(targets)} {said}" for (action, said), targets in alike.items()]
    role = scenario.asked.role.rpartition("/")[2]
    if scenario.trust is not None and scenario.trust.trusted is Trusted.NO:
        found.append(
            f"role {role} does not let {scenario.trust.service} assume it, which is an error of the service, "
            "not AccessDenied"
        )
    if not found and scenario.plan.passes_role_to:
        found.append(
            f"none of the roles that it may pass trusts {scenario.plan.passes_role_to}"
            if any(choice.letter not in _NEVER for choice in scenario.roles)
            else "it may pass no role of the account"
        )
    first, *more = found or ["what it needs is not allowed together"]
    return f"{first}{f'; {len(more)} more stand in the way' if len(more) > 1 else f'; and {more[0]}' if more else ''}"


def _target(step: Step) -> str:
    return f"role/{step.resource.rpartition('/')[2]}" if step.need.action == PASS_ROLE else step.need.resource_type


def _on(targets: Sequence[str]) -> str:
    names = [name for name in dict.fromkeys(targets) if name != "*"]
    if len(names) > _MOST_TARGETS:
        return f" on {len(names)} types of resource"
    return f" on {_listing(names, 'and')}" if names else ""


def obstacle_words(blames: Sequence[Blame]) -> str:
    """What layers do to a permission that is never allowed."""
    denying = [blame for blame in blames if blame.denies]
    if denying:
        return f"is denied by {' and '.join(_layer(blame) for blame in denying)}"
    if not blames:
        return "is never allowed: what one layer allows, another does not"
    parts = []
    for blame in blames:
        if blame.layer is Layer.IDENTITY:
            parts.append("is allowed by no identity policy")
        elif blame.layer is Layer.BOUNDARY:
            parts.append(f"is not allowed by {_layer(blame)}")
        elif blame.layer is Layer.RESOURCE:
            parts.append("is not allowed by the trust policy")
        else:
            parts.append(f"is not allowed by the {_LEVELS[blame.layer]} of {blame.name}")
    return " and ".join(parts)


def _layer(blame: Blame) -> str:
    names = _listing([f"`{name}`" for name in dict.fromkeys(blame.policies)][:_SHOWN], "and")
    return f"{_LAYERS.get(blame.layer, str(blame.layer))} {names}"


def _cases(scenario: Scenario) -> list[str]:
    """Where or when it is possible, for what depends on something; long conditions are left to the table."""
    found = []
    for step in scenario.steps:
        if step.counts and step.weight in (CellVerdict.SOME, CellVerdict.CONDITIONAL):
            if step.weight is not step.letter:
                found.append(f"only where the execution role has {step.need.action} itself")
                continue
            said = case_of(step)
            depends = "is allowed on some resources" if step.letter is CellVerdict.SOME else "depends on conditions"
            found.append(f"{step.need.action} is {said}" if len(said) <= _SHORT else f"{step.need.action} {depends}")
    if scenario.trust is not None and scenario.trust.trusted is Trusted.SOME:
        found.append(f"its trust policy lets {scenario.trust.service} in for some resources only")
    found = list(dict.fromkeys(found))
    return found[:_SHOWN] or ["each role that it may pass is one under conditions"]


def case_of(step: Step) -> str:
    """`allowed on model/dev-*`: a verdict's sentence without its opening."""
    said = step.sentence.partition(". ")[2].rstrip(".") or step.sentence.rstrip(".")
    return said[:1].lower() + said[1:]


def _doubts(scenario: Scenario) -> list[str]:
    found = [
        f"{step.need.action}: {step.sentence.partition(': ')[2].rstrip('.') or step.sentence}"
        for step in scenario.steps
        if step.counts and step.letter is CellVerdict.UNDECIDED
    ]
    if scenario.trust is not None and scenario.trust.trusted is Trusted.UNDECIDED:
        found.append(scenario.trust.reason)
    return list(dict.fromkeys(found))[:_SHOWN]


def _tail(scenario: Scenario) -> str:
    """What the circumstances change of which nothing is known."""
    texts = {name: switch.text for name, switch in load_scenario_facts().switches.items()}
    also = [texts[name] for name, letter in scenario.switches.items() if letter is CellVerdict.ALLOWED]
    never = [texts[name] for name, letter in scenario.switches.items() if letter in _NEVER]
    others = [name for name, letter in scenario.switches.items() if letter is not CellVerdict.ALLOWED]
    perhaps = [texts[name] for name in others if scenario.switches[name] not in _NEVER]
    parts = [f", also when {_listing(also, 'or')}"] if also else []
    parts += [f", but not when {_listing(never, 'or')}"] if never else []
    parts += [f", and depending on more when {_listing(perhaps, 'or')}"] if perhaps else []
    return "".join(parts)


def trust_of(scenario: Scenario) -> str:
    """Whether the role trusts the service, in a sentence; empty where no role is asked about."""
    trust = scenario.trust
    if trust is None:
        return ""
    said = {
        Trusted.YES: f"{trust.service} may assume the role: {trust.reason}.",
        Trusted.SOME: f"{trust.service} may assume the role for some resources only: for others {trust.reason}.",
        Trusted.NO: f"{trust.service} may not assume the role: {trust.reason}. The call then fails with an error of "
        "the service, not with AccessDenied.",
        Trusted.UNDECIDED: f"It is undecided whether {trust.service} may assume the role: {trust.reason}.",
    }
    return said[trust.trusted]


def reach_of(scenario: Scenario) -> str:
    """What the execution role itself can reach, in a sentence; empty where no role is asked about."""
    if scenario.role is None or not scenario.plan.passes_role_to:
        return ""
    operation = scenario.plan.operation
    if not scenario.role_needs:
        return f"AWS documents no list of what the execution role of {operation} needs."
    counted = [one for one in scenario.role_needs if one.step.counts]
    lacks = [one.step.need.action for one in counted if one.step.letter in _NEVER]
    partly = [one.step.need.action for one in counted if one.step.letter not in (*_NEVER, CellVerdict.ALLOWED)]
    if not lacks and not partly:
        return f"The role itself has everything that AWS documents for {operation}."
    parts = [f"lacks {_listing(list(dict.fromkeys(lacks)), 'and')}"] if lacks else []
    parts += (
        [f"has {_listing(list(dict.fromkeys(partly)), 'and')} on some resources or under conditions"] if partly else []
    )
    return f"Of what AWS documents for {operation}, the role itself {', and '.join(parts)}."


def owner_of(scenario: Scenario) -> str:
    """Who will own what the operation makes, and why; empty where it makes nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_controlling.html
    """
    if not scenario.plan.created_type and not scenario.plan.operation.startswith(("Create", "Import")):
        return ""
    account, caller = scenario.account, scenario.caller
    thing = f"The {scenario.plan.created_type}" if scenario.plan.created_type else "What it makes"
    reason = {
        "user": f"{called(caller)}, who authenticates the call, is a user of that account",
        "role": f"the call is authenticated by a session of {called(caller)}, so it is the role's account that counts, "
        "whoever assumed the role and from wherever",
        "root": "its root user authenticates the call",
    }[caller.kind]
    return f"{thing} will belong to account {account.number} ({account.name}), not to a person or role: {reason}."


def _listing(words: Sequence[str], conjunction: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
