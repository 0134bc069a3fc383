"""Requests signed by botocore, as Django sees them when they arrive."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from botocore import auth as botocore_auth
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.http import HttpRequest
from django.test import RequestFactory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded; charset=utf-8"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


@dataclass(frozen=True)
class Sent:
    """A request on its way: what a line in between could change."""

    method: str = "POST"
    path: str = "/aws/"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def but(self, **changes: Any) -> "Sent":
        """The request with something else in it."""
        return replace(self, **changes)

    def with_header(self, name: str, value: str | None) -> "Sent":
        """The request with this header; without it for None."""
        kept = {key: one for key, one in self.headers.items() if key.lower() != name.lower()}
        return replace(self, headers=kept if value is None else {**kept, name: value})

    def arrived(self) -> HttpRequest:
        """The request as a view is given it."""
        meta = {
            f"HTTP_{name.upper().replace('-', '_')}".replace("HTTP_CONTENT_TYPE", "CONTENT_TYPE"): value
            for name, value in self.headers.items()
        }
        # What gunicorn tells of the request line.
        meta["RAW_URI"] = f"{self.path}?{self.query}" if self.query else self.path
        meta["QUERY_STRING"] = self.query
        return RequestFactory().generic(self.method, self.path, self.body, **{"CONTENT_TYPE": "", **meta})


def signed(
    key_id: str,
    secret: str,
    *,
    at: datetime = NOW,
    service: str = "sts",
    region: str = "us-east-1",
    method: str = "POST",
    url: str = "http://studio.example.com/aws/",
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
    token: str | None = None,
) -> Sent:
    """A request with an Authorization header, by botocore."""
    given = {"Content-Type": FORM, **(headers or {})} if body else dict(headers or {})
    made = AWSRequest(method=method, url=url, data=body, headers=given)
    _sign(SigV4Auth(Credentials(key_id, secret, token), service, region), made, at)
    return _sent(made, body)


def presigned(
    key_id: str,
    secret: str,
    *,
    at: datetime = NOW,
    service: str = "sts",
    seconds: int = 60,
    url: str = "http://studio.example.com/aws/?Action=GetCallerIdentity&Version=2011-06-15",
    token: str | None = None,
) -> Sent:
    """A GET whose signature stands in the query string, by botocore."""
    made = AWSRequest(method="GET", url=url)
    _sign(SigV4QueryAuth(Credentials(key_id, secret, token), service, "us-east-1", seconds), made, at)
    return _sent(made, b"")


def _sign(signer: SigV4Auth, made: AWSRequest, at: datetime) -> None:
    with patch.object(botocore_auth, "get_current_datetime", return_value=at):
        signer.add_auth(made)


def _sent(made: AWSRequest, body: bytes) -> Sent:
    parts = urlsplit(made.url)
    headers = {"Host": parts.netloc, **{str(name): str(value) for name, value in made.headers.items()}}
    return Sent(made.method, parts.path, parts.query, headers, body)
