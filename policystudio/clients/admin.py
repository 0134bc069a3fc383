"""API clients, access keys and tokens in Django's admin."""

from django.contrib import admin

from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(ServiceClient)
class ServiceClientAdmin(ReadOnlyAdmin):
    """API clients."""

    list_display = ["name", "account", "description", "created_at", "created_by_name", "disabled_at"]
    list_select_related = ["account"]
    search_fields = ["name", "account__number"]


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnlyAdmin):
    """Access keys; neither the salt nor the digest of the secret is shown."""

    list_display = ["key_id", "client", "created_at", "expires_at", "last_used_at", "last_used_address", "revoked_at"]
    list_select_related = ["client__account"]
    search_fields = ["key_id"]
    exclude = ["salt", "digest"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of REST; the hash is not shown."""

    list_display = ["name", "user", "scope", "account", "created", "expiry", "last_used_at", "last_used_address"]
    list_select_related = ["user", "account"]
    exclude = ["digest"]
