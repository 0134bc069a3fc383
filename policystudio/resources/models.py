"""SageMaker resources that exist: which account owns them, their tags, and who created them."""

from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account
from policystudio.identities.models import Identity
from policystudio.lib import iam_names


class Resource(models.Model):
    """One SageMaker resource. ``type`` is the name of its type in the catalogue, "" where no type has such an ARN."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="resources")
    arn = models.CharField(max_length=iam_names.ARN_LENGTH, unique=True)
    type = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=1024)
    tags = models.JSONField(default=dict, blank=True)
    creator = models.ForeignKey(Identity, models.SET_NULL, null=True, blank=True, related_name="created_resources")
    created_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["type", "name", "arn"]
        constraints = [
            models.CheckConstraint(condition=Q(arn__startswith="arn:"), name="resource_arn_is_one"),
            models.CheckConstraint(condition=~Q(region=""), name="resource_has_a_region"),
        ]

    def __str__(self) -> str:
        return self.name
