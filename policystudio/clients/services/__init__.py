"""Writes of API clients, of their access keys, and of tokens; each is an entry of the audit record."""

from policystudio.clients.services.access_keys import (
    MOST_KEYS,
    USUAL_DAYS,
    access_key_issue,
    access_key_refused,
    access_key_revoke,
    access_key_used,
)
from policystudio.clients.services.checks import MOST_DAYS, ClientError, StaleClientError, after_days
from policystudio.clients.services.clients import client_change, client_create, client_disable, client_enable
from policystudio.clients.services.tokens import (
    MOST_TOKENS,
    USUAL_TOKEN_DAYS,
    client_token_issue,
    client_token_revoke,
    token_create,
    token_revoke,
    token_used,
    tokens_revoke,
)

__all__ = [
    "MOST_DAYS",
    "MOST_KEYS",
    "MOST_TOKENS",
    "USUAL_DAYS",
    "USUAL_TOKEN_DAYS",
    "ClientError",
    "StaleClientError",
    "access_key_issue",
    "access_key_refused",
    "access_key_revoke",
    "access_key_used",
    "after_days",
    "client_change",
    "client_create",
    "client_disable",
    "client_enable",
    "client_token_issue",
    "client_token_revoke",
    "token_create",
    "token_revoke",
    "token_used",
    "tokens_revoke",
]
