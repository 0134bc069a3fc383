"""`manage.py changepassword`: Django's own, which ends what let the user in so far and is told in the audit record."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands.changepassword import Command as DjangoCommand
from django.db import transaction
from django.db.models.signals import post_save

from policystudio.accounts import services
from policystudio.audit.management.telling import users_told


class Command(DjangoCommand):
    """With an entry for the password that it sets, and the end of the user's sessions and tokens."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Set it."""
        post_save.connect(_saved, sender=get_user_model())
        try:
            with users_told("user.password_set"):
                return super().handle(*args, **options)
        finally:
            post_save.disconnect(_saved, sender=get_user_model())


def _saved(instance: Any, **_kwargs: Any) -> None:
    with transaction.atomic():
        services.access_end(by=None, user=instance)
