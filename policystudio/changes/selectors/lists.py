"""Reads of changes, of their edits, and of who may write them."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.changes.models import OPEN_STATES, Change, Edit

AnyUser = AbstractBaseUser | AnonymousUser


def changes_of(account: Account, *, state: str = "") -> QuerySet[Change]:
    """The account's changes, the newest first, each with ``edit_count``."""
    found = Change.objects.filter(account=account).annotate(edit_count=Count("edits")).prefetch_related("edits")
    return (found.filter(state=state) if state else found).order_by("-number")


def change_get(account: Account, number: int) -> Change:
    """A change of the account by its number; raises ``Change.DoesNotExist``."""
    return Change.objects.select_related("account__unit__organization", "reverts").get(account=account, number=number)


def edits_of(change: Change) -> QuerySet[Edit]:
    """The edits of a change in their order."""
    return change.edits.order_by("position", "pk")


def edit_get(change: Change, pk: int) -> Edit:
    """An edit of the change; raises ``Edit.DoesNotExist``."""
    return Edit.objects.select_related("change__account__unit__organization").get(change=change, pk=pk)


def published_between(account: Account, after: datetime, until: datetime) -> QuerySet[Change]:
    """The changes of the account that were published after a moment and until another one, the oldest first."""
    found = Change.objects.filter(account=account, published_at__gt=after, published_at__lte=until)
    return found.order_by("published_at", "number")


def open_drafts(account: Account, user: AnyUser) -> QuerySet[Change]:
    """The drafts of the account that ``user`` began, the last one touched first."""
    if user.pk is None:
        return Change.objects.none()
    return Change.objects.filter(account=account, state=Change.State.DRAFT, author=user.pk).order_by("-updated_at")


def waiting_for(account: Account, user: AnyUser) -> QuerySet[Change]:
    """What waits for ``user``: drafts and rejected changes of theirs; for an approver, also what is to be decided."""
    mine = Q(author=user.pk, state__in=[Change.State.DRAFT, Change.State.REJECTED])
    if accounts.may(user, account, Role.APPROVER):
        mine |= Q(state__in=[Change.State.PROPOSED, Change.State.APPROVED])
    return Change.objects.filter(mine, account=account).prefetch_related("edits").order_by("-number")


def under_way_by_account(wanted: Iterable[Account]) -> dict[int, int]:
    """How many changes of each account are open, by its primary key; accounts without any are left out."""
    found = Change.objects.filter(account__in=list(wanted), state__in=OPEN_STATES)
    return dict(found.order_by().values_list("account").annotate(number=Count("pk")))


def under_way(account: Account) -> dict[str, int]:
    """How many changes of the account are in each of the states that are open."""
    rows = Change.objects.filter(account=account, state__in=OPEN_STATES).order_by().values_list("state")
    return dict.fromkeys(map(str, OPEN_STATES), 0) | dict(rows.annotate(number=Count("pk")))


def may_write(user: AnyUser, account: Account) -> bool:
    """Whether ``user`` may draft changes of the account."""
    return accounts.may(user, account, Role.AUTHOR)
