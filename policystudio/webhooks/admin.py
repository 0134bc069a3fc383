"""Webhooks and deliveries in Django's admin."""

from django.contrib import admin

from policystudio.lib.read_only_admin import ReadOnlyAdmin
from policystudio.webhooks.models import Delivery, Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Webhooks; what their secrets are derived from is not shown."""

    list_display = ["url", "account", "active", "failing_since"]
    list_filter = ["active"]
    exclude = ["salt", "digest", "previous_salt", "previous_digest"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Deliveries, newest first."""

    list_display = ["created_at", "event", "webhook", "state", "attempts", "status", "error"]
    list_filter = ["state"]
