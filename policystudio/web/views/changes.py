"""The changes of an account: what is drafted, waits for somebody, or was published."""

import json
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.changes import selectors, services
from policystudio.changes.models import Change, Edit
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import PAGE, account_page, crumbs_of
from policystudio.web.words import count


@require_safe
def changes(request: PageRequest, number: str) -> HttpResponse:
    """Which changes are there?"""
    account = account_for(request, number)
    found = selectors.changes_of(account)
    context = {
        "title": f"Which changes of {account.name} are there?",
        "answer": f"{count(found.count(), 'change')}.".capitalize(),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return account_page(request, account, "changes", context)


@require_safe
def change(request: PageRequest, number: str, change: int) -> HttpResponse:
    """Is this change safe?"""
    account = account_for(request, number)
    found = change_for(account, change)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[number]))),
        "title": f"Change {found.number}: {found.title}",
        "answer": found.get_state_display().capitalize(),
        "change": found,
        "edits": selectors.edits_of(found),
    }
    return render(request, "changes/change.html", context)


def change_for(account: Account, number: int) -> Change:
    """The change of the account with this number; 404 where there is none."""
    try:
        return selectors.change_get(account, number)
    except Change.DoesNotExist:
        raise Http404(f"no change {number} of {account.name}") from None


def edit_address(edit: Edit) -> str:
    """Where an edit is gone on with: its editor, or the page of its change where it has no text."""
    change = edit.change
    arguments: list[Any] = [change.account.number, change.number]
    if edit.policy_kind is None:
        return reverse("web:change", args=arguments)
    return reverse("web:edit", args=[*arguments, edit.pk])


@require_POST
def edit_new(request: PageRequest, number: str) -> HttpResponse:
    """Begin an edit, in a draft that is named or in a new one, and go on to its editor or to the change."""
    account = account_for(request, number, Role.AUTHOR)
    posted = {name: request.POST.get(name, "") for name in ("kind", "target", "name", "other", "text", "title")}
    draft = request.POST.get("change", "").strip()
    change = change_for(account, int(draft)) if draft.isdecimal() else None
    try:
        data = _data(request.POST.get("data", ""))
        title = posted.pop("title") or _title(posted)
        edit = services.change_begin(account=account, by=request.user, title=title, change=change, data=data, **posted)
    except services.StaleError as error:
        return redirect(edit_address(error.edit) if error.edit else request.path)
    except (services.EditError, services.ChangeStateError) as error:
        return _refused(request, account, str(error))
    return redirect(edit_address(edit))


def _data(written: str) -> dict[str, Any]:
    try:
        data = json.loads(written or "{}")
    except (ValueError, RecursionError) as error:
        raise services.EditError(f"data: this is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise services.EditError("data: write a JSON object")
    return data


def _title(posted: dict[str, str]) -> str:
    """What a change that nobody named is called by."""
    kind = Edit.Kind(posted["kind"]).label if posted["kind"] in Edit.Kind.values else "change"
    about = posted["name"] or posted["target"].removeprefix("new:").rpartition("/")[2]
    return f"{kind.capitalize()}: {about}"[:200]


def _refused(request: PageRequest, account: Account, message: str) -> HttpResponse:
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[account.number]))),
        "title": "This edit cannot be begun",
        "answer": message,
    }
    return render(request, "changes/refused.html", context, status=422)
