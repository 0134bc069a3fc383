"""API clients of an account: which there are, what lets each in, and keys and tokens for them, shown once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from policystudio.accounts.models import Account, Role
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from policystudio.web import answers
from policystudio.web.access import account_for
from policystudio.web.client_forms import ClientForm, KeyForm, NewClientForm, TokenForm
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page, crumbs_of
from policystudio.web.views.members import ROLES

#: Of keys that let nobody in any more, so many are told.
FORMER_KEYS = 20
#: What a form answers that was sent a second time, by a reload of the page that told the secret.
ONCE = "Nothing was issued: {}. A secret is shown once, so that a reload shows no other one."


@require_http_methods(["GET", "HEAD", "POST"])
def clients(request: PageRequest, number: str) -> HttpResponse:
    """The API clients of the account, and a form for one more."""
    account = account_for(request, number, Role.ADMINISTRATOR)
    if request.method != "POST":
        return _list(request, account, NewClientForm())
    form = NewClientForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = services.client_create(
                by=request.user,
                account=account,
                name=given["name"],
                role=Role(given["role"]),
                description=given["description"],
                now=timezone.now(),
            )
        except services.ClientError as error:
            form.add_error(error.place or None, f"{error}.")
        else:
            messages.success(request, f"{made.name} is an API client of {account.name} now. Issue it a key or a token.")
            return HttpResponseRedirect(_address(made))
    return _list(request, account, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def client(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """One API client, its keys and tokens; a POST changes its role and description."""
    found = _client(request, number, pk)
    if request.method != "POST":
        return _page(request, found)
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _page(request, found, change=form, status=422)
    given = form.cleaned_data
    try:
        services.client_change(
            by=request.user,
            client=found,
            role=Role(given["role"]),
            description=given["description"],
            seen=given["seen"],
            now=timezone.now(),
        )
    except services.ClientError as error:
        form.add_error(error.place or None, f"{error}.")
        return _page(request, found, change=form, status=422)
    except services.StaleClientError as error:
        # What was written stays; sent once more, it is written over what there is now.
        again = ClientForm({**request.POST.dict(), "seen": selectors.client_state(found)})
        again.add_error(None, f"Nothing was changed: {error}.")
        return _page(request, found, change=again, status=409)
    messages.success(request, f"{found.name} was changed.")
    return HttpResponseRedirect(_address(found))


@require_POST
def switch(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Disable the client, or enable it again."""
    found = _client(request, number, pk)
    disabled = request.POST.get("disabled") == "yes"
    services.client_change(by=request.user, client=found, disabled=disabled, now=timezone.now())
    told = "lets nobody in any more: it is disabled." if disabled else "is enabled again."
    messages.success(request, f"{found.name} {told}")
    return HttpResponseRedirect(_address(found))


@require_POST
def issue_key(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """A new access key; its secret stands in this answer and nowhere else."""
    found = _client(request, number, pk)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, key=form, status=422)
    now = timezone.now()
    try:
        ends = services.after_days(form.cleaned_data["days"], now=now)
        key, secret = services.access_key_issue(
            by=request.user, client=found, expires_at=ends, newest=form.cleaned_data["newest"], now=now
        )
    except services.ClientError as error:
        form.add_error(error.place or None, f"{error}.")
        return _page(request, found, key=form, status=422)
    except services.StaleClientError as error:
        messages.warning(request, ONCE.format(error))
        return _page(request, found, status=409)
    issued = {"key": key, "secret": secret, "endpoint": request.build_absolute_uri(reverse("awsquery:query_root"))}
    return _page(request, found, issued_key=issued)


@require_POST
def issue_token(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """A new token of REST for the client; it stands in this answer and nowhere else."""
    found = _client(request, number, pk)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, found, token=form, status=422)
    given = form.cleaned_data
    try:
        token, secret = services.client_token_issue(
            by=request.user,
            client=found,
            name=given["name"],
            scope=given["scope"],
            lifetime=timedelta(days=given["days"]),
            newest=given["newest"],
        )
    except services.ClientError as error:
        form.add_error(error.place or None, f"{error}.")
        return _page(request, found, token=form, status=422)
    except services.StaleClientError as error:
        messages.warning(request, ONCE.format(error))
        return _page(request, found, status=409)
    issued = {"token": token, "secret": secret, "address": request.build_absolute_uri("/api/v1/accounts")}
    return _page(request, found, issued_token=issued)


@require_POST
def revoke_key(request: PageRequest, number: str, pk: int, key: int) -> HttpResponse:
    """End an access key."""
    found = _client(request, number, pk)
    row = AccessKey.objects.filter(client=found, pk=key).select_related("client__account").first()
    if row is None:
        raise Http404(f"no access key {key} of {found.name}")
    services.access_key_revoke(by=request.user, key=row, now=timezone.now())
    messages.success(request, f"The access key {row.key_id} lets nobody in any more.")
    return HttpResponseRedirect(_address(found))


@require_POST
def revoke_token(request: PageRequest, number: str, pk: int, token: str) -> HttpResponse:
    """End a token of the client."""
    found = _client(request, number, pk)
    try:
        services.client_token_revoke(by=request.user, client=found, token_key=token)
    except ApiToken.DoesNotExist:
        raise Http404(f"no token `{token}` of {found.name}") from None
    messages.success(request, f"The token {token} lets nobody in any more.")
    return HttpResponseRedirect(_address(found))


def _address(found: ServiceClient) -> str:
    return reverse("web:client", args=[found.account.number, found.pk])


def _client(request: PageRequest, number: str, pk: int) -> ServiceClient:
    account = account_for(request, number, Role.ADMINISTRATOR)
    found = selectors.clients_of(account, by=request.user).filter(pk=pk).first()
    if found is None:
        raise Http404(f"no API client {pk} of {account.name}")
    return found


def _list(request: PageRequest, account: Account, form: NewClientForm, status: int = 200) -> HttpResponse:
    facts = selectors.with_facts(list(selectors.clients_of(account, by=request.user)), now=timezone.now())
    context = {
        "title": f"Which programs ask about {account.name}?",
        "answer": answers.of_clients(account, facts),
        "facts": facts,
        "form": form,
        "roles": ROLES,
    }
    return account_page(request, account, "clients", context, status=status)


def _page(
    request: PageRequest,
    found: ServiceClient,
    *,
    change: ClientForm | None = None,
    key: KeyForm | None = None,
    token: TokenForm | None = None,
    issued_key: dict[str, Any] | None = None,
    issued_token: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    # Anew, as it is by now.
    found = selectors.clients_of(found.account, by=request.user).get(pk=found.pk)
    keys = list(selectors.access_keys_of(found))
    living = [one for one in keys if one.revoked_at is None and one.expires_at > now]
    tokens = list(selectors.live_tokens(found.user, now=now))
    state = {"role": found.role, "description": found.description, "seen": selectors.client_state(found)}
    context = {
        "title": f"What may {found.name} do in {found.account.name}?",
        "answer": answers.of_client(found, len(living), len(tokens)),
        "client": found,
        "living": living,
        "former": [one for one in keys if one not in living][:FORMER_KEYS],
        "tokens": tokens,
        "now": now,
        "change": change or ClientForm(initial=state),
        "key_form": key or KeyForm(initial={"newest": selectors.newest_key_of(found)}),
        "token_form": token or TokenForm(initial={"newest": selectors.newest_token_of(found.user)}),
        "issued_key": issued_key,
        "issued_token": issued_token,
        "crumbs": crumbs_of(found.account, ("API clients", reverse("web:clients", args=[found.account.number]))),
    }
    response = account_page(request, found.account, "client", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
