"""Invitations: made and revoked where the members are, and accepted by their link."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts import services
from policystudio.accounts.models import Account, Invitation, Organization, Role
from policystudio.web.access import account_for, organization_for
from policystudio.web.forms import InvitationForm, NewSignInForm
from policystudio.web.request import PageRequest
from policystudio.web.views import members, organizations

_KEY = "invitation"
_BACKEND = "policystudio.accounts.backends.PasswordBackend"


@never_cache
@require_POST
def invite_to_account(request: PageRequest, number: str) -> HttpResponse:
    """Invite somebody to an account."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    form = InvitationForm(request.POST)
    link = _invite(request, account, form)
    if link is None:
        return members.page(request, account, invitation_form=form, status=422)
    return members.page(request, account, invitation_link=link)


@never_cache
@require_POST
def invite_to_organization(request: PageRequest, org_id: str) -> HttpResponse:
    """Invite somebody to an organization."""
    organization = organization_for(request, org_id, Role.ADMINISTRATOR)
    form = InvitationForm(request.POST)
    link = _invite(request, organization, form)
    if link is None:
        return organizations.page(request, organization, invitation_form=form, status=422)
    return organizations.page(request, organization, invitation_link=link)


@require_POST
def revoke_of_account(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Take an invitation to an account back."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    _revoke(request, account, pk)
    return HttpResponseRedirect(reverse("web:members", args=[account.number]))


@require_POST
def revoke_of_organization(request: PageRequest, org_id: str, pk: int) -> HttpResponse:
    """Take an invitation to an organization back."""
    organization = organization_for(request, org_id, Role.ADMINISTRATOR)
    _revoke(request, organization, pk)
    return HttpResponseRedirect(reverse("web:organization-members", args=[organization.org_id]))


@login_not_required
@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Remember in the session that the link was opened, and leave its address, which should stand nowhere."""
    found = accounts.invitation_by_token(token, timezone.now())
    if found is None:
        return _void(request)
    request.session[_KEY] = found.pk
    return redirect("web:invitation")


open_link.hides_path = True  # type: ignore[attr-defined]  # of the token nothing is logged


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept the invitation whose link was opened: as whoever is signed in, or as somebody new."""
    found = accounts.invitation_get(request.session.get(_KEY) or 0, timezone.now())
    if found is None:
        return _void(request)
    form = NewSignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            if _accepted(request, found, form):
                return _welcome(request, found)
        except services.InvitationError as error:
            if not error.place:
                return _void(request)
            form.add_error(error.place, f"{str(error).capitalize()}.")
    context = {
        "title": f"Will you be {Role(found.role).label} of {found.whole}?",
        "invitation": found,
        "form": form,
        "next": reverse("web:invitation"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "invitations/invitation.html", context, status=status)


invitation.rate_scope = "sign-in"  # type: ignore[attr-defined]  # names could be tried out here


def _accepted(request: HttpRequest, found: Invitation, form: NewSignInForm) -> bool:
    """Whether it was accepted; else the form says what is wrong."""
    now = timezone.now()
    if request.user.is_authenticated:
        services.invitation_accept(by=request.user, invitation=found, now=now)
        return True
    if not form.is_valid():
        return False
    user = services.invitation_accept_as_new(
        username=form.cleaned_data["username"], password=form.cleaned_data["password1"], invitation=found, now=now
    )
    login(request, user, backend=_BACKEND)
    return True


def _welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session.pop(_KEY, None)
    messages.success(request, f"You have the role {Role(found.role).label} of {found.whole} now.")
    return redirect("web:accounts")


def _void(request: HttpRequest) -> HttpResponse:
    """Whatever is wrong with an invitation, the answer is the same."""
    request.session.pop(_KEY, None)
    return render(request, "invitations/void.html", {"title": "This invitation is not good any more"}, status=404)


def _invite(request: PageRequest, whole: Account | Organization, form: InvitationForm) -> dict[str, object] | None:
    """The link of a new invitation, to be shown this once; None where the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        made, token = services.invitation_create(
            by=request.user,
            whole=whole,
            role=Role(form.cleaned_data["role"]),
            addressee=form.cleaned_data["addressee"],
            now=timezone.now(),
        )
    except services.InvitationError as error:
        form.add_error(error.place if error.place in form.fields else None, f"{str(error).capitalize()}.")
        return None
    link = request.build_absolute_uri(reverse("web:invitation-open", args=[token]))
    return {"address": link, "to": made.addressee, "sent": services.invitation_send(invitation=made, link=link)}


def _revoke(request: PageRequest, whole: Account | Organization, pk: int) -> None:
    found = accounts.open_invitations(whole, timezone.now()).filter(pk=pk).first()
    if found is None:
        raise Http404(f"no invitation `{pk}` is open")
    services.invitation_revoke(by=request.user, invitation=found, now=timezone.now())
    messages.success(request, f"The invitation of {found.addressee} was taken back.")
