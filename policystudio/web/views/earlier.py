"""What did this policy say before? Every text that was recorded of it, and the way back to one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.changes.models import Edit
from policystudio.changes.selectors import earlier_texts, organization_policy_of, present
from policystudio.changes.selectors.words import short_name
from policystudio.web.access import account_for, writes
from policystudio.web.request import PageRequest, searched
from policystudio.web.text_diff import text_diff
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.words import count

#: Texts older than so many are counted alone.
_SHOWN = 50


@require_safe
def earlier(request: PageRequest, number: str) -> HttpResponse:
    """The texts of a policy by time, the newest first, each with what is different now."""
    account = account_for(request, number)
    kind, target, name = (searched(request, key) for key in ("kind", "target", "name"))
    found = earlier_texts(account, kind, target, name)
    standing = present(account, kind, target, name) if found and kind in Edit.Kind.values else None
    now = (standing or {}).get("text", "")
    policy = organization_policy_of(account, target) if kind == Edit.Kind.ORGANIZATION_POLICY else None
    about = policy.name if policy else name or short_name(target)[:200]
    told = count(len(found), "text")
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[number]))),
        "title": f"What did {about} say before?",
        "answer": f"{told.capitalize()} recorded of it." if found else "Nothing was recorded of it yet.",
        "kind": kind,
        "target": target,
        "name": name,
        "texts": [(one, text_diff(one.text, now) if one.text != now else None) for one in found[:_SHOWN]],
        "more": max(0, len(found) - _SHOWN),
        "writes": writes(request, account),
    }
    return render(request, "changes/earlier.html", context)
