"""Who is told what happens here? Webhooks of an account, what was delivered to them, and their secrets, shown once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.web import webhook_words
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page, crumbs_of
from policystudio.webhooks import selectors, services
from policystudio.webhooks.models import Delivery, Webhook

PAGE = 50
#: What a form answers that was sent a second time, by a reload of the page that told the secret.
ONCE = "Nothing was done: that was sent before. A secret is shown once, so that a reload shows no other one."


@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: PageRequest, number: str) -> HttpResponse:
    """The webhooks of the account; a POST makes one, and answers with its secret."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    if request.method != "POST":
        return _list(request, account)
    if request.POST.get("seen", "") != _seen(account):
        messages.warning(request, ONCE)
        return redirect("web:webhooks", account.number)
    given = _given(request)
    try:
        webhook, secret = services.webhook_create(by=request.user, account=account, now=timezone.now(), **given)
    except services.WebhookError as error:
        return _list(request, account, given, error.problems, status=422)
    return _page(request, account, webhook, secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """One webhook and its deliveries; a POST changes it."""
    account, found = _found(request, number, pk)
    if request.method != "POST":
        return _page(request, account, found)
    given, version = _given(request), request.POST.get("version", "")
    try:
        services.webhook_update(
            by=request.user,
            webhook=found,
            active=request.POST.get("active") == "yes",
            expected_version=int(version) if version.isdecimal() and len(version) < 10 else -1,
            now=timezone.now(),
            **given,
        )
    except services.WebhookError as error:
        return _page(request, account, found, given=given, problems=error.problems, status=422)
    except services.StaleWebhookError as error:
        problems = {"": "Somebody else changed it meanwhile. What you wrote is below: save it once more to keep it."}
        return _page(request, account, error.webhook, given=given, problems=problems, status=409)
    messages.success(request, "The webhook was changed.")
    return redirect("web:webhook", account.number, found.pk)


@require_POST
def rotate(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """A new secret, which stands in this answer and nowhere else."""
    account, found = _found(request, number, pk)
    if request.POST.get("seen", "") != found.digest[:16]:
        messages.warning(request, ONCE)
        return redirect("web:webhook", account.number, found.pk)
    secret = services.secret_rotate(by=request.user, webhook=found, now=timezone.now())
    found.refresh_from_db()
    return _page(request, account, found, secret=secret)


@require_POST
def ping(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Send a test."""
    account, found = _found(request, number, pk)
    sent = services.webhook_ping(by=request.user, webhook=found, now=timezone.now())
    return redirect("web:delivery", account.number, found.pk, sent.pk)


@require_POST
def remove(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Take the webhook away."""
    account, found = _found(request, number, pk)
    services.webhook_remove(by=request.user, webhook=found, now=timezone.now())
    messages.success(request, "The webhook is gone.")
    return redirect("web:webhooks", account.number)


@require_safe
def delivery(request: PageRequest, number: str, pk: int, id: UUID) -> HttpResponse:  # noqa: A002 -- its name in paths
    """What was sent, and what was answered."""
    account, found = _found(request, number, pk)
    row = _delivery(found, id)
    context = {
        "area": "accounts",
        "account": account,
        "webhook": found,
        "delivery": row,
        "body": webhook_words.body_of(row),
        "title": f"Did {row.event} arrive?",
        "answer": webhook_words.answer_of_delivery(row, found),
        "crumbs": crumbs_of(
            account,
            ("Webhooks", reverse("web:webhooks", args=[number])),
            (webhook_words.host_of(found), reverse("web:webhook", args=[number, pk])),
        ),
    }
    return render(request, "webhooks/delivery.html", context)


@require_POST
def redeliver(request: PageRequest, number: str, pk: int, id: UUID) -> HttpResponse:  # noqa: A002 -- its name in paths
    """Send it once more."""
    account, found = _found(request, number, pk)
    services.delivery_redeliver(by=request.user, delivery=_delivery(found, id), now=timezone.now())
    messages.success(request, "It is sent again.")
    return HttpResponseRedirect(reverse("web:delivery", args=[account.number, pk, id]))


def _found(request: PageRequest, number: str, pk: int) -> tuple[Account, Webhook]:
    account = account_for(request, number, Role.ADMINISTRATOR)
    try:
        return account, selectors.webhook_get(account, min(pk, 2**63 - 1))
    except Webhook.DoesNotExist:
        raise Http404(f"no webhook {pk} in account `{account.number}`") from None


def _delivery(found: Webhook, pk: UUID) -> Delivery:
    row = selectors.deliveries_of(found).select_related("webhook__account").filter(pk=pk).first()
    if row is None:
        raise Http404(f"no delivery {pk} to webhook {found.pk}")
    return row


def _given(request: PageRequest) -> dict[str, Any]:
    """Address and events of a form: those that are ticked, and others written with spaces or commas between them."""
    others = request.POST.get("others", "").replace(",", " ").split()
    return {"url": request.POST.get("url", ""), "events": [*request.POST.getlist("events"), *others]}


def _seen(account: Account) -> str:
    return str(selectors.webhooks_of(account).values_list("pk", flat=True).last() or "")


def _choices(events: Sequence[str]) -> dict[str, Any]:
    known = [event for event, _ in selectors.EVENTS]
    return {
        "choices": [(event, said, event in events) for event, said in selectors.EVENTS],
        "others": " ".join(event for event in events if event not in known),
    }


def _list(
    request: PageRequest,
    account: Account,
    given: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(selectors.webhooks_of(account))
    given = given or {"url": "", "events": ["change.proposed", "change.published"]}
    context = {
        "title": f"Who is told what happens in {account.name}?",
        "answer": webhook_words.answer_of(rows),
        "rows": rows,
        "seen": _seen(account),
        "given": given,
        "problems": problems or {},
        "other_problem": (problems or {}).get(""),
        **_choices(given["events"]),
    }
    return account_page(request, account, "webhooks", context, status=status)


def _page(
    request: PageRequest,
    account: Account,
    found: Webhook,
    *,
    secret: str = "",
    given: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    given = given or {"url": found.url, "events": found.events}
    page = Paginator(selectors.deliveries_of(found), PAGE).get_page(request.GET.get("page"))
    context = {
        "area": "accounts",
        "account": account,
        "webhook": found,
        "secret": secret,
        "seen": found.digest[:16],
        "page": page,
        "deliveries": page.object_list,
        "given": given,
        "problems": problems or {},
        "other_problem": (problems or {}).get(""),
        "title": f"What is {webhook_words.host_of(found)} told?",
        "answer": webhook_words.answer_of_webhook(found),
        "crumbs": crumbs_of(account, ("Webhooks", reverse("web:webhooks", args=[account.number]))),
        **_choices(given["events"]),
    }
    response = render(request, "webhooks/webhook.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response
