"""Working findings out in the background: one row an account is the record, and says which revision was worked out.

A message may come twice or never: whoever takes an account up claims it by one conditional UPDATE, and what has no
message any more is sent again by the reaper. What was found out about documents stays, so that another attempt after a
kill goes on where the last one ended.
"""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from policystudio.accounts.models import Account, Organization
from policystudio.accounts.selectors import every_account
from policystudio.findings.models import MAX_ATTEMPTS, AccountFindings
from policystudio.findings.selectors import is_given_up, revision_of
from policystudio.findings.services.work import documents_forget, findings_of_account, findings_write
from policystudio.lib import queue

logger = structlog.get_logger(__name__)

TASK = "policystudio.findings.tasks.findings_work"
#: How long an attempt may be silent before it counts as lost, and how often it gives a sign of life.
LEASE, SIGN = timedelta(seconds=120), 5.0
#: An account that waits longer is sent again: its message may have been lost with a worker or a broker.
RESEND_AFTER = timedelta(seconds=60)
#: How many identities one message has looked at for policies without effect.
MOST_IN_ONE = 500
FAILED = "working them out met an error of Policy Studio itself: the log of the worker has more"


class LeaseLostError(Exception):
    """Another attempt works on the account: this one must leave everything as it is."""


def account_changed(*, row: Account | Organization, **_signal: object) -> None:
    """Ask for new findings as soon as a change of an account or of an organization is kept."""
    if isinstance(row, Account):
        pks = [row.pk]
    else:
        pks = list(Account.objects.filter(unit__organization=row.pk).values_list("pk", flat=True))
    transaction.on_commit(lambda: [_send(pk, timezone.now()) for pk in pks], robust=True)


def findings_work(*, account_id: int, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Work out an account's findings, unless that is done or another worker does it; tells whether it did."""
    account = every_account().filter(pk=account_id).first()
    if account is None:
        return False
    revision, lease = revision_of(account), uuid.uuid4()
    if not _claim(account, revision, lease, clock()):
        return False
    try:
        rows, left = findings_of_account(account, _Alive(account, lease, clock), MOST_IN_ONE)
        done = {"lease": None, "lease_until": None, "worked_at": clock(), "error": "", "attempts": 0}
        with transaction.atomic():
            mine = AccountFindings.objects.filter(account=account, lease=lease)
            if not mine.update(**done, revision="" if left else revision):
                raise LeaseLostError
            findings_write(account=account, rows=rows, now=clock())
    except LeaseLostError:
        logger.warning("findings lost their lease", account=account.number)
        return False
    except Exception:
        logger.exception("findings failed", account=account.number)
        connection.close()  # it may be what is broken
        AccountFindings.objects.filter(account=account, lease=lease).update(
            lease=None, lease_until=None, sent_at=None, error=FAILED
        )
        return False
    documents_forget()
    fresh = every_account().filter(pk=account_id).first()
    if left or (fresh is not None and revision_of(fresh) != revision):
        _send(account_id, clock())  # there is more to do, or it changed meanwhile
    return True


def findings_work_now(*, account: Account, now: datetime) -> AccountFindings:
    """Work out an account's findings at once, whatever else works on them; for the command line."""
    revision = revision_of(account)
    rows, _ = findings_of_account(account)
    with transaction.atomic():
        findings_write(account=account, rows=rows, now=now)
        state, _ = AccountFindings.objects.update_or_create(
            account=account, defaults={"revision": revision, "worked_at": now, "error": ""}
        )
    return state


def findings_reap(*, now: datetime) -> int:
    """Send what is not worked out and has no worker; answers with how many accounts were sent.

    An attempt whose lease ran out was lost: it loses the account.
    """
    AccountFindings.objects.filter(lease_until__lt=now).update(lease=None, lease_until=None)
    states = {state.account_id: state for state in AccountFindings.objects.all()}
    sent = 0
    for account in every_account().exclude(read_at=None):
        state, revision = states.get(account.pk), revision_of(account)
        if state is not None:
            runs = state.lease_until is not None and state.lease_until >= now
            waits = state.sent_at is not None and state.sent_at >= now - RESEND_AFTER
            if state.revision == revision or runs or waits or is_given_up(state, revision):
                continue
        sent += _send(account.pk, now)
    return sent


def _send(account_id: int, now: datetime) -> bool:
    AccountFindings.objects.get_or_create(account_id=account_id)
    if not queue.send(TASK, str(account_id)):
        return False
    AccountFindings.objects.filter(account_id=account_id).update(sent_at=now)
    return True


def _claim(account: Account, revision: str, lease: UUID, now: datetime) -> bool:
    AccountFindings.objects.get_or_create(account=account)
    free = AccountFindings.objects.filter(Q(lease=None) | Q(lease_until__lt=now), account=account)
    undone = free.exclude(revision=revision).exclude(attempted=revision, attempts__gte=MAX_ATTEMPTS)
    again = Case(When(attempted=revision, then=F("attempts") + 1), default=Value(1))
    return bool(undone.update(lease=lease, lease_until=now + LEASE, attempts=again, attempted=revision))


class _Alive:
    """Renews the lease now and then."""

    def __init__(self, account: Account, lease: UUID, clock: Callable[[], datetime]) -> None:
        self.account, self.lease, self.clock, self.next = account, lease, clock, 0.0

    def __call__(self) -> None:
        """A sign of life; raises ``LeaseLostError`` where another attempt has the account."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + SIGN
        mine = AccountFindings.objects.filter(account=self.account, lease=self.lease)
        if not mine.update(lease_until=self.clock() + LEASE):
            raise LeaseLostError
