"""A managed policy that is too long as several: further policies, attached to whoever has the first; and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from policystudio.changes.models import Edit
from policystudio.changes.selectors import edits_of
from policystudio.changes.services.checks import EditError
from policystudio.changes.services.edits import edit_put, edit_remove, edit_save
from policystudio.changes.services.locking import By
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy

Kind = Edit.Kind
#: In the data of an edit that came of a split: which edit was split.
PART_OF = "part_of"


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What a split makes: the names of the further policies, and the ARNs of the identities that get them."""

    names: tuple[str, ...]
    bearers: tuple[str, ...]


def split_plan(edit: Edit, parts: int) -> SplitPlan:
    """What splitting the edit's policy in ``parts`` takes; raises ``EditError`` where it cannot be split."""
    account = edit.change.account
    if edit.kind != Kind.MANAGED_POLICY:
        raise EditError("only a managed policy can be split: attached together, its parts allow what it does")
    bounded = Identity.objects.filter(account=account, boundary__arn=edit.target)
    edits = list(edits_of(edit.change))
    set_here = {one.target for one in edits if one.kind == Kind.BOUNDARY}
    if bounded.exclude(arn__in=set_here).exists() or any(
        one.kind == Kind.BOUNDARY and one.other == edit.target for one in edits
    ):
        raise EditError("the policy is a permissions boundary, of which an identity has one: it cannot be split")
    having = set(
        Identity.objects.filter(account=account, attachments__policy__arn=edit.target).values_list("arn", flat=True)
    )
    having -= {one.target for one in edits if one.kind == Kind.DETACH and one.other == edit.target}
    having |= {one.target for one in edits if one.kind == Kind.ATTACH and one.other == edit.target}
    having -= {one.target for one in edits if one.kind == Kind.IDENTITY_DELETE}
    return SplitPlan(_free_names(edit, edits, parts - 1), tuple(sorted(having)))


def _free_names(edit: Edit, edits: Sequence[Edit], wanted: int) -> tuple[str, ...]:
    """Names for further policies, the first one's with a number, that are not taken."""
    base = edit.target.rpartition("/")[2]
    folder = edit.target.removesuffix(base)
    account_arns = ManagedPolicy.objects.filter(account=edit.change.account, arn__startswith=edit.target)
    taken = {one.target for one in edits} | set(account_arns.values_list("arn", flat=True))
    names: list[str] = []
    number = 2
    while len(names) < wanted:
        if f"{folder}{base}-{number}" not in taken:
            names.append(f"{base}-{number}")
        number += 1
    return tuple(names)


@transaction.atomic
def edit_split(*, edit: Edit, by: By, expected_version: int, texts: Sequence[str]) -> Edit:
    """Give the edit the first text, and make a further managed policy of each other one, attached to the same.

    Raises as ``edit_save`` does, and ``EditError`` where the policy cannot be split.
    """
    if len(texts) < 2:
        raise EditError("texts: a policy is split in two or more")
    plan = split_plan(edit, len(texts))
    saved = edit_save(edit=edit, by=by, expected_version=expected_version, text=texts[0])
    folder = edit.target.removesuffix(edit.target.rpartition("/")[2])
    path = "/" + folder.partition(":policy/")[2]
    for name, text in zip(plan.names, texts[1:], strict=True):
        data = {"path": path, "name": name, "description": edit.data.get("description", ""), PART_OF: edit.pk}
        target = f"{folder}{name}"
        _put(edit, by, Kind.MANAGED_POLICY, target, text=text, data=data)
        for arn in plan.bearers:
            _put(edit, by, Kind.ATTACH, arn, other=target, data={PART_OF: edit.pk})
    return saved


def _put(
    edit: Edit, by: By, kind: str, target: str, other: str = "", text: str = "", data: dict[str, object] | None = None
) -> None:
    edit_put(
        change=edit.change, by=by, expected_version=None, kind=kind, target=target, other=other, text=text, data=data
    )


@transaction.atomic
def edit_unsplit(*, edit: Edit, by: By, expected_version: int, text: str) -> Edit:
    """Take a split back: the edit gets its text again, what the split had made goes. Raises as ``edit_save`` does."""
    saved = edit_save(edit=edit, by=by, expected_version=expected_version, text=text)
    for part in edits_of(edit.change):
        if part.data.get(PART_OF) == edit.pk:
            edit_remove(edit=part, by=by)
    return saved
