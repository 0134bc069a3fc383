"""Users, groups and roles in Django's admin."""

from django.contrib import admin

from policystudio.identities.models import Identity, InlinePolicy
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    """IAM users, groups and roles."""

    list_display = ["name", "kind", "account", "path", "boundary"]
    list_select_related = ["account", "boundary"]
    list_filter = ["kind"]
    search_fields = ["name", "arn"]


@admin.register(InlinePolicy)
class InlinePolicyAdmin(ReadOnlyAdmin):
    """Policies that are part of one identity."""

    list_display = ["name", "identity"]
    list_select_related = ["identity"]
