"""Bring an account in: upload its export, watch the import, stop it, read what changed and what was not understood."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.awssync import selectors, services
from policystudio.awssync.models import ImportJob
from policystudio.web import answers
from policystudio.web.forms import ImportForm
from policystudio.web.request import PageRequest

LISTED = 30
FINDINGS = 100
#: What a finding's level is called above a list of them.
LEVELS = {
    "error": "Not understood",
    "warning": "Understood, but odd",
    "note": "Passed over, and harmless",
}


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: PageRequest) -> HttpResponse:
    """What was imported, and the form that imports more."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        try:
            job = services.import_create(
                user=request.user,
                file=form.cleaned_data["file"],
                now=timezone.now(),
                name=form.cleaned_data["name"],
                organization=form.cleaned_data["organization"],
            )
        except services.ImportRefusedError as error:
            form.add_error("file", f"{error}.")
        else:
            return HttpResponseRedirect(reverse("web:import", args=[job.pk]))
    jobs = list(selectors.imports_visible_to(request.user)[:LISTED])
    context = {
        "area": "accounts",
        "crumbs": [("Accounts", reverse("web:accounts"))],
        "title": "Which account do you want to import?",
        "answer": "Let AWS’s own command line write down what is in it, and upload that file. Nothing is sent to AWS, "
        "and no key of AWS is needed here.",
        "form": form,
        "jobs": jobs,
        "megabytes": settings.UPLOAD_LIMIT // (1024 * 1024),
    }
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


# An export is larger than any form: policystudio.lib.body_limit reads this.
imports.body_limit = settings.UPLOAD_LIMIT  # type: ignore[attr-defined]  # functions may bear attributes


@require_safe
def import_job(request: PageRequest, pk: UUID) -> HttpResponse:
    """How far is it, and what did it change?"""
    job = _job(request, pk)
    context = _context(request, job)
    template = "imports/_job.html" if request.htmx else "imports/job.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def cancel(request: PageRequest, pk: UUID) -> HttpResponse:
    """Stop an import."""
    job = services.import_cancel(by=request.user, job=_job(request, pk), now=timezone.now())
    if job.state == ImportJob.State.SUCCEEDED:
        messages.warning(request, "The import was done already; nothing was stopped.")
    return HttpResponseRedirect(reverse("web:import", args=[pk]))


def _job(request: PageRequest, pk: UUID) -> ImportJob:
    try:
        return selectors.import_get(request.user, pk)
    except ImportJob.DoesNotExist:
        raise Http404(f"no import `{pk}` of {request.user}") from None


def _context(request: PageRequest, job: ImportJob) -> dict[str, Any]:
    report = job.report or {}
    findings = report.get("findings", [])
    left_out = report.get("findings_left_out", {})
    counts = {level: sum(1 for one in findings if one["level"] == level) + left_out.get(level, 0) for level in LEVELS}
    chosen = request.GET.get("level", "")
    shown = [one for one in findings if one["level"] == chosen] if chosen in LEVELS else findings
    visible = set(accounts.accounts_visible_to(request.user).values_list("number", flat=True))
    return {
        "area": "accounts",
        "crumbs": [("Accounts", reverse("web:accounts")), ("Imports", reverse("web:imports"))],
        "title": f"How did the import of {job.filename or 'the export'} go?"
        if job.is_finished
        else f"How far is the import of {job.filename or 'the export'}?",
        "answer": answers.of_import(job, counts),
        "job": job,
        "percent": min(100, 100 * job.progress_done // job.progress_total) if job.progress_total else 0,
        "changed": [account | {"visible": account["number"] in visible} for account in report.get("accounts", [])],
        "levels": [(level, LEVELS[level], number) for level, number in counts.items() if number],
        "level": chosen,
        "page": Paginator(shown, FINDINGS).get_page(request.GET.get("page")),
    }
