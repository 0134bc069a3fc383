"""The rows that account imports write, to compare what stood there before and after."""

from typing import Any

from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion


def snapshot() -> dict[str, Any]:
    """Every row that an import writes, by natural keys; documents that the past alone has are left out."""
    past = Document.objects.filter(policy_versions=None, inline_policies=None, trusting_roles=None)
    return {
        "documents": set(Document.objects.exclude(pk__in=past.exclude(recorded=None)).values_list("kind", "text")),
        "policies": {
            (one.account.number, one.arn): (one.path, one.tags, one.description, one.is_aws_managed, one.updated_at)
            for one in ManagedPolicy.objects.select_related("account")
        },
        "versions": set(PolicyVersion.objects.values_list("policy__arn", "version_id", "document__text", "is_default")),
        "identities": {
            one.arn: (one.kind, one.unique_id, one.tags, one.last_used, one.gaps, one.created_at)
            for one in Identity.objects.all()
        },
        "bearings": set(Identity.objects.values_list("arn", "boundary__arn", "trust_document__text")),
        "inline": set(InlinePolicy.objects.values_list("identity__arn", "name", "document__text")),
        "attachments": set(PolicyAttachment.objects.values_list("identity__arn", "policy__arn")),
        "groups": set(GroupMembership.objects.values_list("user__arn", "group__arn")),
    }
