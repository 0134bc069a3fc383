"""How a scenario is written: as JSON for REST and the command line, and as lines for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from policystudio.engine.analyse.service_trust import ServiceTrust
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.request import Request
from policystudio.simulator import scenario_words as words
from policystudio.simulator.scenario_role import RoleNeed
from policystudio.simulator.scenario_steps import NOT_NEEDED, Step
from policystudio.simulator.scenarios import RoleChoice, Scenario
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.sentences import SIGNS, WORDS
from policystudio.simulator.why import Side

#: The verdicts by the names that REST uses for decisions.
VERDICTS = {
    CellVerdict.ALLOWED: "allowed",
    CellVerdict.SOME: "some",
    CellVerdict.CONDITIONAL: "conditional",
    CellVerdict.EXPLICIT_DENY: "explicitDeny",
    CellVerdict.IMPLICIT_DENY: "implicitDeny",
    CellVerdict.UNDECIDED: "undecided",
}
_MOST_ROLES = 1_000


def scenario_as_json(scenario: Scenario) -> dict[str, Any]:
    """The object that REST and the command line answer with; docs/scenarios.md describes it."""
    example = scenario.example
    return {
        "operation": scenario.plan.operation,
        "identity": scenario.caller.arn,
        "role": scenario.asked.role or None,
        "at": scenario.asked.question.at_written or None,
        "change": scenario.asked.question.change,
        "answer": words.ANSWERS[scenario.letter],
        "sentence": words.answer_of(scenario),
        "steps": [_step(scenario, step) for step in scenario.steps],
        "open": [
            {"name": name, "when": load_scenario_facts().switches[name].text, "verdict": VERDICTS[letter]}
            for name, letter in scenario.switches.items()
        ],
        "trust": _trust(scenario),
        "execution_role": [_need(scenario, one) for one in scenario.role_needs],
        "execution_role_sentence": words.reach_of(scenario) or None,
        "roles": [_role(choice) for choice in scenario.roles[:_MOST_ROLES]],
        "owner": _owner(scenario),
        "example": None
        if example is None
        else {"context": _context(example.context), "resources": _resources(example.resources)},
    }


def _resources(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {name: resource for name, resource in pairs if name != "*"}


def _step(scenario: Scenario, step: Step) -> dict[str, Any]:
    need = step.need
    return {
        "action": need.action,
        "resource_type": need.resource_type,
        "resource": words.resource_of(scenario, step),
        "needed": "yes" if step.counts else "no" if step.note.startswith(NOT_NEEDED) else "when",
        "when": need.switch or None,
        "verdict": VERDICTS[step.letter],
        "sentence": step.sentence,
        "stands_in_the_way": [
            {"layer": str(blame.layer), "name": blame.name, "policies": list(blame.policies), "denies": blame.denies}
            for blame in step.blames
        ],
        "allowed": _side(step.why.allowed),
        "denied": _side(step.why.denied),
        "note": " ".join(filter(None, (step.note, step.caution))) or None,
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    return None if side is None else _request(side.request)


def _request(request: Request) -> dict[str, Any]:
    context = {spelled(request.context.name_of(key)): request.context.values_of(key) for key in request.context}
    return {
        "action": request.action,
        "resource": request.resource,
        "context": _context({name: values for name, values in context.items() if values}),
    }


def spelled(key: str) -> str:
    """A context key in AWS's spelling, where a catalogue knows it; what is known of a request is kept in lower case."""
    found = condition_keys().get(key)
    if found is None:
        return key
    return found.name[: len(found.prefix)] + key[len(found.prefix) :] if found.is_template else found.name


def _context(context: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in context.items()}


def _trust(scenario: Scenario) -> dict[str, Any] | None:
    trust = scenario.trust
    if trust is None:
        return None
    return {
        "service": trust.service,
        "trusted": str(trust.trusted),
        "sentence": words.trust_of(scenario),
        "page": scenario.plan.source_page or None,
        **_trust_requests(trust),
    }


def _trust_requests(trust: ServiceTrust) -> dict[str, Any]:
    sides = {"allowed": trust.allowed, "denied": trust.denied}
    return {name: None if request is None else _request(request) for name, request in sides.items()}


def _need(scenario: Scenario, one: RoleNeed) -> dict[str, Any]:
    return {"purpose": one.purpose, "page": one.page, **_step(scenario, one.step)}


def _role(choice: RoleChoice) -> dict[str, Any]:
    return {
        "arn": choice.bearer.arn,
        "works": words.ANSWERS[choice.works],
        "pass_role": VERDICTS[choice.letter],
        "trusted": str(choice.trust.trusted),
    }


def _owner(scenario: Scenario) -> dict[str, str] | None:
    said = words.owner_of(scenario)
    return {"account": scenario.account.number, "sentence": said} if said else None


def scenario_as_lines(scenario: Scenario) -> Iterator[str]:
    """The answer first, then what it rests on."""
    yield from filter(None, [scenario.asked.question.moment, words.answer_of(scenario)])
    yield from ("", "needed by the caller:")
    yield from _lines(scenario, [step for step in scenario.steps if step.counts])
    rest = [step for step in scenario.steps if not step.counts]
    if rest:
        yield from ("", "needed only when, or not at all:")
        yield from _lines(scenario, rest)
    if scenario.trust is not None:
        yield from ("", words.trust_of(scenario))
    if words.reach_of(scenario):
        yield from ("", words.reach_of(scenario))
        yield from _lines(scenario, [one.step for one in scenario.role_needs])
    if scenario.roles:
        yield from ("", "roles of the account:")
        for choice in scenario.roles:
            passes, trusts = WORDS[choice.letter], f"trusts {choice.trust.service}: {choice.trust.trusted}"
            yield f"  {SIGNS[choice.works] or ' '} {choice.bearer.arn}  iam:PassRole {passes}, {trusts}"
    if scenario.example is not None and scenario.example.context:
        context = " ".join(f"{key}={','.join(values)}" for key, values in scenario.example.context.items())
        yield from ("", f"a context in which every step is allowed: {context}")
    if words.owner_of(scenario):
        yield from ("", words.owner_of(scenario))


def _lines(scenario: Scenario, steps: list[Step]) -> Iterator[str]:
    switches = load_scenario_facts().switches
    width = max((len(step.need.action) for step in steps), default=0)
    for step in steps:
        when = f"; when {switches[step.need.switch].text}" if step.need.switch and not step.counts else ""
        note = f" ({step.note})" if step.note else ""
        verdict = f"{SIGNS[step.letter] or ' '} {step.need.action:<{width}}  {words.resource_of(scenario, step)}"
        yield f"  {verdict}  {WORDS[step.letter]}{when}{note}"
