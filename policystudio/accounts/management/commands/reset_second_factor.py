"""`manage.py reset_second_factor USER`: for somebody who has neither the app nor a recovery code any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policystudio.accounts import services
from policystudio.accounts.management.commands import person


class Command(BaseCommand):
    """Make sure that it is them who ask: from then on the password is enough."""

    help = "Takes the second factor and the recovery codes of a user away, and ends their sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("user", metavar="USER", help="the sign-in name")

    def handle(self, *_args: Any, user: str, **_options: Any) -> None:
        """Take it away, and say so."""
        removed = services.second_factor_remove(by=None, user=person(user))
        self.stdout.write(f"{user} signs in by password alone now" if removed else f"{user} has no second factor")
