"""Policy documents, and the managed policies and versions that hold them."""

from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account
from policystudio.lib import iam_names


class Document(models.Model):
    """The text of a policy, kept exactly, once however many policies share it.

    ``digest`` is the SHA-256 of kind and text (``services.document_digest``). ``problems`` is None where the text
    parses; otherwise a list of objects with ``message``, ``line`` and ``column``, and who bears it is ``undecided``.
    ``actions`` tells which actions its statements can be about (``services.actions_of``), so that one that cannot bear
    on a question need not be read; None where that is not known.
    """

    class Kind(models.TextChoices):
        """What the document is read as; the values are the engine's PolicyKind."""

        IDENTITY = "identity", "identity policy"
        TRUST = "trust", "trust policy"

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField()
    problems = models.JSONField(null=True, blank=True)
    actions = models.TextField(null=True, blank=True)  # noqa: DJ001 -- empty is about nothing, null is not known

    class Meta:
        ordering = ["digest"]
        constraints = [
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="document_digest_is_sha256"),
            models.CheckConstraint(condition=Q(kind__in=["identity", "trust"]), name="document_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.digest[:12]}"


class ManagedPolicy(models.Model):
    """A managed policy of an account: customer managed, or AWS managed as that account's export told it.

    A policy that is attached in the account but whose document the export does not carry is stored without versions:
    what it says is unknown, so that who bears it is ``undecided``. ``attachments_beyond`` and ``boundary_uses_beyond``
    are how many uses AWS counted beyond those that the export showed; below zero where it counted fewer.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="managed_policies")
    arn = models.CharField(max_length=iam_names.ARN_LENGTH)
    name = models.CharField(max_length=iam_names.NAME_LENGTH)
    path = models.CharField(max_length=iam_names.PATH_LENGTH, default="/")
    policy_id = models.CharField(max_length=128, blank=True)
    description = models.TextField(blank=True)
    is_aws_managed = models.BooleanField(default=False)
    is_attachable = models.BooleanField(default=True)
    attachments_beyond = models.IntegerField(default=0)
    boundary_uses_beyond = models.IntegerField(default=0)
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["is_aws_managed", "name", "arn"]
        verbose_name_plural = "managed policies"
        constraints = [
            models.UniqueConstraint(fields=["account", "arn"], name="managed_policy_arn_once_an_account"),
            models.CheckConstraint(condition=Q(arn__startswith="arn:"), name="managed_policy_arn_is_one"),
            models.CheckConstraint(
                condition=Q(name__regex=iam_names.LONG_NAME), name="managed_policy_name_is_well_formed"
            ),
            models.CheckConstraint(
                condition=Q(path__regex=iam_names.POLICY_PATH), name="managed_policy_path_is_well_formed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """One version of a managed policy; the default one is in force. AWS keeps at most five.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
    """

    policy = models.ForeignKey(ManagedPolicy, models.CASCADE, related_name="versions")
    version_id = models.CharField(max_length=64)
    document = models.ForeignKey(Document, models.PROTECT, related_name="policy_versions")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["policy", "-is_default", "-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "version_id"], name="policy_version_id_once_a_policy"),
            models.UniqueConstraint(fields=["policy"], condition=Q(is_default=True), name="policy_version_one_default"),
            models.CheckConstraint(
                condition=Q(version_id__regex=iam_names.VERSION_ID), name="policy_version_id_is_well_formed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.version_id}"


class TemplateUse(models.Model):
    """A policy of an account that was made from a template: by which version of it, with which parameters.

    ``target`` is the ARN of the managed policy, or of the identity that has the policy of this ``name`` or the trust
    policy. ``part`` tells which of the documents that the template made it is. ``digest`` is that of what it said when
    it was made (``templates.link.digest_of``), so that one sees whether the policy says something else now.
    """

    class Kind(models.TextChoices):
        """What was made; the values are those of the kinds of edits."""

        MANAGED_POLICY = "managed-policy", "managed policy"
        INLINE_POLICY = "inline-policy", "inline policy"
        TRUST_POLICY = "trust-policy", "trust policy"

    account = models.ForeignKey(Account, models.CASCADE, related_name="template_uses")
    kind = models.CharField(max_length=14, choices=Kind)
    target = models.CharField(max_length=iam_names.ARN_LENGTH)
    name = models.CharField(max_length=iam_names.NAME_LENGTH, blank=True)
    template = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    parameters = models.JSONField()
    part = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=64)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["account", "template", "target", "name", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "target", "name"], name="template_use_once_a_policy"),
            models.CheckConstraint(
                condition=Q(kind__in=["managed-policy", "inline-policy", "trust-policy"]),
                name="template_use_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="template_use_digest_is_sha256"),
            models.CheckConstraint(condition=Q(version__gte=1), name="template_use_version_begins_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.name} from {self.template} {self.version}".replace("  ", " ")
