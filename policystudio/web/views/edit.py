"""The editor of one edit of a change."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from policystudio.accounts.models import Role
from policystudio.changes import selectors, services
from policystudio.changes.models import Edit
from policystudio.lib.digits import number_in
from policystudio.web.access import account_for
from policystudio.web.editor import config_of, has_moved, name_of
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.views.changes import change_for


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """What shall this policy say? Posted as a form, where there is no script, the text is saved."""
    edited = edit_for(request, number, change, pk)
    stale = None
    if request.method == "POST":
        text = _posted_text(request, edited)
        seen = number_in(request.POST.get("version", "")) or 0
        try:
            services.edit_save(edit=edited, by=request.user, expected_version=seen, text=text)
        except services.StaleError as error:
            stale = error
        except (services.EditError, services.ChangeStateError) as error:
            messages.error(request, str(error))
        else:
            return redirect("web:change", number, change)
        edited.text = text
    account = edited.change.account
    config = config_of(edited, request.user.get_username())
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(
            account,
            ("Changes", reverse("web:changes", args=[number])),
            (f"Change {change}", reverse("web:change", args=[number, change])),
        ),
        "title": f"What shall {name_of(edited)} say?",
        "answer": f"{edited.get_kind_display()} {edited.target}".capitalize(),
        "change": edited.change,
        "edit": edited,
        "config": config | ({"version": stale.version} if stale else {}),
        "stale": stale,
        "moved": has_moved(edited),
        "version": stale.version if stale else edited.version,
    }
    return render(request, "changes/edit.html", context, status=409 if stale else 200)


def edit_for(request: PageRequest, number: str, change: int, pk: int) -> Edit:
    """An edit with a policy text, of a change that the signed-in user may write; else 404 or 403."""
    account = account_for(request, number, Role.AUTHOR)
    found = change_for(account, change)
    try:
        edited = selectors.edit_get(found, pk)
    except Edit.DoesNotExist:
        raise Http404(f"no edit {pk} of change {change}") from None
    if edited.policy_kind is None:
        raise Http404(f"edit {pk} of change {change} has no text")
    return edited


def _posted_text(request: PageRequest, edited: Edit) -> str:
    """The text of the form. Browsers send every line end as CR LF, whatever the text had."""
    text = request.POST.get("text", "")
    return text if "\r" in edited.text else text.replace("\r\n", "\n")


@require_POST
def save(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """Keep the text of a draft while somebody writes. 409 with what stands there where somebody else saved."""
    edited = edit_for(request, number, change, pk)
    posted = posted_json(request, text=str, version=int)
    before = edited.change.get_state_display()
    try:
        saved = services.edit_save(
            edit=edited, by=request.user, expected_version=posted["version"], text=posted["text"]
        )
    except services.StaleError as error:
        return JsonResponse(standing(error), status=409)
    except (services.EditError, services.ChangeStateError) as error:
        closed = isinstance(error, services.ChangeStateError)
        return JsonResponse({"message": str(error), "closed": closed}, status=422)
    reopened = before if edited.change.state != saved.change.state else ""
    said = {"version": saved.version, "savedAt": saved.updated_at.isoformat(), "reopened": reopened}
    return JsonResponse(said)


def standing(error: services.StaleError) -> dict[str, Any]:
    """What stands there instead; without ``text`` where the edit was taken out of the change."""
    said = {"message": str(error), "version": error.version}
    if error.edit is None:
        return said
    return said | {"text": error.text, "by": error.edit.updated_by_name, "at": error.edit.updated_at.isoformat()}


def posted_json(request: PageRequest, **types: type) -> dict[str, Any]:
    """The JSON object of a request's body, with a value of each type; 400 for anything else."""
    try:
        posted = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(posted, dict):
        raise BadRequest("the body is not a JSON object")
    for name, type_ in types.items():
        if not isinstance(posted.get(name), type_) or isinstance(posted[name], bool):
            raise BadRequest(f"`{name}` is missing or of another type")
    return posted
