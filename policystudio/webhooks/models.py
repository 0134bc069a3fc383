"""Webhooks of an account, and what was or is to be sent to them."""

import uuid

from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account
from policystudio.lib import iam_names

SALT = r"\A[0-9a-f]{64}\Z"


class Webhook(models.Model):
    """An address that is told what happens in an account.

    ``events`` are actions of the audit record, ``noun.*``, or ``*``. The secret that deliveries are signed with is not
    stored but derived from SECRET_KEY and ``salt``; ``digest`` is its SHA-256. After a rotation deliveries are signed
    with the former one, too, until ``previous_until``. ``failing_since`` is since when no delivery arrived, and nothing
    is sent before ``not_before``. ``stopped`` says why it was switched off by the studio itself.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2048)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    stopped = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    previous_salt = models.CharField(max_length=64, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ["account", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="webhook_is_https"),
            models.CheckConstraint(condition=Q(salt__regex=SALT), name="webhook_salt_is_256_bits"),
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="webhook_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.url} of {self.account}"


class Delivery(models.Model):
    """One message to one webhook; the row is the record, the broker only carries its id.

    queued → succeeded | failed; ``lease`` names the attempt that runs now. ``sequence`` is the entry of the audit
    record that it tells, None for a test. ``status``, ``answer`` and ``error`` are those of the last attempt.
    """

    class State(models.TextChoices):
        """The states of a delivery."""

        QUEUED = "queued", "waiting"
        SUCCEEDED = "succeeded", "delivered"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    event = models.CharField(max_length=64)
    payload = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["state", "next_at"], name="delivery_due"),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "sequence"], condition=Q(sequence__isnull=False), name="delivery_once_an_entry"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "succeeded", "failed"]), name="delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(lease=None, lease_until=None) | Q(lease__isnull=False, lease_until__isnull=False),
                name="delivery_lease_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook.url} ({self.state})"
