"""The accounts that somebody looks after, and what is in one of them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, OrganizationPolicy, Role
from policystudio.changes import selectors as changes
from policystudio.findings import selectors as findings
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.resources import selectors as resources
from policystudio.web import answers
from policystudio.web.access import account_for
from policystudio.web.change_words import in_overview
from policystudio.web.headlines import MOST_IDENTITIES, headlines_of
from policystudio.web.request import PageRequest, searched

PAGE = 50
Crumbs = list[tuple[str, str]]


def crumbs_of(account: Account, *more: tuple[str, str]) -> Crumbs:
    """The way to a page of an account."""
    return [
        ("Accounts", reverse("web:accounts")),
        (account.name, reverse("web:account", args=[account.number])),
        *more,
    ]


@require_safe
def home(_request: PageRequest) -> HttpResponse:
    """The first page is the list of accounts."""
    return redirect("web:accounts")


@require_safe
def account_list(request: PageRequest) -> HttpResponse:
    """Which accounts do I look after, and how are they?"""
    mine = list(accounts.accounts_visible_to(request.user))
    roles = accounts.roles_of(request.user)
    by_kind = identities.counts_by_account(mine)
    numbers = policies.counts_by_account(mine)
    found = findings.counts_by_account(mine, timezone.now().date())
    open_changes = changes.under_way_by_account(mine)
    rows: list[dict[str, Any]] = [
        {
            "account": account,
            "identities": sum(by_kind[account.pk].values()),
            "kinds": by_kind[account.pk],
            "policies": numbers.get(account.pk, 0),
            "role": roles.get(account.pk),
            "findings": found[account.pk],
            "changes": open_changes.get(account.pk, 0),
        }
        for account in mine
    ]
    context = {
        "area": "accounts",
        "title": "Which accounts do you look after?",
        "answer": answers.of_accounts(mine, sum(row["identities"] for row in rows)),
        "rows": rows,
        "organizations": list(accounts.organizations_visible_to(request.user)),
    }
    return render(request, "accounts/accounts.html", context)


def _counts(account: Account) -> dict[str, int]:
    return {
        **{f"{kind}s": number for kind, number in identities.counts_by_kind(account).items()},
        "policies": policies.policies_of(account).count(),
        "resources": resources.resources_of(account).count(),
        "findings": findings.counts_by_account([account], timezone.now().date())[account.pk].total,
    }


def account_page(
    request: PageRequest, account: Account, section: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A section of an account's page, under the tabs that all of them share."""
    counts = _counts(account)
    role = accounts.role_of(request.user, account)
    shared = {
        "area": "accounts",
        "account": account,
        "section": section,
        "counts": counts,
        "administers": role is not None and role.covers(Role.ADMINISTRATOR),
        "writes": role is not None and role.covers(Role.AUTHOR),
        "crumbs": crumbs_of(account) if section != "overview" else crumbs_of(account)[:1],
    }
    return render(request, f"accounts/{section}.html", {**shared, **context}, status=status)


@require_safe
def account(request: PageRequest, number: str) -> HttpResponse:
    """What is in here?"""
    found = account_for(request, number)
    counts = _counts(found)
    open_changes = changes.under_way(found)
    people = sum(counts[f"{kind}s"] for kind in ("user", "group", "role"))
    levels = {kind: accounts.organization_levels(found, kind) for kind in OrganizationPolicy.Kind.values}
    context = {
        "title": f"What is in {found.name}?",
        "answer": answers.of_account(found, counts, levels["scp"]),
        "path": levels["scp"] or levels["rcp"],
        "headlines": headlines_of(found) if found.read_at and people <= MOST_IDENTITIES else (),
        "under_way": in_overview(*open_changes.values()),
        "findings": findings.counts_by_account([found], timezone.now().date())[found.pk],
        "gaps": identities.with_gaps(found)[:20],
        "unread_policies": policies.without_document(found)[:20],
        "broken": policies.with_problems(found)[:20],
    }
    return account_page(request, found, "overview", context)


@require_safe
def section(request: PageRequest, number: str, name: str) -> HttpResponse:
    """One section of an account: its users, groups, roles, policies, resources or organization policies."""
    found = account_for(request, number)
    if name not in SECTIONS:
        raise Http404(f"no section `{name}`")
    return account_page(request, found, name, SECTIONS[name](request, found))


def _paged(request: PageRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    return {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "search": searched(request),
    }


def _identities(kind: str) -> Callable[[PageRequest, Account], dict[str, Any]]:
    def rows(request: PageRequest, account: Account) -> dict[str, Any]:
        search = searched(request)
        found = identities.with_permissions(identities.identities_of(account, kind=kind, search=search))
        return {
            "title": f"Which {kind}s are in {account.name}?",
            "answer": answers.of_identities(kind, identities.facts_of_kind(account, kind)),
            **_paged(request, found),
        }

    return rows


def _policies(request: PageRequest, account: Account) -> dict[str, Any]:
    search = searched(request)
    found = policies.with_use(policies.policies_of(account, search=search))
    return {
        "title": f"Which policies are in {account.name}?",
        "answer": answers.of_policies(policies.facts(account)),
        **_paged(request, found),
    }


def _resources(request: PageRequest, account: Account) -> dict[str, Any]:
    search, kind = searched(request), searched(request, "type")
    counts = resources.counts_by_type(account)
    return {
        "title": f"Which SageMaker resources are in {account.name}?",
        "answer": answers.of_resources(counts),
        "types": counts,
        "type": kind,
        **_paged(request, resources.resources_of(account, kind=kind, search=search)),
    }


def _organization(_request: PageRequest, account: Account) -> dict[str, Any]:
    levels = {kind: accounts.organization_levels(account, kind) for kind in OrganizationPolicy.Kind.values}
    return {
        "title": f"Which organization policies limit {account.name}?",
        "answer": answers.of_organization(account, levels["scp"], levels["rcp"]),
        "kinds": [
            ("Service control policies", "limit what its users and roles can do", levels["scp"]),
            ("Resource control policies", "limit who can use its resources", levels["rcp"]),
        ],
    }


SECTIONS: dict[str, Callable[[PageRequest, Account], dict[str, Any]]] = {
    "users": _identities("user"),
    "groups": _identities("group"),
    "roles": _identities("role"),
    "policies": _policies,
    "resources": _resources,
    "organization": _organization,
}
