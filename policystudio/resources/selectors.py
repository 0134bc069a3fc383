"""Reads of the SageMaker resources that exist."""

from django.db.models import Count, Q, QuerySet

from policystudio.accounts.models import Account
from policystudio.resources.models import Resource


def resources_of(account: Account, *, kind: str = "", search: str = "") -> QuerySet[Resource]:
    """The resources that the account owns, by type and name; ``search`` is a part of the ARN, in any case."""
    resources = Resource.objects.filter(account=account).select_related("creator__account")
    if kind:
        resources = resources.filter(type=kind)
    if search:
        resources = resources.filter(Q(arn__icontains=search))
    return resources


def counts_by_type(account: Account) -> dict[str, int]:
    """How many resources of each type the account owns, by the type's name."""
    rows = Resource.objects.filter(account=account).order_by("type").values_list("type")
    return dict(rows.annotate(number=Count("pk")))


def resources_called(accounts: QuerySet[Account], text: str) -> QuerySet[Resource]:
    """The resources of the accounts whose ARN holds ``text``, in any case."""
    return Resource.objects.filter(account__in=accounts, arn__icontains=text).select_related("account")
