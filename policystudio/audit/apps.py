"""Django's description of the app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed


class AuditConfig(AppConfig):
    """Audit record; it listens to sign-ins, successful and not."""

    name = "policystudio.audit"
    verbose_name = "Audit record"

    def ready(self) -> None:
        user_logged_in.connect(_signed_in)
        user_logged_out.connect(_signed_out)
        user_login_failed.connect(_sign_in_failed)


def _signed_in(user: Any, **_kwargs: Any) -> None:
    _record(user, "user.signed_in", user.get_username())


def _signed_out(user: Any, **_kwargs: Any) -> None:
    if user is not None:
        _record(user, "user.signed_out", user.get_username())


def _sign_in_failed(credentials: dict[str, Any], **_kwargs: Any) -> None:
    # What was typed as a name may be a password by mistake, so only names that exist are kept.
    from django.contrib.auth import get_user_model

    model = get_user_model()
    name = str(credentials.get(model.USERNAME_FIELD) or credentials.get("username") or "")
    known = name.isprintable() and model._default_manager.filter(**{model.USERNAME_FIELD: name}).exists()
    _record("", "user.sign_in_failed", name if known else "")


def _record(actor: Any, action: str, target: str) -> None:
    from django.db import transaction

    from policystudio.audit import services

    with transaction.atomic():
        services.record(actor=actor, action=action, target=target)
