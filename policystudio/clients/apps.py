"""Django's description of the app."""

from typing import Any

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """API clients; tokens of people end where all that lets them in does."""

    name = "policystudio.clients"
    verbose_name = "API clients"

    def ready(self) -> None:
        from policystudio.accounts.signals import access_ended

        access_ended.connect(_access_ended, dispatch_uid="clients.tokens_revoke")


def _access_ended(by: Any, user: Any, **_kwargs: Any) -> None:
    from policystudio.clients import services

    services.tokens_revoke(by=by, user=user)
