"""The sections of a change's page that take a moment: each is loaded by itself, and has an address of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AnyUser
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import plan


@dataclass(frozen=True)
class ChangeSection:
    """A part of the page. ``context`` gives what its template says about a change and its edits to whoever asks.

    Or else ``route`` names a page that takes an account and a change and answers with the fragment. ``always`` where a
    change that is not open any more has it, too; ``published`` is its title where one that is published has it.
    """

    name: str
    title: str
    template: str = ""
    context: Callable[[Account, Change, Sequence[Edit], AnyUser], Mapping[str, Any]] = lambda *_: {}
    route: str = ""
    always: bool = False
    published: str = ""

    def stands_on(self, change: Change) -> bool:
        """Whether the page of the change has it."""
        is_published = change.state == Change.State.PUBLISHED
        return change.is_open or self.always or (is_published and bool(self.published))

    def title_on(self, change: Change) -> str:
        """Its title on the page of the change."""
        return self.title if change.is_open or not self.published else self.published


def _quotas(account: Account, _change: Change, edits: Sequence[Edit], _user: AnyUser) -> dict[str, Any]:
    uses = plan(account, edits).uses
    return {"uses": [(use, *(f"{number:,}" for number in (use.before, use.after, use.limit))) for use in uses]}


_SECTIONS = (
    ChangeSection(
        "decisions", "Who can do what afterwards", route="web:change-decisions", published="Who can do what since then"
    ),
    ChangeSection("findings", "Findings", route="web:change-findings", always=True),
    ChangeSection("expectations", "Expectations", route="web:change-expectations"),
    ChangeSection("quotas", "Quotas", "changes/_quotas.html", _quotas),
)
#: Those that have a template.
SECTIONS: Mapping[str, ChangeSection] = {section.name: section for section in _SECTIONS if section.template}


def sections_of(account: Account, change: Change) -> list[tuple[ChangeSection, str, str]]:
    """The sections that the page of this change has, in their order, each with its title and address."""
    found = [section for section in _SECTIONS if section.stands_on(change)]
    return [(section, section.title_on(change), _address(account, change, section)) for section in found]


def _address(account: Account, change: Change, section: ChangeSection) -> str:
    if section.route:
        return reverse(section.route, args=[account.number, change.number])
    return reverse("web:change-section", args=[account.number, change.number, section.name])
