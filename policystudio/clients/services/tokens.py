"""Tokens of REST: a person's own, and those of API clients."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, transaction
from django.utils import timezone

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.clients import selectors
from policystudio.clients.models import ApiToken, ServiceClient
from policystudio.clients.services.checks import (
    BETWEEN_NOTES,
    MOST_DAYS,
    ClientError,
    StaleClientError,
    locked_client,
    too_long,
)
from policystudio.lib.locks import atomic_without_waiting
from policystudio.lib.origin import current_address

#: How long a token is good for, unless asked otherwise.
USUAL_TOKEN_DAYS = 30
#: Of one user, at a time. More is a script that forgets to keep its token.
MOST_TOKENS = 20


@transaction.atomic
def token_create(
    *,
    user: AbstractBaseUser,
    name: str,
    scope: str,
    account: Account | None,
    lifetime: timedelta,
    newest: str | None = None,
) -> tuple[ApiToken, str]:
    """A new token of a person, and its secret, of which a hash is kept; ``ClientError`` where they have too many, or
    owe a second factor.

    ``newest`` is the id of the newest token that was seen before ("" for none): another one since is a
    ``StaleClientError``, so that a form sent twice makes one token.
    """
    if accounts.owes_second_factor(user):
        raise ClientError("an account that you see asks for a second factor: set one up first")
    return _issue(user, by=user, name=name, scope=scope, account=account, lifetime=lifetime, newest=newest)


@transaction.atomic
def client_token_issue(
    *,
    by: AbstractBaseUser | None,
    client: ServiceClient,
    name: str,
    scope: str,
    lifetime: timedelta,
    newest: str | None = None,
) -> tuple[ApiToken, str]:
    """A new token of an API client, for its account, and its secret; ``newest`` as of ``access_key_issue``.

    Raises ``PermissionDenied`` where ``by`` is no administrator of the account, ``ClientError`` where the client is
    disabled or has too many tokens.
    """
    locked = locked_client(by, client)
    if locked.disabled_at is not None:
        raise ClientError(f"the API client `{locked.name}` is disabled: enable it first")
    return _issue(locked.user, by=by, name=name, scope=scope, account=locked.account, lifetime=lifetime, newest=newest)


@transaction.atomic
def token_revoke(*, user: AbstractBaseUser, token_key: str) -> None:
    """End a token of the user; ``ApiToken.DoesNotExist`` where they have none of this id."""
    _revoke(user, by=user, token_key=token_key)


@transaction.atomic
def tokens_revoke(*, by: AbstractBaseUser | None, user: AbstractBaseUser) -> int:
    """End every token of a person that has not ended; how many there were.

    ``by`` is the person, whoever set a password for them, or None for the command line.
    """
    keys = list(selectors.live_tokens(user, now=timezone.now()).values_list("token_key", flat=True))
    for key in keys:
        _revoke(user, by=by, token_key=key)
    return len(keys)


@transaction.atomic
def client_token_revoke(*, by: AbstractBaseUser | None, client: ServiceClient, token_key: str) -> None:
    """End a token of an API client; ``ApiToken.DoesNotExist`` where it has none of this id."""
    _revoke(locked_client(by, client).user, by=by, token_key=token_key)


def token_used(*, token: ApiToken, now: datetime) -> None:
    """Note that the token let a request in, at most once a minute, and never where that would have to wait."""
    if token.last_used_at is not None and now - token.last_used_at < BETWEEN_NOTES:
        return
    # A database that is busy: the next request notes it.
    with suppress(OperationalError), atomic_without_waiting():
        stale = ApiToken.objects.filter(pk=token.pk, last_used_at=token.last_used_at)
        if stale.update(last_used_at=now, last_used_address=current_address()):
            audit.record_use(
                actor=token.user,
                action="token.used",
                target=token.token_key,
                account=token.account.number if token.account else "",
                details={"name": token.name, "scope": token.scope},
                at=now,
            )


def _issue(
    user: AbstractBaseUser,
    *,
    by: AbstractBaseUser | None,
    name: str,
    scope: str,
    account: Account | None,
    lifetime: timedelta,
    newest: str | None,
) -> tuple[ApiToken, str]:
    if newest is not None and newest != selectors.newest_token_of(user):
        raise StaleClientError("another token was made since: look whether it was this one")
    if not timedelta(0) < lifetime <= timedelta(days=MOST_DAYS):
        raise too_long()
    # Knox, whose row it is, reads the clock for itself as well.
    if selectors.live_tokens(user, now=timezone.now()).count() >= MOST_TOKENS:
        whose = "you have" if by == user else f"{user.get_username()} has"
        raise ClientError(f"{whose} {MOST_TOKENS} tokens: revoke one that is not needed any more")
    token, secret = ApiToken.objects.create(
        user=user, expiry=lifetime, name=name, scope=scope, account=account, created_by_name=audit.actor_name(by)
    )
    about = account.number if account else ""
    details = {"id": token.token_key, "name": name, "scope": scope, "account": about or None}
    if by != user:
        details["user"] = user.get_username()
    audit.record(actor=by, action="token.created", target=token.token_key, account=about, details=details)
    return token, secret


def _revoke(user: AbstractBaseUser, *, by: AbstractBaseUser | None, token_key: str) -> None:
    token = ApiToken.objects.select_related("account").filter(user=user, token_key=token_key).first()
    if token is None:
        raise ApiToken.DoesNotExist
    about = token.account.number if token.account else ""
    details = {"name": token.name} if by == user else {"name": token.name, "user": user.get_username()}
    audit.record(actor=by, action="token.revoked", target=token.token_key, account=about, details=details)
    token.delete()
