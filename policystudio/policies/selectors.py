"""Reads of managed policies and their documents."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from policystudio.accounts.models import Account
from policystudio.engine.match import action_matches
from policystudio.policies.models import ManagedPolicy, PolicyVersion


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


def keys_of(account: Account, arns: Iterable[str]) -> dict[str, int]:
    """The primary keys of the account's managed policies by ARN; those that it does not have are left out."""
    return dict(ManagedPolicy.objects.filter(account=account, arn__in=list(arns)).order_by().values_list("arn", "pk"))


def named(account: Account) -> list[tuple[str, str]]:
    """The ARN and name of every managed policy, the account's own first; for lists to choose from."""
    return list(ManagedPolicy.objects.filter(account=account).values_list("arn", "name"))


def versions_of(policy: ManagedPolicy) -> QuerySet[PolicyVersion]:
    """The versions of a policy with their documents, the default one first, then the newest."""
    return policy.versions.select_related("document")


def counts_by_account(accounts: Iterable[Account]) -> dict[int, int]:
    """How many managed policies each account has, by the account's primary key; accounts without any are left out."""
    rows = ManagedPolicy.objects.filter(account__in=list(accounts)).order_by().values_list("account")
    return dict(rows.annotate(number=Count("pk")))


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """The managed policies of an account in numbers."""

    total: int
    aws_managed: int
    unused: int
    unread: int


def facts(account: Account) -> PolicyFacts:
    """How many policies there are, who manages them, how many nobody has, and how many came without their document."""
    found = ManagedPolicy.objects.filter(account=account)
    return PolicyFacts(
        total=found.count(),
        aws_managed=found.filter(is_aws_managed=True).count(),
        unused=found.filter(attachments=None, bounded_identities=None).count(),
        unread=found.filter(versions=None).count(),
    )


def without_document(account: Account) -> QuerySet[ManagedPolicy]:
    """The policies that are in use but whose document the account's export did not carry."""
    return ManagedPolicy.objects.filter(account=account, versions=None)


def with_problems(account: Account) -> QuerySet[ManagedPolicy]:
    """The policies whose document in force does not parse."""
    broken = Q(versions__is_default=True, versions__document__problems__isnull=False)
    return ManagedPolicy.objects.filter(broken, account=account).distinct()


def with_use(policies: QuerySet[ManagedPolicy]) -> QuerySet[ManagedPolicy]:
    """The same policies, each with ``attached`` and ``bounding``: how many identities have it, or are bounded by it."""
    counted = policies.annotate(
        attached=Count("attachments", distinct=True), bounding=Count("bounded_identities", distinct=True)
    )
    return counted.order_by("is_aws_managed", "name", "arn")  # grouping drops the order of the model


def policies_called(accounts: QuerySet[Account], text: str) -> QuerySet[ManagedPolicy]:
    """The managed policies of the accounts whose name, path or ARN holds ``text``, in any case."""
    return ManagedPolicy.objects.filter(account__in=accounts, arn__icontains=text).select_related("account")


def may_be_about(actions: str | None, wanted: Iterable[str]) -> bool:
    """Whether a document with these ``actions`` (of its row) can be about one of the wanted actions.

    True where it is not known. Never False for a document one of whose statements matches such an action.
    """
    if actions is None:
        return True
    lines = actions.splitlines()
    return any(_is_about(line, action) for action in wanted for line in lines)


def _is_about(line: str, action: str) -> bool:
    if line.startswith("- "):
        return not any(action_matches(pattern, action) for pattern in line.split(" ")[1:])
    return action_matches(line, action)


def about(actions: Iterable[str], field: str = "actions") -> Q:
    """A filter for documents that may be about one of the actions, wider than ``may_be_about`` and quick.

    ``field`` leads to the document's ``actions``.
    """
    wide = Q(**{f"{field}__isnull": True})
    for mark in ("*", "?", "- "):
        wide |= Q(**{f"{field}__contains": mark})
    for action in actions:
        wide |= Q(**{f"{field}__contains": action.lower()})
    return wide
