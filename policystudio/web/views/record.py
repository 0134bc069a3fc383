"""Who did what, when and from where: the audit record of an account, and (for superusers) the whole of it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.audit import selectors, services
from policystudio.audit.models import AuditEntry
from policystudio.audit.selectors import Place, Wanted, WantedError, wanted_from
from policystudio.web import record_files, record_words
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page, crumbs_of

PAGE = 50
_FILES = {
    "csv": ("text/csv; charset=utf-8", record_files.as_csv),
    "json": ("application/json", record_files.as_json_text),
}


@require_safe
def of_account(request: PageRequest, number: str) -> HttpResponse:
    """The entries of an account, for its administrators."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    context, status = _listed(request, account)
    context["title"] = f"Who did what in {account.name}?"
    return account_page(request, account, "record", context, status=status)


@require_safe
def whole(request: PageRequest) -> HttpResponse:
    """All entries, for superusers."""
    _check_superuser(request)
    context, status = _listed(request, None)
    context |= {"area": "record", "title": "Who did what?", "flaws": selectors.verification().flaws}
    return render(request, "record/whole.html", context, status=status)


@require_safe
def entry(request: PageRequest, number: str, sequence: int) -> HttpResponse:
    """One entry of an account."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    back = ("Record", reverse("web:record", args=[account.number]))
    return _entry(request, [account.number], sequence, {"account": account, "crumbs": crumbs_of(account, back)})


@require_safe
def whole_entry(request: PageRequest, sequence: int) -> HttpResponse:
    """One entry, for superusers."""
    _check_superuser(request)
    return _entry(request, None, sequence, {"crumbs": [("Record", reverse("web:whole-record"))]})


@require_safe
def export(request: PageRequest, number: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """The entries of an account as a file."""
    return _file(request, account_for(request, number, Role.ADMINISTRATOR), form)


@require_safe
def whole_export(request: PageRequest, form: str) -> HttpResponse | StreamingHttpResponse:
    """All entries as a file, for superusers."""
    _check_superuser(request)
    return _file(request, None, form)


@require_POST
def verify(request: PageRequest) -> HttpResponse:
    """Have the whole record read."""
    services.verification_ask(by=request.user, now=timezone.now())
    messages.success(request, "The record is being read. Load the page again in a moment.")
    return redirect("web:whole-record")


def _check_superuser(request: PageRequest) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied("the whole record is shown to superusers; that of an account to its administrators")


def _asked(request: PageRequest, account: Account | None) -> Wanted:
    return wanted_from(None if account is None else [account.number], request.GET.dict())


def _listed(request: PageRequest, account: Account | None) -> tuple[dict[str, Any], int]:
    """The filters and a page of entries; the status is 422 where a filter cannot be read."""
    given = {name: request.GET.get(name, "") for name in selectors.PARAMETERS}
    number = account.number if account else None
    context: dict[str, Any] = {
        "given": given,
        "is_filtered": any(given.values()),
        "actions": selectors.actions_recorded(number),
        "verification": selectors.verification(),
        "most": record_files.MOST,
    }
    try:
        wanted = _asked(request, account)
        after = Place.read(request.GET["after"]) if request.GET.get("after") else None
    except WantedError as error:
        return {**context, "problems": dict(error.problems), "answer": "Nothing was looked for."}, 422
    except ValueError:
        return {**context, "problems": {"after": "begins at no entry"}, "answer": "Nothing was looked for."}, 422
    part = selectors.part_of(wanted, after=after, size=PAGE)
    state: Any = context["verification"]
    answer = record_words.answer_of(
        account.name if account else "the whole studio", wanted, selectors.count_of(wanted), state
    )
    return {**context, "part": part, "after": after, "answer": answer}, 200


def _entry(request: PageRequest, accounts: list[str] | None, sequence: int, context: Mapping[str, Any]) -> HttpResponse:
    try:
        found = selectors.entry_get(accounts, min(sequence, 2**63 - 1))
    except AuditEntry.DoesNotExist:
        raise Http404(f"no entry {sequence} that {request.user} may see") from None
    facts = record_words.facts_of(found.details)
    shown = {
        "area": "accounts" if accounts else "record",
        "title": record_words.title_of(found),
        "answer": record_words.sentence_of(found),
        "entry": found,
        "facts": [fact for fact in facts if fact.diff is None and fact.before is None],
        "changes": [fact for fact in facts if fact.before is not None],
        "texts": [fact for fact in facts if fact.diff is not None],
    }
    return render(request, "record/entry.html", {**shown, **context})


def _file(request: PageRequest, account: Account | None, form: str) -> HttpResponse | StreamingHttpResponse:
    if form not in _FILES:
        raise Http404(f"no export `{form}`")
    try:
        wanted = _asked(request, account)
    except WantedError as error:
        return HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=422)
    services.record_export(
        actor=request.user,
        action="record.exported",
        target=account.number if account else "",
        account=account.number if account else "",
        details={
            "format": form,
            **{name: value for name, value in request.GET.items() if name in selectors.PARAMETERS},
        },
    )
    media_type, written = _FILES[form]
    response = StreamingHttpResponse(written(wanted), content_type=media_type)
    name = f"{account.number}-record" if account else "record"
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
