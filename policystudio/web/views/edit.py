"""The editor of one edit of a change."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from policystudio.accounts.models import Role
from policystudio.changes import selectors, services
from policystudio.changes.models import Edit
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.views.changes import change_for


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """What shall this policy say?"""
    account = account_for(request, number, Role.AUTHOR)
    found = change_for(account, change)
    try:
        edited = selectors.edit_get(found, pk)
    except Edit.DoesNotExist:
        raise Http404(f"no edit {pk} of change {change}") from None
    stale = None
    if request.method == "POST":
        text = request.POST.get("text", "")
        version = request.POST.get("version", "")
        seen = int(version) if version.isdecimal() else 0
        try:
            services.edit_save(edit=edited, by=request.user, expected_version=seen, text=text)
        except services.StaleError as error:
            stale = error
        except (services.EditError, services.ChangeStateError) as error:
            messages.error(request, str(error))
        else:
            return redirect("web:change", number, change)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(
            account,
            ("Changes", reverse("web:changes", args=[number])),
            (f"Change {change}", reverse("web:change", args=[number, change])),
        ),
        "title": f"What shall {edited.name or edited.target.rpartition('/')[2]} say?",
        "answer": f"{edited.get_kind_display()} {edited.target}".capitalize(),
        "change": found,
        "edit": edited,
        "text": request.POST.get("text", edited.text),
        "stale": stale,
        "version": stale.version if stale else edited.version,
    }
    return render(request, "changes/edit.html", context, status=409 if stale else 200)
