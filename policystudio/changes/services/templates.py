"""Policies of a published change that were made from templates remember it; those that go are forgotten."""

from collections.abc import Iterable
from datetime import datetime

from policystudio.changes.models import Change, Edit
from policystudio.changes.services.locking import By
from policystudio.policies.services import template_use_remove, template_use_set
from policystudio.policies.templates.link import is_link

TEMPLATE = "template"
_REMOVING = frozenset({Edit.Kind.MANAGED_POLICY_DELETE, Edit.Kind.INLINE_POLICY_DELETE, Edit.Kind.IDENTITY_DELETE})


def remember_templates(change: Change, edits: Iterable[Edit], by: By, now: datetime) -> None:
    """Keep what the edits tell of templates, and nothing of what they remove. In the transaction of publishing.

    A policy that is edited by itself stays linked, so that one sees that it says something else now. A link that the
    templates of this installation do not know any more, as it was upgraded since the draft, is not kept.
    """
    for edit in edits:
        if edit.kind in _REMOVING:
            template_use_remove(account=change.account, kind=edit.kind, target=edit.target, name=edit.name)
    for edit in edits:
        link = edit.data.get(TEMPLATE)
        if link is None or not is_link(link):
            continue
        template_use_set(
            account=change.account,
            by=by,
            kind=edit.kind,
            target=edit.target,
            name=edit.name,
            text=edit.text,
            template=link,
            now=now,
        )
