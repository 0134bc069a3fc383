"""What accounts and organizations held, and from when until when."""

from django.db import models
from django.db.models import F, Q

from policystudio.accounts.models import Account, Organization
from policystudio.lib import iam_names
from policystudio.policies.models import Document


class StateRecord(models.Model):
    """What one thing was from ``since`` on, up to but without ``until`` (None: it still is).

    ``key`` is an ARN, an account number, or the id of an organization or of a policy of it. ``digest`` is that of
    ``state``. Policy documents stand in it by their digests, those of an organization's policies as texts.
    """

    class Kind(models.TextChoices):
        """What the record is about."""

        ACCOUNT = "account", "account"
        IDENTITY = "identity", "identity"
        POLICY = "policy", "managed policy"
        ORGANIZATION = "organization", "organization"
        ORGANIZATION_POLICY = "org-policy", "organization policy"

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="states")
    organization = models.ForeignKey(Organization, models.CASCADE, null=True, blank=True, related_name="states")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=iam_names.ARN_LENGTH)
    state = models.JSONField()
    digest = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "key", "since"]
        indexes = [models.Index(fields=["account", "until"]), models.Index(fields=["organization", "until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "key"],
                condition=Q(until=None, account__isnull=False),
                name="state_record_one_now_an_account",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "key"],
                condition=Q(until=None, organization__isnull=False),
                name="state_record_one_now_an_organization",
            ),
            models.CheckConstraint(
                condition=Q(account=None, organization__isnull=False) | Q(account__isnull=False, organization=None),
                name="state_record_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="state_record_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["account", "identity", "policy", "organization", "org-policy"]),
                name="state_record_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="state_record_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} since {self.since:%Y-%m-%d %H:%M}"


class RecordedDocument(models.Model):
    """A document that some record names: kept by ``policies.services.documents_prune``, whoever has it."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="recorded")

    class Meta:
        ordering = ["document"]

    def __str__(self) -> str:
        return str(self.document_id)
