"""Signing in, by password and where there is one by the second factor, and out."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts import services
from policystudio.accounts.backends import ASKS_SECOND_FACTOR
from policystudio.web.forms import CodeForm, SignInForm

_KEY = "second_step"
#: So long the password need not be given again while the code is looked for.
_LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _SecondStep:
    """What the session holds of somebody who gave the right password and is not signed in yet."""

    user: int
    #: Of the password and SECRET_KEY: another password in between ends it.
    hash: str
    backend: str
    next: str
    until: str


class SignIn(LoginView):
    """By name and password; whoever has a second factor is asked for its code next."""

    template_name = "sign_in/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "head", "post", "options"]
    extra_context = {"single_sign_on": settings.OIDC is not None}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check name and password; this view asks for the second factor as well."""
        setattr(request, ASKS_SECOND_FACTOR, True)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, or ask for the code."""
        user = form.get_user()
        if accounts.second_factor_of(user) is None:
            return super().form_valid(form)
        self.request.session.cycle_key()
        step = _SecondStep(
            user=user.pk,
            hash=user.get_session_auth_hash(),
            backend=user.backend,
            next=self.get_success_url(),
            until=(timezone.now() + _LONGEST).isoformat(),
        )
        self.request.session[_KEY] = asdict(step)
        return redirect("web:sign-in-code")


sign_in = SignIn.as_view()
# A password costs time to check: not as often as one likes.
sign_in.rate_scope = "sign-in"  # type: ignore[attr-defined]  # functions may bear attributes
sign_out = LogoutView.as_view()


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, or a recovery code."""
    if request.user.is_authenticated:
        return redirect("web:accounts")
    step, user = _second_step(request)
    if step is None or user is None:
        return redirect("web:sign-in")
    credentials = {get_user_model().USERNAME_FIELD: user.get_username()}
    form = CodeForm(request.POST if request.method == "POST" else None)
    form.fields["code"].widget.attrs["autofocus"] = True
    if request.method == "POST":
        if not AxesProxyHandler.is_allowed(request, credentials):
            return get_lockout_response(request, credentials)
        if form.is_valid():
            checked = services.second_factor_check(user=user, code=form.cleaned_data["code"])
            if checked.right:
                del request.session[_KEY]
                login(request, cast("User", user), backend=step.backend)
                return HttpResponseRedirect(step.next)
            form.add_error("code", _said(checked))
            if not checked.wait:
                # Counts towards the lockout, as a wrong password does.
                user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return render(request, "sign_in/code.html", {"title": "Enter the code of your app", "form": form})


sign_in_code.rate_scope = "sign-in"  # type: ignore[attr-defined]  # as above


@login_not_required
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Django's administration has no door of its own: its form knows nothing of second factors."""
    if request.user.is_authenticated:
        raise PermissionDenied("the administration is for staff")
    wanted = request.GET.get("next") or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('web:sign-in')}?{urlencode({'next': wanted})}")


def _said(checked: services.Checked) -> str:
    if checked.wait:
        return f"Too many codes were wrong: wait {checked.wait} second{'' if checked.wait == 1 else 's'} for the next."
    return "The code is not right. Enter the one that the app shows now, or a recovery code that was not used yet."


def _second_step(request: HttpRequest) -> tuple[_SecondStep | None, AbstractBaseUser | None]:
    """Whoever gave the right password a moment ago, as long as nothing about them has changed."""
    kept = request.session.get(_KEY)
    if not kept:
        return None, None
    step = _SecondStep(**kept)
    user = get_user_model().objects.filter(pk=step.user, is_active=True).first()
    if user is None or datetime.fromisoformat(step.until) < timezone.now():
        return None, None
    if not constant_time_compare(step.hash, user.get_session_auth_hash()):
        return None, None
    return step, user
