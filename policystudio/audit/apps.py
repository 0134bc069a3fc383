"""Django's description of the app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save


class AuditConfig(AppConfig):
    """Audit record; it listens to sign-ins, successful and not."""

    name = "policystudio.audit"
    verbose_name = "Audit record"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        user_logged_in.connect(_signed_in)
        user_logged_out.connect(_signed_out)
        user_login_failed.connect(_sign_in_failed)
        user_locked_out.connect(_locked_out)
        post_save.connect(_administered, sender="admin.LogEntry")


def _signed_in(user: Any, **_kwargs: Any) -> None:
    _record(user, "user.signed_in", user.get_username())


def _signed_out(user: Any, **_kwargs: Any) -> None:
    if user is not None:
        _record(user, "user.signed_out", user.get_username())


def _sign_in_failed(credentials: dict[str, Any], **_kwargs: Any) -> None:
    from django.contrib.auth import get_user_model

    from policystudio.audit import services

    typed = credentials.get(get_user_model().USERNAME_FIELD) or credentials.get("username")
    services.record_failure(action="user.sign_in_failed", target=_known(typed))


def _locked_out(username: str | None, **_kwargs: Any) -> None:
    from policystudio.audit import services

    services.record_use(actor="", action="user.locked_out", target=_known(username))


def _administered(instance: Any, created: bool, **_kwargs: Any) -> None:
    """What staff does in Django's own pages of administration, which note it in the transaction of the change."""
    if not created:
        return
    verb = {1: "added", 2: "changed", 3: "removed"}.get(instance.action_flag, "changed")
    kind = instance.content_type.model if instance.content_type else "row"
    details = {"kind": kind, "id": instance.object_id, "what": instance.get_change_message()}
    _record(instance.user, f"administration.{verb}", f"{kind} {instance.object_repr}", details)


def _known(typed: Any) -> str:
    """The sign-in name where it exists: what was typed as one may be a password by mistake."""
    from django.contrib.auth import get_user_model

    model, name = get_user_model(), str(typed or "")
    known = name.isprintable() and model._default_manager.filter(**{model.USERNAME_FIELD: name}).exists()
    return name if known else ""


def _record(actor: Any, action: str, target: str, details: dict[str, Any] | None = None) -> None:
    from django.db import transaction

    from policystudio.audit import services

    with transaction.atomic():
        services.record(actor=actor, action=action, target=target, details=details)
