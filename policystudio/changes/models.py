"""Changes: sets of edits that are drafted, reviewed and published together, and what was said about them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account
from policystudio.engine.document import PolicyKind
from policystudio.lib import iam_names


class Change(models.Model):
    """A set of edits of one account, numbered 1, 2, … there; published, it is the account's new content.

    draft → proposed → approved → published; proposed → rejected; draft, proposed, approved, rejected → withdrawn;
    rejected, withdrawn → draft. Editing what is proposed or approved takes it back to draft. ``version`` counts up with
    every write of the change or of one of its edits. ``approved_digest`` is that of the edits which were approved
    (``services.content_digest``); they alone may be published. ``writers`` are all who ever wrote an edit of it.
    ``reverts`` is the published change that this one takes back.
    """

    class State(models.TextChoices):
        """The states of a change."""

        DRAFT = "draft", "draft"
        PROPOSED = "proposed", "proposed"
        APPROVED = "approved", "approved"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"
        PUBLISHED = "published", "published"

    account = models.ForeignKey(Account, models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="changes")
    author_name = models.CharField(max_length=150)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="changes_written")
    version = models.PositiveIntegerField(default=1)
    approved_digest = models.CharField(max_length=64, blank=True)
    reverts = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reverted_by")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["account", "-number"]
        indexes = [models.Index(fields=["account", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="change_number_once_an_account"),
            models.CheckConstraint(condition=Q(number__gte=1), name="change_number_begins_at_one"),
            models.CheckConstraint(condition=Q(version__gte=1), name="change_version_begins_at_one"),
            models.CheckConstraint(condition=~Q(title=""), name="change_has_a_title"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "approved", "rejected", "withdrawn", "published"]),
                name="change_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["proposed", "approved", "published"]) | Q(proposed_at__isnull=False),
                name="change_is_proposed_before_it_is_more",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "published"], approved_digest__regex=iam_names.DIGEST)
                | (~Q(state__in=["approved", "published"]) & Q(approved_digest="")),
                name="change_approved_digest_exactly_where_approved",
            ),
            models.CheckConstraint(
                condition=(Q(state="published", published_at__isnull=False) & ~Q(published_by_name=""))
                | (~Q(state="published") & Q(published_at=None, published_by_name="")),
                name="change_published_at_exactly_where_published",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be published."""
        return self.state in OPEN_STATES


OPEN_STATES = (Change.State.DRAFT, Change.State.PROPOSED, Change.State.APPROVED)


#: Kinds of edit that join two things, or part them: ``other`` is the second one.
_JOINING = ["attach", "detach", "join-group", "leave-group", "organization-attach", "organization-detach"]


class Edit(models.Model):
    """One thing that a change makes different; docs/decisions/0009 says what each kind keeps in which field.

    ``base`` is what stood there when the edit was begun (None: nothing), so that publishing can tell whether it still
    does. ``outcome`` is what publishing made of it: the id of the version or of the organization policy. ``version``
    counts up with every write.
    """

    class Kind(models.TextChoices):
        """What is edited."""

        MANAGED_POLICY = "managed-policy", "managed policy"
        MANAGED_POLICY_DELETE = "managed-policy-delete", "managed policy removed"
        INLINE_POLICY = "inline-policy", "inline policy"
        INLINE_POLICY_DELETE = "inline-policy-delete", "inline policy removed"
        TRUST_POLICY = "trust-policy", "trust policy"
        BOUNDARY = "boundary", "permissions boundary"
        ATTACH = "attach", "policy attached"
        DETACH = "detach", "policy detached"
        JOIN_GROUP = "join-group", "added to a group"
        LEAVE_GROUP = "leave-group", "removed from a group"
        TAGS = "tags", "tags"
        IDENTITY = "identity", "new identity"
        IDENTITY_DELETE = "identity-delete", "identity removed"
        ORGANIZATION_POLICY = "organization-policy", "organization policy"
        ORGANIZATION_POLICY_DELETE = "organization-policy-delete", "organization policy removed"
        ORGANIZATION_ATTACH = "organization-attach", "organization policy attached"
        ORGANIZATION_DETACH = "organization-detach", "organization policy detached"

    change = models.ForeignKey(Change, models.CASCADE, related_name="edits")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=26, choices=Kind)
    target = models.CharField(max_length=iam_names.ARN_LENGTH)
    name = models.CharField(max_length=iam_names.NAME_LENGTH, blank=True)
    other = models.CharField(max_length=iam_names.ARN_LENGTH, blank=True)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    base = models.JSONField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ["change", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "kind", "target", "name", "other"], name="edit_once_a_change"),
            models.UniqueConstraint(
                fields=["change", "target"], condition=Q(kind="boundary"), name="edit_one_boundary_an_identity"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("managed-policy", "managed-policy-delete", "inline-policy", "inline-policy-delete"),
                        *("trust-policy", "boundary", "attach", "detach", "join-group", "leave-group", "tags"),
                        *("identity", "identity-delete", "organization-policy", "organization-policy-delete"),
                        *("organization-attach", "organization-detach"),
                    ]
                ),
                name="edit_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(target=""), name="edit_has_a_target"),
            models.CheckConstraint(condition=Q(version__gte=1), name="edit_version_begins_at_one"),
            models.CheckConstraint(
                condition=(Q(kind__in=["inline-policy", "inline-policy-delete"]) & ~Q(name=""))
                | (~Q(kind__in=["inline-policy", "inline-policy-delete"]) & Q(name="")),
                name="edit_name_exactly_for_inline_policies",
            ),
            models.CheckConstraint(
                condition=Q(kind="boundary")
                | (Q(kind__in=_JOINING) & ~Q(other=""))
                | (~Q(kind__in=[*_JOINING, "boundary"]) & Q(other="")),
                name="edit_other_exactly_where_two_are_joined",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target}"

    @property
    def policy_kind(self) -> PolicyKind | None:
        """What its text is read as; None where the edit has no text."""
        if self.kind == self.Kind.ORGANIZATION_POLICY:
            is_resource_control = self.data.get("kind") == PolicyKind.RESOURCE_CONTROL
            return PolicyKind.RESOURCE_CONTROL if is_resource_control else PolicyKind.SERVICE_CONTROL
        if self.kind == self.Kind.IDENTITY:
            return PolicyKind.TRUST if ":role/" in self.target else None
        return TEXT_KINDS.get(self.kind)


#: Edits whose text is a policy, and what it is read as; of others see ``Edit.policy_kind``.
TEXT_KINDS: dict[str, PolicyKind] = {
    Edit.Kind.MANAGED_POLICY: PolicyKind.IDENTITY,
    Edit.Kind.INLINE_POLICY: PolicyKind.IDENTITY,
    Edit.Kind.TRUST_POLICY: PolicyKind.TRUST,
}


class Comment(models.Model):
    """Something that was said about a change, or a step that it took, with the text that went with it.

    ``digest`` is that of the edits as they were then.
    """

    class Kind(models.TextChoices):
        """What was done besides saying something."""

        COMMENT = "comment", "commented"
        PROPOSED = "proposed", "proposed it"
        APPROVED = "approved", "approved it"
        REJECTED = "rejected", "rejected it"
        WITHDRAWN = "withdrawn", "withdrew it"
        REOPENED = "reopened", "took it back to draft"
        PUBLISHED = "published", "published it"

    change = models.ForeignKey(Change, models.CASCADE, related_name="comments")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.COMMENT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=150)
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["change", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["comment", "proposed", "approved", "rejected", "withdrawn", "reopened", "published"]
                ),
                name="comment_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(kind="comment") | ~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(condition=Q(digest__regex=iam_names.DIGEST), name="comment_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name} {self.get_kind_display()}"


class Expectation(models.Model):
    """A sentence that every change must keep: who must, or must never, be able to do what on what, in which context.

    Of ``identity`` (an ARN) and ``tag_key`` exactly one is set; ``tag_value`` None is any value. ``action`` and
    ``resource`` may hold wildcards. ``context`` gives keys their values, an empty list for a key that is absent. *Must*
    is about requests that carry nothing besides, *never* about requests that may carry anything besides.
    """

    class Demand(models.TextChoices):
        """What is expected."""

        MUST = "must", "must be able"
        NEVER = "never", "must never be able"

    account = models.ForeignKey(Account, models.CASCADE, related_name="expectations")
    demand = models.CharField(max_length=5, choices=Demand)
    identity = models.CharField(max_length=iam_names.ARN_LENGTH, blank=True)
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, null=True, blank=True)  # noqa: DJ001 -- null is any, empty is empty
    action = models.CharField(max_length=256)
    resource = models.CharField(max_length=iam_names.ARN_LENGTH)
    context = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ["account", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(demand__in=["must", "never"]), name="expectation_demand_is_known"),
            models.CheckConstraint(
                condition=(Q(identity="") & ~Q(tag_key="")) | (~Q(identity="") & Q(tag_key="", tag_value=None)),
                name="expectation_is_of_an_identity_or_a_tag",
            ),
            models.CheckConstraint(condition=~Q(action="") & ~Q(resource=""), name="expectation_is_about_something"),
            models.CheckConstraint(condition=Q(version__gte=1), name="expectation_version_begins_at_one"),
        ]

    def __str__(self) -> str:
        what = f"{self.action} on {self.resource}"
        return f"{self.who} {self.get_demand_display()} to do {what}"

    @property
    def who(self) -> str:
        """The identities that it is of, in words."""
        if self.identity:
            return self.identity.split(":", 5)[-1]
        value = "" if self.tag_value is None else f"={self.tag_value}"
        return f"every identity with the tag {self.tag_key}{value}"
