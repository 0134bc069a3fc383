"""Changes in Django's admin."""

from django.contrib import admin

from policystudio.changes.models import Change, Comment, Edit, Expectation
from policystudio.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Changes."""

    list_display = ["number", "title", "account", "state", "author_name", "updated_at"]
    list_select_related = ["account"]
    list_filter = ["state"]


@admin.register(Edit)
class EditAdmin(ReadOnlyAdmin):
    """Edits of changes."""

    list_display = ["change", "position", "kind", "target", "name", "other", "version", "updated_by_name"]
    list_select_related = ["change"]
    list_filter = ["kind"]


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """What was said about changes."""

    list_display = ["change", "kind", "author_name", "at"]
    list_select_related = ["change"]


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    """Expectations."""

    list_display = ["account", "demand", "who", "action", "resource", "updated_by_name"]
    list_select_related = ["account"]
    list_filter = ["demand"]
