"""API clients of an account, the access keys that they sign requests with, and the tokens of REST."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from knox.models import AbstractAuthToken

from policystudio.accounts.models import Account, Role
from policystudio.lib import iam_names

#: The first characters are those of AWS's long-lived keys, so that SDKs and secret scanners know what it is.
KEY_ID = r"\AAKIA[A-Z2-7]{16}\Z"
SALT = r"\A[0-9a-f]{64}\Z"


class ServiceClient(models.Model):
    """A program that uses the studio as one of an account's members, and of no other account's.

    ``user`` is whom the rest of the studio knows it as: a user without a password who has a membership in the account,
    so that every question about rights is answered as for a person. Its name stands in the audit record. Once
    ``disabled_at`` is set, none of its keys and tokens lets it in.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="service_clients")
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=256, blank=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="service_client")
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=150)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account", "name"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="service_client_name_once_an_account"),
            models.CheckConstraint(
                condition=Q(name__regex=iam_names.SHORT_NAME), name="service_client_name_is_well_formed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.account}"

    @property
    def role(self) -> Role | None:
        """The role of its membership, None where that was taken away. One query unless memberships are prefetched."""
        found = [one.role for one in self.user.memberships.all() if one.account_id == self.account_id]
        return Role(found[0]) if found else None


class AccessKey(models.Model):
    """An access key of an API client, for Signature Version 4.

    To check a signature the secret itself is needed, a hash of it would not do. So it is not stored but derived each
    time from the installation's SECRET_KEY and the ``salt``: who has a copy of the database cannot sign. ``digest`` is
    the SHA-256 of the secret; it tells which of SECRET_KEY and SECRET_KEY_FALLBACKS the key was issued under.
    """

    client = models.ForeignKey(ServiceClient, models.CASCADE, related_name="access_keys")
    key_id = models.CharField(max_length=20, unique=True)
    salt = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_address = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(key_id__regex=KEY_ID), name="access_key_id_is_well_formed"),
            models.CheckConstraint(condition=Q(salt__regex=SALT), name="access_key_salt_is_256_bits"),
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="access_key_digest_is_sha256"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="access_key_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} of {self.client}"


class ApiToken(AbstractAuthToken):
    """A token of one of our users: 256 random bits, of which only a hash is stored, with an end and a scope.

    ``scope`` bounds what the token may do, ``account`` where (None: in every account of the user). A token never may
    more than its user, who is a person or an API client.
    """

    class Scope(models.TextChoices):
        """What may be done with a token."""

        READ = "read", "read and simulate"
        WRITE = "write", "everything that the user may"

    name = models.CharField(max_length=64)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    created_by_name = models.CharField(max_length=150, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_address = models.CharField(max_length=45, blank=True)

    class Meta:
        # It was of another app once.
        db_table = "api_apitoken"
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="api_token_scope_is_known"),
            models.CheckConstraint(condition=models.Q(expiry__isnull=False), name="api_token_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
