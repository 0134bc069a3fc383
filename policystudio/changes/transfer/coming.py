"""A file on its way in: what it would create or change in the account, and a draft of what was chosen of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.conf import settings

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.changes.models import Change
from policystudio.changes.selectors import is_organization_kind, present
from policystudio.changes.services import EditError, edits_import
from policystudio.changes.services.checks import check_edit
from policystudio.changes.services.locking import By
from policystudio.identities.models import Identity
from policystudio.interchange.collecting import Found, LeftOut, Reading
from policystudio.interchange.documents import document_of
from policystudio.interchange.edits import Edit, named
from policystudio.interchange.reading import read
from policystudio.interchange.setting import Setting
from policystudio.interchange.values import ReadError
from policystudio.policies.models import ManagedPolicy

#: Kinds that take something away where it stands.
_REMOVING = ("managed-policy-delete", "inline-policy-delete", "identity-delete", "detach", "leave-group")
#: Kinds that make what is not there.
_MADE = ("managed-policy", "identity")
_TITLE = 200


class Effect(StrEnum):
    """What an edit of a file would do in the account as it is."""

    CREATES = "creates"
    CHANGES = "changes"
    REMOVES = "removes"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Item:
    """One edit of a file, by its number; ``problem`` says why it cannot be imported, ``before`` what stands there."""

    number: int
    found: Found
    edit: Edit
    effect: Effect
    problem: str = ""
    before: Mapping[str, Any] | None = None

    @property
    def can_be_chosen(self) -> bool:
        """Whether there is anything to import."""
        return self.effect not in (Effect.SAME, Effect.REFUSED)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is known, so that it is chosen unless a person says otherwise."""
        return self.can_be_chosen and not self.found.unknown


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as it would arrive in an account."""

    account: Account
    reading: Reading
    items: tuple[Item, ...]
    title: str

    @property
    def left_out(self) -> list[LeftOut]:
        """What no edit was made of."""
        return self.reading.left_out

    @property
    def whole(self) -> list[int]:
        """The numbers of the items that are chosen where nobody chooses."""
        return [item.number for item in self.items if item.is_whole]


def arrival_of(
    account: Account, content: bytes, *, filename: str = "", region: str = "", values: Mapping[str, str] | None = None
) -> Arrival:
    """Read a file for an account; nothing is written. Raises ``ReadError`` where it cannot be read as a whole."""
    limit = settings.TEMPLATE_LIMIT
    if len(content) > limit:
        raise ReadError(f"the file has {len(content):,} bytes, at most {limit:,} are read: read it in parts")
    names = _Names(account)
    reading = read(content, _setting(account, names, region, values or {}), filename=filename)
    if reading.account and reading.account != account.number:
        raise ReadError(f"the file is a change of the account {reading.account}, not of {account.number}")
    items = tuple(_items(account, names, reading))
    name = filename.rpartition("/")[2].strip()
    title = reading.title or f"Import of {name}" if name or reading.title else f"Import of {reading.format}"
    return Arrival(account, reading, items, " ".join(title.split())[:_TITLE])


def arrival_import(*, arrival: Arrival, by: By, numbers: Collection[int], title: str = "") -> Change:
    """Make a draft of the items with these numbers.

    Raises ``EditError`` where none of them can be imported, or one cannot, and ``PermissionDenied``.
    """
    by_number = {item.number: item for item in arrival.items}
    chosen = []
    for number in sorted(set(numbers)):
        item = by_number.get(number)
        if item is None:
            raise EditError(f"there is no {number} in the file: its edits are 1 to {len(by_number)}")
        if not item.can_be_chosen:
            raise EditError(f"{number} cannot be imported: {item.problem or 'the account says so already'}")
        chosen.append(item.edit)
    if not chosen:
        raise EditError("nothing is chosen")
    return edits_import(
        account=arrival.account,
        by=by,
        title=title.strip() or arrival.title,
        description=arrival.reading.description,
        source=arrival.reading.format,
        edits=chosen,
    )


class _Names:
    """The ARNs of the account's identities and own policies by kind and name, read once: a file may name thousands."""

    def __init__(self, account: Account) -> None:
        rows = Identity.objects.filter(account=account).order_by().values_list("kind", "name", "arn")
        self._arns = {(kind, name.lower()): arn for kind, name, arn in rows.iterator(chunk_size=2000)}
        own = ManagedPolicy.objects.filter(account=account, is_aws_managed=False).order_by().values_list("name", "arn")
        self._arns |= {("policy", name.lower()): arn for name, arn in own}

    def arn(self, kind: str, name: str) -> str | None:
        """The ARN of what is called so: IAM tells names apart neither by letter case nor by path."""
        return self._arns.get((kind, name.lower()))


def _setting(account: Account, names: _Names, region: str, values: Mapping[str, str]) -> Setting:
    def organization_policy_id(kind: str, name: str) -> str | None:
        if account.organization is None:
            return None
        found = OrganizationPolicy.objects.filter(organization=account.organization, kind=kind, name=name)
        return found.values_list("policy_id", flat=True).first()

    return Setting(
        account.number,
        account.partition,
        region=region,
        values=values,
        identity_arn=names.arn,
        organization_policy_id=organization_policy_id,
    )


def _items(account: Account, names: _Names, reading: Reading) -> Iterator[Item]:
    number = 0
    for found in reading.found:
        for item in _items_of(account, names, found):
            number += 1
            yield replace(item, number=number)


def _items_of(account: Account, names: _Names, found: Found) -> Iterator[Item]:
    edit = found.edit
    try:
        check_edit(
            account,
            kind=edit.kind,
            target=edit.target,
            name=edit.name,
            other=edit.other,
            text=edit.text,
            data=dict(edit.data),
        )
    except EditError as error:
        yield Item(0, found, edit, Effect.REFUSED, str(error))
        return
    standing = _standing(names, edit)
    if edit.kind in _MADE and standing != edit.target:
        if standing is None:
            yield Item(0, found, edit, Effect.CREATES)
        else:
            problem = f"the account has one of that name already: `{standing}`"
            yield Item(0, found, edit, Effect.REFUSED, problem)
        return
    for one in _as_standing(account, edit):
        before = present(account, one.kind, one.target, one.name, one.other)
        yield Item(0, found, one, _effect(one, before), before=before)


def _standing(names: _Names, edit: Edit) -> str | None:
    """The ARN of what the account has under the name that an edit is about."""
    if edit.kind not in _MADE:
        return None
    what = named(edit.target)
    return names.arn(what.kind, what.name)


def _as_standing(account: Account, edit: Edit) -> list[Edit]:
    """The edits that make what exists what the file says: it is not made again, but its parts are changed."""
    if edit.kind == "managed-policy":
        return [replace(edit, data={key: value for key, value in edit.data.items() if key == "template"})]
    if edit.kind != "identity":
        return [edit]
    row = Identity.objects.filter(account=account, arn=edit.target).select_related("trust_document").first()
    if row is None:
        return [edit]
    parts = []
    if row.trust_document and not _same_text(edit.text, row.trust_document.text):
        parts.append(Edit("trust-policy", edit.target, text=edit.text))
    tags = edit.data.get("tags")
    if tags is not None and tags != row.tags:
        parts.append(Edit("tags", edit.target, data={"tags": tags}))
    return parts or [edit]


def _effect(edit: Edit, before: Mapping[str, Any] | None) -> Effect:
    if edit.kind in _REMOVING or edit.kind in ("organization-policy-delete", "organization-detach"):
        return Effect.SAME if before is None else Effect.REMOVES
    if edit.kind == "boundary":
        standing = before["policy"] if before else ""
        if edit.other == standing:
            return Effect.SAME
        return Effect.CHANGES if standing and edit.other else Effect.REMOVES if standing else Effect.CREATES
    if before is None:
        return Effect.CREATES
    if "tags" in before and edit.kind == "tags":
        return Effect.SAME if before["tags"] == edit.data.get("tags") else Effect.CHANGES
    if "text" in before:
        return Effect.SAME if _same_text(edit.text, before["text"]) else Effect.CHANGES
    return Effect.SAME


def _same_text(one: str, other: str) -> bool:
    """Whether two texts are the same, or the same JSON: formats that hold objects lay it out anew."""
    if one == other:
        return True
    document = document_of(one)
    return document is not None and document == document_of(other)


def needs_organization(item: Item) -> bool:
    """Whether an item needs the role in every account of the organization."""
    return is_organization_kind(item.edit.kind)
