"""Who looks after an account, and in which role."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from policystudio.accounts import selectors as accounts
from policystudio.accounts import services
from policystudio.accounts.models import Account, Role
from policystudio.web import answers
from policystudio.web.access import account_for, administers
from policystudio.web.forms import InvitationForm, MemberForm
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: PageRequest, number: str) -> HttpResponse:
    """The people with a role in the account; an administrator of it gives and changes roles."""
    if request.method == "POST":
        return _grant(request, account_for(request, number, Role.ADMINISTRATOR))
    return page(request, account_for(request, number))


def _grant(request: PageRequest, account: Account) -> HttpResponse:
    form = MemberForm(request.user, request.POST)
    if form.is_valid():
        user, role = form.cleaned_data["user"], Role(form.cleaned_data["role"])
        try:
            services.membership_grant(by=request.user, user=user, account=account, role=role)
        except services.MembershipError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{user.get_username()} is now {role.label} of {account.name}.")
            return HttpResponseRedirect(reverse("web:members", args=[account.number]))
    return page(request, account, form=form, status=422)


@require_POST
def remove(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Take away the role that somebody was given in the account (the primary key is that of the person)."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    user = accounts.member_of(account, pk)
    if user is None:
        raise Http404(f"{pk} was given no role in {account.name}")
    try:
        services.membership_revoke(by=request.user, user=user, account=account)
    except services.MembershipError as error:
        messages.error(request, f"{error}.")
    else:
        messages.success(request, _said_of_leaving(user, account))
    if user.pk == request.user.pk and not accounts.role_of(request.user, account):
        return HttpResponseRedirect(reverse("web:accounts"))
    return HttpResponseRedirect(reverse("web:members", args=[account.number]))


def _said_of_leaving(user: AbstractBaseUser, account: Account) -> str:
    """Another role may be left: by the organization, or by groups."""
    left = accounts.role_of(user, account)
    if left is None:
        return f"{user.get_username()} does not see {account.name} any more."
    return f"{user.get_username()} is still {left.label} of {account.name}, by the organization or by groups."


@require_POST
def second_person(request: PageRequest, number: str) -> HttpResponse:
    """Say whether a change is approved by somebody who wrote none of its edits."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    needed = request.POST.get("needed") == "yes"
    services.second_person_set(by=request.user, account=account, needed=needed)
    messages.success(request, SECOND_PERSON[needed])
    return HttpResponseRedirect(reverse("web:members", args=[account.number]))


@require_POST
def second_factor(request: PageRequest, number: str) -> HttpResponse:
    """Say whether everybody with a role in the account has to have a second factor."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    needed = request.POST.get("needed") == "yes"
    services.second_factor_demand(by=request.user, account=account, needed=needed)
    messages.success(request, SECOND_FACTOR[needed])
    return HttpResponseRedirect(reverse("web:members", args=[account.number]))


def page(
    request: PageRequest, account: Account, *, form: MemberForm | None = None, status: int = 200, **shown: Any
) -> HttpResponse:
    """The page of the members; ``shown`` is what invitations add to it."""
    found = list(accounts.members_of(account))
    organization = account.organization
    above = list(accounts.organization_members_of(organization)) if organization else []
    administered = administers(request, account)
    context = {
        "title": f"Who looks after {account.name}?",
        "answer": answers.of_members(account.name, [*found, *above]),
        "members": found,
        "above": above,
        "form": form or MemberForm(request.user) if administered else None,
        "invitations": list(accounts.open_invitations(account, timezone.now())) if administered else [],
        "invitation_form": InvitationForm(),
        "roles": ROLES,
        "second_person": SECOND_PERSON[account.needs_second_person],
        "second_factor": SECOND_FACTOR[account.needs_second_factor],
        **shown,
    }
    return account_page(request, account, "members", context, status=status)


ROLES = (
    (Role.VIEWER, "sees everything in the account and simulates"),
    (Role.AUTHOR, "also drafts changes and proposes them"),
    (Role.APPROVER, "also approves and publishes changes"),
    (Role.ADMINISTRATOR, "also imports the account and names its members"),
)

SECOND_PERSON = {
    True: "A change is approved by somebody who wrote none of its edits.",
    False: "Any approver approves a change, also one who wrote edits of it.",
}

SECOND_FACTOR = {
    True: "Whoever has a role here and signs in by password has a second factor, or is asked to set one up first.",
    False: "A password is enough to sign in and see this account.",
}
