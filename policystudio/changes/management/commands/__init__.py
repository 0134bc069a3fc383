"""Out of an account and back in, on the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.changes.transfer import written_as
from policystudio.interchange.edits import Change, NotExpressibleError


def found_account(written: str) -> Account:
    """The account by number or name; ends the command where there is none."""
    try:
        return account_find(written)
    except AccountNotFoundError as error:
        raise CommandError(str(error)) from None
    except DatabaseError as error:
        raise CommandError(f"the database cannot answer ({error}): has `manage.py migrate` run?") from None


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
