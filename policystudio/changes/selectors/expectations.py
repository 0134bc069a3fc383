"""Reads of expectations."""

from django.db.models import QuerySet

from policystudio.accounts.models import Account
from policystudio.changes.models import Expectation


def expectations_of(account: Account) -> QuerySet[Expectation]:
    """The expectations of an account, the oldest first."""
    return Expectation.objects.filter(account=account).order_by("id")


def expectation_get(account: Account, pk: int) -> Expectation:
    """An expectation of the account; raises ``Expectation.DoesNotExist``."""
    return Expectation.objects.select_related("account").get(account=account, pk=pk)
