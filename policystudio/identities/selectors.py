"""Reads of users, groups and roles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Left, Length, Lower

from policystudio.accounts.models import Account
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, InstanceProfile, PolicyAttachment
from policystudio.policies.models import Document, ManagedPolicy
from policystudio.policies.selectors import managed_policies


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


def count_profiles(account: Account) -> int:
    """How many instance profiles of the account are known: those that have a role."""
    return InstanceProfile.objects.filter(account=account).count()


def counts_by_account(accounts: Iterable[Account]) -> dict[int, dict[str, int]]:
    """How many users, groups and roles each account has: by the account's primary key, then by kind; one query."""
    wanted = list(accounts)
    counts = {account.pk: dict.fromkeys(Identity.Kind.values, 0) for account in wanted}
    rows = Identity.objects.filter(account__in=wanted).order_by().values_list("account", "kind")
    for account, kind, number in rows.annotate(number=Count("pk")):
        counts[account][kind] = number
    return counts


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What there is to say about all users, all groups or all roles of an account, in numbers."""

    total: int
    bounded: int
    without_policies: int
    empty_groups: int
    service_linked: int


def facts_of_kind(account: Account, kind: str) -> KindFacts:
    """The numbers of one kind of identity. A user has no policies where its groups have none either."""
    found = Identity.objects.filter(account=account, kind=kind)
    bare = found.filter(attachments=None, inline_policies=None)
    if kind == Identity.Kind.USER:
        bare = bare.exclude(groups__attachments__isnull=False).exclude(groups__inline_policies__isnull=False)
    return KindFacts(
        total=found.count(),
        bounded=found.filter(boundary__isnull=False).count(),
        without_policies=bare.count(),
        empty_groups=found.filter(members=None).count() if kind == Identity.Kind.GROUP else 0,
        service_linked=found.filter(service_linked=True).count(),
    )


def with_permissions(identities: QuerySet[Identity]) -> QuerySet[Identity]:
    """The same identities with their groups, members and the names of their policies prefetched, for lists."""
    names = InlinePolicy.objects.defer("document").order_by("name")
    return identities.prefetch_related(
        "groups", "members", "managed_policies", Prefetch("inline_policies", queryset=names)
    )


def with_gaps(account: Account) -> QuerySet[Identity]:
    """The identities whose permissions the account's export told in part only: their cells are ``undecided``."""
    return Identity.objects.filter(account=account).exclude(gaps=[])


def bearers_of(policy: ManagedPolicy) -> QuerySet[Identity]:
    """The identities that a managed policy is attached to, directly, by kind and name."""
    return Identity.objects.filter(attachments__policy=policy).order_by("kind", "name")


def bounded_by(policy: ManagedPolicy) -> QuerySet[Identity]:
    """The identities whose permissions boundary a managed policy is, by kind and name."""
    return Identity.objects.filter(boundary=policy).order_by("kind", "name")


def attachments_of(account: Account) -> QuerySet[PolicyAttachment]:
    """Which managed policy is attached to which identity of the account."""
    return PolicyAttachment.objects.filter(identity__account=account).select_related("identity", "policy")


def group_memberships_of(account: Account) -> QuerySet[GroupMembership]:
    """Which user of the account is in which of its groups."""
    return GroupMembership.objects.filter(user__account=account).select_related("user", "group")


def tag_keys(account: Account) -> list[str]:
    """The keys of the tags that the account's identities bear, sorted."""
    rows = Identity.objects.filter(account=account).exclude(tags={}).order_by().values_list("tags", flat=True)
    return sorted({key for tags in rows.iterator(chunk_size=2000) for key in tags})


def inline_names(account: Account) -> list[tuple[str, str]]:
    """The account's inline policies: the name of the identity that has it, and its own."""
    rows = InlinePolicy.objects.filter(identity__account=account).order_by("identity__name", "name")
    return list(rows.values_list("identity__name", "name"))


def inline_texts(account: Account, arn: str) -> dict[str, str]:
    """The texts of an identity's inline policies by name; none where the account has no such identity."""
    rows = InlinePolicy.objects.filter(identity__account=account, identity__arn=arn)
    return dict(rows.values_list("name", "document__text"))


def policy_texts(account: Account, most: int) -> Iterator[str]:
    """The texts of the account's own managed policies in force and its inline policies, each once; at most ``most``."""
    managed = Q(policy_versions__policy__account=account, policy_versions__policy__is_aws_managed=False)
    used = managed & Q(policy_versions__is_default=True) | Q(inline_policies__identity__account=account)
    return Document.objects.filter(used).distinct().values_list("text", flat=True)[:most].iterator()


def has_boundaries(account: Account) -> bool:
    """Whether any identity of the account has a permissions boundary."""
    return Identity.objects.filter(account=account, boundary__isnull=False).exists()


def identities_called(accounts: QuerySet[Account], text: str) -> QuerySet[Identity]:
    """The identities of the accounts whose name, path or ARN holds ``text``, in any case."""
    return Identity.objects.filter(account__in=accounts, arn__icontains=text).select_related("account")


def arns_called(account: Account, name: str, kind: str = "") -> list[str]:
    """The ARNs of the account's identities with exactly this name, of one kind where it is given; at most two."""
    found = Identity.objects.filter(account=account, name=name)
    return list((found.filter(kind=kind) if kind else found).order_by("arn").values_list("arn", flat=True)[:2])


def keys_of(account: Account, arns: Iterable[str]) -> dict[str, int]:
    """The primary keys of the account's identities by ARN; those that it does not have are left out."""
    return dict(Identity.objects.filter(account=account, arn__in=list(arns)).order_by().values_list("arn", "pk"))


def named(account: Account, kind: str) -> list[tuple[str, str]]:
    """The ARN and name of every identity of a kind, by name; for lists to choose from."""
    return list(Identity.objects.filter(account=account, kind=kind).order_by("name").values_list("arn", "name"))


def principals_offered(account: Account, most: int) -> list[tuple[str, str, str]]:
    """The first users and roles of the account, by kind and name: the kind, the name and the ARN of each."""
    found = Identity.objects.filter(account=account, kind__in=("user", "role")).order_by("-kind", "name")
    return list(found.values_list("kind", "name", "arn")[:most])


def bearers_offered(account: Account, most: int) -> list[tuple[str, str, str]]:
    """The first identities that policies can be attached to, by kind and name: the kind, the name and the ARN."""
    found = Identity.objects.filter(account=account).exclude(path__startswith="/aws-service-role/")
    return list(found.order_by("kind", "name").values_list("kind", "name", "arn")[:most])


def roles_trusting(account: Account, service: str, most: int) -> list[str]:
    """The ARNs of the first roles, by name, whose trust policy names a service."""
    found = Identity.objects.filter(account=account, kind="role", trust_document__text__contains=f'"{service}"')
    own = found.exclude(path__startswith="/aws-service-role/").order_by("name")
    return list(own.values_list("arn", flat=True)[:most])


def identity_named(account: Account, kind: str, name: str) -> Identity:
    """The user, group or role of this name, which AWS does not distinguish by case; raises ``DoesNotExist``."""
    found = Identity.objects.filter(account=account, kind=kind).select_related("account", "boundary", "trust_document")
    return found.annotate(name_key=Lower("name")).get(name_key=name.lower())


def identities_after(account: Account, kind: str, *, name: str = "", path_prefix: str = "") -> QuerySet[Identity]:
    """The account's identities of a kind that ``come_after`` a name and whose path begins like this."""
    found = Identity.objects.filter(account=account, kind=kind).select_related("boundary", "trust_document")
    return come_after(below(found, path_prefix), name)


def members_after(group: Identity, name: str = "") -> QuerySet[Identity]:
    """The users of a group that ``come_after`` a name."""
    return come_after(Identity.objects.filter(group_memberships__group=group), name)


def groups_after(user: Identity, name: str = "") -> QuerySet[Identity]:
    """The groups of a user that ``come_after`` a name."""
    return come_after(Identity.objects.filter(user_memberships__user=user), name)


def inline_policies_after(identity: Identity, name: str = "") -> QuerySet[InlinePolicy]:
    """The inline policies of an identity whose names come after ``name``, by name."""
    return InlinePolicy.objects.filter(identity=identity, name__gt=name).order_by("name")


def inline_policy_named(identity: Identity, name: str) -> InlinePolicy:
    """An inline policy of an identity with its document; raises ``InlinePolicy.DoesNotExist``."""
    return InlinePolicy.objects.select_related("document").get(identity=identity, name=name)


def instance_profile_named(account: Account, name: str) -> InstanceProfile:
    """The instance profile of this name in any letter case, with its role; raises ``DoesNotExist``."""
    found = InstanceProfile.objects.filter(account=account).select_related("role__trust_document")
    return found.annotate(name_key=Lower("name")).get(name_key=name.lower())


def instance_profiles_after(
    account: Account, role: Identity | None = None, *, name: str = "", path_prefix: str = ""
) -> QuerySet[InstanceProfile]:
    """Those of the account, or of one of its roles, after a name and whose path begins like this; by name."""
    found = InstanceProfile.objects.filter(account=account).select_related("role__trust_document")
    if role is not None:
        found = found.filter(role=role)
    if path_prefix not in ("", "/"):
        found = found.annotate(path_start=Left("path", len(path_prefix))).filter(path_start=path_prefix)
    return found.annotate(name_key=Lower("name")).filter(name_key__gt=name).order_by("name_key")


def attached_to(identity: Identity, path_prefix: str = "") -> QuerySet[ManagedPolicy]:
    """The managed policies that are attached to an identity, directly, and whose path begins like this."""
    return managed_policies(identity.account, path_prefix=path_prefix).filter(attachments__identity=identity)


def in_use(policies: QuerySet[ManagedPolicy], *, as_boundary: bool) -> QuerySet[ManagedPolicy]:
    """Those of the policies that an identity has attached, or else, ``as_boundary``, as its permissions boundary.

    Those whose uses AWS counted, and the export did not show, are among them.
    """
    if as_boundary:
        bounding = Exists(Identity.objects.filter(boundary=OuterRef("pk")))
        return policies.filter(bounding | Q(boundary_uses_beyond__gt=0))
    attached = Exists(PolicyAttachment.objects.filter(policy=OuterRef("pk")))
    return policies.filter(attached | Q(attachments_beyond__gt=0))


def users_of_policy(policy: ManagedPolicy, kind: str, *, attached: bool, bounding: bool) -> QuerySet[Identity]:
    """The identities of a kind that have a policy attached, or have it as boundary."""
    used = Q(pk__in=PolicyAttachment.objects.filter(policy=policy).values("identity")) if attached else Q(pk__in=())
    if bounding:
        used |= Q(boundary=policy)
    return Identity.objects.filter(used, account=policy.account_id, kind=kind)


def come_after(identities: QuerySet[Identity], name: str = "") -> QuerySet[Identity]:
    """Those whose names, in lower case, come after this one; in the order of names in any case."""
    return identities.annotate(name_key=Lower("name")).filter(name_key__gt=name).order_by("name_key")


def below(identities: QuerySet[Identity], path_prefix: str) -> QuerySet[Identity]:
    """Those whose path begins like this, letter case counting; all of them where it is empty."""
    if path_prefix in ("", "/"):
        return identities
    return identities.annotate(path_start=Left("path", len(path_prefix))).filter(path_start=path_prefix)


def with_documents(identities: QuerySet[Identity]) -> QuerySet[Identity]:
    """The same identities with all that an account export says of them prefetched, in a few queries for any number."""
    policies = ManagedPolicy.objects.only("arn", "name", "is_aws_managed").order_by("name", "arn")
    inline = InlinePolicy.objects.select_related("document").order_by("name")
    groups = Identity.objects.only("name").order_by(Lower("name"))
    return identities.prefetch_related(
        Prefetch("managed_policies", queryset=policies),
        Prefetch("inline_policies", queryset=inline),
        Prefetch("groups", queryset=groups),
    )


def with_profiles(roles: QuerySet[Identity]) -> QuerySet[Identity]:
    """The same roles with the instance profiles of each prefetched, by name."""
    return roles.prefetch_related(
        Prefetch("instance_profiles", queryset=InstanceProfile.objects.order_by(Lower("name")))
    )


def sizes_of(identities: QuerySet[Identity]) -> QuerySet[Identity, int]:
    """How many characters the inline policies and the trust policy of each of the identities have, in their order."""
    own = InlinePolicy.objects.filter(identity=OuterRef("pk")).order_by().values("identity")
    inline = Coalesce(own.annotate(size=Sum(Length("document__text"))).values("size"), 0)
    trust = Coalesce(Length("trust_document__text"), 0)
    return identities.annotate(size=inline + trust).values_list("size", flat=True)


def uses_of(policies: Iterable[ManagedPolicy]) -> tuple[dict[int, int], dict[int, int]]:
    """How many identities have each of the policies attached, and how many are bounded by it; by primary key."""
    keys = [policy.pk for policy in policies]
    attached = PolicyAttachment.objects.filter(policy__in=keys).order_by().values_list("policy")
    bounded = Identity.objects.filter(boundary__in=keys).order_by().values_list("boundary")
    return dict(attached.annotate(number=Count("pk"))), dict(bounded.annotate(number=Count("pk")))


_POLICIES = (
    Prefetch("attachments", queryset=PolicyAttachment.objects.select_related("policy").order_by("policy__name")),
    "attachments__policy__versions__document",
    "inline_policies__document",
)
