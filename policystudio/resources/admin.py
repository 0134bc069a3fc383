"""Resources in Django's admin."""

from django.contrib import admin

from policystudio.lib.read_only_admin import ReadOnlyAdmin
from policystudio.resources.models import Resource


@admin.register(Resource)
class ResourceAdmin(ReadOnlyAdmin):
    """SageMaker resources that exist."""

    list_display = ["name", "type", "region", "account", "creator"]
    list_select_related = ["account", "creator"]
    list_filter = ["type"]
    search_fields = ["name", "arn"]
