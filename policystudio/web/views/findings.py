"""What should I fix first? The findings of an account, one of them, and what is waived."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.changes import selectors as changes
from policystudio.findings import selectors, services
from policystudio.findings.checks.codes import REMEDIES, known_codes
from policystudio.findings.models import TYPES, Finding, Waiver
from policystudio.policies.models import Document
from policystudio.web import findings as shown
from policystudio.web.access import account_for, writes
from policystudio.web.forms import WaiverForm
from policystudio.web.policy_text import lines_of
from policystudio.web.request import PageRequest, searched
from policystudio.web.text_diff import text_diff
from policystudio.web.views.accounts import PAGE, account_page, crumbs_of
from policystudio.web.views.changes import change_for
from policystudio.web.words import FINDINGS

#: Of each code so many findings are shown before one is chosen.
_OF_EACH = 5


def _wanted(request: PageRequest) -> selectors.FindingFilter:
    kind, waived = searched(request, "type"), searched(request, "waived")
    return selectors.FindingFilter(
        kind if kind in TYPES else "",
        searched(request, "code"),
        searched(request, "policy"),
        searched(request, "identity"),
        waived if waived in ("yes", "no") else "",
    )


@require_safe
def findings(request: PageRequest, number: str) -> HttpResponse:
    """What should I fix first?"""
    account = account_for(request, number)
    wanted, today = _wanted(request), timezone.now().date()
    folded = searched(request, "aws") == "yes"
    found = selectors.findings_of(account, wanted, today, folded=folded)
    counts = selectors.counts_by_code(found, today)
    state = selectors.state_of(account)
    every = found if not wanted.code else None
    first = found.exclude(selectors.is_waived(today)).first()
    context: dict[str, Any] = {
        "title": "What should I fix first?",
        "answer": shown.answer_of(account, counts, first, state),
        "state": state,
        "wanted": wanted,
        "folded": folded,
        "types": [(name, FINDINGS[name][1]) for name in TYPES],
        "total": sum(one.total for one in counts),
        "aws_managed": 0 if folded else selectors.findings_of(account, wanted, today, folded=True).count(),
        "waivers": selectors.waivers_apart(account),
        "today": today,
        "may_waive": writes(request, account),
    }
    if every is not None:
        query = {key: str(value) for key, value in request.GET.items() if key != "page" and value}
        rows = selectors.first_of_each_code(found, _OF_EACH)
        context["groups"] = shown.groups_of(account, counts, rows, today, query)
    else:
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        title, remedy = shown.TITLES.get(wanted.code, ""), REMEDIES.get(wanted.code, "")
        context |= {"page": page, "rows": shown.views_of(account, page, today), "code_title": title, "remedy": remedy}
    return account_page(request, account, "findings", context)


@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """One finding: where it is, what proves it, its fix as a draft, and its waiver, which a POST grants."""
    account = account_for(request, number, Role.AUTHOR if request.method == "POST" else Role.VIEWER)
    row = _finding(account, pk)
    if request.method == "POST":
        form = WaiverForm(account, timezone.now().date(), request.POST)
        if form.grant(by=request.user, finding=row, now=timezone.now()):
            messages.success(request, f"Waived until {form.cleaned_data['until'].isoformat()}.")
            return redirect("web:finding", number=number, pk=pk)
        return _page(request, account, row, form, status=422)
    return _page(request, account, row, WaiverForm(account, timezone.now().date(), initial=_initial(request, row)))


def _page(request: PageRequest, account: Account, row: Finding, form: WaiverForm, status: int = 200) -> HttpResponse:
    may_write = writes(request, account)
    text, draft = _text(row), shown.draft_of(account, row) if may_write else None
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Findings", reverse("web:findings", args=[account.number]))),
        "title": shown.title_of(row),
        "answer": row.message,
        "row": row,
        "view": shown.view_of(account, row, timezone.now().date()),
        "remedy": REMEDIES.get(row.code, ""),
        "lines": lines_of(text, [(mark[0], mark[1]) for mark in row.marks]) if text and row.start else (),
        "steps": list(shown.steps_of(row)),
        "scenario": shown.scenario_of(account, row),
        "more_roles": row.evidence.get("role_count", 0) - len(row.evidence.get("roles", ())),
        "draft": draft,
        "draft_fields": list(draft.fields.items()) if draft else (),
        "diff": text_diff(draft.before, draft.text) if draft and draft.text else None,
        "begin": shown.edit_of(row) if may_write and draft is None else None,
        "drafts": changes.open_drafts(account, request.user)[:20] if may_write else (),
        "form": form if may_write else None,
        "longest": services.LONGEST.days,
    }
    return render(request, "findings/finding.html", context, status=status)


def _finding(account: Account, pk: int) -> Finding:
    try:
        return selectors.finding_get(account, pk)
    except Finding.DoesNotExist:
        raise Http404(f"no finding {pk} in account `{account.number}`: it may be gone") from None


def _text(row: Finding) -> str:
    if row.subject == Finding.Subject.ORGANIZATION:
        policy = row.organization_policy
        return policy.text if policy and policy.digest == row.digest else ""
    return Document.objects.filter(digest=row.digest).values_list("text", flat=True).first() or ""


def _initial(request: PageRequest, row: Finding | None = None, waiver: Waiver | None = None) -> dict[str, Any]:
    waiver = waiver or (row.waiver if row and row.waiver and row.waiver.target else None)
    if waiver is None:
        return {"owner": request.user.get_username()}
    return {"reason": waiver.reason, "owner": waiver.owner_name, "until": waiver.until, "seen": waiver.stamp}


# Waivers.


@require_http_methods(["GET", "HEAD", "POST"])
def waive_code(request: PageRequest, number: str, code: str) -> HttpResponse:
    """Waive every finding of a code in the account."""
    account = account_for(request, number, Role.AUTHOR)
    if code not in known_codes():
        raise Http404(f"there is no code `{code}`")
    today = timezone.now().date()
    form = WaiverForm(account, today, request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.grant(by=request.user, code=code, now=timezone.now()):
        messages.success(request, f"{code} is waived until {form.cleaned_data['until'].isoformat()}.")
        return redirect("web:findings", number=number)
    return _form_page(request, account, form, f"Waive every {code} in {account.name}?", None)


@require_http_methods(["GET", "HEAD", "POST"])
def waiver(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Give a waiver another reason, owner or end."""
    account = account_for(request, number, Role.AUTHOR)
    found = _waiver(account, pk)
    form = WaiverForm(account, timezone.now().date(), request.POST or None, initial=_initial(request, waiver=found))
    if request.method == "POST" and form.change(by=request.user, waiver=found, now=timezone.now()):
        messages.success(request, "The waiver is changed.")
        return redirect("web:findings", number=number)
    return _form_page(request, account, form, f"Why may {found} stay?", found)


@require_POST
def waiver_remove(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """End a waiver at once."""
    account = account_for(request, number, Role.AUTHOR)
    found = _waiver(account, pk)
    services.waiver_remove(by=request.user, waiver=found, now=timezone.now())
    messages.success(request, f"{found.code} counts again.")
    return redirect("web:findings", number=number)


def _waiver(account: Account, pk: int) -> Waiver:
    try:
        return selectors.waiver_get(account, pk)
    except Waiver.DoesNotExist:
        raise Http404(f"no waiver {pk} in account `{account.number}`") from None


def _form_page(
    request: PageRequest, account: Account, form: WaiverForm, title: str, found: Waiver | None
) -> HttpResponse:
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Findings", reverse("web:findings", args=[account.number]))),
        "title": title,
        "answer": "What is waived stays listed, marked, and counts again when the day has passed.",
        "form": form,
        "waiver": found,
    }
    return render(request, "findings/waiver.html", context, status=422 if form.errors else 200)


@require_safe
def of_change(request: PageRequest, number: str, change: int) -> HttpResponse:
    """The findings that a change brings and takes away: a part of its page."""
    account = account_for(request, number)
    found = change_for(account, change)
    told = selectors.of_change(found)
    context = {"account": account, "change": found, "told": told, "said": shown.change_answer(told)}
    if request.htmx:
        return render(request, "changes/_findings.html", context)
    change_page = (f"Change {change}", reverse("web:change", args=[number, change]))
    context |= {
        "area": "accounts",
        "section": {"template": "changes/_findings.html"},
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[number])), change_page),
        "title": f"Which findings does “{found.title}” bring and take away?",
    }
    return render(request, "changes/section.html", context)


def counts_of(account: Account, today: date) -> selectors.TypeCounts:
    """The findings of one account that count, by type."""
    return selectors.counts_by_account([account], today)[account.pk]
