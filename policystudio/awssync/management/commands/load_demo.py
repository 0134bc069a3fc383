"""`manage.py load_demo`: imports the demonstration organization."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from policystudio.awssync.services import ImportRefusedError, demo_load
from policystudio.awssync.snapshot import Level
from policystudio.awssync.snapshot.report_text import plural


class Command(BaseCommand):
    """docs/demo.md describes the organization."""

    help = "Imports the demonstration organization and makes its sign-ins; docs/demo.md says who is who."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            reports = demo_load(now=timezone.now())
        except ImportRefusedError as error:
            raise CommandError(f"nothing was loaded: {error}") from None
        for report in reports:
            for changes in report.accounts:
                told = ", ".join(f"{sum(counts.values()):,} {plural(kind)}" for kind, counts in changes.counts.items())
                self.stdout.write(f"  {changes.name}: {told}")
            for finding in report.findings:
                if finding.level is Level.ERROR:
                    self.stdout.write(f"  {finding}")
