"""Django's description of the app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete


class ClientsConfig(AppConfig):
    """API clients; tokens of people end where all that lets them in does."""

    name = "policystudio.clients"
    verbose_name = "API clients"

    def ready(self) -> None:
        from policystudio.accounts.signals import access_ended

        access_ended.connect(_access_ended, dispatch_uid="clients.tokens_revoke")
        post_delete.connect(_client_removed, sender="clients.ServiceClient", dispatch_uid="clients.user_delete")


def _access_ended(by: Any, user: Any, **_kwargs: Any) -> None:
    from policystudio.clients import services

    services.tokens_revoke(by=by, user=user)


def _client_removed(instance: Any, **_kwargs: Any) -> None:
    """With its account: the user behind it stands for nothing else."""
    from django.contrib.auth import get_user_model

    get_user_model().objects.filter(pk=instance.user_id).delete()
