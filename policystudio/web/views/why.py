"""Why this verdict? A panel beside the grid, and a page of its own."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from policystudio.accounts.models import Account
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.simulator.question import ColumnFilter, IdentityFilter, Question, QuestionError
from policystudio.simulator.selectors import Row, UnknownIdentity, matrix
from policystudio.simulator.who_can_question import every_one_of
from policystudio.simulator.why import UnknownCell
from policystudio.simulator.why import why as explain
from policystudio.web import asking
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Asked, Cell, question_pairs
from policystudio.web.explain import Explained
from policystudio.web.fixes import offered_for
from policystudio.web.grid import level_of
from policystudio.web.headlines import label_of
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.words import LEVELS, SIGNS, WORDS, count, sentence

QUESTIONS = {
    "A": "Why can {who} call {what}?",
    "S": "Where can {who} call {what}?",
    "C": "When can {who} call {what}?",
    "E": "Why can {who} not call {what}?",
    "I": "Why can {who} not call {what}?",
    "U": "Why is it undecided whether {who} can call {what}?",
}


@require_safe
def why(request: PageRequest, number: str) -> HttpResponse:
    """One cell, or all cells of one identity and type."""
    account = account_for(request, number)
    asked = asking.read_address(request.GET)
    if asked.cell is None:
        return HttpResponseRedirect(f"{reverse('web:simulator', args=[number])}{asked.query()}")
    found = why_context(account, asked, alone=not request.htmx)
    context = {"account": account, "asked": asked, "question": asked.question, "why": found}
    status = 404 if "cell_missing" in found else 200
    if request.htmx:
        response = render(request, "simulator/_why.html", context)
        response["HX-Replace-Url"] = f"{reverse('web:simulator', args=[number])}{asked.query()}"
    else:
        context |= {
            "area": "simulator",
            "title": found["title"],
            "answer": "",
            "crumbs": [*crumbs_of(account), ("Simulator", found["closed"])],
        }
        response = render(request, "simulator/why.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def why_context(account: Account, asked: Asked, *, alone: bool = False) -> dict[str, Any]:
    """What the panel shows for the cell that is asked about."""
    cell = asked.cell
    closed = f"{reverse('web:simulator', args=[account.number])}{replace(asked, cell=None).query()}"
    shared: dict[str, Any] = {"alone": alone, "closed": closed}
    if cell is None:
        return shared
    try:
        row = _row(account, asked.question, cell)
    except QuestionError as error:
        return shared | _missing(sentence("; ".join(message for _, message in error.problems)))
    if row is None:
        when = " any more" if asked.question.is_of_now else ""
        return shared | _missing(f"{account.name} has no identity {cell.identity}{when}.")
    shared |= {"who": label_of(row), "identity": identity_address(account, row.identity_id)}
    if not cell.action:
        return shared | _summary(account, asked, cell, row)
    try:
        found = explain(account, asked.question, cell.identity, cell.action, cell.type)
    except (UnknownIdentity, UnknownCell) as error:
        return shared | _missing(f"{error}.")
    explained = Explained(account, asked, found)
    what = explained.action + (f" on {explained.type}" if explained.type else "")
    title = QUESTIONS[found.letter].format(who=shared["who"], what=what)
    offered = offered_for(explained, compared=alone)
    whole = _whole_operation(account, asked, cell) if found.also_needed and found.bearer.kind != "group" else ""
    others = _who_can(account, asked, cell)
    return shared | {"explained": explained, "title": title, "offered": offered, "whole": whole, "others": others}


def _whole_operation(account: Account, asked: Asked, cell: Cell) -> str:
    """The page Scenarios about the action as an operation, with what the question knows."""
    shared = ("region", "context", "exclude", "add", "try")
    pairs = [("operation", cell.action.partition(":")[2]), ("identity", cell.identity)]
    pairs += [pair for pair in question_pairs(asked.question) if pair[0] in shared]
    return f"{reverse('web:scenarios', args=[account.number])}?{urlencode(pairs)}"


def _who_can(account: Account, asked: Asked, cell: Cell) -> str:
    """The page Who can about the action on every resource of the type, with what the question knows."""
    resource = every_one_of(account, cell.type, asked.question.region) if cell.type != NO_TYPE else ""
    pairs = [("action", cell.action), *([("resource", resource)] if resource else [])]
    pairs += [pair for pair in question_pairs(asked.question) if pair[0] == "context"]
    return f"{reverse('web:who-can', args=[account.number])}?{urlencode(pairs)}"


def _missing(text: str) -> dict[str, Any]:
    return {"cell_missing": text, "title": "This cell is not there"}


def _row(account: Account, question: Question, cell: Cell) -> Row | None:
    """The identity of the cell with its verdicts on the cell's type."""
    narrowed = replace(
        question,
        identities=IdentityFilter(arns=(cell.identity,)),
        columns=ColumnFilter(types=(cell.type,)),
        verdicts=frozenset(),
    )
    rows = matrix(account, narrowed, limit=1).rows
    return rows[0] if rows else None


def _summary(account: Account, asked: Asked, cell: Cell, row: Row) -> dict[str, Any]:
    """All actions of one type for one identity, by access level."""
    page = matrix(
        account,
        replace(
            asked.question,
            identities=IdentityFilter(arns=(cell.identity,)),
            columns=replace(asked.question.columns, types=(cell.type,)),
            verdicts=frozenset(),
        ),
    )
    if not page.rows or not page.columns:
        return _missing(f"no action of type {cell.type} is shown with these filters.")
    base = reverse("web:simulator", args=[account.number])
    levels: dict[str, list[dict[str, str]]] = {level: [] for level in LEVELS}
    letters = page.rows[0].verdicts
    for column, letter in zip(page.columns, letters, strict=True):
        address = urlencode(replace(asked, cell=replace(cell, action=column.action)).pairs())
        levels[level_of(column)].append(
            {
                "action": column.action.partition(":")[2],
                "letter": letter,
                "sign": SIGNS[letter],
                "word": WORDS[letter],
                "address": f"{base}?{address}",
            }
        )
    surely, partly = letters.count("A"), sum(letters.count(letter) for letter in "SC")
    label = "Actions without a resource type" if cell.type == "*" else cell.type
    parts = [f"{surely} allowed"] if surely else []
    parts += [f"{partly} on some resources or under conditions"] if partly else []
    answer = f"{count(len(letters), 'action')}: {', '.join(parts) or 'none is possible'}."
    return {
        "summary": True,
        "type_label": label,
        "answer": answer,
        "levels": [(level, cells) for level, cells in levels.items() if cells],
        "title": f"What can {label_of(row)} do with {label[:1].lower()}{label[1:]}?",
    }
