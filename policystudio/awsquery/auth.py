"""Who sent a request: the signature of an access key."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from policystudio.accounts.models import Account
from policystudio.awsquery.errors import AwsError


@dataclass(frozen=True)
class Caller:
    """The service client that signed a request, and the one account that it is of."""

    client: Any
    user: User
    account: Account
    key_id: str


def authenticate(request: HttpRequest, service: str) -> Caller:
    """The caller; raises ``AwsError`` where the request is not signed, or not as AWS's Signature Version 4 says."""
    del request, service  # no client has a key yet
    raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", HTTPStatus.FORBIDDEN)
