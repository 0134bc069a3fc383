"""The append-only record of who did what, each entry bound to the one before it by a hash."""

from typing import Any, Never

from django.db import models
from django.db.models import Q


class AppendOnlyError(Exception):
    """An entry of the audit record was to be changed or removed."""


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries can be read and added, nothing else."""

    def update(self, **_values: Any) -> Never:
        raise AppendOnlyError("entries of the audit record are never changed")

    def delete(self) -> Never:
        raise AppendOnlyError("entries of the audit record are never removed")

    def bulk_update(self, *_args: Any, **_options: Any) -> Never:
        raise AppendOnlyError("entries of the audit record are never changed")


class AuditEntry(models.Model):
    """One thing that was done.

    ``actor`` is a sign-in name, ``command line`` or ``""`` (nobody is signed in); ``address`` is where the request
    came from; ``account`` the number of the account that it is about, ``""`` where that is the whole studio. ``hash``
    covers every other field, ``previous_hash`` of the entry before among them.
    """

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=2048, blank=True)
    account = models.CharField(max_length=12, blank=True, default="")
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]
        verbose_name_plural = "audit entries"
        # A list is read from the end of one of these, a page at a time, whatever is asked for.
        indexes = [
            models.Index(fields=["at", "sequence"], name="audit_by_time"),
            models.Index(fields=["account", "at", "sequence"], name="audit_by_account"),
            models.Index(fields=["account", "action", "at", "sequence"], name="audit_by_account_action"),
            models.Index(fields=["action", "at", "sequence"], name="audit_by_action"),
            models.Index(fields=["actor", "at", "sequence"], name="audit_by_actor"),
            models.Index(fields=["target", "at", "sequence"], name="audit_by_target"),
            models.Index(fields=["address", "at", "sequence"], name="audit_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.actor or 'nobody'} {self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; refuses where it is stored already."""
        if not self._state.adding:
            raise AppendOnlyError("entries of the audit record are never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Never:
        raise AppendOnlyError("entries of the audit record are never removed")


class AuditHead(models.Model):
    """The newest entry's sequence and hash, in one row: the lock that lets one writer append at a time.

    It also tells when the newest entries were cut off.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_head_is_one_row")]

    def __str__(self) -> str:
        return f"head at {self.sequence}"


class AuditTally(models.Model):
    """How often something happened in an hour that has not an entry each time; rows of past hours are removed.

    ``key`` is the SHA-256 of the hour and what happened.
    """

    key = models.CharField(max_length=64, primary_key=True)
    hour = models.DateTimeField(db_index=True)
    count = models.PositiveBigIntegerField(default=1)

    class Meta:
        verbose_name_plural = "audit tallies"

    def __str__(self) -> str:
        return f"{self.count} times in the hour of {self.hour:%Y-%m-%d %H:%M}"


class AuditVerification(models.Model):
    """What came of reading the whole record last, in one row; and since when somebody waits for it to be read again.

    ``sequence`` is the last entry that was read, ``flaws`` the first of what was found wrong, as sentences.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    asked_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    flaw_count = models.PositiveBigIntegerField(default=0)
    flaws = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_verification_is_one_row")]

    def __str__(self) -> str:
        return f"read to entry {self.sequence}: {self.flaw_count} flaws"

    @property
    def is_whole(self) -> bool:
        """Whether the record was read, and nothing was wrong with it."""
        return self.checked_at is not None and not self.flaw_count
