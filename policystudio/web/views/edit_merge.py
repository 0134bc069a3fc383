"""An edit whose base moved: what stands there now, and the choice of taking it over."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from policystudio.accounts.models import Account, Role
from policystudio.changes import services
from policystudio.changes.models import Edit
from policystudio.changes.selectors.words import headline
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.text_diff import text_diff
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.views.change_steps import posted_version
from policystudio.web.views.changes import edit_for
from policystudio.web.words import count, sentence


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """What became of what this edit was begun on?"""
    account = account_for(request, number, Role.AUTHOR)
    edit = edit_for(account, change, pk)
    if request.method != "POST":
        return _page(request, account, edit)
    found = services.edit_merge(edit)
    takes = request.POST.get("take") == "merged" and found is not None and found.is_possible
    try:
        services.edit_rebase(
            edit=edit,
            by=request.user,
            expected_version=posted_version(request) or 0,
            seen=request.POST.get("seen", ""),
            text=found.text if takes and found else None,
            data=found.data if takes and found else None,
        )
    except services.StaleError as error:
        return _page(request, account, edit_for(account, change, pk), error=sentence(str(error)), status=409)
    except (services.EditError, services.ChangeStateError) as error:
        return _page(request, account, edit, error=sentence(str(error)), status=422)
    messages.success(request, "The edit stands on what is there now.")
    return redirect("web:change", number, change)


def _page(request: PageRequest, account: Account, edit: Edit, *, error: str = "", status: int = 200) -> HttpResponse:
    found = services.edit_merge(edit)
    change = edit.change
    context: dict[str, Any] = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(
            account,
            ("Changes", reverse("web:changes", args=[account.number])),
            (f"Change {change.number}", reverse("web:change", args=[account.number, change.number])),
        ),
        "title": f"What became of what “{headline(edit)}” was begun on?",
        "answer": _answer(found),
        "change": change,
        "edit": edit,
        "merge": found,
        "error": error,
    }
    if found is not None:
        base, now = edit.base or {}, found.now or {}
        context["theirs"] = text_diff(base.get("text", ""), now.get("text", "")) if "text" in {**base, **now} else None
        context["result"] = text_diff(now.get("text", ""), found.text) if edit.policy_kind else None
        context["tags"] = (base.get("tags"), now.get("tags"), edit.data.get("tags"), found.data.get("tags"))
    return render(request, "changes/merge.html", context, status=status)


def _answer(found: services.EditMerge | None) -> str:
    if found is None:
        return "Nothing: it stands there as it did when the edit was begun."
    if found.is_possible:
        return "It was changed, and both changes fit together: look at the outcome, and take it over."
    if found.conflicts:
        number = count(len(found.conflicts), "part")
        return f"It was changed, and both changed the same: {number}. Decide which text is to stand."
    return "It was changed in a way that cannot be merged. Decide whether the edit still stands."
