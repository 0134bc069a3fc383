"""What the editor of a policy text needs to know beside the text: its quota, what stands published, its addresses."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.urls import reverse

from policystudio.changes import selectors
from policystudio.changes.models import Change, Edit
from policystudio.engine.document import PolicyKind
from policystudio.identities import selectors as identities
from policystudio.lib import quotas
from policystudio.web.catalogue import catalogue_file

Kind = Edit.Kind
#: What a trust policy may have where AWS has not raised the quota.
_TRUST_BY_DEFAULT = 2_048
#: From here on the quota is near.
_NEAR = 0.9


@dataclass(frozen=True, slots=True)
class Quota:
    """The characters that a text may have, without white space unless ``white_space`` counts.

    ``others`` are the characters of other texts that count together with it. Above ``near`` the meter warns.
    """

    about: str
    most: int
    near: int
    others: int = 0
    white_space: bool = False


def quota_of(edit: Edit) -> Quota:
    """The quota of what the edit's text becomes."""
    if edit.kind == Kind.INLINE_POLICY:
        kind = identity_kind(edit.target)
        most = quotas.INLINE_POLICIES_SIZE[kind]
        return Quota(f"all inline policies of the {kind} together", most, int(most * _NEAR), _other_inline(edit))
    if edit.policy_kind is PolicyKind.TRUST:
        about = f"a trust policy; more than {_TRUST_BY_DEFAULT:,} need a raised quota"
        return Quota(about, quotas.TRUST_POLICY_SIZE, _TRUST_BY_DEFAULT)
    if edit.kind == Kind.ORGANIZATION_POLICY:
        most = quotas.ORGANIZATION_POLICY_SIZE[str(edit.policy_kind)]
        return Quota("an organization policy", most, int(most * _NEAR), white_space=True)
    return Quota("a managed policy", quotas.MANAGED_POLICY_SIZE, int(quotas.MANAGED_POLICY_SIZE * _NEAR))


def identity_kind(arn: str) -> str:
    """``user``, ``group`` or ``role``: what the ARN of an identity names."""
    return arn.split(":", 5)[-1].partition("/")[0]


def _other_inline(edit: Edit) -> int:
    """The size of the identity's other inline policies, as they are once the change is published."""
    texts = identities.inline_texts(edit.change.account, edit.target)
    for other in selectors.edits_of(edit.change).filter(target=edit.target):
        if other.kind == Kind.INLINE_POLICY:
            texts[other.name] = other.text
        elif other.kind == Kind.INLINE_POLICY_DELETE:
            texts.pop(other.name, None)
    return sum(quotas.policy_size(text) for name, text in texts.items() if name != edit.name)


def published_text(edit: Edit) -> str | None:
    """What stands in the account now where the edit wants to write; None where nothing does, or it is not known.

    Of a role that the change makes there is nothing.
    """
    standing = selectors.present(edit.change.account, edit.kind, edit.target, edit.name, edit.other)
    text = standing.get("text") if standing else None
    return text if isinstance(text, str) else None


def has_moved(edit: Edit) -> bool:
    """Whether something else is published by now than when the edit was begun."""
    begun = (edit.base or {}).get("text")
    return edit.change.is_open and begun != published_text(edit)


def drafted_by(change: Change) -> Iterator[tuple[str, str]]:
    """The ARNs, with their types, of the identities and managed policies that a change makes or writes."""
    for edit in selectors.edits_of(change):
        if edit.kind in (Kind.IDENTITY, Kind.MANAGED_POLICY):
            yield edit.target, f"iam:{identity_kind(edit.target)}"


def name_of(edit: Edit) -> str:
    """What people call the policy."""
    if edit.name:
        return edit.name
    if edit.kind == Kind.ORGANIZATION_POLICY:
        return str(edit.data.get("name") or edit.target.removeprefix("new:"))
    return edit.target.rpartition("/")[2]


def config_of(edit: Edit, reader: str) -> dict[str, Any]:
    """What static/js/editor.js reads; ``reader`` is the sign-in name, for what the browser keeps."""
    change = edit.change
    number = change.account.number
    here = [number, change.number, edit.pk]
    helps = ("save", "findings", "grants", "shorter", "split")
    return {
        "edit": edit.pk,
        "begun": edit.created_at.isoformat(),
        "version": edit.version,
        "text": edit.text,
        "kind": str(edit.policy_kind),
        "editKind": edit.kind,
        "open": change.is_open,
        "savedAt": edit.updated_at.isoformat(),
        "savedBy": edit.updated_by_name,
        "reader": reader,
        "begin": {"kind": edit.kind, "target": edit.target, "name": edit.name, "data": json.dumps(edit.data)},
        "quota": asdict(quota_of(edit)),
        "urls": {
            **{name: reverse(f"web:edit-{name}", args=here) for name in helps},
            "catalogue": reverse("web:catalogue", args=[catalogue_file().digest]),
            "known": f"{reverse('web:known', args=[number])}?change={change.number}",
            "change": reverse("web:change", args=[number, change.number]),
            "begin": reverse("web:change-edit-new", args=[number]),
            "finding": reverse("web:finding-code", args=["CODE"]),
        },
    }
