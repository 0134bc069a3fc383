"""Writes: drafts and their edits."""

from policystudio.changes.services.checks import EditError
from policystudio.changes.services.drafts import change_begin, change_create, change_update
from policystudio.changes.services.edits import edit_put, edit_remove, edit_save
from policystudio.changes.services.expectations import (
    ExpectationError,
    StaleExpectationError,
    Wanted,
    expectation_create,
    expectation_remove,
    expectation_update,
)
from policystudio.changes.services.locking import ChangeStateError, StaleError, content_digest

__all__ = [
    "ChangeStateError",
    "EditError",
    "ExpectationError",
    "StaleError",
    "StaleExpectationError",
    "Wanted",
    "change_begin",
    "change_create",
    "change_update",
    "content_digest",
    "edit_put",
    "edit_remove",
    "edit_save",
    "expectation_create",
    "expectation_remove",
    "expectation_update",
]
