"""`manage.py createsuperuser`: Django's own, which is told in the audit record, too."""

from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand

from policystudio.audit.management.telling import users_told


class Command(DjangoCommand):
    """With an entry for the user that it makes."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Make one."""
        with users_told("user.created", superuser=True):
            return super().handle(*args, **options)
