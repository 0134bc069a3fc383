"""Reads of managed policies and their documents."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Left, Length, Lower

from policystudio.accounts.models import Account
from policystudio.engine.match import action_matches
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion, TemplateUse
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.link import Link, LinkError, canonical, digest_of
from policystudio.policies.templates.template import Template


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


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """Where a policy stands in the order of names in any case; two of one name stand in the order they came in."""

    name: str = ""
    pk: int = 0


def policies_after(policies: QuerySet[ManagedPolicy], place: PolicyPlace) -> QuerySet[ManagedPolicy]:
    """Those of the policies that come after a place, in that order. A row's name in lower case is its ``name_key``."""
    later = Q(name_key__gt=place.name) | Q(name_key=place.name, pk__gt=place.pk)
    return policies.annotate(name_key=Lower("name")).filter(later).order_by("name_key", "pk")


def managed_policies(account: Account, *, aws: bool | None = None, path_prefix: str = "") -> QuerySet[ManagedPolicy]:
    """The account's managed policies: AWS's, its own, or both (None), whose path begins like this."""
    found = ManagedPolicy.objects.filter(account=account)
    if aws is not None:
        found = found.filter(is_aws_managed=aws)
    if path_prefix not in ("", "/"):
        found = found.annotate(path_start=Left("path", len(path_prefix))).filter(path_start=path_prefix)
    return found


def default_versions(policies: Iterable[ManagedPolicy]) -> dict[int, str]:
    """The ids of the versions in force by the policy's primary key; a policy without a known one is left out."""
    rows = PolicyVersion.objects.filter(policy__in=[policy.pk for policy in policies], is_default=True)
    return dict(rows.order_by().values_list("policy_id", "version_id"))


def with_versions(policies: QuerySet[ManagedPolicy]) -> QuerySet[ManagedPolicy]:
    """The same policies with all of their versions and documents prefetched."""
    return policies.prefetch_related(Prefetch("versions", queryset=PolicyVersion.objects.select_related("document")))


def sizes_of(policies: QuerySet[ManagedPolicy]) -> QuerySet[ManagedPolicy, int]:
    """How many characters all versions of each of the policies have together, in their order."""
    versions = PolicyVersion.objects.filter(policy=OuterRef("pk")).order_by().values("policy")
    size = Coalesce(versions.annotate(size=Sum(Length("document__text"))).values("size"), 0)
    return policies.annotate(size=size).values_list("size", flat=True)


def version_of(policy: ManagedPolicy, version_id: str) -> PolicyVersion:
    """One version of a policy with its document; raises ``PolicyVersion.DoesNotExist``."""
    return policy.versions.select_related("document").get(version_id=version_id)


def count_own(account: Account) -> tuple[int, int]:
    """How many customer managed policies the account has, and how many versions they have together."""
    own = ManagedPolicy.objects.filter(account=account, is_aws_managed=False)
    return own.count(), PolicyVersion.objects.filter(policy__in=own).count()


def actions_by_digest(digests: Iterable[str]) -> dict[str, str | None]:
    """Which actions the documents with these digests can be about (see ``may_be_about``); of those that are stored."""
    found = Document.objects.filter(digest__in=set(digests)).order_by()
    return dict(found.values_list("digest", "actions"))


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


@dataclass(frozen=True, slots=True)
class TemplateStanding:
    """How a policy stands to the template that it was made from.

    ``text`` is what it says now, None where there is no such policy any more; ``made`` what the template makes now of
    the same parameters, None where ``problem`` says that it makes nothing. ``drifted`` tells that somebody changed the
    policy, ``newer`` that the template has another version by now.
    """

    use: TemplateUse
    template: Template | None
    text: str | None
    made: str | None
    problem: str = ""

    @property
    def drifted(self) -> bool:
        """Whether the policy says something else than it did when it was made."""
        return self.text is not None and digest_of(self.text) != self.use.digest

    @property
    def differs(self) -> bool:
        """Whether the policy says something else than the template makes now; how it is set does not matter."""
        return self.text is not None and (self.made is None or canonical(self.text) != canonical(self.made))

    @property
    def newer(self) -> bool:
        """Whether the template has a newer version."""
        return self.template is not None and self.template.version > self.use.version

    @property
    def in_step(self) -> bool:
        """Whether the policy says what the template makes."""
        return not self.newer and not self.differs and self.text is not None


def template_standing(use: TemplateUse, text: str | None) -> TemplateStanding:
    """How a policy with this text stands to its template."""
    trust = use.kind == TemplateUse.Kind.TRUST_POLICY
    template = TEMPLATES.get(use.template)
    if template is None:
        return TemplateStanding(use, None, text, None, f"there is no template {use.template} any more")
    try:
        made = Link(template, use.version, use.parameters, use.part).text(trust=trust)
    except LinkError as error:
        return TemplateStanding(use, template, text, None, str(error))
    return TemplateStanding(use, template, text, made)


def template_use_of(account: Account, kind: str, target: str, name: str = "") -> TemplateUse | None:
    """What a policy remembers of a template; None where it was made from none."""
    return TemplateUse.objects.filter(account=account, kind=kind, target=target, name=name).first()


def template_use_get(account: Account, pk: int) -> TemplateUse:
    """One of the account's links to templates; raises ``TemplateUse.DoesNotExist``."""
    return TemplateUse.objects.get(account=account, pk=pk)


def template_uses_of(account: Account) -> QuerySet[TemplateUse]:
    """The account's policies that were made from templates, by template and name."""
    return TemplateUse.objects.filter(account=account)


def template_siblings(use: TemplateUse) -> list[TemplateUse]:
    """All that was made together with it, itself among them: the policies that have the same name but for a number.

    A trust policy goes with the policies that are named as its role. Inline policies are by themselves.
    """
    if use.kind == TemplateUse.Kind.INLINE_POLICY:
        return [use]
    found = TemplateUse.objects.filter(account=use.account, template=use.template).exclude(kind="inline-policy")
    same = [one for one in found if one.parameters == use.parameters and base_name(one.target) == base_name(use.target)]
    return sorted(same, key=lambda one: (one.kind == TemplateUse.Kind.TRUST_POLICY, one.part, one.target))


def base_name(arn: str) -> str:
    """The name of a policy or role, without the number of the document."""
    return re.sub(r"-[2-9][0-9]*\Z|-1[0-9]+\Z", "", arn.rpartition("/")[2])


def managed_texts(account: Account, arns: Iterable[str]) -> dict[str, str]:
    """What the managed policies with these ARNs say, by ARN; those without a document are left out."""
    rows = PolicyVersion.objects.filter(is_default=True, policy__account=account, policy__arn__in=list(arns))
    return dict(rows.values_list("policy__arn", "document__text"))


def policy_ids(account: Account, arns: Iterable[str]) -> dict[str, int]:
    """The primary keys of the managed policies with these ARNs, by ARN."""
    return dict(ManagedPolicy.objects.filter(account=account, arn__in=list(arns)).values_list("arn", "pk"))
