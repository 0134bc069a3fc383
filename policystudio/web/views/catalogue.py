"""What the browser completes with: the catalogue under an address that changes with it, and what an account knows."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from policystudio.lib.digits import number_in
from policystudio.web.access import account_for
from policystudio.web.catalogue import catalogue_file
from policystudio.web.editor import drafted_by
from policystudio.web.known import known_to
from policystudio.web.request import PageRequest
from policystudio.web.views.changes import change_for

#: A year, in which nobody asks again; private, as only those who signed in get it.
_KEEP = "private, max-age=31536000, immutable"


@require_safe
def catalogue(request: PageRequest, digest: str) -> HttpResponse:
    """The catalogue of this version; an address of another version leads to it."""
    file = catalogue_file()
    if digest != file.digest:
        return redirect("web:catalogue", digest=file.digest)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": _KEEP, "Vary": "Accept-Encoding", "ETag": f'"{file.digest}"'}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = file.zipped if zipped else file.plain
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_safe
@gzip_page
def known(request: PageRequest, number: str) -> HttpResponse:
    """The ARNs, accounts, Regions and tags that a policy of the account may name; with `change` those that it makes."""
    account = account_for(request, number)
    change = number_in(request.GET.get("change", ""))
    drafted = drafted_by(change_for(account, change)) if change is not None else ()
    return JsonResponse(known_to(account, request.user, drafted), headers={"Cache-Control": "private, no-store"})
