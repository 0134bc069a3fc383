"""The edits of a change as its page shows them: what each does, the texts side by side, what is in its way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.changes import selectors
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors.words import headline, short_name
from policystudio.changes.services import EditProblem
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.web.text_diff import TextDiff, text_diff

Kind = Edit.Kind


@dataclass(frozen=True)
class TagRow:
    """A tag that is different: "" is an empty value, None no such tag."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class EditView:
    """One edit. ``address`` leads to what it is about, where that is there."""

    edit: Edit
    title: str
    address: str
    problems: Sequence[EditProblem]
    diff: TextDiff | None = None
    tags: Sequence[TagRow] = ()
    note: str = ""

    @property
    def has_moved(self) -> bool:
        """Whether something else stands there than what the edit was begun on."""
        return any(problem.code == "moved" for problem in self.problems)


def views_of(change: Change, problems: Iterable[EditProblem]) -> list[EditView]:
    """The edits of a change in their order."""
    listed = list(selectors.edits_of(change))
    by_edit: dict[int, list[EditProblem]] = {}
    for problem in problems:
        if problem.edit is not None:
            by_edit.setdefault(problem.edit.pk, []).append(problem)
    addresses = _addresses(change.account, listed)
    return [_view(edit, addresses.get(edit.target, ""), by_edit.get(edit.pk, ())) for edit in listed]


def _addresses(account: Account, edits: Sequence[Edit]) -> dict[str, str]:
    """Where each target has its page."""
    wanted = {edit.target for edit in edits}
    found = {}
    for arn, pk in identities.keys_of(account, wanted).items():
        found[arn] = reverse("web:identity", args=[account.number, pk])
    for arn, pk in policies.keys_of(account, wanted).items():
        found[arn] = reverse("web:policy", args=[account.number, pk])
    return found


def _view(edit: Edit, address: str, problems: Sequence[EditProblem]) -> EditView:
    base: Mapping[str, Any] = edit.base or {}
    diff = None
    if edit.policy_kind is not None:
        diff = text_diff(base.get("text", ""), edit.text)
    elif edit.kind in (Kind.MANAGED_POLICY_DELETE, Kind.INLINE_POLICY_DELETE, Kind.ORGANIZATION_POLICY_DELETE):
        diff = text_diff(base.get("text", ""), "")
    tags: list[TagRow] = []
    if edit.kind in (Kind.TAGS, Kind.IDENTITY):
        tags = _tags(base.get("tags", {}), edit.data.get("tags") or {})
    return EditView(edit, headline(edit), address, problems, diff, tags, _note(edit))


def _tags(before: Mapping[str, str], after: Mapping[str, str]) -> list[TagRow]:
    keys = sorted({*before, *after})
    return [TagRow(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _note(edit: Edit) -> str:
    """What else there is to say about an edit, as a sentence; "" where its headline says all."""
    base = edit.base or {}
    if edit.kind == Kind.BOUNDARY:
        return f"Before, it was {short_name(base['policy'])}." if base else "It has none now."
    if edit.kind == Kind.IDENTITY_DELETE and base:
        parts = {
            "inline policies": len(base["inline"]),
            "attached policies": len(base["attached"]),
            "groups": len(base["groups"]),
            "members": len(base["members"]),
        }
        told = ", ".join(f"{number} {what}" for what, number in parts.items() if number)
        return f"With it go its {told}." if told else "Nothing else goes with it."
    if edit.kind == Kind.ORGANIZATION_POLICY:
        values = [(key, base.get(key, ""), edit.data.get(key)) for key in ("name", "description")]
        return " ".join(f"The {key} becomes “{new}”." for key, old, new in values if new and new != old)
    if edit.kind == Kind.MANAGED_POLICY and not base and edit.data.get("description"):
        return f"Its description is “{edit.data['description']}”."
    return ""


def touched(edits: Iterable[Edit], most: int = 3) -> str:
    """What edits touch, for lists: `policy/look, user/ana and 2 more`."""
    names = list(dict.fromkeys(short_name(edit.target) for edit in edits))
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
