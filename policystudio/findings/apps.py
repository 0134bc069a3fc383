"""Django's description of the app."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Findings."""

    name = "policystudio.findings"
    verbose_name = "Findings"

    def ready(self) -> None:
        """Work findings out anew when an account or an organization changes."""
        from policystudio.accounts.services import changed
        from policystudio.findings.selectors import accounts_by_state
        from policystudio.findings.services import account_changed
        from policystudio.lib.metrics import read_when_asked

        changed.connect(account_changed, dispatch_uid="findings.account_changed")
        about = "Accounts by how far their findings are worked out."
        read_when_asked("policystudio_findings_accounts", about, ("state",), accounts_by_state)
