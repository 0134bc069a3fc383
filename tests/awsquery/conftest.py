"""An unmodified boto3 client against a server of its own, and what stands for a client of the studio's."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.awsquery import auth
from policystudio.awsquery.auth import Caller
from policystudio.clients.models import ServiceClient
from policystudio.clients.services import client_create
from tests import factories


@pytest.fixture
def account(transactional_db: None) -> Account:
    return factories.make_account("111122223333", "research")


def caller_of(account: Account, name: str = "pipeline") -> Caller:
    """A client of the account, which is made where it is not there yet."""
    client = ServiceClient.objects.filter(account=account, name=name).first()
    if client is None:
        client = client_create(by=None, account=account, name=name, role=Role.VIEWER, now=timezone.now())
    return Caller(client=client, user=client.user, account=account, key_id="AKIAEXAMPLE")


@pytest.fixture
def caller(account: Account) -> Caller:
    return caller_of(account)


def answering(value: Any) -> Callable[..., Any]:
    """A function that answers with ``value``, whatever it is asked."""
    return lambda *_: value


@pytest.fixture
def aws(live_server: Any, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Makes boto3's clients; whoever asks is ``caller``."""
    monkeypatch.setattr(auth, "authenticate", answering(caller))
    made = []

    def client(service: str = "iam", **options: Any) -> Any:
        settings = Config(retries={"total_max_attempts": 1}, **options)
        made.append(
            boto3.client(
                service,
                endpoint_url=f"{live_server.url}/aws/",
                region_name="us-east-1",
                aws_access_key_id="AKIAEXAMPLE",
                aws_secret_access_key="secret",
                config=settings,
            )
        )
        return made[-1]

    yield client
    for one in made:
        one.close()
