"""History in Django's admin."""

from django.contrib import admin

from policystudio.history.models import StateRecord
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(StateRecord)
class StateRecordAdmin(ReadOnlyAdmin):
    """What accounts and organizations held."""

    list_display = ["kind", "key", "account", "organization", "since", "until"]
    list_select_related = ["account", "organization"]
    list_filter = ["kind"]
