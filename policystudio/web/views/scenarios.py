"""Can she really run a training job? The whole operation: what the caller needs, the role's trust, the role's reach."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.accounts.models import Account
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.request import Request
from policystudio.simulator import scenario_words as words
from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.scenario_answers import spelled
from policystudio.simulator.scenario_question import scenario_from_query
from policystudio.simulator.scenario_steps import Step
from policystudio.simulator.scenarios import GroupIsNoPrincipal, RoleChoice, Scenario, scenario
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Cell, cell_pairs, question_pairs
from policystudio.web.request import PageRequest
from policystudio.web.scenario_form import Sent, fields, read
from policystudio.web.views.accounts import crumbs_of

#: What people ask about most, as a beginning.
USUAL = (
    "CreateTrainingJob",
    "CreateProcessingJob",
    "CreateModel",
    "CreateEndpoint",
    "CreateTransformJob",
    "CreateNotebookInstance",
    "CreatePipeline",
    "CreateDomain",
)
#: The square before the answer: its colour, its sign.
ANSWER_SIGNS = {"yes": ("A", "✓"), "no": ("E", "✕"), "depends": ("C", "?")}
#: Roles that are shown; those that work come first.
MOST_ROLES = 100


@require_safe
def scenarios(request: PageRequest, number: str) -> HttpResponse:
    """Can this identity run this operation? A submitted form is sent on to its canonical address."""
    account = account_for(request, number)
    sent = read(account, request.GET)
    if sent.from_form and not sent.problems:
        return HttpResponseRedirect(f"{request.path}{sent.query()}")
    problems = list(sent.problems)
    complete = sent.value("operation") and sent.value("identity") and not problems
    found = _answer(account, sent, problems) if complete else None
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account),
        "title": words.question_of(found) if found else "Can somebody run an operation here?",
        "answer": words.answer_of(found) if found else _opening(sent, problems),
        "form": fields(account, sent),
        "problems": problems,
        "usual": [] if sent.value("operation") else [(name, sent.query(operation=name)) for name in USUAL],
        "found": None if found is None else _evidence(found, sent),
        "moment": found.asked.question.moment if found else "",
        "what_if": bool(sent.values("exclude") or sent.values("add")),
    }
    return render(request, "scenarios/scenarios.html", context)


def _answer(account: Account, sent: Sent, problems: list[str]) -> Scenario | None:
    try:
        found = scenario(account, scenario_from_query(ListQuery(sent.pairs)))
    except QuestionError as error:
        problems += [f"{name}: {message}" for name, message in error.problems]
        return None
    except (UnknownIdentity, GroupIsNoPrincipal) as error:
        problems.append(str(error))
        return None
    problems += found.problems
    return found


def _opening(sent: Sent, problems: Iterable[str]) -> str:
    if list(problems):
        return "Not everything in this question was understood."
    if sent.value("operation"):
        return f"Choose who calls {sent.value('operation')}."
    return "Choose who calls and which operation of SageMaker; a role and circumstances make the answer sharper."


def _evidence(found: Scenario, sent: Sent) -> dict[str, Any]:
    """All that stands below the first line."""
    account = found.account
    counted = [step for step in found.steps if step.counts]
    others = [step for step in found.steps if not step.counts]
    return {
        "sign": ANSWER_SIGNS[words.ANSWERS[found.letter]],
        "who": words.called(found.caller),
        "identity": identity_address(account, found.caller.id),
        "needed": [_row(found, step, found.caller.arn) for step in counted],
        "others": [_row(found, step, found.caller.arn) for step in others],
        "cautions": _cautions(found.steps),
        "example": _example(found),
        "trust": words.trust_of(found),
        "trusted": found.trust.trusted.value if found.trust else "",
        "trust_requests": _requests([found.trust.allowed, found.trust.denied]) if found.trust else [],
        "source_page": found.plan.source_page,
        "role": found.role.name if found.role else "",
        "role_address": identity_address(account, found.role.id) if found.role else "",
        "reach": words.reach_of(found),
        "role_needs": _role_rows(found),
        "role_cautions": _cautions(one.step for one in found.role_needs),
        "page": found.role_needs[0].page if found.role_needs else "",
        "roles": [_role(account, choice, sent) for choice in found.roles[:MOST_ROLES]],
        "more_roles": max(0, len(found.roles) - MOST_ROLES),
        "takes_role": bool(found.plan.passes_role_to),
        "service": found.plan.passes_role_to,
        "owner": words.owner_of(found),
    }


def _row(found: Scenario, step: Step, arn: str) -> dict[str, Any]:
    switch = load_scenario_facts().switches.get(step.need.switch)
    return {
        "letter": step.letter.value,
        "action": step.need.action,
        "why": _why(found, step, arn),
        "resource": words.resource_of(found, step),
        "when": f"when {switch.text}" if switch and not step.counts else "",
        "note": step.note,
        "said": words.obstacle_words(step.blames) if step.blames else words.case_of(step),
        "requests": _requests([side.request if side else None for side in (step.why.allowed, step.why.denied)]),
    }


def _why(found: Scenario, step: Step, arn: str) -> str:
    """The Why of the cell, with what the step knows of the context; empty for other services' actions."""
    cells = {(column.action, column.resource_type) for column in load_sagemaker().columns()}
    if (step.need.action, step.need.resource_type) not in cells:
        return ""
    question = found.asked.question
    known = {key: values for key, values in step.known.items() if not key.endswith("/")}
    asked = replace(question, context={**question.context, **known})
    pairs = [*question_pairs(asked), *cell_pairs(Cell(arn, step.need.action, step.need.resource_type))]
    return f"{reverse('web:why', args=[found.account.number])}?{urlencode(pairs)}"


def _requests(requests: Iterable[Request | None]) -> list[dict[str, Any]]:
    """The requests on both sides: allowed, not allowed."""
    shown = []
    for request, said in zip(requests, ("allowed", "not allowed"), strict=True):
        if request is not None:
            pairs = [(spelled(request.context.name_of(key)), request.context.values_of(key)) for key in request.context]
            context = [(name, ", ".join(values)) for name, values in pairs if values]
            shown.append({"said": said, "resource": request.resource, "context": sorted(context)})
    return shown


def _cautions(steps: Iterable[Step]) -> list[str]:
    return list(dict.fromkeys(step.caution for step in steps if step.caution))


def _example(found: Scenario) -> list[tuple[str, str]]:
    """A context with which every needed step is allowed, where it takes one."""
    context: Mapping[str, tuple[str, ...]] = found.example.context if found.example else {}
    return [(name, ", ".join(values)) for name, values in context.items()]


def _role_rows(found: Scenario) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    arn = found.role.arn if found.role else ""
    for one in found.role_needs:
        again = bool(rows) and rows[-1]["purpose"] == one.purpose
        rows.append({**_row(found, one.step, arn), "purpose": one.purpose, "again": again})
    return rows


def _role(account: Account, choice: RoleChoice, sent: Sent) -> dict[str, Any]:
    return {
        "name": choice.bearer.name,
        "address": sent.query(role=choice.bearer.arn),
        "identity": identity_address(account, choice.bearer.id),
        "works": choice.works.value,
        "letter": choice.letter.value,
        "trusted": choice.trust.trusted.value,
        "reason": choice.trust.reason,
    }
