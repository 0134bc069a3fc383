"""The one address: every answer is XML that AWS's SDKs read, whatever is asked and whatever goes wrong."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.db import OperationalError
from django.test import Client

from policystudio.awsquery import auth, limits, registry
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.errors import throttling
from policystudio.lib.stand_in_ids import stand_in_id
from tests.awsquery.conftest import answering

STS = "2011-06-15"
IAM = "2010-05-08"


def tag(name: str, service: str = "iam", version: str = IAM) -> str:
    return f"{{https://{service}.amazonaws.com/doc/{version}/}}{name}"


def parsed(response: Any) -> ET.Element:
    return ET.fromstring(response.content)  # noqa: S314 -- it is our own answer


def error_of(response: Any) -> tuple[int, str, str]:
    """Status, code and message of an error; its form is that of IAM."""
    assert response.headers["Content-Type"] == "text/xml"
    root = parsed(response)
    namespace = root.tag.partition("}")[0] + "}"
    assert root.tag == f"{namespace}ErrorResponse"
    assert [child.tag for child in root] == [f"{namespace}Error", f"{namespace}RequestId"]
    assert root[1].text == response.headers["x-amzn-RequestId"] == response.headers["X-Request-ID"]
    kind, code, message = (child.text or "" for child in root[0])
    assert kind == ("Sender" if response.status_code < 500 else "Receiver")
    return response.status_code, code, message


@pytest.fixture
def signed(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(auth, "authenticate", answering(caller))
    return Client(raise_request_exception=False)


def post(client: Client, body: str | bytes, path: str = "/aws/", **more: Any) -> Any:
    return client.post(path, body, content_type="application/x-www-form-urlencoded; charset=utf-8", **more)


def test_boto3_learns_who_it_is(aws: Callable[..., Any], caller: Caller) -> None:
    answer = aws("sts").get_caller_identity()
    assert answer["Account"] == "111122223333"
    assert answer["Arn"] == "arn:aws:iam::111122223333:user/policy-studio/pipeline"
    assert answer["UserId"] == stand_in_id(answer["Arn"])  # AWS gave it none
    assert len(answer["UserId"]) == 21
    metadata = answer["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


@pytest.mark.django_db
def test_who_does_not_sign_gets_awss_own_error() -> None:
    response = post(Client(), f"Action=GetCallerIdentity&Version={STS}")
    assert error_of(response) == (403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    assert b"https://sts.amazonaws.com/doc/2011-06-15/" in response.content


@pytest.mark.parametrize("path", ["/aws", "/aws/"])
def test_get_and_post_are_answered_with_and_without_a_slash(signed: Client, path: str) -> None:
    asked = f"Action=GetCallerIdentity&Version={STS}"
    for response in (post(signed, asked, path), signed.get(f"{path}?{asked}"), post(signed, "", f"{path}?{asked}")):
        assert response.status_code == 200
        root = parsed(response)
        assert root.tag == tag("GetCallerIdentityResponse", "sts", STS)
        assert [child.tag for child in root] == [
            tag("GetCallerIdentityResult", "sts", STS),
            tag("ResponseMetadata", "sts", STS),
        ]


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        ("", 400, "MissingAction", "Action"),
        (f"Version={STS}", 400, "MissingAction", "Action"),
        (f"Action=NoSuchThing&Version={STS}", 400, "InvalidAction", "operation NoSuchThing for version 2011-06-15"),
        (f"Action=GetCallerIdentity&Version={IAM}", 400, "InvalidAction", "GetCallerIdentity for version 2010-05-08"),
        (f"Action=CreateUser&Version={IAM}", 400, "InvalidAction", "does not offer the operation CreateUser"),
        ("Action=GetCallerIdentity&Version=2012-12-12", 400, "NoSuchVersion", "(2012-12-12) is not valid"),
        (f"Action=GetCallerIdentity&Version={STS}&Who=me", 400, "InvalidQueryParameter", "no parameter Who"),
        (f"Action=GetCallerIdentity&Action=A&Version={STS}", 400, "InvalidQueryParameter", "Action is given more than"),
        (f"Action=GetCallerIdentity&Version={STS}&A=%ff", 404, "MalformedQueryString", "parameter A is not UTF-8"),
        (f"Action=GetCallerIdentity&Version={STS}&A=%zz", 404, "MalformedQueryString", "hexadecimal"),
        (f"Action=GetCallerIdentity&Version={STS}&A=a%00b", 404, "MalformedQueryString", "NUL"),
        (f"Action=GetCallerIdentity&Version={STS}&%3Cb%3E=1", 404, "MalformedQueryString", "`<b>` is not the name"),
        ("&".join(f"A{number}=" for number in range(20_001)), 404, "MalformedQueryString", "20001 parameters"),
    ],
)
def test_what_makes_no_sense_is_refused(signed: Client, body: str, status: int, code: str, message: str) -> None:
    got = error_of(post(signed, body))
    assert got[:2] == (status, code)
    assert message in got[2]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(signed: Client, method: str) -> None:
    response = signed.generic(method, "/aws/")
    assert error_of(response)[:2] == (405, "MethodNotAllowed")
    assert response.headers["Allow"] == "GET, POST"


def test_a_version_may_be_left_to_the_signature(signed: Client) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261128/us-east-1/sts/aws4_request, SignedHeaders=host"
    assert post(signed, "Action=GetCallerIdentity", HTTP_AUTHORIZATION=scope).status_code == 200
    asked = "/aws?Action=GetCallerIdentity&X-Amz-Credential=AKIAEXAMPLE/20261128/us-east-1/sts/aws4_request"
    assert signed.get(asked).status_code == 200
    assert error_of(post(signed, "Action=GetCallerIdentity"))[:2] == (400, "InvalidAction")


def test_a_body_that_is_too_large_is_refused_in_xml(signed: Client, settings: Any) -> None:
    settings.BODY_LIMIT = 10
    status, code, message = error_of(post(signed, "Action=GetCallerIdentity"))
    assert (status, code) == (413, "RequestEntityTooLarge")
    assert "at most 10 are read here" in message
    chunked = post(signed, "Action=A", HTTP_TRANSFER_ENCODING="chunked")
    assert error_of(chunked)[:2] == (411, "MissingContentLength")


@pytest.mark.parametrize("path", ["/aws", "/aws/"])
@pytest.mark.parametrize("https", [False, True])
def test_a_host_that_is_refused_is_refused_in_xml(signed: Client, settings: Any, path: str, https: bool) -> None:
    settings.SECURE_SSL_REDIRECT = https  # its redirect asks for the host, too
    settings.ALLOWED_HOSTS = ["studio.example.com"]
    for host in ("elsewhere.example.com", "a b<script>"):
        response = post(signed, f"Action=GetCallerIdentity&Version={STS}", path, HTTP_HOST=host)
        assert error_of(response)[:2] == (400, "InvalidRequest")
        assert host.encode() not in response.content
        # Only AWS's clients read XML.
        page = signed.get("/healthz-of-nobody", HTTP_HOST=host)
        assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (400, "text/html")
    answered = post(
        signed, f"Action=GetCallerIdentity&Version={STS}", path, HTTP_HOST="studio.example.com", secure=True
    )
    assert answered.status_code == 200


def test_a_failure_is_xml_and_tells_nothing(
    signed: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setitem(registry._OPERATIONS, ("sts", "GetCallerIdentity"), fail)
    response = post(signed, f"Action=GetCallerIdentity&Version={STS}")
    assert error_of(response)[:2] == (500, "InternalFailure")
    assert b"secret" not in response.content
    assert "the secret of the house" in caplog.text


def test_a_database_that_does_not_answer_is_what_sdks_ask_again_after(
    signed: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("could not connect to server db.internal")

    monkeypatch.setitem(registry._OPERATIONS, ("sts", "GetCallerIdentity"), fail)
    response = post(signed, f"Action=GetCallerIdentity&Version={STS}")
    assert error_of(response)[:2] == (503, "ServiceUnavailable")
    assert b"db.internal" not in response.content


def test_too_many_requests_are_throttled(aws: Callable[..., Any], settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "requests": (2 * settings.WEB_WORKERS, 60)}
    client = aws("sts")
    for _ in range(2):
        client.get_caller_identity()
    with pytest.raises(ClientError, match=r"\(Throttling\).*Rate exceeded"):
        client.get_caller_identity()


def test_boto3_asks_again_after_it_was_throttled(
    live_server: Any, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [throttling(), throttling()]

    def admit(*_: Any) -> None:
        if refusals:
            raise refusals.pop()

    monkeypatch.setattr(auth, "authenticate", answering(caller))
    monkeypatch.setattr(limits, "admit", admit)
    client = boto3.client(
        "sts",
        endpoint_url=f"{live_server.url}/aws",
        region_name="eu-west-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )
    assert client.get_caller_identity()["ResponseMetadata"]["RetryAttempts"] == 2
    client.close()


def test_sts_answers_in_json_whoever_asks_for_it(signed: Client, caller: Caller) -> None:
    """As servers do that let somebody sign in with a signed request."""
    asking = {"HTTP_ACCEPT": "application/json"}
    response = post(signed, f"Action=GetCallerIdentity&Version={STS}", **asking)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    told = response.json()["GetCallerIdentityResponse"]
    arn = "arn:aws:iam::111122223333:user/policy-studio/pipeline"
    assert told["GetCallerIdentityResult"] == {"UserId": stand_in_id(arn), "Account": "111122223333", "Arn": arn}
    assert told["ResponseMetadata"] == {"RequestId": response.headers["x-amzn-RequestId"]}
    refused = post(signed, f"Action=AssumeRole&Version={STS}", **asking)
    assert refused.status_code == 400
    assert refused.json()["Error"]["Code"] == "InvalidAction"
    assert refused.json()["Error"]["Type"] == "Sender"
    assert error_of(post(signed, f"Action=Nothing&Version={IAM}", **asking))[1] == "InvalidAction"
    for accept in ("*/*", "text/xml, application/json", ""):
        answer = post(signed, f"Action=GetCallerIdentity&Version={STS}", HTTP_ACCEPT=accept)
        assert answer.headers["Content-Type"] == "text/xml"


def test_requests_that_nobody_signed_are_throttled_by_address(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "unsigned": (2 * settings.WEB_WORKERS, 60)}
    question = f"Action=GetCallerIdentity&Version={STS}"

    def codes(address: str, times: int) -> list[str]:
        client = Client(REMOTE_ADDR=address)
        return [error_of(post(client, question))[1] for _ in range(times)]

    assert codes("192.0.2.1", 3) == ["MissingAuthenticationToken"] * 2 + ["Throttling"]
    assert codes("192.0.2.2", 1) == ["MissingAuthenticationToken"]


def test_neither_session_nor_csrf_token_is_needed_or_made(signed: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = post(strict, f"Action=GetCallerIdentity&Version={STS}")
    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/json", "text/plain"])
def test_a_body_that_is_no_form_is_not_read(signed: Client, kind: str) -> None:
    response = signed.post("/aws/", f"Action=GetCallerIdentity&Version={STS}", content_type=kind)
    assert error_of(response)[:2] == (400, "MissingAction")


def test_an_operation_is_of_the_service_and_registered_once() -> None:
    with pytest.raises(ValueError, match="iam has no operation GetCallerIdentity"):
        registry.operation("GetCallerIdentity")
    with pytest.raises(ValueError, match="registered twice"):
        registry.operation("GetCallerIdentity", service="sts")(answering({}))
    assert ("sts", "GetCallerIdentity") in registry.offered()
