"""`manage.py verify_audit`: proves that the audit record is whole, or names what is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.audit import services
from policystudio.audit.models import AuditEntry


class Command(BaseCommand):
    """Exit status 1 where an entry was changed, removed or reordered."""

    help = "Checks the chain of hashes of the audit record and names every entry that was changed, removed or moved."

    def handle(self, *_args: Any, **_options: Any) -> None:
        flaws = services.verify()
        for flaw in flaws:
            self.stdout.write(str(flaw))
        if flaws:
            raise CommandError(f"the audit record is not what was written: {len(flaws)} flaws")
        self.stdout.write(f"the audit record is whole: {AuditEntry.objects.count()} entries")
