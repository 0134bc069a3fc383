"""`manage.py end_sessions USER`: signs somebody out everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policystudio.accounts import services
from policystudio.accounts.management.commands import person


class Command(BaseCommand):
    """For a lost device, or for somebody who leaves; tokens are not sessions."""

    help = "Ends every session of a user at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("user", metavar="USER", help="the sign-in name")

    def handle(self, *_args: Any, user: str, **_options: Any) -> None:
        """End them, and say how many there were."""
        ended = services.sessions_end(by=None, user=person(user))
        self.stdout.write(f"{ended} session{'' if ended == 1 else 's'} of {user} ended")
