"""Where an account asks for a second factor, whoever has none is shown nothing but how to set one up."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from policystudio.accounts.selectors import accounts_visible_to

_SETTING_UP = frozenset(
    f"web:{name}"
    for name in (
        "you",
        "your-password",
        "second-factor",
        "second-factor-confirm",
        "session-end",
        "sessions-end",
        "token-revoke",
        "sign-out",
    )
)


class SecondFactorMiddleware:
    """Stands behind the middleware of sign-ins. Tokens and access keys are not asked; the REST API refuses sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """The page that leads to setting one up, in the place of any other that is for people."""
        if not getattr(view, "login_required", True) or not getattr(request.user, "owes_second_factor", False):
            return None
        if request.resolver_match is not None and request.resolver_match.view_name in _SETTING_UP:
            return None
        asking = list(accounts_visible_to(request.user).filter(needs_second_factor=True)[:3])
        return render(request, "you/second_factor_owed.html", {"asking": asking}, status=403)
