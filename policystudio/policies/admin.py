"""Policies in Django's admin."""

from django.contrib import admin

from policystudio.lib.read_only_admin import ReadOnlyAdmin
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion, TemplateUse


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Texts of policies."""

    list_display = ["digest", "kind"]
    list_filter = ["kind"]


@admin.register(ManagedPolicy)
class ManagedPolicyAdmin(ReadOnlyAdmin):
    """Managed policies."""

    list_display = ["name", "account", "path", "is_aws_managed"]
    list_select_related = ["account"]
    search_fields = ["name", "arn"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Versions of managed policies."""

    list_display = ["policy", "version_id", "is_default", "created_at"]
    list_select_related = ["policy"]


@admin.register(TemplateUse)
class TemplateUseAdmin(ReadOnlyAdmin):
    """Policies that were made from templates."""

    list_display = ["target", "name", "template", "version", "account"]
    list_filter = ["template"]
    list_select_related = ["account"]
