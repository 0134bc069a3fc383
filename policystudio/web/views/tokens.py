"""The tokens of REST of whoever is signed in."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from policystudio.accounts.selectors import accounts_visible_to
from policystudio.clients import selectors, services
from policystudio.clients.models import ApiToken
from policystudio.web import answers
from policystudio.web.client_forms import OwnTokenForm
from policystudio.web.request import PageRequest
from policystudio.web.views.clients import ONCE


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: PageRequest) -> HttpResponse:
    """Your tokens; a POST makes one, which stands in this answer and nowhere else."""
    accounts = list(accounts_visible_to(request.user))
    if request.method != "POST":
        return _page(request, OwnTokenForm(accounts, initial=_initial(request)))
    form = OwnTokenForm(accounts, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        token, secret = services.token_create(
            user=request.user,
            name=given["name"],
            scope=given["scope"],
            account=form.accounts.get(given["account"]),
            lifetime=timedelta(days=given["days"]),
            newest=given["newest"],
        )
    except services.ClientError as error:
        form.add_error(error.place or None, f"{error}.")
        return _page(request, form, status=422)
    except services.StaleClientError as error:
        messages.warning(request, ONCE.format(error))
        return _page(request, OwnTokenForm(accounts, initial=_initial(request)), status=409)
    issued = {"token": token, "secret": secret, "address": request.build_absolute_uri("/api/v1/accounts")}
    return _page(request, OwnTokenForm(accounts, initial=_initial(request)), issued)


@require_POST
def revoke(request: PageRequest, token: str) -> HttpResponse:
    """End one of your tokens."""
    try:
        services.token_revoke(user=request.user, token_key=token)
    except ApiToken.DoesNotExist:
        raise Http404(f"you have no token `{token}`") from None
    messages.success(request, f"The token {token} lets nobody in any more.")
    return HttpResponseRedirect(f"{reverse('web:you')}#tokens")


def of_you(request: PageRequest) -> dict[str, Any]:
    """The section of the page of your account that is about tokens."""
    form = OwnTokenForm(list(accounts_visible_to(request.user)), initial=_initial(request))
    return {"tokens": list(selectors.live_tokens(request.user, now=timezone.now())), "token_form": form}


def _initial(request: PageRequest) -> dict[str, str]:
    return {"newest": selectors.newest_token_of(request.user)}


def _page(
    request: PageRequest, form: OwnTokenForm, issued: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    found = list(selectors.live_tokens(request.user, now=timezone.now()))
    context = {
        "title": "Which scripts ask in your name?",
        "answer": answers.of_tokens(len(found)),
        "crumbs": [("Your account", reverse("web:you"))],
        "tokens": found,
        "token_form": form,
        "issued_token": issued,
    }
    response = render(request, "clients/your_tokens.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
