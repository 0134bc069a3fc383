"""What must stay true? The expectations of an account, and what a change would make of them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.changes import services
from policystudio.changes.models import Expectation
from policystudio.changes.selectors import expectation_get
from policystudio.identities.selectors import principals_offered, tag_keys
from policystudio.simulator.expectation_answers import Line, expectation_sentence, run, run_change, sentence_of
from policystudio.web import expectation_form as forms
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page
from policystudio.web.views.changes import change_for

#: So many identities are offered, and so many breaches shown for each expectation.
OFFERED = 500
SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def expectations(request: PageRequest, number: str) -> HttpResponse:
    """The expectations with what became of each, and the form for one more or for one that is written anew."""
    posting = request.method == "POST"
    account = account_for(request, number, Role.AUTHOR if posting else Role.VIEWER)
    chosen = _chosen(account, request.GET.get("edit", ""))
    if not posting:
        form = forms.of_expectation(chosen) if chosen else forms.empty(request.GET.dict())
        return _page(request, account, form, chosen)
    form = forms.ExpectationForm({name: request.POST.get(name, "") for name in forms.NAMES})
    try:
        wanted = forms.wanted_of(request.POST.dict())
        if chosen is None:
            services.expectation_create(account=account, by=request.user, wanted=wanted)
        else:
            version = forms.version_of(request.POST.dict())
            services.expectation_update(expectation=chosen, by=request.user, expected_version=version, wanted=wanted)
    except services.ExpectationError as error:
        form = forms.ExpectationForm(form.values, dict(error.problems))
        return _page(request, account, form, chosen, status=422)
    except services.StaleExpectationError as error:
        values = {**form.values, "version": str(error.present.version)}
        said = f"{error}. It now says: {expectation_sentence(error.present)}. Send the form again to write over it."
        return _page(request, account, forms.ExpectationForm(values, {"": said}), chosen, status=409)
    messages.success(request, "The expectation is kept.")
    return redirect("web:expectations", number)


@require_POST
def remove(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Give one up."""
    account = account_for(request, number, Role.AUTHOR)
    found = _chosen(account, str(pk))
    if found is not None:
        services.expectation_remove(expectation=found, by=request.user)
        messages.success(request, f"Given up: {expectation_sentence(found)}.")
    return redirect("web:expectations", number)


@require_safe
def of_change(request: PageRequest, number: str, change: int) -> HttpResponse:
    """What a change would make of the expectations: a part of its page."""
    account = account_for(request, number)
    found = run_change(change_for(account, change), accounts.accounts_visible_to(request.user))
    context = {
        "account": account,
        "sentence": sentence_of(found),
        "lines": [_shown(account, line) for line in found.lines],
        "problems": found.problems,
    }
    return render(request, "changes/_expectations.html", context)


def _page(
    request: PageRequest, account: Account, form: forms.ExpectationForm, chosen: Expectation | None, status: int = 200
) -> HttpResponse:
    found = run(account)
    context = {
        "title": f"What must stay true in {account.name}?",
        "answer": sentence_of(found)
        if found.lines
        else "Nothing is written down yet. What is, every change shows before it is approved.",
        "lines": [_shown(account, line) for line in found.lines],
        "form": form,
        "chosen": chosen,
        "may_write": accounts.may(request.user, account, Role.AUTHOR),
        "offered": principals_offered(account, OFFERED),
        "tag_keys": tag_keys(account),
        "demands": Expectation.Demand.choices,
    }
    return account_page(request, account, "expectations", context, status=status)


def _shown(account: Account, line: Line) -> dict[str, Any]:
    expectation = line.now.expectation
    return {
        "expectation": expectation,
        "sentence": expectation_sentence(expectation),
        "state": line.now.state,
        "fate": line.fate,
        "note": line.now.note,
        "breaches": line.now.breaches[:SHOWN],
        "more": max(0, len(line.now.breaches) - SHOWN),
        "elsewhere": line.account if line.account != account else None,
        "edit": f"{reverse('web:expectations', args=[account.number])}?edit={expectation.pk}#expectation-form",
    }


def _chosen(account: Account, pk: str) -> Expectation | None:
    if not pk:
        return None
    try:
        return expectation_get(account, int(pk))
    except (ValueError, OverflowError, Expectation.DoesNotExist):
        raise Http404(f"no expectation `{pk}` of {account.name}") from None
