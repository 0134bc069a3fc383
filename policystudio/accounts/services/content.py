"""The stamps that tell of changes of what an account or an organization holds."""

from uuid import uuid4

from django.db import transaction
from django.dispatch import Signal

from policystudio.accounts.models import Account, Organization

#: Sent in the transaction of a change, with the ``row`` (account or organization) that has a new revision: for apps
#: that know of more than accounts does, and that want to do something once the change is kept.
changed = Signal()


@transaction.atomic
def content_changed(row: Account | Organization) -> None:
    """Give an account or an organization a new revision, because what it holds changes.

    Whoever writes identities, policies or resources of an account, or the units and policies of an organization, calls
    this in the same transaction: nobody then sees the new content under the old revision.
    """
    row.revision = uuid4()
    row.save(update_fields=["revision"])
    changed.send(sender=type(row), row=row)
