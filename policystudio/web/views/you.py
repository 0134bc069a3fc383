"""Your account: your password, second factor and sessions."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts import services
from policystudio.accounts.backends import ASKS_SECOND_FACTOR
from policystudio.accounts.models import SecondFactor
from policystudio.lib.client_address import client_address
from policystudio.lib.session_store import stored_key
from policystudio.web import answers
from policystudio.web.forms import CodeForm, NewPasswordForm, PasswordForm
from policystudio.web.request import PageRequest
from policystudio.web.views import tokens


@never_cache
@require_safe
def you(request: PageRequest) -> HttpResponse:
    """How do you sign in, and where are you signed in?"""
    return _page(request)


@sensitive_post_parameters()
@require_POST
def password(request: PageRequest) -> HttpResponse:
    """Change the password; other sessions end, and tokens unless they are to stay."""
    form = NewPasswordForm(request.user, request.POST)
    if not request.user.has_usable_password() or not form.is_valid():
        return _page(request, 422, password_form=form)
    keep_tokens = request.POST.get("tokens") == "keep"
    services.password_change(
        by=request.user,
        password=form.cleaned_data["new_password1"],
        keep=request.session.session_key,
        keep_tokens=keep_tokens,
    )
    update_session_auth_hash(request, request.user)
    _note_session(request)
    of_tokens = "Your tokens still let your scripts in." if keep_tokens else "No token lets a script in."
    messages.success(request, f"Your password was changed. You are signed in here alone now. {of_tokens}")
    return redirect("web:you")


@require_POST
def second_factor(request: PageRequest) -> HttpResponse:
    """Begin to set up a second factor: the page shows its QR code until a code confirms it."""
    try:
        services.second_factor_begin(by=request.user)
    except services.SecondFactorError as error:
        messages.error(request, f"{error}.")
    return HttpResponseRedirect(f"{reverse('web:you')}#second-factor")


@never_cache
@sensitive_post_parameters()
@require_POST
def second_factor_confirm(request: PageRequest) -> HttpResponse:
    """Confirm it by a code; the recovery codes are shown this once."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            codes = services.second_factor_confirm(
                by=request.user, code=form.cleaned_data["code"], keep=request.session.session_key
            )
        except services.SecondFactorError as error:
            form.add_error("code", f"{str(error).capitalize()}.")
        else:
            context = {
                "title": "Where will you keep these codes?",
                "answer": "Each lets you in once in the place of a code of your app. They are shown this once.",
                "crumbs": [("Your account", reverse("web:you"))],
                "codes": codes,
            }
            return render(request, "you/recovery_codes.html", context)
    return _page(request, 422, code_form=form)


@sensitive_post_parameters()
@require_POST
def second_factor_remove(request: PageRequest) -> HttpResponse:
    """Take the second factor away, with the password."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        setattr(request, ASKS_SECOND_FACTOR, True)  # whoever asks has given it when they signed in
        given = form.cleaned_data["password"]
        found = authenticate(request, username=request.user.get_username(), password=given)
        if found is not None and found.pk == request.user.pk:
            services.second_factor_remove(by=request.user, user=request.user, keep=request.session.session_key)
            messages.success(request, "You sign in by password alone now.")
            return redirect("web:you")
        form.add_error("password", "The password is not right.")
    return _page(request, 422, remove_form=form)


for _view in (password, second_factor_confirm, second_factor_remove):
    _view.rate_scope = "sign-in"  # type: ignore[attr-defined]  # worth guessing at


@require_POST
def session_end(request: PageRequest, key: str) -> HttpResponse:
    """End one of your sessions."""
    if services.session_end(by=request.user, key=key):
        messages.success(request, "The session was ended.")
    return HttpResponseRedirect(f"{reverse('web:you')}#sessions")


@require_POST
def sessions_end(request: PageRequest) -> HttpResponse:
    """End all of your sessions but this one."""
    services.sessions_end(by=request.user, user=request.user, keep=request.session.session_key)
    messages.success(request, "You are signed in here alone now.")
    return HttpResponseRedirect(f"{reverse('web:you')}#sessions")


def _page(request: PageRequest, status: int = 200, **forms: Any) -> HttpResponse:
    user = request.user
    factor, begun = accounts.second_factor_of(user), accounts.second_factor_begun(user)
    sessions = list(accounts.sessions_of(user, timezone.now()))
    here = stored_key(request.session.session_key or "")
    context = {
        "title": "How do you sign in, and where?",
        "answer": answers.of_you(
            has_password=user.has_usable_password(), second_factor=factor is not None, sessions=len(sessions)
        ),
        "has_password": user.has_usable_password(),
        "factor": factor,
        "recovery_codes": user.recovery_codes.count() if factor else 0,
        "begun": _to_scan(begun) if begun and not factor else None,
        "sessions": sessions,
        "here": here,
        "organizations": list(accounts.organizations_visible_to(user)),
        "password_form": NewPasswordForm(user),
        "code_form": CodeForm(),
        "remove_form": PasswordForm(),
        **tokens.of_you(request),
        **forms,
    }
    return render(request, "you/you.html", context, status=status)


def _to_scan(begun: SecondFactor) -> dict[str, str] | None:
    """The QR code for the app, and its key as text for whoever cannot scan; None where SECRET_KEY was changed."""
    if begun.secret() is None:
        return None
    address = begun.config_url
    key = address.partition("secret=")[2].partition("&")[0]
    return {
        "image": segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff"),
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
    }


def _note_session(request: PageRequest) -> None:
    """The session has a new key: it is listed as a new one."""
    if request.session.session_key:
        services.session_begin(
            session_key=request.session.session_key,
            user=request.user,
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", ""),
            now=timezone.now(),
        )
