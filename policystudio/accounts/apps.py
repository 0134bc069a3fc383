"""Django's description of the app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    """Accounts; it notes the sessions that people sign in with."""

    name = "policystudio.accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        user_logged_in.connect(_signed_in, dispatch_uid="accounts.session_begin")


def _signed_in(request: Any, user: Any, **_kwargs: Any) -> None:
    from django.utils import timezone

    from policystudio.accounts import services
    from policystudio.lib.client_address import client_address

    if request.session.session_key is None:
        # Somebody else was signed in before: a new session begins, which is saved at the end of the request otherwise.
        request.session.save()
    services.session_begin(
        session_key=request.session.session_key,
        user=user,
        address=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        now=timezone.now(),
    )
