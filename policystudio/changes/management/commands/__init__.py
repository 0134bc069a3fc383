"""Out of an account and back in, on the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.changes.transfer import written_as
from policystudio.interchange.edits import Change, NotExpressibleError
from policystudio.lib.refusals import refusals


def found_account(written: str) -> Account:
    """The account by number or name; ends the command where there is none."""
    with refusals({AccountNotFoundError: str}):
        return account_find(written)


class ExportCommand(BaseCommand):
    """Prints a file; what its format cannot say goes to standard error as well."""

    def print_as(self, change: Change, options: dict[str, Any]) -> None:
        """Print a change in the format of the options."""
        try:
            _, written = written_as(change, options["format"])
        except NotExpressibleError as error:
            raise CommandError("\n".join(error.notes)) from None
        for note in written.notes:
            self.stderr.write(f"note: {note}")
        self.stdout.write(written.text, ending="")
