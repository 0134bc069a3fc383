"""Who has a role in every account of an organization."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from policystudio.accounts import selectors as accounts
from policystudio.accounts import services
from policystudio.accounts.models import Organization, Role
from policystudio.web import answers
from policystudio.web.access import organization_for
from policystudio.web.forms import InvitationForm, MemberForm
from policystudio.web.request import PageRequest
from policystudio.web.views.members import ROLES


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: PageRequest, org_id: str) -> HttpResponse:
    """The people with a role in the whole organization; an administrator of it gives and changes roles."""
    if request.method == "POST":
        return _grant(request, organization_for(request, org_id, Role.ADMINISTRATOR))
    return page(request, organization_for(request, org_id))


def _grant(request: PageRequest, organization: Organization) -> HttpResponse:
    form = MemberForm(request.user, request.POST)
    if form.is_valid():
        user, role = form.cleaned_data["user"], Role(form.cleaned_data["role"])
        try:
            services.organization_membership_grant(by=request.user, user=user, organization=organization, role=role)
        except services.MembershipError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{user.get_username()} is now {role.label} of every account of {organization}.")
            return HttpResponseRedirect(reverse("web:organization-members", args=[organization.org_id]))
    return page(request, organization, form=form, status=422)


@require_POST
def remove(request: PageRequest, org_id: str, pk: int) -> HttpResponse:
    """Take away the role that somebody was given in the whole organization."""
    organization = organization_for(request, org_id, Role.ADMINISTRATOR)
    user = accounts.organization_member_of(organization, pk)
    if user is None:
        raise Http404(f"{pk} was given no role in {organization}")
    try:
        services.organization_membership_revoke(by=request.user, user=user, organization=organization)
    except services.MembershipError as error:
        messages.error(request, f"{error}.")
    else:
        messages.success(request, f"{user.get_username()} has no role in the whole of {organization} any more.")
    if user.pk == request.user.pk and not accounts.role_in_organization(request.user, organization):
        return HttpResponseRedirect(reverse("web:accounts"))
    return HttpResponseRedirect(reverse("web:organization-members", args=[organization.org_id]))


def page(
    request: PageRequest,
    organization: Organization,
    *,
    form: MemberForm | None = None,
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    """The page of the members; ``shown`` is what invitations add to it."""
    found = list(accounts.organization_members_of(organization))
    administers = accounts.may_in_organization(request.user, organization, Role.ADMINISTRATOR)
    context = {
        "area": "accounts",
        "crumbs": [("Accounts", reverse("web:accounts"))],
        "title": f"Who looks after all of {organization}?",
        "answer": answers.of_members(f"all of {organization}", found),
        "organization": organization,
        "members": found,
        "accounts": accounts.every_account().filter(unit__organization=organization),
        "form": form or MemberForm(request.user) if administers else None,
        "invitations": list(accounts.open_invitations(organization, timezone.now())) if administers else [],
        "invitation_form": InvitationForm(),
        "roles": ROLES,
        **shown,
    }
    return render(request, "accounts/organization_members.html", context, status=status)
