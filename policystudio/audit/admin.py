"""The audit record in Django's admin."""

from django.contrib import admin

from policystudio.audit.models import AuditEntry
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Entries, newest first."""

    list_display = ["sequence", "at", "actor", "address", "action", "target"]
    list_filter = ["action"]
    search_fields = ["actor", "action", "target"]
