"""An unmodified boto3, and curl, against the real address: signatures are checked, nothing stands in for anything."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.management import call_command
from django.utils import timezone

from policystudio.clients import services
from policystudio.clients.models import AccessKey, ServiceClient
from tests.factories import make_account

Make = Callable[..., Any]


@pytest.fixture
def pair(transactional_db: None) -> dict[str, str]:
    make_account("111122223333", "research")
    out = StringIO()
    call_command("issue_access_key", "pipeline", "--account", "111122223333", stdout=out)
    made: dict[str, str] = json.loads(out.getvalue())
    return made


@pytest.fixture
def sts(live_server: Any, pair: dict[str, str]) -> Iterator[Make]:
    made = []

    def client(address: str = "/aws/", service: str = "sts", **options: Any) -> Any:
        given = {
            "region_name": "eu-central-1",
            "aws_access_key_id": pair["AccessKeyId"],
            "aws_secret_access_key": pair["SecretAccessKey"],
            "config": Config(retries={"total_max_attempts": 1}),
            **options,
        }
        made.append(boto3.client(service, endpoint_url=f"{live_server.url}{address}", **given))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.mark.parametrize("address", ["/aws", "/aws/"])
def test_it_is_let_in_with_what_the_command_printed(sts: Make, address: str) -> None:
    assert sts(address).get_caller_identity()["Account"] == "111122223333"
    key = AccessKey.objects.get()
    assert key.last_used_at is not None
    assert key.last_used_address == "127.0.0.1"


def test_so_is_whoever_opens_the_address_that_it_presigned(sts: Make, pair: dict[str, str]) -> None:
    address = sts().generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    with urlopen(address) as answer:  # noqa: S310 -- the address is of our own server
        assert b"111122223333" in answer.read()
    with pytest.raises(HTTPError) as refused:
        urlopen(address.replace("Action=GetCallerIdentity", "Action=GetCallerIdentitY"))  # noqa: S310 -- the same
    assert refused.value.code == 403
    assert b"SignatureDoesNotMatch" in refused.value.read()


def code(ask: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        ask()
    return str(error.value.response["Error"]["Code"])


def test_nobody_else_is(sts: Make) -> None:
    assert code(sts(aws_secret_access_key="x" * 40).get_caller_identity) == "SignatureDoesNotMatch"
    assert code(sts(aws_access_key_id="AKIAIOSFODNN7EXAMPLE").get_caller_identity) == "InvalidClientTokenId"
    assert code(sts(aws_session_token="token").get_caller_identity) == "InvalidClientTokenId"
    assert code(sts(config=Config(signature_version=UNSIGNED)).get_caller_identity) == "MissingAuthenticationToken"


def test_a_revoked_key_is_refused_at_once(sts: Make) -> None:
    client = sts()
    client.get_caller_identity()
    services.access_key_revoke(by=None, key=AccessKey.objects.get(), now=timezone.now())
    assert code(client.get_caller_identity) == "InvalidClientTokenId"


def test_so_is_one_of_a_disabled_client(sts: Make) -> None:
    client = sts()
    services.client_disable(by=None, client=ServiceClient.objects.get(), now=timezone.now())
    assert code(client.get_caller_identity) == "InvalidClientTokenId"


def test_a_signature_for_another_service_is_refused(sts: Make) -> None:
    client = sts()
    client._request_signer._signing_name = "iam"
    assert code(client.get_caller_identity) == "SignatureDoesNotMatch"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl: apt-get install curl")
@pytest.mark.parametrize("how", [["-d", "Action=GetCallerIdentity&Version=2011-06-15"], []], ids=["POST", "GET"])
def test_curl_asks_without_any_sdk(live_server: Any, pair: dict[str, str], how: list[str]) -> None:
    address = f"{live_server.url}/aws/" + ("" if how else "?Action=GetCallerIdentity&Version=2011-06-15")
    credentials = f"{pair['AccessKeyId']}:{pair['SecretAccessKey']}"
    command = ["curl", "-s", "--aws-sigv4", "aws:amz:us-east-1:sts", "--user", credentials, *how, address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "<Account>111122223333</Account>" in done.stdout
