"""Django's description of the app."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Findings."""

    name = "policystudio.findings"
    verbose_name = "Findings"

    def ready(self) -> None:
        """Work findings out anew when an account or an organization changes."""
        from policystudio.accounts.services import changed
        from policystudio.findings.services import account_changed

        changed.connect(account_changed, dispatch_uid="findings.account_changed")
