"""What of an identity's policies has no effect for it, and a policy's document as short as it can be."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.engine.analyse.minify import minify
from policystudio.engine.analyse.shadow import PAGE_BUDGET
from policystudio.identities import selectors as identities
from policystudio.identities.models import Identity
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.simulator.redundancy import of_identity
from policystudio.simulator.redundancy_answers import sizes, what_was_done
from policystudio.simulator.stacks import documents
from policystudio.web import unused
from policystudio.web.access import account_for
from policystudio.web.policy_text import lines_of
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of


@require_safe
def redundant(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """What does nothing for this identity?"""
    account = account_for(request, number)
    try:
        found = identities.identity_get(account, pk)
    except Identity.DoesNotExist:
        raise Http404(f"no identity {pk} in account `{number}`") from None
    here = reverse("web:identity", args=[number, pk])
    section = (f"{found.kind.capitalize()}s", reverse("web:account-section", args=[number, f"{found.kind}s"]))
    result = of_identity(account, found.arn, PAGE_BUDGET)
    shown = unused.of_identity(account, found, result)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, section, (found.name, here)),
        "title": f"What has no effect for {found.kind}/{found.name}?",
        "answer": unused.answer_of(result, shown),
        "identity": found,
        "policies": shown,
        "unreadable": list(unused.unreadable_of(result)),
        "complete": result.result.complete,
    }
    return render(request, "identities/redundant.html", context)


@require_safe
def minified(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """How short can this document be? With `?download` the text alone, as a file."""
    account = account_for(request, number)
    try:
        found = policies.policy_get(account, pk)
    except ManagedPolicy.DoesNotExist:
        raise Http404(f"no policy {pk} in account `{number}`") from None
    version = next((one for one in policies.versions_of(found) if _is_wanted(request, one)), None)
    policy = documents({version.document_id}).get(version.document_id) if version else None
    if version is None or policy is None:
        raise Http404(f"no such version of {found.name}, or its document is not known")
    shorter = minify(policy, budget=PAGE_BUDGET)
    if "download" in request.GET:
        response = HttpResponse(shorter.text, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{found.name}.min.json"'
        return response
    before, after = sizes(policy, shorter)
    here = reverse("web:policy", args=[number, pk])
    section = ("Policies", reverse("web:account-section", args=[number, "policies"]))
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, section, (found.name, here)),
        "title": f"How short can {found.name} be?",
        "answer": f"{after:,} characters instead of {before:,}."
        if after < before
        else f"As it is: {before:,} characters.",
        "policy": found,
        "version": version,
        "lines": lines_of(shorter.text),
        "done": list(what_was_done(policy, shorter)),
    }
    return render(request, "policies/minified.html", context)


def _is_wanted(request: PageRequest, version: PolicyVersion) -> bool:
    wanted = request.GET.get("version", "")
    return bool(version.version_id == wanted if wanted else version.is_default)
