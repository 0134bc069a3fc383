"""Find identities, policies, resources, accounts and actions by a part of their name."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.resources import selectors as resources
from policystudio.simulator.selectors import catalog
from policystudio.web.request import PageRequest, searched
from policystudio.web.words import count

SHOWN = 25


@require_safe
def search(request: PageRequest) -> HttpResponse:
    """What is called like this, in the accounts that I look after?"""
    text = searched(request)
    found = _found(request, text) if text else {}
    hits = found.get("hits", 0)
    context = {
        "title": f"What is called “{text}”?" if text else "What are you looking for?",
        "answer": _answer(text, hits, found.get("cut", False)),
        "search_text": text,
        **found,
    }
    return render(request, "search/search.html", context)


def _answer(text: str, hits: int, cut: bool) -> str:
    if not text:
        return "Part of a name, a path, an ARN, an account number or an action is enough."
    if not hits:
        return "Nothing that you may see. Part of a name, a path, an ARN, an account number or an action is enough."
    return f"{'More than ' if cut else ''}{count(hits, 'hit')} in the accounts that you look after."


def _found(request: PageRequest, text: str) -> dict[str, Any]:
    mine = accounts.accounts_visible_to(request.user)
    lists: dict[str, list[Any]] = {
        "accounts": list(accounts.accounts_called(mine, text)[: SHOWN + 1]),
        "identities": list(identities.identities_called(mine, text)[: SHOWN + 1]),
        "policies": list(policies.policies_called(mine, text)[: SHOWN + 1]),
        "resources": list(resources.resources_called(mine, text)[: SHOWN + 1]),
        "actions": _actions(text)[: SHOWN + 1],
    }
    cut = any(len(hits) > SHOWN for hits in lists.values())
    lists = {name: hits[:SHOWN] for name, hits in lists.items()}
    return {
        **lists,
        "cut": cut,
        "hits": sum(len(hits) for hits in lists.values()),
        "first_accounts": list(mine[:4]),
    }


def _actions(text: str) -> list[str]:
    wanted = text.lower().removeprefix("sagemaker:")
    return [action.name for action in catalog().actions if wanted in action.name.lower()]
