"""Which state of an account findings are of, and whether they are of the present one."""

from policystudio.accounts.models import Account
from policystudio.findings.checks.version import rules_version


def revision_of(account: Account) -> str:
    """What findings depend on: the content of the account and of its organization, and the rules."""
    organization = account.organization
    return f"{account.revision}:{organization.revision if organization else ''}:{rules_version()}"
