"""`manage.py import_resources FILE`: reads in which SageMaker resources exist."""

from typing import Any

from django.utils import timezone

from policystudio.awssync import services
from policystudio.awssync.management.commands import ImportCommand


class Command(ImportCommand):
    """docs/import.md describes the file."""

    help = "Reads resources in: the answer of `aws resourcegroupstaggingapi get-resources`, SageMaker's of it."

    def handle(self, *_args: Any, **options: Any) -> None:
        self.run_import(options, lambda file: services.resources_import(file=file, now=timezone.now()))
