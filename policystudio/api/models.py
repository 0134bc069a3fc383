"""Answers kept for those who ask again. They are of REST alone, so they live here and not in a domain app."""

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """What a creation with an Idempotency-Key was answered, for whoever sends it again.

    ``digest`` is the SHA-256 of user, address and key, ``body`` that of the body. ``status`` is None while the first
    request is being answered; ``text`` is empty where the answer told a secret, which is not kept.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    body = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.digest[:12]
