"""The catalogue for the browser: one file whose address changes with what it says."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from policystudio.web.catalogue import catalogue_file
from policystudio.web.request import PageRequest

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
