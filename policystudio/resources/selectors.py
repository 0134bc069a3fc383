"""Reads of the SageMaker resources that exist."""

from django.db.models import Q, QuerySet

from policystudio.accounts.models import Account
from policystudio.resources.models import Resource


def resources_of(account: Account, *, kind: str = "", search: str = "") -> QuerySet[Resource]:
    """The resources that the account owns, by type and name; ``search`` is a part of the ARN, in any case."""
    resources = Resource.objects.filter(account=account).select_related("creator")
    if kind:
        resources = resources.filter(type=kind)
    if search:
        resources = resources.filter(Q(arn__icontains=search))
    return resources
