"""The changes of an account: what is drafted, waits for somebody, or was published; and one of them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.changes import selectors
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import plan
from policystudio.web.access import account_for
from policystudio.web.change_edits import touched, views_of
from policystudio.web.change_sections import SECTIONS, sections_of
from policystudio.web.change_steps import steps_for
from policystudio.web.change_words import answer_of, of_changes, title_of
from policystudio.web.request import PageRequest, searched
from policystudio.web.views.accounts import PAGE, account_page, crumbs_of


@require_safe
def changes(request: PageRequest, number: str) -> HttpResponse:
    """Which changes are there? What waits for the reader comes first."""
    account = account_for(request, number)
    state = searched(request, "state")
    state = state if state in Change.State.values else ""
    found = selectors.changes_of(account, state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    waiting = list(selectors.waiting_for(account, request.user)) if not state and page.number == 1 else []
    rows = [(change, touched(change.edits.all())) for change in page]
    context = {
        "title": f"Which changes of {account.name} are there?",
        "answer": of_changes(account, found.count(), len(waiting)) if not state else "",
        "page": page,
        "rows": rows,
        "waiting": [(change, touched(change.edits.all())) for change in waiting],
        "states": Change.State.choices,
        "state": state,
    }
    return account_page(request, account, "changes", context)


@require_safe
def change(request: PageRequest, number: str, change: int) -> HttpResponse:
    """Is this change safe?"""
    account = account_for(request, number)
    return change_page(request, account, change_for(account, change))


def change_page(
    request: PageRequest,
    account: Account,
    found: Change,
    *,
    errors: tuple[str, ...] = (),
    comment: str = "",
    described: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a change; ``errors`` say why nothing was done, ``comment`` and ``described`` what was written."""
    edits = list(selectors.edits_of(found))
    problems = plan(account, edits).problems if found.is_open else ()
    role = accounts.role_of(request.user, account)
    steps = steps_for(found, role, request.user.pk)
    writes = role is not None and role.covers(Role.AUTHOR)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[account.number]))),
        "title": title_of(found),
        "answer": answer_of(found, edits, problems),
        "change": found,
        "edits": views_of(found, problems),
        "problems": problems,
        "whole": [problem for problem in problems if problem.edit is None],
        "comments": found.comments.order_by("pk"),
        "sections": sections_of(account, found) if edits else (),
        "steps": steps,
        "first_step": next((step for step in steps if step.is_first), None),
        "edits_it": writes and found.is_open,
        "rolls_back": writes and found.state == Change.State.PUBLISHED,
        "reverted_by": list(found.reverted_by.order_by("number")),
        "errors": errors,
        "comment": comment,
        "describes": described is not None,
        "described": described or {"title": found.title, "description": found.description},
    }
    return render(request, "changes/change.html", context, status=status)


@require_safe
def section(request: PageRequest, number: str, change: int, name: str) -> HttpResponse:
    """One section of a change: a fragment for the page that loads it, a page for whoever opens it alone."""
    account = account_for(request, number)
    found = change_for(account, change)
    part = SECTIONS.get(name)
    if part is None or not (found.is_open or part.always):
        raise Http404(f"a change has no section `{name}`")
    context = {
        "area": "accounts",
        "account": account,
        "change": found,
        "section": part,
        **part.context(account, found, list(selectors.edits_of(found)), request.user),
    }
    if request.htmx:
        return render(request, part.template, context)
    crumbs = crumbs_of(
        account,
        ("Changes", reverse("web:changes", args=[number])),
        (f"Change {change}", reverse("web:change", args=[number, change])),
    )
    return render(
        request, "changes/section.html", {**context, "crumbs": crumbs, "title": f"{part.title} of “{found.title}”"}
    )


def change_for(account: Account, number: int) -> Change:
    """The change of the account with this number; 404 where there is none."""
    try:
        return selectors.change_get(account, number)
    except Change.DoesNotExist:
        raise Http404(f"no change {number} of {account.name}") from None


def edit_for(account: Account, number: int, pk: int) -> Edit:
    """An edit of a change of the account; 404 where there is none."""
    try:
        return selectors.edit_get(change_for(account, number), pk)
    except Edit.DoesNotExist:
        raise Http404(f"no edit {pk} of change {number}") from None


def edit_address(edit: Edit) -> str:
    """Where an edit is gone on with: its editor, or the page of its change where it has no text."""
    arguments = [edit.change.account.number, edit.change.number]
    if edit.policy_kind is None:
        return reverse("web:change", args=arguments)
    return reverse("web:edit", args=[*arguments, edit.pk])
