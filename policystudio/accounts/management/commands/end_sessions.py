"""`manage.py end_sessions USER`: signs somebody out everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policystudio.accounts import services
from policystudio.accounts.management.commands import person


class Command(BaseCommand):
    """For a lost device, or for somebody who leaves; tokens are not sessions, so they are asked for."""

    help = "Ends every session of a user at once, and with --tokens every token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("user", metavar="USER", help="the sign-in name")
        parser.add_argument("--tokens", action="store_true", help="end their tokens of REST as well")

    def handle(self, *_args: Any, user: str, tokens: bool, **_options: Any) -> None:
        """End them, and say how many there were."""
        ended = (services.access_end if tokens else services.sessions_end)(by=None, user=person(user))
        also = "; no token lets them in any more" if tokens else ""
        self.stdout.write(f"{ended} session{'' if ended == 1 else 's'} of {user} ended{also}")
