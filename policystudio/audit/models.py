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
        indexes = [models.Index(fields=["target"]), models.Index(fields=["actor"])]

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
