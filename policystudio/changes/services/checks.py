"""Whether an edit can be what it says it is: the names in it, and the pieces that its kind needs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policystudio.accounts.models import Account, OrganizationalUnit, OrganizationPolicy
from policystudio.changes.models import Edit
from policystudio.changes.selectors import iam_name, is_organization_kind, organization_policy_of
from policystudio.changes.selectors.present import NEW
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import MAX_CHARACTERS
from policystudio.lib import iam_names
from policystudio.policies.templates.link import LinkError, read_link

Kind = Edit.Kind
DATA_LENGTH = 200_000
_DESCRIPTION = 1_000


class EditError(ValueError):
    """An edit cannot be kept as it is; the text names the field, what is wrong, and how to write it."""


def check_edit(
    account: Account, *, kind: str, target: str, name: str, other: str, text: str, data: Mapping[str, Any]
) -> None:
    """Raise ``EditError`` where the edit names something that cannot be. Whether its text parses is not asked."""
    if kind not in Kind.values:
        raise EditError(f"kind: `{kind[:40]}` is none of {', '.join(Kind.values)}")
    for field, written in (("target", target), ("name", name), ("other", other)):
        _check_characters(field, written)
    check_text(text)
    check_data(data)
    policy_kind = Edit(kind=kind, target=target, data=dict(data)).policy_kind
    if text and policy_kind is None:
        raise EditError(f"text: an edit of kind {kind} has none")
    if "template" in data:
        _check_template(policy_kind, data["template"])
    if is_organization_kind(kind):
        _check_organization(account, kind, target, other, data)
        return
    _check_target(account, kind, target)
    if (kind in _NAMED) != bool(name):
        raise EditError("name: an inline policy has one" if not name else f"name: an edit of kind {kind} has none")
    if name and not iam_names.fits(iam_names.INLINE_POLICY_NAME, name):
        raise EditError(f"name: `{name[:150]}` cannot be the name of an inline policy: use letters, digits and _+=,.@-")
    _check_other(account, kind, other)
    if kind in _TAGGED:
        _check_tags(data, needed=kind == Kind.TAGS)


def check_text(text: str) -> None:
    """Raise ``EditError`` where a text cannot be kept at all."""
    if len(text) > MAX_CHARACTERS:
        raise EditError(f"text: {len(text):,} characters are more than the {MAX_CHARACTERS:,} that are kept")
    _check_characters("text", text)


def check_data(data: Mapping[str, Any]) -> None:
    """Raise ``EditError`` where the data are more than can be kept, or say something that nobody can store."""
    written = json.dumps(dict(data))
    if len(written) > DATA_LENGTH:
        raise EditError(f"data: {len(written):,} characters are more than the {DATA_LENGTH:,} that are kept")
    for text in _texts(dict(data)):
        _check_characters("data", text)
    description = data.get("description", "")
    if not isinstance(description, str) or len(description) > _DESCRIPTION:
        raise EditError(f"data.description: write a text of at most {_DESCRIPTION:,} characters")


def _check_template(kind: PolicyKind | None, link: Any) -> None:
    """A template is told of by policies of identities and by trust policies, and makes what it is told to have made."""
    if kind not in (PolicyKind.IDENTITY, PolicyKind.TRUST):
        raise EditError("data.template: an identity's policies are made from templates, nothing else")
    try:
        made_by = read_link(link)
        if made_by.version == made_by.template.version:
            made_by.text(trust=kind is PolicyKind.TRUST)
    except LinkError as error:
        raise EditError(f"data.template: {error}") from None


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _check_characters(field: str, text: str) -> None:
    bad = text.find("\0")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        bad = error.start if bad < 0 else min(bad, error.start)
    if bad >= 0:
        line = text.count("\n", 0, bad) + 1
        column = bad - text.rfind("\n", 0, bad)
        raise EditError(f"{field}: line {line}, column {column}: a NUL or half a character cannot be stored, remove it")


def _check_target(account: Account, kind: str, target: str) -> None:
    try:
        found = iam_name(target, account, *_TARGETS[Kind(kind)])
    except ValueError as error:
        raise EditError(f"target: {error}") from None
    if found.kind == "policy" and found.owner != account.number:
        raise EditError(f"target: `{target}` is managed by AWS, who alone changes it")


def _check_other(account: Account, kind: str, other: str) -> None:
    wanted = _OTHERS.get(kind)
    if wanted is None:
        if other:
            raise EditError(f"other: an edit of kind {kind} has none")
        return
    if not other and kind == Kind.BOUNDARY:
        return
    try:
        iam_name(other, account, wanted)
    except ValueError as error:
        raise EditError(f"other: {error}") from None


def _check_tags(data: Mapping[str, Any], *, needed: bool) -> None:
    tags = data.get("tags")
    if tags is None and not needed:
        return
    if not isinstance(tags, dict):
        raise EditError('data.tags: write all tags as an object, {"tags": {"team": "research"}}')
    seen: dict[str, str] = {}
    for key, value in tags.items():
        if not isinstance(value, str) or len(value) > iam_names.TAG_VALUE_LENGTH:
            raise EditError(f"data.tags: the value of `{key[:150]}` is a text of at most {iam_names.TAG_VALUE_LENGTH}")
        if not 1 <= len(key) <= iam_names.TAG_KEY_LENGTH or key.lower().startswith("aws:"):
            limit = f"1 to {iam_names.TAG_KEY_LENGTH} characters that do not begin with aws:"
            raise EditError(f"data.tags: `{key[:150]}` cannot be the key of a tag, which has {limit}")
        if (first := seen.setdefault(key.lower(), key)) != key:
            raise EditError(f"data.tags: `{first}` and `{key}` are the same key to IAM: keep one")


def _check_organization(account: Account, kind: str, target: str, other: str, data: Mapping[str, Any]) -> None:
    organization = account.organization
    if organization is None:
        raise EditError(f"target: {account.name} stands in no organization that is known here")
    if target.startswith(NEW):
        if not 1 <= len(target.removeprefix(NEW)) <= iam_names.NAME_LENGTH:
            raise EditError(f"target: the name after new: has 1 to {iam_names.NAME_LENGTH} characters")
    elif organization_policy_of(account, target) is None:
        raise EditError(f"target: `{target[:140]}` is no policy of the organization; write its id, or new:NAME")
    if kind == Kind.ORGANIZATION_POLICY:
        if data.get("kind", "scp") not in OrganizationPolicy.Kind.values:
            raise EditError("data.kind: write scp or rcp")
        name = data.get("name", "x")
        if not isinstance(name, str) or not 1 <= len(name) <= iam_names.NAME_LENGTH:
            raise EditError(f"data.name: write a name of 1 to {iam_names.NAME_LENGTH} characters")
    joins = kind in (Kind.ORGANIZATION_ATTACH, Kind.ORGANIZATION_DETACH)
    if joins != bool(other):
        raise EditError("other: write the id of a unit, or an account number" if joins else "other: leave it empty")
    if joins and not _is_place(account, other):
        raise EditError(f"other: `{other[:80]}` is no unit and no account of the organization")


def _is_place(account: Account, other: str) -> bool:
    if other.isdigit():
        return Account.objects.filter(number=other, unit__organization=account.organization).exists()
    return OrganizationalUnit.objects.filter(unit_id=other, organization=account.organization).exists()


_NAMED = (Kind.INLINE_POLICY, Kind.INLINE_POLICY_DELETE)
_TAGGED = (Kind.TAGS, Kind.IDENTITY)
_ANYONE = ("user", "group", "role")
_TARGETS: Mapping[str, tuple[str, ...]] = {
    Kind.MANAGED_POLICY: ("policy",),
    Kind.MANAGED_POLICY_DELETE: ("policy",),
    Kind.INLINE_POLICY: _ANYONE,
    Kind.INLINE_POLICY_DELETE: _ANYONE,
    Kind.TRUST_POLICY: ("role",),
    Kind.BOUNDARY: ("user", "role"),
    Kind.ATTACH: _ANYONE,
    Kind.DETACH: _ANYONE,
    Kind.JOIN_GROUP: ("user",),
    Kind.LEAVE_GROUP: ("user",),
    Kind.TAGS: ("user", "role", "policy"),
    Kind.IDENTITY: _ANYONE,
    Kind.IDENTITY_DELETE: _ANYONE,
}
_OTHERS: Mapping[str, str] = {
    Kind.BOUNDARY: "policy",
    Kind.ATTACH: "policy",
    Kind.DETACH: "policy",
    Kind.JOIN_GROUP: "group",
    Kind.LEAVE_GROUP: "group",
}
