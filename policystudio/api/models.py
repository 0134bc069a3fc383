"""Tokens for scripts. They are of REST alone, so they live here and not in a domain app."""

from django.db import models
from knox.models import AbstractAuthToken

from policystudio.accounts.models import Account


class ApiToken(AbstractAuthToken):
    """A token of one of our users: 256 random bits, of which only a hash is stored, with an end and a scope.

    ``scope`` bounds what the token may do, ``account`` where (None: in every account of the user). A token never may
    more than its user.
    """

    class Scope(models.TextChoices):
        """What may be done with a token."""

        READ = "read", "read and simulate"
        WRITE = "write", "everything that the user may"

    name = models.CharField(max_length=64)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="api_token_scope_is_known"),
            models.CheckConstraint(condition=models.Q(expiry__isnull=False), name="api_token_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
