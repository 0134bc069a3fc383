"""`manage.py verify_audit`: proves that the audit record is whole, or names what is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.audit import services


class Command(BaseCommand):
    """Exit status 1 where an entry was changed, removed or reordered."""

    help = "Checks the chain of hashes of the audit record and names every entry that was changed, removed or moved."

    def handle(self, *_args: Any, **_options: Any) -> None:
        state = services.verification_run(told=lambda flaw: self.stdout.write(str(flaw)))
        if state.flaw_count:
            raise CommandError(f"the audit record is not what was written: {state.flaw_count} flaws")
        self.stdout.write(f"the audit record is whole: {state.sequence} entries")
