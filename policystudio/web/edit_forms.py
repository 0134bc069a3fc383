"""The forms that begin an edit: what each kind asks for, and what comes of what was written."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from policystudio.accounts.models import Account, OrganizationalUnit
from policystudio.changes.models import Edit
from policystudio.changes.selectors import organization_policy_of, present
from policystudio.changes.selectors.present import NEW
from policystudio.changes.selectors.words import short_name
from policystudio.changes.services import EditError
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies

Kind = Edit.Kind
Choices = Sequence[tuple[str, str]]
#: Empty rows for tags, besides those that there are.
_NEW_TAGS = 4
_POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    \n  ]\n}\n'
_TRUST = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"Service": "sagemaker.amazonaws.com"},
      "Action": "sts:AssumeRole"
    }
  ]
}
"""


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for; with ``choices`` one of them is chosen."""

    name: str
    label: str
    value: str = ""
    choices: Choices | None = None
    help: str = ""


@dataclass(frozen=True)
class EditForm:
    """What a form asks, under which question; ``tags`` are its rows, where it asks for tags."""

    title: str
    button: str
    fields: Sequence[Field] = ()
    tags: Sequence[tuple[str, str]] | None = None


@dataclass
class Written:
    """An edit as it was written; ``data`` and the others as ``services.change_begin`` takes them."""

    kind: str
    target: str
    name: str = ""
    other: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def form_for(account: Account, asked: QueryDict) -> EditForm | None:
    """The form of the kind that is asked for, filled with what is known; None where the kind has none."""
    maker = _FORMS.get(asked.get("kind", ""))
    if maker is None or any("\0" in asked.get(name, "") for name in ("target", "other")):
        return None
    return maker(account, asked)


def written(account: Account, posted: QueryDict) -> Written:
    """The edit that was posted, by a form or by its fields. Raises ``EditError`` where something is no JSON."""
    kind, target, name, other, text = (posted.get(key, "") for key in ("kind", "target", "name", "other", "text"))
    if any("\0" in value for value in (target, name, other)):
        raise EditError("target, name and other hold no NUL")
    found = Written(kind, target, name, other, text, _data(posted.get("data", "")))
    new_name = posted.get("new_name", "").strip()
    if "tag_key" in posted:
        found.data["tags"] = _tags(posted)
    if new_name or "new_name" in posted:
        _name(account, found, posted, new_name)
    if found.kind == Kind.ORGANIZATION_POLICY and "kind" not in found.data:
        policy = organization_policy_of(account, found.target)
        found.data["kind"] = policy.kind if policy else "scp"
    first = _first_text(account, found)
    # A form sends every line end as CR LF, whatever it was shown.
    found.text = (found.text if "\r" in first else found.text.replace("\r\n", "\n")) or first
    return found


def _data(posted: str) -> dict[str, Any]:
    try:
        data = json.loads(posted or "{}")
    except (ValueError, RecursionError) as error:
        raise EditError(f"data: this is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise EditError("data: write a JSON object")
    return data


def _tags(posted: QueryDict) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in zip(posted.getlist("tag_key"), posted.getlist("tag_value"), strict=False):
        if key in tags and value != tags[key]:
            raise EditError(f"tags: `{key}` stands there twice with different values: keep one")
        if key:
            tags[key] = value
        elif value:
            raise EditError(f"tags: the value `{value[:80]}` has no key: write one, or leave the value out")
    return tags


def _name(account: Account, found: Written, posted: QueryDict, name: str) -> None:
    """The target, or the name, that a form asked for in pieces."""
    if not name:
        raise EditError("name: write one")
    path = posted.get("path", "").strip().strip("/")
    path = f"/{path}/" if path else "/"
    prefix = f"arn:{account.partition}:iam::{account.number}:"
    description = posted.get("description", "").strip()
    if found.kind == Kind.INLINE_POLICY:
        found.name = name
    elif found.kind == Kind.MANAGED_POLICY:
        found.target = f"{prefix}policy{path}{name}"
        found.data |= {"name": name, "path": path, **({"description": description} if description else {})}
    elif found.kind == Kind.IDENTITY:
        found.target = f"{prefix}{posted.get('what', 'user')}{path}{name}"
    elif found.kind == Kind.ORGANIZATION_POLICY:
        found.target = f"{NEW}{name}"
        found.data |= {"kind": posted.get("policy_kind", "scp"), "name": name, "description": description}


def _first_text(account: Account, found: Written) -> str:
    """What an editor begins with: the text that stands there, or the frame of a new one."""
    if found.kind not in Kind.values:
        return ""
    kind = Edit(kind=found.kind, target=found.target, data=found.data).policy_kind
    if kind is None:
        return ""
    standing = present(account, found.kind, found.target, found.name, found.other) or {}
    return str(standing.get("text") or (_TRUST if kind == "trust" else _POLICY))


# The forms.

_NAME_HELP = "Letters, digits and _+=,.@-"
_PATH = "Like /division/team/; empty for none."


def _managed_policy(_account: Account, asked: QueryDict) -> EditForm:
    fields = (
        Field("new_name", "Name", asked.get("new_name", ""), help=_NAME_HELP),
        Field("path", "Path", asked.get("path", ""), help=_PATH),
        Field("description", "Description", asked.get("description", ""), help="AWS never lets it be changed."),
    )
    return EditForm("What is the new policy called?", "Write it", fields)


def _identity(_account: Account, asked: QueryDict) -> EditForm:
    what = asked.get("what", "user")
    fields = (
        Field("what", "Kind", what, [(kind, kind) for kind in ("user", "group", "role")]),
        Field("new_name", "Name", asked.get("new_name", ""), help=_NAME_HELP),
        Field("path", "Path", asked.get("path", ""), help=_PATH),
    )
    return EditForm(f"What is the new {what if what in ('group', 'role') else 'user'} called?", "Add it", fields)


def _inline_policy(_account: Account, asked: QueryDict) -> EditForm:
    fields = (Field("new_name", "Name", asked.get("new_name", ""), help=_NAME_HELP),)
    return EditForm(f"What is the new inline policy of {_about(asked)} called?", "Write it", fields)


def _attach(account: Account, asked: QueryDict) -> EditForm:
    if asked.get("target"):
        fields = [Field("other", "Policy", asked.get("other", ""), policies.named(account))]
        return EditForm(f"Which policy shall {_about(asked)} have?", "Attach it", fields)
    everybody = [
        (arn, short_name(arn)) for kind in ("user", "group", "role") for arn, _ in identities.named(account, kind)
    ]
    title = f"Who shall have {short_name(asked.get('other', '')).partition('/')[2]}?"
    return EditForm(title, "Attach it", [Field("target", "Identity", "", everybody)])


def _boundary(account: Account, asked: QueryDict) -> EditForm:
    now: str = (present(account, Kind.BOUNDARY, asked.get("target", "")) or {}).get("policy", "")
    choices = [("", "none"), *policies.named(account)]
    fields = (Field("other", "Policy", asked.get("other", now), choices),)
    return EditForm(f"Which policy shall be the permissions boundary of {_about(asked)}?", "Set it", fields)


def _join_group(account: Account, asked: QueryDict) -> EditForm:
    if asked.get("target"):
        fields = [Field("other", "Group", asked.get("other", ""), identities.named(account, "group"))]
        return EditForm(f"Which group shall {_about(asked)} be in?", "Add it", fields)
    fields = [Field("target", "User", "", identities.named(account, "user"))]
    return EditForm(f"Who shall be in {short_name(asked.get('other', ''))}?", "Add it", fields)


def _edit_tags(account: Account, asked: QueryDict) -> EditForm:
    standing = present(account, Kind.TAGS, asked.get("target", "")) or {}
    rows = list((standing.get("tags") or {}).items())
    if "tag_key" in asked:
        rows = list(zip(asked.getlist("tag_key"), asked.getlist("tag_value"), strict=False))
    return EditForm(f"Which tags shall {_about(asked)} have?", "Set them", tags=[*rows, *[("", "")] * _NEW_TAGS])


def _organization_policy(_account: Account, asked: QueryDict) -> EditForm:
    kinds = [("scp", "service control policy"), ("rcp", "resource control policy")]
    fields = (
        Field("policy_kind", "Kind", asked.get("policy_kind", "scp"), kinds),
        Field("new_name", "Name", asked.get("new_name", "")),
        Field("description", "Description", asked.get("description", "")),
    )
    return EditForm("What is the new organization policy called?", "Write it", fields)


def _organization_attach(account: Account, asked: QueryDict) -> EditForm:
    units = OrganizationalUnit.objects.filter(organization=account.organization).order_by("name")
    accounts = Account.objects.filter(unit__organization=account.organization).order_by("name")
    choices = [(unit.unit_id, unit.name) for unit in units] + [(one.number, str(one)) for one in accounts]
    policy = organization_policy_of(account, asked.get("target", ""))
    name = policy.name if policy else asked.get("target", "").removeprefix(NEW)
    return EditForm(f"Where shall {name} be attached?", "Attach it", [Field("other", "Unit or account", "", choices)])


def _about(asked: QueryDict) -> str:
    return short_name(asked.get("target", ""))[:200]


_FORMS: Mapping[str, Callable[[Account, QueryDict], EditForm]] = {
    Kind.MANAGED_POLICY: _managed_policy,
    Kind.IDENTITY: _identity,
    Kind.INLINE_POLICY: _inline_policy,
    Kind.ATTACH: _attach,
    Kind.BOUNDARY: _boundary,
    Kind.JOIN_GROUP: _join_group,
    Kind.TAGS: _edit_tags,
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.ORGANIZATION_ATTACH: _organization_attach,
}
