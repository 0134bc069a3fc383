"""Reads of managed policies and their documents."""

from django.db.models import Prefetch, QuerySet

from policystudio.accounts.models import Account
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion


def policies_of(account: Account, *, search: str = "") -> QuerySet[ManagedPolicy]:
    """The account's managed policies, its own first, with their default version prefetched as ``default_versions``.

    ``search`` is a part of the name or path, in any case.
    """
    defaults = PolicyVersion.objects.filter(is_default=True).select_related("document")
    policies = ManagedPolicy.objects.filter(account=account).prefetch_related(
        Prefetch("versions", queryset=defaults, to_attr="default_versions")
    )
    if search:
        policies = policies.filter(name__icontains=search) | policies.filter(path__icontains=search)
    return policies


def policy_get(account: Account, pk: int) -> ManagedPolicy:
    """A managed policy of the account; raises ``ManagedPolicy.DoesNotExist``."""
    return ManagedPolicy.objects.select_related("account").get(account=account, pk=pk)


def policy_by_arn(account: Account, arn: str) -> ManagedPolicy:
    """The managed policy with this ARN as the account has it; raises ``ManagedPolicy.DoesNotExist``."""
    return ManagedPolicy.objects.get(account=account, arn=arn)


def versions_of(policy: ManagedPolicy) -> QuerySet[PolicyVersion]:
    """The versions of a policy with their documents, the default one first, then the newest."""
    return policy.versions.select_related("document")


def default_document(policy: ManagedPolicy) -> Document | None:
    """The document in force; None where the account's export did not tell it."""
    version = policy.versions.filter(is_default=True).select_related("document").first()
    return version.document if version else None
