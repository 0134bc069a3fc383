"""Reads of users, groups and roles."""

from django.db.models import Count, Prefetch, Q, QuerySet

from policystudio.accounts.models import Account
from policystudio.identities.models import Identity, PolicyAttachment
from policystudio.policies.models import ManagedPolicy


def identities_of(account: Account, *, kind: str = "", search: str = "") -> QuerySet[Identity]:
    """The account's identities, by kind and name; ``search`` is a part of the name or path, in any case."""
    identities = Identity.objects.filter(account=account).select_related("boundary")
    if kind:
        identities = identities.filter(kind=kind)
    if search:
        identities = identities.filter(Q(name__icontains=search) | Q(path__icontains=search))
    return identities


def identity_get(account: Account, pk: int) -> Identity:
    """An identity of the account with all that gives it permissions, prefetched; raises ``Identity.DoesNotExist``.

    For a user: ``groups``, each with its own attachments and inline policies.
    """
    groups = Identity.objects.prefetch_related(*_POLICIES)
    identities = Identity.objects.filter(account=account).select_related("account", "boundary", "trust_document")
    return identities.prefetch_related(*_POLICIES, Prefetch("groups", queryset=groups)).get(pk=pk)


def identity_by_arn(account: Account, arn: str) -> Identity:
    """The identity of the account with this ARN; raises ``Identity.DoesNotExist``."""
    return Identity.objects.select_related("boundary", "trust_document").get(account=account, arn=arn)


def counts_by_kind(account: Account) -> dict[str, int]:
    """How many users, groups and roles the account has, by kind."""
    counts = dict.fromkeys(Identity.Kind.values, 0)
    rows = Identity.objects.filter(account=account).order_by().values_list("kind")
    return counts | dict(rows.annotate(number=Count("pk")))


def bearers_of(policy: ManagedPolicy) -> QuerySet[Identity]:
    """The identities that a managed policy is attached to, directly, by kind and name."""
    return Identity.objects.filter(attachments__policy=policy).order_by("kind", "name")


def bounded_by(policy: ManagedPolicy) -> QuerySet[Identity]:
    """The identities whose permissions boundary a managed policy is, by kind and name."""
    return Identity.objects.filter(boundary=policy).order_by("kind", "name")


_POLICIES = (
    Prefetch("attachments", queryset=PolicyAttachment.objects.select_related("policy").order_by("policy__name")),
    "attachments__policy__versions__document",
    "inline_policies__document",
)
