"""What is done with a change by a button: its steps, comments, rolling back, taking an edit out, its title."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from policystudio.accounts.models import Account, Role
from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.web.access import account_for
from policystudio.web.change_steps import STEPS
from policystudio.web.request import PageRequest
from policystudio.web.views.changes import change_for, change_page, edit_for
from policystudio.web.words import sentence

Refused = (services.ChangeRefusedError, services.ChangeStateError, services.EditError, services.StaleError)


@require_POST
def step(request: PageRequest, number: str, change: int, name: str) -> HttpResponse:
    """Take one of the steps: propose, approve, reject, withdraw, reopen, publish."""
    chosen = STEPS.get(name)
    account = account_for(request, number, chosen.role if chosen else Role.VIEWER)
    found = change_for(account, change)
    if chosen is None:
        raise Http404(f"a change has no step `{name}`")
    comment = request.POST.get("comment", "")
    try:
        done = chosen.take(change=found, by=request.user, expected_version=posted_version(request), comment=comment)
    except Refused as error:
        return _refused(request, account, found, error, comment)
    messages.success(request, f"The change is {done.get_state_display() if name != 'reopen' else chosen.done}.")
    return redirect("web:change", number, change)


@require_POST
def comment(request: PageRequest, number: str, change: int) -> HttpResponse:
    """Say something about a change."""
    account = account_for(request, number)
    found = change_for(account, change)
    text = request.POST.get("comment", "")
    try:
        services.comment_add(change=found, by=request.user, text=text)
    except services.EditError as error:
        return _refused(request, account, found, error, text)
    return redirect("web:change", number, change)


@require_POST
def describe(request: PageRequest, number: str, change: int) -> HttpResponse:
    """Give a change another title and description."""
    account = account_for(request, number, Role.AUTHOR)
    found = change_for(account, change)
    title, description = (request.POST.get(name, "") for name in ("title", "description"))
    version = posted_version(request)
    try:
        services.change_update(
            change=found, by=request.user, expected_version=version, title=title, description=description
        )
    except Refused as error:
        return _refused(request, account, found, error, described={"title": title, "description": description})
    return redirect("web:change", number, change)


@require_POST
def roll_back(request: PageRequest, number: str, change: int) -> HttpResponse:
    """A new draft that takes a published change back."""
    account = account_for(request, number, Role.AUTHOR)
    found = change_for(account, change)
    try:
        draft = services.change_roll_back(change=found, by=request.user)
    except Refused as error:
        return _refused(request, account, found, error)
    messages.success(request, f"This draft takes change {found.number} back. Look at it, then propose it.")
    return redirect("web:change", number, draft.number)


@require_POST
def remove_edit(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """Take an edit out of its change."""
    account = account_for(request, number, Role.AUTHOR)
    edit = edit_for(account, change, pk)
    try:
        services.edit_remove(edit=edit, by=request.user, expected_version=posted_version(request))
    except Refused as error:
        return _refused(request, account, edit.change, error)
    messages.success(request, "The edit is taken out.")
    return redirect("web:change", number, change)


def posted_version(request: PageRequest) -> int | None:
    """The version that the form was made from; None where it does not say."""
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() and len(written) < 10 else None


def _refused(
    request: PageRequest,
    account: Account,
    found: Change,
    error: Exception,
    comment: str = "",
    described: dict[str, str] | None = None,
) -> HttpResponse:
    """The page as it is now, with why it was not done and what was written; 409 where somebody else was faster."""
    problems = error.problems if isinstance(error, services.ChangeRefusedError) else (error,)
    stale = isinstance(error, services.StaleError)
    said = tuple(sentence(str(problem)) for problem in problems)
    fresh = change_for(account, found.number)
    status = 409 if stale else 422
    return change_page(request, account, fresh, errors=said, comment=comment, described=described, status=status)
