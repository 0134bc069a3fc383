"""IAM users, groups and roles, with what gives them permissions. The root user of an account is not a row."""

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from policystudio.accounts.models import Account
from policystudio.lib import iam_names
from policystudio.policies.models import Document, ManagedPolicy


class Identity(models.Model):
    """An IAM user, group or role.

    ``boundary`` is its permissions boundary, ``trust_document`` the trust policy that every role has. ``gaps`` lists,
    as sentences, what the account's export left unknown about its permissions (a group that is named but not there,
    a list that was not understood): where it is not empty, the identity's cells are ``undecided``.
    ``last_used`` is what AWS tells of a role: ``{"LastUsedDate": …, "Region": …}``. ``description`` and
    ``max_session_duration`` (seconds) are a role's, ``password_last_used`` a user's, each as far as an export told it.
    """

    class Kind(models.TextChoices):
        """The kinds of identity."""

        USER = "user", "user"
        GROUP = "group", "group"
        ROLE = "role", "role"

    account = models.ForeignKey(Account, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=5, choices=Kind)
    path = models.CharField(max_length=iam_names.PATH_LENGTH, default="/")
    name = models.CharField(max_length=iam_names.NAME_LENGTH)
    arn = models.CharField(max_length=iam_names.ARN_LENGTH, unique=True)
    unique_id = models.CharField(max_length=128, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    boundary = models.ForeignKey(
        ManagedPolicy, models.RESTRICT, null=True, blank=True, related_name="bounded_identities"
    )
    trust_document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="trusting_roles")
    service_linked = models.BooleanField(default=False)
    gaps = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    last_used = models.JSONField(default=dict, blank=True)
    description = models.TextField(blank=True)
    max_session_duration = models.PositiveIntegerField(null=True, blank=True)
    password_last_used = models.DateTimeField(null=True, blank=True)
    groups = models.ManyToManyField("self", symmetrical=False, through="GroupMembership", related_name="members")
    managed_policies = models.ManyToManyField(ManagedPolicy, through="PolicyAttachment", related_name="identities")

    class Meta:
        ordering = ["account", "kind", "name"]
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint("account", "kind", Lower("name"), name="identity_name_once_in_any_case"),
            models.CheckConstraint(condition=Q(kind__in=["user", "group", "role"]), name="identity_kind_is_known"),
            models.CheckConstraint(condition=Q(arn__startswith="arn:"), name="identity_arn_is_one"),
            models.CheckConstraint(
                condition=Q(kind="group", name__regex=iam_names.LONG_NAME) | Q(name__regex=iam_names.SHORT_NAME),
                name="identity_name_is_well_formed",
            ),
            models.CheckConstraint(condition=Q(path__regex=iam_names.PATH), name="identity_path_is_well_formed"),
            models.CheckConstraint(
                condition=Q(kind="role", trust_document__isnull=False) | (~Q(kind="role") & Q(trust_document=None)),
                name="identity_trust_exactly_for_roles",
            ),
            models.CheckConstraint(
                condition=~Q(kind="group") | Q(boundary=None), name="identity_group_has_no_boundary"
            ),
            models.CheckConstraint(
                condition=Q(kind="role") | Q(service_linked=False), name="identity_service_linked_is_a_role"
            ),
        ]

    def __str__(self) -> str:
        return self.name


Row = TypeVar("Row", bound=Identity)


class OfKind(models.Manager[Row]):
    """The identities of the kind that a proxy model is named for."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Those of ``User``, ``Group`` or ``Role``."""
        return super().get_queryset().filter(kind=self.model.__name__.lower())


class User(Identity):
    """The identities that are IAM users."""

    objects: ClassVar[models.Manager[Self]] = OfKind()

    class Meta:
        proxy = True


class Group(Identity):
    """The identities that are IAM groups."""

    objects: ClassVar[models.Manager[Self]] = OfKind()

    class Meta:
        proxy = True


class Role(Identity):
    """The identities that are IAM roles."""

    objects: ClassVar[models.Manager[Self]] = OfKind()

    class Meta:
        proxy = True


class GroupMembership(models.Model):
    """A user being in a group."""

    user = models.ForeignKey(Identity, models.CASCADE, related_name="group_memberships")
    group = models.ForeignKey(Identity, models.CASCADE, related_name="user_memberships")

    class Meta:
        ordering = ["user", "group"]
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], name="group_membership_once"),
            models.CheckConstraint(condition=~Q(user=models.F("group")), name="group_membership_joins_two"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"


class InlinePolicy(models.Model):
    """A policy that is part of one identity."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="inline_policies")
    name = models.CharField(max_length=iam_names.NAME_LENGTH)
    document = models.ForeignKey(Document, models.PROTECT, related_name="inline_policies")

    class Meta:
        ordering = ["identity", "name"]
        verbose_name_plural = "inline policies"
        constraints = [
            models.UniqueConstraint(fields=["identity", "name"], name="inline_policy_name_once_an_identity"),
            models.CheckConstraint(
                condition=Q(name__regex=iam_names.INLINE_POLICY_NAME), name="inline_policy_name_is_well_formed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identity}/{self.name}"


class InstanceProfile(models.Model):
    """What hands a role to an EC2 instance. Exports tell those that have a role, which is one at most."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="instance_profiles")
    role = models.ForeignKey(Identity, models.CASCADE, related_name="instance_profiles")
    path = models.CharField(max_length=iam_names.PATH_LENGTH, default="/")
    name = models.CharField(max_length=iam_names.NAME_LENGTH)
    arn = models.CharField(max_length=iam_names.ARN_LENGTH, unique=True)
    unique_id = models.CharField(max_length=128, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account", "name"]
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="instance_profile_name_once_in_any_case"),
            models.CheckConstraint(condition=Q(arn__startswith="arn:"), name="instance_profile_arn_is_one"),
            models.CheckConstraint(
                condition=Q(name__regex=iam_names.LONG_NAME), name="instance_profile_name_is_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(path__regex=iam_names.PATH), name="instance_profile_path_is_well_formed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyAttachment(models.Model):
    """A managed policy attached to an identity."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="attachments")
    policy = models.ForeignKey(ManagedPolicy, models.CASCADE, related_name="attachments")

    class Meta:
        ordering = ["identity", "policy"]
        constraints = [models.UniqueConstraint(fields=["identity", "policy"], name="policy_attachment_once")]

    def __str__(self) -> str:
        return f"{self.policy} on {self.identity}"
