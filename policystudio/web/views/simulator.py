"""Who can do what here? The grid, its exports, and policies to try."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.simulator.question import KINDS, ColumnFilter, Question, QuestionError
from policystudio.simulator.selectors import MatrixPage, Row, catalog, columns_of, matrix
from policystudio.web import asking, exports, grid, headlines
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.chips import LETTERS, REGIONS, chips_of, preset_labels
from policystudio.web.context_values import suggested_keys
from policystudio.web.packing import pack
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.views.why import why_context
from policystudio.web.words import LEVELS, WORDS, count


@require_safe
def choose(request: PageRequest) -> HttpResponse:
    """The simulator of the only account, or the list of accounts to choose from."""
    mine = list(accounts.accounts_visible_to(request.user)[:2])
    if len(mine) == 1:
        return redirect("web:simulator", mine[0].number)
    every = accounts.accounts_visible_to(request.user)
    context = {"area": "simulator", "title": "Whose permissions do you want to see?", "accounts": every}
    context["answer"] = f"{count(len(every), 'account')}: choose one." if mine else "No account is here for you yet."
    return render(request, "simulator/choose.html", context)


@require_safe
@gzip_page
def simulator(request: PageRequest, number: str) -> HttpResponse:
    """Who can do what in this account? Anything but the canonical address is sent on to it."""
    account = account_for(request, number)
    asked = asking.read_address(request.GET)
    canonical = f"{request.path}{asked.query()}"
    if not request.htmx and not asked.problems and urlencode(asked.pairs()) != urlencode(_pairs(request.GET)):
        return HttpResponseRedirect(canonical)
    response = render(
        request,
        "simulator/_split.html" if request.htmx else "simulator/simulator.html",
        simulator_context(account, asked),
    )
    if request.htmx:
        response["HX-Push-Url"] = canonical
    patch_vary_headers(response, ["HX-Request"])
    return response


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def simulator_context(account: Account, asked: asking.Asked) -> dict[str, Any]:
    """All that the page shows."""
    asked, page = _page(account, asked)
    few = 0 < page.total <= headlines.MOST_IDENTITIES
    found = headlines.headlines_of(account, asked.question) if few else []
    types = grid.types_of(page.columns)
    opened = set(asked.opened)
    managed = [(policy.arn, policy.name) for policy in policies.policies_of(account)]
    return {
        "area": "simulator",
        "account": account,
        "crumbs": crumbs_of(account),
        "crumb_note": account.number,
        "title": f"Who can do what in {account.name}?",
        "answer": headlines.of_grid(page, found),
        "asked": asked,
        "question": asked.question,
        "filtered": asked.question != Question(),
        "matrix": page,
        "rows": [_row(account, row, types, opened) for row in page.rows] if types else [],
        "head": grid.heads(types, opened),
        "undecided": any("U" in row.verdicts for row in page.rows),
        "problems": page.problems,
        "chips": chips_of(asked, dict(managed)),
        "why": why_context(account, asked) if asked.cell else None,
        "changes": _changes(account, asked.question),
        "saved_query": urlencode(asking.question_pairs(asked.question)),
        **_choices(account, managed),
        **_paging(account, asked, page),
    }


def _page(account: Account, asked: asking.Asked) -> tuple[asking.Asked, MatrixPage]:
    """The rows asked for; of the last page where there is none so far on.

    None at all, with the reason among the problems, where the moment or the change cannot be asked about.
    """
    try:
        return _rows(account, asked)
    except QuestionError as error:
        said = tuple(message for _, message in error.problems)
        _, columns = columns_of(asked.question.columns)
        return asked, MatrixPage(columns, (), 0, asked.offset, asked.size, said)


def _rows(account: Account, asked: asking.Asked) -> tuple[asking.Asked, MatrixPage]:
    page = matrix(account, asked.question, offset=asked.offset, limit=asked.size)
    if page.rows or not page.total:
        return asked, page
    asked = replace(asked, page=-(-page.total // asked.size))
    return asked, matrix(account, asked.question, offset=asked.offset, limit=asked.size)


def _row(account: Account, row: Row, types: Sequence[grid.TypeColumns], opened: set[str]) -> dict[str, Any]:
    return {
        "arn": row.arn,
        "label": headlines.label_of(row),
        "note": "" if row.kind == "root" else row.note,
        "address": identity_address(account, row.identity_id),
        "cells": grid.row_cells(types, opened, row.verdicts),
    }


def _changes(account: Account, question: Question) -> str:
    """The page that says what the what-if changes; empty where nothing is tried."""
    if not question.what_if:
        return ""
    asked = replace(question, columns=ColumnFilter(), verdicts=frozenset())
    return f"{reverse('web:compare', args=[account.number])}?{urlencode(asking.question_pairs(asked))}"


def _choices(account: Account, managed: list[tuple[str, str]]) -> dict[str, Any]:
    """What the chips offer."""
    return {
        "kinds": KINDS,
        "levels": LEVELS,
        "types": [group.name for group in grid.types_of(catalog().columns())],
        "letters": [(letter, WORDS[letter]) for letter in LETTERS],
        "regions": REGIONS,
        "presets": preset_labels(),
        "condition_keys": suggested_keys(),
        "tag_keys": identities.tag_keys(account),
        "managed": managed,
        "inline": [(f"inline:{owner}/{name}", f"{owner}: {name}") for owner, name in identities.inline_names(account)],
        "boundaries": identities.has_boundaries(account),
    }


def _paging(account: Account, asked: asking.Asked, page: MatrixPage) -> dict[str, Any]:
    base = reverse("web:simulator", args=[account.number])
    pages = max(1, -(-page.total // asked.size))
    first, last = asked.offset + 1, asked.offset + len(page.rows)
    return {
        "pages": pages,
        "first": first,
        "last": last,
        "showing": count(page.total, "identity", "identities"),
        "previous": f"{base}{asked.query(page=asked.page - 1)}" if asked.page > 1 else "",
        "next": f"{base}{asked.query(page=asked.page + 1)}" if asked.page < pages else "",
        "csv": f"{base}export.csv{asked.query(cell=None, edit=None)}",
        "json": f"{base}export.json{asked.query(cell=None, edit=None)}",
    }


@require_safe
@gzip_page
def export(request: PageRequest, number: str, form: str) -> HttpResponse:
    """The page of the grid as a file."""
    account = account_for(request, number)
    asked = asking.read_address(request.GET)
    try:
        page = matrix(account, asked.question, offset=asked.offset, limit=asked.size)
    except QuestionError as error:
        raise Http404("; ".join(message for _, message in error.problems)) from None
    name = f"{account.number}-simulator.{form}"
    if form == "csv":
        response = HttpResponse(exports.as_csv(page), content_type="text/csv; charset=utf-8")
    elif form == "json":
        response = JsonResponse(exports.as_json(page))
    else:
        raise Http404(f"no export `{form}`")
    audit.record_export(
        actor=request.user,
        action="simulator.exported",
        target=account.number,
        account=account.number,
        details={"format": form, "query": request.GET.urlencode()[:2048], "rows": len(page.rows)},
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def what_if(request: PageRequest, number: str) -> HttpResponse:
    """Try a policy on the identities shown: its text is checked, then it stands in the address."""
    account = account_for(request, number)
    query = QueryDict(request.POST.get("query", "").removeprefix("?"))
    text = request.POST.get("policy", "").strip()
    try:
        parse_policy(text, PolicyKind.IDENTITY)
    except PolicyError as error:
        context = simulator_context(account, asking.read_address(query))
        context["what_if"] = {"text": text, "errors": [str(problem) for problem in error.problems]}
        return render(request, "simulator/simulator.html", context, status=422)
    pairs = [*parse_qsl(query.urlencode()), ("try", pack(text))]
    return HttpResponseRedirect(f"{reverse('web:simulator', args=[number])}?{urlencode(pairs)}")
