"""Models that Django's admin shows but never changes: what changes them writes the audit record as well."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """Nothing can be added, changed or removed."""

    list_max_show_all = 200
    show_full_result_count = False

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, _obj: Model | None = None) -> bool:
        """Superusers alone: staff who may see some accounts must not see the others here."""
        return bool(request.user.is_active and request.user.is_superuser)
