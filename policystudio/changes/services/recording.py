"""What was, kept before a change is published, and what is since then."""

from collections.abc import Iterable
from datetime import datetime

from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.changes.selectors import is_organization_kind
from policystudio.changes.services.states import World
from policystudio.history import services as history


def record_before(account: Account, edits: Iterable[Edit], now: datetime) -> None:
    """Record what there is, where nothing was recorded yet, of all that the edits bear on."""
    history.record_first(account=account, at=now)
    if account.organization is not None and _is_above(edits):
        history.record_first_organization(organization=account.organization, at=now)
        for other in _others(account):
            history.record_first(account=other, at=now)


def record_after(world: World, edits: Iterable[Edit], now: datetime) -> None:
    """Record what is different since now."""
    account = world.account
    identities = list(world.identities.changed())
    touched = [key for key, _, _ in (*identities, *world.policies.changed())]
    # Who was in a group that is gone is told by nobody but the rows.
    whole = any(before is not None and after is None and before.kind == "group" for _, before, after in identities)
    history.record(account=account, at=now, touched=None if whole else touched)
    if account.organization is not None and _is_above(edits):
        history.record_organization(organization=account.organization, at=now)


def _is_above(edits: Iterable[Edit]) -> bool:
    return any(is_organization_kind(edit.kind) for edit in edits)


def _others(account: Account) -> Iterable[Account]:
    accounts = Account.objects.filter(unit__organization=account.organization).exclude(pk=account.pk)
    return accounts.select_related("unit__organization")
