"""Waivers and the state of findings in Django's admin."""

from django.contrib import admin

from policystudio.findings.models import AccountFindings, Waiver
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin):
    """Waivers by code."""

    list_display = ["code", "account", "target", "owner_name", "until"]
    list_select_related = ["account"]
    search_fields = ["code", "target"]


@admin.register(AccountFindings)
class AccountFindingsAdmin(ReadOnlyAdmin):
    """How far the findings of each account are."""

    list_display = ["account", "worked_at", "attempts", "lease_until", "error"]
    list_select_related = ["account"]
