"""What does a change of policies change? For identities of the account, or between two texts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from policystudio.accounts.models import Account
from policystudio.engine.analyse.comparison import Change
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.simulator.comparing import read_texts
from policystudio.simulator.comparisons import compared_pair
from policystudio.simulator.evaluation_input import EvaluationInputError, InputProblem, PolicyCache
from policystudio.simulator.question import ColumnFilter, IdentityFilter, Question, QuestionError, WhatIf
from policystudio.simulator.stacks import Bearer
from policystudio.simulator.what_if import IdentityChange, WhatIfChanges, what_if_changes
from policystudio.web import asking, changes
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Asked, Cell
from policystudio.web.chips import chips_of
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page

_SIDES = {"before": "Before", "after": "After"}
#: With more cells than these, those of several identities are only summed up on their common page.
_WITH_REQUESTS = 400


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
def compare(request: PageRequest, number: str) -> HttpResponse:
    """The what-if of the address; or, sent by POST and not kept, two texts."""
    account = account_for(request, number)
    if request.method == "POST":
        return _texts(request, account)
    asked = asking.read_address(request.GET)
    question = asked.question
    if not question.what_if:
        return account_page(request, account, "compare", _NOTHING | {"asked": asked} | _choices(account))
    narrowed = replace(question, columns=ColumnFilter(), verdicts=frozenset())
    try:
        found = what_if_changes(account, narrowed)
    except QuestionError as error:
        said = tuple(message for _, message in error.problems)
        found = WhatIfChanges(0, (), 0, said)
    return account_page(request, account, "compare", _what_if(account, Asked(narrowed, problems=asked.problems), found))


_NOTHING = {
    "title": "What would a change of policies change?",
    "answer": "Choose what to leave out or to add, or paste two policies below.",
}


def _choices(account: Account) -> dict[str, Any]:
    """What the form offers: policies to leave out or to add."""
    return {
        "managed": [(policy.arn, policy.name) for policy in policies.policies_of(account)],
        "inline": [(f"inline:{owner}/{name}", f"{owner}: {name}") for owner, name in identities.inline_names(account)],
        "boundaries": identities.has_boundaries(account),
    }


def _what_if(account: Account, asked: Asked, found: WhatIfChanges) -> dict[str, Any]:
    alone = found.single is not None
    name = _label(found.single) if found.single else ""
    shown = [item for item in found.found if item.changes or item.undecided]
    brief = not alone and sum(len(item.cells) for item in shown) > _WITH_REQUESTS
    return {
        "title": f"What does this change for {name}?" if name else "What does this change?",
        "answer": changes.of_what_if(found, name),
        "asked": asked,
        "question": asked.question,
        "chips": chips_of(asked, dict(_choices(account)["managed"])),
        "problems": found.problems,
        "left": found.left,
        "simulator": f"{reverse('web:simulator', args=[account.number])}{asked.query()}",
        "sections": [_section(account, asked, item, alone=alone) for item in shown],
        "alone": alone,
        "brief": brief,
    }


def _section(account: Account, asked: Asked, found: IdentityChange, *, alone: bool) -> dict[str, Any]:
    """What changes for one identity."""
    bearer = found.bearer
    narrowed = replace(asked, question=replace(asked.question, identities=IdentityFilter(arns=(bearer.arn,))))
    plain = replace(narrowed, question=replace(narrowed.question, what_if=WhatIf()))
    why = reverse("web:why", args=[account.number])

    def address(change: Change, after: bool) -> str:
        cell = Cell(bearer.arn, change.action, change.resource_type)
        return f"{why}{replace(narrowed if after else plain, cell=cell).query()}"

    return {
        "name": _label(bearer),
        "address": identity_address(account, bearer.id),
        "answer": changes.of_identity(found, _label(bearer)),
        "types": changes.by_type(found.cells, address),
        "folded": not alone or len(found.cells) > changes.OPEN_CELLS,
        "services": list(changes.of_services(found.others)),
        "in_short": changes.services_in_short(found.others),
        "only": f"?{urlencode(narrowed.pairs())}",
    }


def _label(bearer: Bearer) -> str:
    return "the root user" if bearer.kind == "root" else f"{bearer.kind}/{bearer.name}"


# Two texts.


def _texts(request: PageRequest, account: Account) -> HttpResponse:
    """Compare what was pasted. Nothing of it is kept, and nothing of it is lost when it is not understood."""
    texts = {side: request.POST.get(side, "") for side in _SIDES}
    shared = {"texts": texts, "asked": Asked(Question()), **_choices(account)}
    try:
        comparison = compared_pair(read_texts(texts["before"], texts["after"], PolicyCache()))
    except EvaluationInputError as error:
        context = {
            "title": "What would a change of policies change?",
            "answer": "Not decided: what was pasted is not understood.",
            "errors": [_said(problem) for problem in error.problems],
            "wrong": {problem.path.partition(".")[0] for problem in error.problems},
        }
        return account_page(request, account, "compare", shared | context, status=422)
    cells, others = changes.sagemaker_cells(comparison.changes)
    context = {
        "title": "What changes between these two?",
        "answer": changes.of_documents(comparison),
        "compared": {
            "types": changes.by_type(cells),
            "folded": len(cells) > changes.OPEN_CELLS,
            "services": list(changes.of_services(others)),
            "in_short": changes.services_in_short(others),
            "examples": list(_examples(comparison.newly_allowed, comparison.newly_denied)),
        },
    }
    return account_page(request, account, "compare", shared | context)


def _examples(allowed: Any, denied: Any) -> Iterator[tuple[str, Any]]:
    for title, witness in (("Newly allowed, for example", allowed), ("Newly denied, for example", denied)):
        if witness is not None:
            yield title, witness


def _said(problem: InputProblem) -> str:
    """What is wrong, with its side and its place."""
    side, dot, place = problem.path.partition(".")
    where = f"line {problem.line}, column {problem.column}: " if problem.line else ""
    said = f"{f'{place}: ' if dot else ''}{where}{problem.message}"
    return f"{_SIDES[side]}: {said}" if side in _SIDES else said
