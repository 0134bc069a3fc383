"""AWS accounts, the organization they stand in with its policies, and which of our users may do what in them."""

import hashlib
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from policystudio.lib import iam_names


class Organization(models.Model):
    """An AWS organization, as https://docs.aws.amazon.com/organizations/ describes it.

    ``revision`` is a new one after every change of its units, policies and attachments, and of who stands in it.
    """

    org_id = models.CharField(max_length=34, unique=True)
    name = models.CharField(max_length=128, blank=True)
    master_account_number = models.CharField(max_length=12, blank=True)
    revision = models.UUIDField(default=uuid4, editable=False)

    class Meta:
        ordering = ["name", "org_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(org_id__regex=iam_names.ORGANIZATION_ID), name="organization_id_is_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(master_account_number="") | Q(master_account_number__regex=iam_names.ACCOUNT_NUMBER),
                name="organization_master_is_12_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.org_id


class OrganizationalUnit(models.Model):
    """An organizational unit, or the organization's root: the one without a parent."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="units")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    unit_id = models.CharField(max_length=68, unique=True)
    name = models.CharField(max_length=128)

    class Meta:
        ordering = ["name", "unit_id"]
        constraints = [
            models.CheckConstraint(condition=Q(unit_id__regex=iam_names.UNIT_ID), name="unit_id_is_well_formed"),
            models.CheckConstraint(
                condition=Q(parent=None, unit_id__startswith="r-") | Q(parent__isnull=False, unit_id__startswith="ou-"),
                name="unit_root_alone_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=models.F("id")), name="unit_is_not_its_own_parent"
            ),
            models.UniqueConstraint(fields=["organization"], condition=Q(parent=None), name="unit_one_root"),
        ]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An AWS account. ``unit`` is where it stands in its organization, None where it is in none that we know.

    ``read_at`` is when its identities were last read (None: never) and ``read_by`` who did that, a sign-in name or
    ``command line``. Where ``needs_second_person``, who wrote an edit of a change may not approve it; where
    ``needs_second_factor``, nobody who signs in by password has a role in it without a second factor. ``revision`` is a
    new one after every change of what the account holds: identities, policies and resources. What was worked out of an
    account and its organization holds as long as both have the same revision.
    """

    number = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=128)
    partition = models.CharField(max_length=32, default="aws")
    unit = models.ForeignKey(OrganizationalUnit, models.SET_NULL, null=True, blank=True, related_name="accounts")
    is_management = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.CharField(max_length=150, blank=True)
    needs_second_person = models.BooleanField(default=False)
    needs_second_factor = models.BooleanField(default=False)
    revision = models.UUIDField(default=uuid4, editable=False)

    class Meta:
        ordering = ["name", "number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=iam_names.ACCOUNT_NUMBER), name="account_number_is_12_digits"
            ),
            models.CheckConstraint(
                condition=Q(partition__regex=iam_names.PARTITION), name="account_partition_is_well_formed"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="account_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_management=False) | Q(unit__isnull=False), name="account_management_is_in_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def organization(self) -> Organization | None:
        """The organization that the account stands in."""
        return self.unit.organization if self.unit else None


class OrganizationPolicy(models.Model):
    """A service control policy or a resource control policy of an organization.

    ``text`` is the document exactly as it was given, ``problems`` what the parser found wrong in it (None where it
    parses; otherwise a list of objects with ``message``, ``line`` and ``column``).
    """

    class Kind(models.TextChoices):
        """The kinds of organization policy that decide about requests; the values are the engine's PolicyKind."""

        SERVICE_CONTROL = "scp", "service control policy"
        RESOURCE_CONTROL = "rcp", "resource control policy"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="policies")
    policy_id = models.CharField(max_length=130)
    kind = models.CharField(max_length=3, choices=Kind)
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=512, blank=True)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    problems = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "name", "policy_id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "policy_id"], name="organization_policy_id_once"),
            models.CheckConstraint(
                condition=Q(policy_id__regex=iam_names.ORGANIZATION_POLICY_ID),
                name="organization_policy_id_is_well_formed",
            ),
            models.CheckConstraint(condition=Q(kind__in=["scp", "rcp"]), name="organization_policy_kind_is_known"),
            models.CheckConstraint(
                condition=Q(digest__regex=iam_names.DIGEST), name="organization_policy_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationPolicyTarget(models.Model):
    """An organization policy attached to the root, an organizational unit, or an account."""

    policy = models.ForeignKey(OrganizationPolicy, models.CASCADE, related_name="targets")
    unit = models.ForeignKey(OrganizationalUnit, models.CASCADE, null=True, blank=True, related_name="policy_targets")
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="policy_targets")

    class Meta:
        ordering = ["policy", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, account=None) | Q(unit=None, account__isnull=False),
                name="organization_policy_target_is_one",
            ),
            models.UniqueConstraint(
                fields=["policy", "unit"], condition=Q(unit__isnull=False), name="organization_policy_once_a_unit"
            ),
            models.UniqueConstraint(
                fields=["policy", "account"],
                condition=Q(account__isnull=False),
                name="organization_policy_once_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} on {self.unit or self.account}"


class Role(models.TextChoices):
    """What one of our users may do in an AWS account; each role may do all that the ones before it may."""

    VIEWER = "viewer", "viewer"
    AUTHOR = "author", "author"
    APPROVER = "approver", "approver"
    ADMINISTRATOR = "administrator", "administrator"

    @property
    def rank(self) -> int:
        """The place in that order, from 0."""
        return list(type(self)).index(self)

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what ``needed`` may."""
        return self.rank >= needed.rank


#: The sign-in names of API clients, `client:ACCOUNT:NAME`, begin so; no form takes such a name for that of a person.
CLIENT_PREFIX = "client:"


class Source(models.TextChoices):
    """Where a role comes from. A person may have one of each in the same account; the higher one counts."""

    GRANTED = "granted", "given by an administrator"
    GROUPS = "groups", "by groups at the identity provider"


class Membership(models.Model):
    """The role of one of our users in an AWS account. Superusers need none: they see and may do everything."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role)
    source = models.CharField(max_length=7, choices=Source, default=Source.GRANTED)

    class Meta:
        ordering = ["account", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "source"], name="membership_once_a_user_account_and_source"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="membership_source_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.account}"


class OrganizationMembership(models.Model):
    """The role of one of our users in every account of an organization, in those that join it later, too."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="organization_memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role)
    source = models.CharField(max_length=7, choices=Source, default=Source.GRANTED)

    class Meta:
        ordering = ["organization", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "source"], name="organization_membership_once_a_source"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="organization_membership_role_is_known"),
            models.CheckConstraint(
                condition=Q(source__in=Source.values), name="organization_membership_source_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.organization}"


class SignedInSession(models.Model):
    """What is shown of a session of one of our users. It goes with the session itself, however that ends.

    The key of a session is stored as a hash (``lib.session_store``), so this one is, too.
    """

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="signed_in")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="signed_in_sessions")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return f"{self.user}, {self.browser}"


class SecondFactor(TOTPDevice):
    """The codes by time of one of our users, as django-otp checks them.

    The secret is kept nowhere: it is made of SECRET_KEY and of the random ``key`` of the row each time. ``name`` is the
    SHA-256 of it, which tells under which of SECRET_KEY and SECRET_KEY_FALLBACKS it was made.
    """

    class Meta:
        proxy = True

    #: A wait of 512 seconds, which doubles from one: a lockout of a quarter of an hour stands behind it anyway.
    MOST_FAILURES = 10

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Whether a code is looked at now. Whoever goes on guessing keeps the owner out for minutes, not for days."""
        count: int = self.throttling_failure_count  # type: ignore[has-type]  # of a library without types
        self.throttling_failure_count = min(count, self.MOST_FAILURES)
        allowed: tuple[bool, dict[str, Any] | None] = super().verify_is_allowed()
        return allowed

    def secret(self) -> bytes | None:
        """The 160 bits that the codes are made of; None where they were made under a SECRET_KEY that is gone."""
        for made in self.secrets():
            if constant_time_compare(digest_of(made), self.name):
                return made
        return None

    def secrets(self) -> list[bytes]:
        """What the row gives under SECRET_KEY, then under each of the former ones."""
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        salt = "policystudio.accounts.second_factor"
        return [salted_hmac(salt, self.key, secret=key, algorithm="sha256").digest()[:20] for key in keys]

    @property
    def bin_key(self) -> bytes:
        """What django-otp asks for."""
        found = self.secret()
        if found is None:
            raise ValueError("the second factor was made under a SECRET_KEY that is gone")
        return found


class RecoveryCode(models.Model):
    """A code that stands in for the second factor, once. Of 80 random bits, so a plain hash tells nothing of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["user"]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once_a_user")]

    def __str__(self) -> str:
        return f"recovery code of {self.user}"


def digest_of(secret: bytes) -> str:
    """The SHA-256 of a random secret, which is too long to be guessed."""
    return hashlib.sha256(secret).hexdigest()


class Invitation(models.Model):
    """A link that lets whoever opens it have a role in an account or an organization, once, until it ends.

    ``addressee`` is what the inviter wrote, for the list alone; the link's token is kept as a hash.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="invitations")
    organization = models.ForeignKey(Organization, models.CASCADE, null=True, blank=True, related_name="invitations")
    role = models.CharField(max_length=13, choices=Role)
    addressee = models.CharField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by_name = models.CharField(max_length=150, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, organization=None) | Q(account=None, organization__isnull=False),
                name="invitation_is_to_one",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_is_known"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_is_accepted_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.addressee} as {self.role} of {self.whole}"

    @property
    def whole(self) -> Account | Organization:
        """What the role is of."""
        found = self.account or self.organization
        assert found is not None  # noqa: S101 -- the database says so
        return found
