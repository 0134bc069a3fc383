"""Reads of the audit record."""

from collections.abc import Sequence

from django.db.models import QuerySet

from policystudio.audit.models import AuditEntry


def entries_about(targets: Sequence[str]) -> QuerySet[AuditEntry]:
    """The entries whose target is one of these, newest first."""
    return AuditEntry.objects.filter(target__in=targets)
