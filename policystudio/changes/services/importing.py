"""Drafts of what a file of another tool says."""

from collections.abc import Sequence

from django.db import transaction

from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.changes.models import Change
from policystudio.changes.services.drafts import change_create
from policystudio.changes.services.edits import edit_put
from policystudio.changes.services.locking import By
from policystudio.interchange.edits import Edit


@transaction.atomic
def edits_import(
    *, account: Account, by: By, title: str, source: str, edits: Sequence[Edit], description: str = ""
) -> Change:
    """A new draft with these edits, all of them or none. ``source`` is the format that they come from.

    Raises ``EditError`` and ``PermissionDenied`` as ``change_create`` and ``edit_put`` do.
    """
    change = change_create(account=account, by=by, title=title, description=description)
    for edit in edits:
        edit_put(
            change=change,
            by=by,
            expected_version=None,
            kind=edit.kind,
            target=edit.target,
            name=edit.name,
            other=edit.other,
            text=edit.text,
            data=edit.data,
        )
    details = {"number": change.number, "source": source, "edits": len(edits)}
    audit.record(actor=by, action="change.imported", target=account.number, account=account.number, details=details)
    change.refresh_from_db()
    return change
