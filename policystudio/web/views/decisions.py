"""What would this change decide differently? A part of the page of a change, loaded when that is shown."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.changes.models import Change
from policystudio.engine.analyse.comparison import Change as CellChange
from policystudio.simulator.content_diff import DecisionDiff, Group, RoleAccess
from policystudio.simulator.decision_words import headline, name_of, of_group, of_role
from policystudio.simulator.drafts import change_decisions, moments_of
from policystudio.simulator.plain import Bearer
from policystudio.web import changes
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Cell, cell_pairs
from policystudio.web.request import PageRequest
from policystudio.web.views.changes import change_for

#: With more cells than these in all, those of several groups are only summed up.
_WITH_REQUESTS = 400
#: So many groups are shown, and so many identities of each by name; the others are counted.
_GROUPS, _NAMES = 30, 40


@require_safe
@gzip_page
def of_change(request: PageRequest, number: str, change: int) -> HttpResponse:
    """The answer in one sentence; then who gains and loses what, with a request for each direction."""
    account = account_for(request, number)
    found = change_for(account, change)
    diff = change_decisions(found, visible=accounts.accounts_visible_to(request.user))
    shown = diff.groups[:_GROUPS]
    brief = len(shown) > 1 and sum(len(group.cells) for group in shown) > _WITH_REQUESTS
    context = {
        "account": account,
        "answer": headline(diff),
        "published": moments_of(found) is not None,
        "problems": diff.problems,
        "sections": [_section(group, found, folded=len(shown) > 1) for group in shown],
        "more": _more(diff, len(shown)),
        "brief": brief,
        "roles": [_role(role) for role in diff.roles],
        "left": _named(diff.left[:_NAMES]),
        "more_left": max(0, len(diff.left) - _NAMES),
    }
    return render(request, "changes/_decisions.html", context)


def _more(diff: DecisionDiff, shown: int) -> dict[str, int]:
    """How many groups are not shown, and how many identities are in them."""
    rest = diff.groups[shown:]
    return {"groups": len(rest), "identities": sum(len(group.bearers) for group in rest)}


def _section(group: Group, change: Change, *, folded: bool) -> dict[str, Any]:
    """One group: who it is, and what changes for each of them."""
    return {
        "answer": of_group(group),
        "standing": "" if group.standing == "kept" else group.standing,
        "account": group.account,
        "bearers": _named(group.bearers[:_NAMES], group),
        "more": max(0, len(group.bearers) - _NAMES),
        "first": name_of(group.bearers[0]),
        "types": changes.by_type(group.cells, _why(group, change)),
        "folded": folded or len(group.cells) > changes.OPEN_CELLS,
        "services": list(changes.of_services(group.others)),
        "in_short": changes.services_in_short(group.others),
        "examples": [
            (title, witness)
            for title, witness in (
                ("newly allowed", group.newly_allowed),
                ("newly denied", group.newly_denied),
            )
            if witness is not None
        ],
    }


def _why(group: Group, change: Change) -> Callable[[CellChange, bool], str] | None:
    """The Why of a cell for the first of a group, before and after; None where one of the two is missing."""
    if group.standing != "kept":
        return None
    why = reverse("web:why", args=[group.account.number])
    moments = moments_of(change)

    def address(cell: CellChange, after: bool) -> str:
        pairs = cell_pairs(Cell(group.bearers[0].arn, cell.action, cell.resource_type))
        if moments is not None:
            pairs = [*pairs, ("at", moments[after].isoformat())]
        elif after:
            pairs = [*pairs, ("change", str(change.number))]
        return f"{why}?{urlencode(pairs)}"

    return address


def _named(bearers: Sequence[Bearer], group: Group | None = None) -> list[tuple[str, str]]:
    """Identities by name, with their pages where they have one."""
    return [(name_of(bearer), identity_address(group.account, bearer.id) if group else "") for bearer in bearers]


def _role(role: RoleAccess) -> dict[str, Any]:
    found = role.comparison
    return {
        "name": name_of(role.bearer),
        "standing": "" if role.standing == "kept" else role.standing,
        "answer": of_role(role),
        "examples": [
            (title, witness)
            for title, witness in (("who newly can", found.newly_allowed), ("who no more can", found.newly_denied))
            if witness is not None
        ],
    }
