"""What a managed policy says, and who has it; the read view of organization policies too."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.accounts.selectors import OrganizationLevel
from policystudio.engine.document import PolicyKind
from policystudio.findings import selectors as findings
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.web import answers, unused
from policystudio.web.access import account_for, writes
from policystudio.web.findings import found_here, marks_of
from policystudio.web.policy_text import lines_of
from policystudio.web.request import PageRequest
from policystudio.web.template_form import MadeFrom, made_from
from policystudio.web.views.accounts import crumbs_of

#: Lists of bearers on the page of a policy are cut here; the sentence above them counts all.
SHOWN = 200


@require_safe
def policy(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """What does this policy say, and who has it?"""
    account = account_for(request, number)
    try:
        found = policies.policy_get(account, pk)
    except ManagedPolicy.DoesNotExist:
        raise Http404(f"no policy {pk} in account `{number}`") from None
    versions = list(policies.versions_of(found))
    wanted = request.GET.get("version", "")
    shown = next((one for one in versions if one.version_id == wanted), versions[0] if versions else None)
    if wanted and (shown is None or shown.version_id != wanted):
        raise Http404(f"no version `{wanted}` of {found.name}")
    useless = unused.section_of(shown.document) if shown else None
    here = found_here(account, findings.of_policy(found), shown.document_id) if shown else []
    bearers, bounded = identities.bearers_of(found), identities.bounded_by(found)
    section = (("Policies", reverse("web:account-section", args=[number, "policies"])),)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, *section),
        "title": f"What does {found.name} say?",
        "answer": answers.of_policy(found, shown, bearers.count(), bounded.count()),
        "policy": found,
        "versions": versions,
        "shown": shown,
        "unused": useless,
        "lines": lines_of(shown.document.text, marks_of(here, useless)) if shown else (),
        "problems": shown.document.problems if shown else None,
        "findings": here,
        "writes": writes(request, account),
        "bearers": bearers[:SHOWN],
        "bounded": bounded[:SHOWN],
        "made": _made_from(account, found, versions),
    }
    return render(request, "policies/policy.html", context)


def _made_from(account: Account, policy: ManagedPolicy, versions: list[PolicyVersion]) -> MadeFrom | None:
    """The template that the policy was made from; None where there is none."""
    use = policies.template_use_of(account, "managed-policy", policy.arn)
    if use is None:
        return None
    text = next((version.document.text for version in versions if version.is_default), None)
    return made_from(policies.template_standing(use, text))


@require_safe
def organization_policy(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """What does this organization policy say? Only those that stand above the account are shown."""
    account = account_for(request, number)
    found, places = organization_policy_above(account, pk)
    useless = unused.section_of_organization(found.text, PolicyKind(found.kind))
    here = found_here(account, findings.of_organization_policy(account, found), found.digest)
    section = (("Organization", reverse("web:account-section", args=[number, "organization"])),)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, *section),
        "title": f"What does {found.name} say?",
        "answer": answers.of_organization_policy(found, account, [level.name for level in places]),
        "places": places,
        "policy": found,
        "unused": useless,
        "findings": here,
        "lines": lines_of(found.text, marks_of(here, useless)),
        "problems": found.problems,
        "writes": writes(request, account),
    }
    return render(request, "policies/organization_policy.html", context)


def organization_policy_above(account: Account, pk: int) -> tuple[OrganizationPolicy, list[OrganizationLevel]]:
    """The organization policy and the levels above the account at which it is attached."""
    found: OrganizationPolicy | None = None
    places: list[OrganizationLevel] = []
    for kind in OrganizationPolicy.Kind.values:
        for level in accounts.organization_levels(account, kind) or ():
            for one in level.policies:
                if one.pk == pk:
                    found = one
                    places.append(level)
    if found is None:
        raise Http404(f"no organization policy {pk} above account `{account.number}`")
    return found, places
