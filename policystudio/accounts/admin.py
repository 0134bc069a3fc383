"""Accounts, organizations and memberships in Django's admin."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_otp.plugins.otp_totp.models import TOTPDevice

from policystudio.accounts import services
from policystudio.accounts.models import (
    Account,
    Membership,
    Organization,
    OrganizationalUnit,
    OrganizationMembership,
    OrganizationPolicy,
)
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    """Organizations."""

    list_display = ["name", "org_id", "master_account_number"]


@admin.register(OrganizationalUnit)
class OrganizationalUnitAdmin(ReadOnlyAdmin):
    """Organizational units."""

    list_display = ["name", "unit_id", "parent", "organization"]
    list_select_related = ["parent", "organization"]


@admin.register(OrganizationPolicy)
class OrganizationPolicyAdmin(ReadOnlyAdmin):
    """Service and resource control policies."""

    list_display = ["name", "kind", "policy_id", "organization"]
    list_select_related = ["organization"]


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """AWS accounts."""

    list_display = ["name", "number", "partition", "unit", "is_management", "read_at", "read_by"]
    list_select_related = ["unit"]
    search_fields = ["name", "number"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Roles of our users in accounts; they are changed on the account's members page."""

    list_display = ["user", "account", "role", "source"]
    list_select_related = ["user", "account"]
    list_filter = ["role", "source"]


@admin.register(OrganizationMembership)
class OrganizationMembershipAdmin(ReadOnlyAdmin):
    """Roles of our users in whole organizations; they are changed on the organization's members page."""

    list_display = ["user", "organization", "role", "source"]
    list_select_related = ["user", "organization"]
    list_filter = ["role", "source"]


# Second factors are set up by their owners alone; nobody else looks at them.
admin.site.unregister(TOTPDevice)
admin.site.unregister(get_user_model())


@admin.register(get_user_model())
class PersonAdmin(UserAdmin):
    """Django's own, with a way to sign people out, which a password that is set for them does, too."""

    actions = ("end_sessions",)

    @admin.action(description="End all sessions of the selected users", permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Sign them out everywhere."""
        by = cast("AbstractBaseUser", request.user)
        ended = sum([services.sessions_end(by=by, user=user) for user in queryset])
        messages.success(request, f"{ended} sessions ended.")

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 -- Django's signature
        form_url: str = "",
    ) -> HttpResponse:
        """Set a password; whoever had the one before is let in no more, by sessions and tokens neither."""
        with transaction.atomic():
            before = self.get_object(request, unquote(id))
            response = super().user_change_password(request, id, form_url)
            after = self.get_object(request, unquote(id))
            if before is not None and after is not None and before.password != after.password:
                by = cast("AbstractBaseUser", request.user)
                services.access_end(by=by, user=after, keep=request.session.session_key if after == by else None)
        return response
