"""`manage.py changepassword`: Django's own, which is told in the audit record, too."""

from typing import Any

from django.contrib.auth.management.commands.changepassword import Command as DjangoCommand

from policystudio.audit.management.telling import users_told


class Command(DjangoCommand):
    """With an entry for the password that it sets."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Set it."""
        with users_told("user.password_set"):
            return super().handle(*args, **options)
