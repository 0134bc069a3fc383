"""Imports in Django's admin."""

from django.contrib import admin

from policystudio.awssync.models import ImportJob
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Imports, newest first."""

    list_display = ["id", "state", "created_by", "filename", "attempts", "created_at", "finished_at"]
    list_select_related = ["created_by"]
    list_filter = ["state"]
