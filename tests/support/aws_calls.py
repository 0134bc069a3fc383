"""AWS's own SDK, unmodified, whose requests are answered by the studio in this process."""

import functools
import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from django.test import Client

from policystudio.accounts.models import Account, Role
from policystudio.awsquery import auth
from tests.factories import make_membership, make_sign_in


class _Raw(io.BytesIO):
    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


def _answer(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
    """What stands between botocore and the network otherwise."""
    url = urlsplit(request.url)
    headers = {key: value.decode() if isinstance(value, bytes) else value for key, value in request.headers.items()}
    kind = headers.pop("Content-Type", "application/octet-stream")
    path = f"{url.path}?{url.query}" if url.query else url.path
    response = Client().generic(request.method, path, request.body or b"", kind, headers=headers)
    return AWSResponse(request.url, response.status_code, dict(response.headers), _Raw(response.content))


def make_caller(account: Account, role: str | None = Role.VIEWER) -> auth.Caller:
    """A client of the account with this role, or with none."""
    user = make_sign_in()
    if role:
        make_membership(user, account, role)
    return auth.Caller(SimpleNamespace(name="reader"), user, account, "AKIAEXAMPLE")


def sdk(caller: auth.Caller, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of boto3 for IAM; every request from now on is the caller's."""
    monkeypatch.setattr(auth, "authenticate", lambda _request, _service: caller)
    return _shared_client()


def make_client() -> Any:
    """A client of boto3 for IAM that is answered here."""
    client = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url="http://testserver/aws/",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="example",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )
    client.meta.events.register("before-send.iam", _answer)
    return client


#: It takes a while to make one.
_shared_client = functools.cache(make_client)


def answer(call: Any, **parameters: Any) -> dict[str, Any]:
    """What an operation answers, without what is about the request."""
    answered = dict(call(**parameters))
    answered.pop("ResponseMetadata")
    return answered


def refused(call: Any, **parameters: Any) -> tuple[int, str, str]:
    """Status, code and message of the refusal; the fault is the sender's."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    assert response["Error"]["Type"] == "Sender"
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]
