"""Findings of accounts: what of documents is known, where it stands, how far it was worked out, and what is waived."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.engine.lint.finding import FindingType
from policystudio.identities.models import Identity
from policystudio.lib import iam_names
from policystudio.policies.models import ManagedPolicy

#: The types from the gravest down; a finding's ``rank`` is its place here.
TYPES = tuple(each.value for each in FindingType)
#: After so many attempts that never came to an end, an account waits for its next change.
MAX_ATTEMPTS = 3


class DocumentFindings(models.Model):
    """What there is to find in one document, once however many policies share it.

    ``rules`` names the version of the rules that looked (``checks.version``); ``found`` is a list of objects as
    ``checks.documents.of_document`` makes them. ``digest`` is that of the document's or the organization policy's row.
    """

    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    rules = models.CharField(max_length=64)
    found = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["digest", "kind"]
        verbose_name_plural = "document findings"
        constraints = [
            models.UniqueConstraint(fields=["digest", "kind"], name="document_findings_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["identity", "trust", "scp", "rcp"]), name="document_findings_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


class StackFindings(models.Model):
    """What is found about an identity as a whole, by all that the answer depends on.

    ``signature`` is the SHA-256 of the identity, its policies, boundary, organization policies, facts, and the rules:
    as long as all of that is the same, so is what was found. ``complete`` is False where policies without effect, which
    take long to find, were not looked for yet.
    """

    signature = models.CharField(max_length=64, primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="stack_findings")
    found = models.JSONField(default=list, blank=True)
    complete = models.BooleanField(default=False)

    class Meta:
        ordering = ["signature"]
        verbose_name_plural = "stack findings"

    def __str__(self) -> str:
        return self.signature[:12]


class AccountFindings(models.Model):
    """How far an account's findings are worked out: the record of the job, of which the broker only carries the id.

    ``revision`` is that of the content and the rules that ``worked_at`` looked at (``selectors.revision_of``); where it
    is not the present one, the findings are of before. ``attempted`` is the revision that ``attempts`` counts for.
    ``lease`` names the attempt that runs now, ``lease_until`` when it counts as lost.
    """

    account = models.OneToOneField(Account, models.CASCADE, related_name="findings_state")
    revision = models.CharField(max_length=160, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True)
    attempted = models.CharField(max_length=160, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["account"]
        verbose_name_plural = "account findings"
        constraints = [
            models.CheckConstraint(
                condition=Q(lease=None, lease_until=None) | Q(lease__isnull=False, lease_until__isnull=False),
                name="account_findings_lease_has_an_end",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=MAX_ATTEMPTS), name="account_findings_few_attempts"),
        ]

    def __str__(self) -> str:
        return f"findings of {self.account}"


class Waiver(models.Model):
    """A finding that somebody answers for until ``until``, that day included.

    It is about one finding (``code``, ``target``, ``name``, ``place`` as that finding has them), or, with all three
    empty, about every finding of the code in the account.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="waivers")
    code = models.CharField(max_length=96)
    target = models.CharField(max_length=iam_names.ARN_LENGTH, blank=True)
    name = models.CharField(max_length=iam_names.NAME_LENGTH, blank=True)
    place = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=1000)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="waivers_owned")
    owner_name = models.CharField(max_length=150)
    until = models.DateField()
    created_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["code", "target", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "code", "target", "name", "place"], name="waiver_once_a_finding"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(target="") | Q(target="", name="", place=""), name="waiver_of_a_code_names_no_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.target or 'the whole account'}"

    @property
    def stamp(self) -> str:
        """Another one after every change."""
        return self.updated_at.isoformat()


class Finding(models.Model):
    """One finding of an account, where it stands.

    ``target`` is the ARN of the policy or identity, or the id of the organization policy; ``name`` that of an inline
    policy. ``place`` says by content where in the document it is (``checks.places``), so that it stays the same when
    statements move. ``start`` and ``end`` are the place in the text, None for what is about an identity. ``folded``
    findings are of policies that AWS manages: nobody in the account can mend them. ``evidence`` is what proves it.
    """

    class Subject(models.TextChoices):
        """What a finding is about."""

        MANAGED = "managed", "managed policy"
        INLINE = "inline", "inline policy"
        TRUST = "trust", "trust policy"
        ORGANIZATION = "organization", "organization policy"
        IDENTITY = "identity", "identity"

    account = models.ForeignKey(Account, models.CASCADE, related_name="findings")
    code = models.CharField(max_length=96)
    type = models.CharField(max_length=16)
    rank = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=6)
    message = models.TextField()
    subject = models.CharField(max_length=12, choices=Subject)
    target = models.CharField(max_length=iam_names.ARN_LENGTH)
    name = models.CharField(max_length=iam_names.NAME_LENGTH, blank=True)
    place = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, blank=True)
    path = models.JSONField(default=list, blank=True)
    start = models.JSONField(null=True, blank=True)
    end = models.JSONField(null=True, blank=True)
    marks = models.JSONField(default=list, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    folded = models.BooleanField(default=False)
    identity = models.ForeignKey(Identity, models.CASCADE, null=True, blank=True, related_name="findings")
    policy = models.ForeignKey(ManagedPolicy, models.CASCADE, null=True, blank=True, related_name="findings")
    organization_policy = models.ForeignKey(
        OrganizationPolicy, models.CASCADE, null=True, blank=True, related_name="findings"
    )
    waiver = models.ForeignKey(Waiver, models.SET_NULL, null=True, blank=True, related_name="findings")
    first_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["rank", "code", "id"]
        indexes = [models.Index(fields=["account", "rank", "code", "id"], name="finding_list")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "code", "target", "name", "place", "subject"], name="finding_once_a_place"
            ),
            models.CheckConstraint(condition=Q(type__in=TYPES), name="finding_type_is_known"),
            models.CheckConstraint(
                condition=Q(subject__in=["managed", "inline", "trust", "organization", "identity"]),
                name="finding_subject_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.label}"
