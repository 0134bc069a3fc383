"""Django's description of the app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks; entries of the audit record are what they tell."""

    name = "policystudio.webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from policystudio.audit.signals import entry_recorded
        from policystudio.webhooks.services.outbox import deliveries_create

        entry_recorded.connect(deliveries_create)
