"""Out of here and back in: policies and changes in the formats of other tools, and files of theirs as a draft."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.changes.services import EditError
from policystudio.changes.transfer import (
    Arrival,
    arrival_import,
    arrival_of,
    as_change,
    as_identity,
    as_inline_policy,
    as_managed_policy,
    as_organization_policy,
    as_trust_policy,
    formats_for,
    written_as,
)
from policystudio.identities.models import Identity, InlinePolicy
from policystudio.interchange.edits import Change, NotExpressibleError, Written
from policystudio.interchange.values import ReadError
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy
from policystudio.web import transfer_form
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page, crumbs_of
from policystudio.web.views.changes import change_for
from policystudio.web.views.policies import organization_policy_above

Out = tuple[Change, str, str, bool]


def _of_change(_request: PageRequest, account: Account, pk: int) -> Out:
    row = change_for(account, pk)
    return as_change(row), f"change-{row.number}", reverse("web:change", args=[account.number, pk]), False


def _of_policy(request: PageRequest, account: Account, pk: int) -> Out:
    try:
        row = policies.policy_get(account, pk)
    except ManagedPolicy.DoesNotExist:
        raise Http404(f"no policy {pk} in account `{account.number}`") from None
    versions = list(policies.versions_of(row))
    wanted = request.GET.get("version", "")
    version = next((one for one in versions if wanted in (one.version_id, "")), None)
    if wanted and version is None:
        raise Http404(f"no version `{wanted}` of {row.name}")
    return as_managed_policy(row, version), row.name, reverse("web:policy", args=[account.number, pk]), True


def _of_identity(request: PageRequest, account: Account, pk: int) -> Out:
    try:
        row = Identity.objects.select_related("account", "trust_document").get(account=account, pk=pk)
    except Identity.DoesNotExist:
        raise Http404(f"no identity {pk} in account `{account.number}`") from None
    back = reverse("web:identity", args=[account.number, pk])
    inline = request.GET.get("inline", "")
    if inline:
        try:
            return as_inline_policy(row, inline), f"{row.name}-{inline}", back, True
        except (InlinePolicy.DoesNotExist, ValueError):
            raise Http404(f"no inline policy `{inline}` of {row.name}") from None
    if "trust" in request.GET:
        if row.trust_document is None:
            raise Http404(f"{row.name} has no trust policy")
        return as_trust_policy(row), f"{row.name}-trust", back, True
    return as_identity(account, row.arn), row.name, back, False


def _of_organization_policy(_request: PageRequest, account: Account, pk: int) -> Out:
    row, _ = organization_policy_above(account, pk)
    back = reverse("web:organization-policy", args=[account.number, pk])
    return as_organization_policy(account, row), row.name, back, True


#: What can leave, by the name of its page; each with the change, a file name, its page, and whether it is one document.
SUBJECTS: dict[str, Callable[[PageRequest, Account, int], Out]] = {
    "change": _of_change,
    "policy": _of_policy,
    "identity": _of_identity,
    "organization-policy": _of_organization_policy,
}


@require_safe
def export(request: PageRequest, number: str, pk: int, form: str, subject: str) -> HttpResponse:
    """The file."""
    account = account_for(request, number)
    change, name, _, is_single = SUBJECTS[subject](request, account, pk)
    if form not in {one.ending for one in formats_for(is_single=is_single)}:
        raise Http404(f"no format `{form}`")
    try:
        chosen, written = written_as(change, form)
    except NotExpressibleError as error:
        return HttpResponse("\n".join(error.notes) + "\n", content_type="text/plain; charset=utf-8", status=422)
    audit.record_export(
        actor=request.user,
        action=f"{subject.replace('-', '_')}.exported",
        target=name,
        account=account.number,
        details={"format": form, "title": change.title},
    )
    response = HttpResponse(written.text, content_type=f"{chosen.media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(account, name)}.{form}"'
    return response


@require_safe
def take_out(request: PageRequest, number: str, pk: int, subject: str) -> HttpResponse:
    """How does this leave? One format shown, to be copied or downloaded, the others a click away."""
    account = account_for(request, number)
    change, _, back, is_single = SUBJECTS[subject](request, account, pk)
    formats = formats_for(is_single=is_single)
    ending = request.GET.get("format", formats[0].ending)
    if ending not in {one.ending for one in formats}:
        raise Http404(f"no format `{ending}`")
    query = request.GET.copy()
    query.pop("format", None)
    try:
        _, written = written_as(change, ending)
    except NotExpressibleError as error:
        written = Written("", error.notes)
    kept = query.urlencode()
    here = reverse(f"web:{subject}-export", args=[number, pk, ending])
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, (change.title, back)),
        "title": _question(subject, change, pk),
        "answer": "Copy it or download it. Nothing is sent anywhere.",
        "formats": formats,
        "ending": ending,
        "kept": f"&{kept}" if kept else "",
        "text": written.text,
        "notes": written.notes,
        "download": f"{here}?{kept}" if kept else here,
    }
    return render(request, "changes/take_out.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: PageRequest, number: str) -> HttpResponse:
    """What is in this file, and what would it change? What is chosen becomes a draft."""
    account = account_for(request, number, Role.AUTHOR)
    context: dict[str, Any] = {
        "section": "changes",
        "title": "Which policies does a file hold?",
        "answer": "Give a file of Terraform, CloudFormation or Policy Studio, and read what it would create or change "
        "here. Nothing is written before you choose.",
        "kilobytes": settings.TEMPLATE_LIMIT // 1024,
        "given": {name: request.POST.get(name, "") for name in ("text", "region", "values", "title")},
    }
    if request.method != "POST":
        return account_page(request, account, "bring_in", context)
    try:
        content, filename = _content(request)
        values = transfer_form.values_of(context["given"]["values"])
        region = context["given"]["region"].strip()
        arrival = arrival_of(account, content, filename=filename, region=region, values=values)
    except (ReadError, transfer_form.FormError) as error:
        context |= {"answer": "Not read: what was given is not understood.", "error": str(error)}
        return account_page(request, account, "bring_in", context, status=422)
    context |= _shown(arrival, content, filename)
    if "make" not in request.POST:
        return account_page(request, account, "bring_in", context)
    return _made(request, account, arrival, context)


bring_in.body_limit = settings.BODY_LIMIT  # type: ignore[attr-defined]  # functions may bear attributes


def _made(request: PageRequest, account: Account, arrival: Arrival, context: dict[str, Any]) -> HttpResponse:
    """The draft; or the page again, saying why there is none, with what was chosen."""
    numbers = {int(one) for one in request.POST.getlist("chosen") if one.isdecimal() and len(one) < 7}
    try:
        change = arrival_import(arrival=arrival, by=request.user, numbers=numbers, title=context["given"]["title"])
    except (EditError, PermissionDenied) as error:
        context |= {"refused": str(error), "chosen": numbers}
        return account_page(request, account, "bring_in", context, status=422)
    return redirect("web:change", account.number, change.number)


def _shown(arrival: Arrival, content: bytes, filename: str) -> dict[str, Any]:
    whole = set(arrival.whole)
    return {
        "title": f"What would {filename or 'this file'} change?",
        "answer": transfer_form.answer_of(arrival),
        "arrival": arrival,
        "rows": [transfer_form.row_of(item) for item in arrival.items],
        "chosen": whole,
        "can_choose": any(item.can_be_chosen for item in arrival.items),
        # A browser would change the ends of lines in a field.
        "content": base64.b64encode(content).decode(),
        "filename": filename,
    }


def _content(request: PageRequest) -> tuple[bytes, str]:
    """The file's bytes and name: of the form before, of the uploaded file, or pasted."""
    kept = request.POST.get("content", "")
    name = request.POST.get("filename", "")[:200]
    if kept:
        try:
            return base64.b64decode(kept, validate=True), name
        except (binascii.Error, ValueError):
            raise transfer_form.FormError("the file was lost: choose it again") from None
    file = request.FILES.get("file")
    if file is not None:
        if file.size is not None and file.size > settings.TEMPLATE_LIMIT:
            raise ReadError(f"the file has {file.size:,} bytes, at most {settings.TEMPLATE_LIMIT:,} are read")
        return file.read(), (file.name or "")[:200]
    pasted = request.POST.get("text", "").replace("\r\n", "\n")
    if not pasted.strip():
        raise transfer_form.FormError("choose a file, or paste its text")
    return pasted.encode("utf-8", "surrogatepass"), ""


def _question(subject: str, change: Change, pk: int) -> str:
    what = f"change {pk}" if subject == "change" else change.title[:1].lower() + change.title[1:]
    return f"How does {what} leave?"


def _file_name(account: Account, name: str) -> str:
    """A name that every system takes, with the account in front."""
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in name)
    return f"{account.number}-{safe[:100]}"
