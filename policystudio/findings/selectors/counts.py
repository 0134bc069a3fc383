"""How many accounts have their findings worked out, for whoever watches the installation."""

from collections import Counter

from policystudio.accounts.selectors import every_account
from policystudio.findings.models import AccountFindings
from policystudio.findings.selectors.listing import is_given_up
from policystudio.findings.selectors.revisions import revision_of

STATES = ("current", "working", "waiting", "failed")


def accounts_by_state() -> dict[tuple[str, ...], float]:
    """The number of accounts that were read, by how far their findings are."""
    states = {state.account_id: state for state in AccountFindings.objects.all()}
    counted: Counter[str] = Counter(dict.fromkeys(STATES, 0))
    for account in every_account().exclude(read_at=None):
        state, revision = states.get(account.pk), revision_of(account)
        if state is not None and state.revision == revision:
            counted["current"] += 1
        elif state is not None and state.lease is not None:
            counted["working"] += 1
        elif state is not None and is_given_up(state, revision):
            counted["failed"] += 1
        else:
            counted["waiting"] += 1
    return {(state,): float(number) for state, number in counted.items()}
