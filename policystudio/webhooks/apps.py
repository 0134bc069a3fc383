"""Django's description of the app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks; entries of the audit record are what they tell."""

    name = "policystudio.webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from policystudio.audit.signals import entry_recorded
        from policystudio.lib.metrics import read_when_asked
        from policystudio.webhooks.selectors import deliveries_by_state, longest_wait
        from policystudio.webhooks.services.outbox import deliveries_create

        entry_recorded.connect(deliveries_create)
        about = "Messages to webhooks by state, of the last 30 days."
        read_when_asked("policystudio_webhook_deliveries", about, ("state",), deliveries_by_state)
        about = "Seconds since the oldest message that still waits was written; 0 where none does."
        read_when_asked("policystudio_webhook_oldest_waiting_seconds", about, (), longest_wait)
