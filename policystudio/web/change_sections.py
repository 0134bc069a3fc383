"""The sections of a change's page that take a moment: each is loaded by itself, and has an address of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import plan


@dataclass(frozen=True)
class ChangeSection:
    """A part of the page. ``context`` gives what its template says about a change and its edits.

    ``always`` where a change that is not open any more has it, too.
    """

    name: str
    title: str
    template: str
    context: Callable[[Account, Change, Sequence[Edit]], Mapping[str, Any]]
    always: bool = False


def _quotas(account: Account, _change: Change, edits: Sequence[Edit]) -> dict[str, Any]:
    return {"uses": plan(account, edits).uses}


_SECTIONS = (ChangeSection("quotas", "Quotas", "changes/_quotas.html", _quotas),)
SECTIONS: Mapping[str, ChangeSection] = {section.name: section for section in _SECTIONS}


def sections_of(change: Change) -> list[ChangeSection]:
    """The sections that the page of this change has, in their order."""
    return [section for section in _SECTIONS if change.is_open or section.always]
