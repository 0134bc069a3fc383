"""Signature Version 4: what botocore signs is let in, and nothing else; every refusal in AWS's words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.awsquery import auth
from policystudio.awsquery.auth import Caller, authenticate
from policystudio.awsquery.errors import AwsError
from policystudio.awsquery.signature import Claim, claim_of, expected_signature
from policystudio.clients import services
from policystudio.clients.models import AccessKey, ServiceClient
from tests.awsquery.signing import NOW, Sent, presigned, signed
from tests.factories import make_account

pytestmark = pytest.mark.django_db

UNKNOWN_KEY = "AKIAIOSFODNN7EXAMPLE"
MISMATCH = "The request signature we calculated does not match the signature you provided."
INVALID = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch)


def set_clock(monkeypatch: pytest.MonkeyPatch, **later: float) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(**later))


@pytest.fixture
def client(db: None) -> ServiceClient:
    account = make_account("111122223333", "research")
    return services.client_create(by=None, account=account, name="pipeline", role=Role.VIEWER, now=NOW)


@pytest.fixture
def issued(client: ServiceClient) -> tuple[AccessKey, str]:
    return services.access_key_issue(by=None, client=client, now=NOW)


@pytest.fixture
def pair(issued: tuple[AccessKey, str]) -> tuple[str, str]:
    return issued[0].key_id, issued[1]


def ask(sent: Sent, service: str = "sts") -> Caller:
    return authenticate(sent.arrived(), service)


def refusal(sent: Sent, service: str = "sts") -> tuple[int, str, str]:
    with pytest.raises(AwsError) as error:
        ask(sent, service)
    return error.value.status, error.value.code, error.value.message


def test_a_signed_request_is_its_clients(client: ServiceClient, pair: tuple[str, str]) -> None:
    caller = ask(signed(*pair))
    assert (caller.client, caller.user, caller.account) == (client, client.user, client.account)
    assert caller.key_id == pair[0]


def test_so_is_one_that_is_signed_in_its_query_string(client: ServiceClient, pair: tuple[str, str]) -> None:
    assert ask(presigned(*pair)).client == client


@pytest.mark.parametrize(
    "options",
    [
        {"service": "iam"},
        {"region": "eu-central-1"},
        {"region": "us-gov-west-1"},
        {"url": "http://studio.example.com/aws"},
        {"url": "http://studio.example.com:8443/aws/"},
        {"url": "http://[::1]:8000/aws/"},
        {
            "url": "http://studio.example.com/aws/?Action=GetCallerIdentity&Version=2011-06-15",
            "method": "GET",
            "body": b"",
        },
        {"url": "http://studio.example.com/aws/?b=%C3%A9&a=%2A%20x~&a=&c", "method": "GET", "body": b""},
        {"headers": {"X-Extra": "  two   spaces "}},
        {"headers": {"X-Extra": "é"}},
        {"headers": {"Date": "is replaced"}},
        {"body": b"\xff\x00"},
    ],
    ids=str,
)
def test_whatever_botocore_signs_is_understood(pair: tuple[str, str], options: dict[str, Any]) -> None:
    sent = signed(*pair, **options)
    ask(sent, options.get("service", "sts"))


def test_a_header_that_botocore_does_not_sign_may_be_signed(pair: tuple[str, str]) -> None:
    from botocore.auth import SIGNED_HEADERS_BLACKLIST

    kept = [*SIGNED_HEADERS_BLACKLIST]
    SIGNED_HEADERS_BLACKLIST.remove("user-agent")
    try:
        sent = signed(*pair, headers={"User-Agent": "another SDK/1.0"})
    finally:
        SIGNED_HEADERS_BLACKLIST[:] = kept
    assert "user-agent" in sent.headers["Authorization"]
    ask(sent)
    assert refusal(sent.with_header("User-Agent", "x"))[1] == "SignatureDoesNotMatch"


def test_a_header_that_a_proxy_adds_may_be_unsigned(pair: tuple[str, str]) -> None:
    ask(signed(*pair).with_header("X-Amz-Cf-Id", "abc").with_header("X-Forwarded-For", "192.0.2.1"))


def test_the_type_of_a_form_may_be_unsigned_and_no_other(pair: tuple[str, str]) -> None:
    sent = signed(*pair, headers={"Content-Type": ""}).with_header("Content-Type", None)
    names = "content-type;host;x-amz-date"
    unsigned = sent.with_header("Authorization", sent.headers["Authorization"].replace(names, "host;x-amz-date"))
    request = unsigned.arrived()
    signature = expected_signature(request, claim_of(request), pair[1])
    good = unsigned.with_header("Authorization", unsigned.headers["Authorization"][:-64] + signature)
    ask(good.with_header("Content-Type", "application/x-www-form-urlencoded"))
    for other in ("application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain"):
        assert refusal(good.with_header("Content-Type", other))[1] == "IncompleteSignature"


def test_behind_a_proxy_the_host_is_the_one_that_the_client_asked(pair: tuple[str, str], settings) -> None:
    sent = signed(*pair).with_header("Host", "10.0.0.7:8000").with_header("X-Forwarded-Host", "studio.example.com")
    assert refusal(sent)[1] == "SignatureDoesNotMatch"
    settings.TRUSTED_PROXIES = 1
    ask(sent)
    ask(signed(*pair))


def test_the_path_is_what_was_sent_where_the_server_tells_it(pair: tuple[str, str]) -> None:
    sent = signed(*pair)
    request = sent.arrived()
    del request.META["RAW_URI"]
    authenticate(request, "sts")
    for path in ("/aws", "/%61ws/", "/aws/./", "//aws/"):
        request = sent.arrived()
        request.META["RAW_URI"] = path
        if path in ("/aws/./", "//aws/"):
            # Signature Version 4 signs the path without what means nothing in it.
            authenticate(request, "sts")
            continue
        with pytest.raises(AwsError, match=MISMATCH):
            authenticate(request, "sts")


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_one_that_is_not_signed_is_refused(client: ServiceClient) -> None:
    said = (403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    assert refusal(Sent(headers={"Host": "studio.example.com"})) == said


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Bearer abc", "Unsupported signing algorithm"),
        ("AWS4-ECDSA-P256-SHA256 Credential=a/20260301/us-east-1/sts/aws4_request", "Unsupported signing algorithm"),
        ("AWS4-HMAC-SHA256", "missing equal-sign"),
        ("AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/sts/aws4_request, SignedHeaders", "missing equal-sign"),
        (
            "AWS4-HMAC-SHA256 Credential={good}",
            "requires 'SignedHeaders' parameter. Authorization header requires 'Sig",
        ),
        (
            "AWS4-HMAC-SHA256 Credential={good}, Credential={good}, SignedHeaders={names}, Signature={hash}",
            "each of them once",
        ),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders={names}, Signature={hash}, More=1", "each of them once"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders={names}, Signature={hash}", "5 slash-delimited elements"),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders={names}, Signature=x", "64 hexadecimal digits"),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders=x-amz-date, Signature={hash}", "'host' must be a 'SignedH"),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders=host, Signature={hash}", "'x-amz-date' must be a 'SignedH"),
        (
            "AWS4-HMAC-SHA256 Credential={good}, SignedHeaders=host;x-amz-date, Signature={hash}",
            "'content-type' must be",
        ),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders={names};x-none, Signature={hash}", "not in the request"),
        ("AWS4-HMAC-SHA256 Credential={good}, SignedHeaders=x-amz-date;host;content-type, Signature={hash}", "sorted"),
        (
            "AWS4-HMAC-SHA256 Credential={good}, SignedHeaders=Content-Type;host;x-amz-date, Signature={hash}",
            "lower case",
        ),
    ],
)
def test_one_that_is_signed_by_halves_is_told_what_is_missing(pair: tuple[str, str], header: str, says: str) -> None:
    good = f"{pair[0]}/20260301/us-east-1/sts/aws4_request"
    written = header.format(good=good, names="content-type;host;x-amz-date", hash="0" * 64)
    status, code, message = refusal(signed(*pair).with_header("Authorization", written))
    assert (status, code) == (400, "IncompleteSignature")
    assert says in message


@pytest.mark.parametrize("date", [None, "yesterday", "2026-03-01T12:00:00Z", "20261301T120000Z", "99999999T999999Z"])
def test_a_date_is_needed_that_can_be_read(pair: tuple[str, str], date: str | None) -> None:
    status, code, message = refusal(signed(*pair).with_header("X-Amz-Date", date))
    assert (status, code) == (400, "IncompleteSignature")
    assert "Date" in message


def test_one_signature_is_enough(pair: tuple[str, str]) -> None:
    sent = signed(*pair)
    assert refusal(sent.but(query=presigned(*pair).query))[1] == "IncompleteSignature"


def test_of_an_unknown_a_revoked_an_ended_and_a_disabled_key_the_same_is_said(
    client: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [services.access_key_issue(by=None, client=client, now=NOW) for _ in range(3)]
    assert refusal(signed(UNKNOWN_KEY, keys[0][1])) == INVALID
    assert refusal(signed("nonsense", "x")) == INVALID
    services.access_key_revoke(by=None, key=keys[0][0], now=NOW)
    assert refusal(signed(keys[0][0].key_id, keys[0][1])) == INVALID
    AccessKey.objects.filter(pk=keys[1][0].pk).update(expires_at=NOW, created_at=NOW - timedelta(days=1))
    assert refusal(signed(keys[1][0].key_id, keys[1][1])) == INVALID
    services.client_disable(by=None, client=client, now=NOW)
    assert refusal(signed(keys[2][0].key_id, keys[2][1])) == INVALID
    services.client_enable(by=None, client=client, now=NOW)
    ask(signed(keys[2][0].key_id, keys[2][1]))
    # Also where the signature is wrong in other ways: nothing is told of a key that is not good.
    assert refusal(signed(UNKNOWN_KEY, "x", service="s3", at=NOW - timedelta(days=9))) == INVALID


def test_the_same_work_is_done_for_every_key(issued: tuple[AccessKey, str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(request: HttpRequest, claim: Claim, secret: str) -> str:
        calls.append(claim.key_id)
        return expected_signature(request, claim, secret)

    monkeypatch.setattr(auth, "expected_signature", counted)
    services.access_key_revoke(by=None, key=issued[0], now=NOW)
    queries = []
    for key_id in (UNKNOWN_KEY, issued[0].key_id):
        with CaptureQueriesContext(connection) as asked:
            refusal(signed(key_id, issued[1]))
        queries.append(len(asked))
    assert calls == [UNKNOWN_KEY, issued[0].key_id]
    assert queries[0] == queries[1]


def test_failures_stand_in_the_record_under_the_names_of_keys_that_exist(issued: tuple[AccessKey, str]) -> None:
    refusal(signed(issued[0].key_id, "x"))
    refusal(signed(UNKNOWN_KEY, "x"))
    refused = AuditEntry.objects.filter(action="access_key.refused").order_by("sequence")
    assert [(entry.actor, entry.target, entry.account) for entry in refused] == [
        ("", issued[0].key_id, "111122223333"),
        ("", "", ""),
    ]


def test_temporary_credentials_are_not_known_here(pair: tuple[str, str]) -> None:
    assert refusal(signed(*pair, token="session")) == INVALID
    assert refusal(presigned(*pair, token="session")) == INVALID


def test_a_wrong_secret_is_a_signature_that_does_not_match(pair: tuple[str, str]) -> None:
    status, code, message = refusal(signed(pair[0], pair[1][::-1]))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith(MISMATCH)


@pytest.mark.parametrize(
    ("options", "service", "says"),
    [
        ({"service": "s3"}, "sts", "Credential should be scoped to correct service: 'sts'."),
        ({"service": "sts"}, "iam", "Credential should be scoped to correct service: 'iam'."),
        ({"region": "US East"}, "sts", "5 slash-delimited"),
        ({"region": "Frankfurt"}, "sts", "Credential should be scoped to a valid Region, not 'Frankfurt'."),
    ],
)
def test_the_scope_is_checked(pair: tuple[str, str], options: dict[str, str], service: str, says: str) -> None:
    assert says in refusal(signed(*pair, **options), service)[2]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/20260301/", "/20260302/", "Date in Credential scope does not match"),
        ("/aws4_request", "/aws5_request", "Credential should be scoped with a valid terminator"),
    ],
)
def test_date_and_end_of_the_scope_are_checked(pair: tuple[str, str], old: str, new: str, says: str) -> None:
    sent = signed(*pair)
    said = refusal(sent.with_header("Authorization", sent.headers["Authorization"].replace(old, new)))
    assert said[:2] == (403, "SignatureDoesNotMatch")
    assert said[2].startswith(says)


# --- The clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300, 300.999])
@pytest.mark.parametrize("sign", [signed, presigned])
def test_clocks_may_differ_by_five_minutes(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, seconds: float, sign: Callable[..., Sent]
) -> None:
    set_clock(monkeypatch, seconds=seconds)
    ask(sign(*pair) if sign is signed else presigned(*pair, seconds=3600))


@pytest.mark.parametrize("sign", [signed, presigned])
def test_an_older_or_newer_signature_is_refused(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, sign: Callable[..., Sent]
) -> None:
    sent = sign(*pair)
    set_clock(monkeypatch, seconds=301)
    says = "Signature expired: 20260301T120000Z is now earlier than 20260301T120001Z (20260301T120501Z - 5 min.)"
    expired = (400, "RequestExpired", "Request has expired.")
    assert refusal(sent) == (expired if sign is presigned else (403, "SignatureDoesNotMatch", says))
    set_clock(monkeypatch, seconds=-301)
    says = (
        "Signature not yet current: 20260301T120000Z is still later than 20260301T115959Z (20260301T115459Z + 5 min.)"
    )
    assert refusal(sent) == (403, "SignatureDoesNotMatch", says)


def test_a_presigned_request_ends_when_it_says_and_after_a_quarter_of_an_hour(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, seconds=60)
    ask(presigned(*pair, seconds=60))
    set_clock(monkeypatch, seconds=61)
    assert refusal(presigned(*pair, seconds=60)) == (400, "RequestExpired", "Request has expired.")
    for said in (900, 604_800):
        set_clock(monkeypatch, seconds=900)
        ask(presigned(*pair, seconds=said))
        set_clock(monkeypatch, seconds=901)
        assert refusal(presigned(*pair, seconds=said))[:2] == (400, "RequestExpired")


@pytest.mark.parametrize("seconds", ["0", "-1", "604801", "1e3", "", "٣"])
def test_how_long_it_is_good_for_is_a_number(pair: tuple[str, str], seconds: str) -> None:
    sent = presigned(*pair)
    assert refusal(sent.but(query=sent.query.replace("Expires=60", f"Expires={seconds}")))[1] in {
        "IncompleteSignature",
        "SignatureDoesNotMatch",
    }


# --- The body --------------------------------------------------------------------------------------------------------


def test_what_a_header_says_of_the_body_must_be_true(pair: tuple[str, str]) -> None:
    import hashlib

    for said in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", hashlib.sha256(b"other").hexdigest(), ""):
        sent = signed(*pair, headers={"X-Amz-Content-SHA256": said})
        assert refusal(sent)[1] == "SignatureDoesNotMatch", said
    sent = signed(*pair, headers={"X-Amz-Content-SHA256": hashlib.sha256(signed(*pair).body).hexdigest()})
    ask(sent)
    assert refusal(sent.but(body=b"Action=Other"))[1] == "SignatureDoesNotMatch"


# --- What is noted ---------------------------------------------------------------------------------------------------


def test_the_last_use_is_noted_of_good_signatures_alone(issued: tuple[AccessKey, str]) -> None:
    key, secret = issued
    refusal(signed(key.key_id, "x"))
    key.refresh_from_db()
    assert key.last_used_at is None
    ask(signed(key.key_id, secret))
    key.refresh_from_db()
    assert key.last_used_at == NOW
    assert AuditEntry.objects.filter(action="access_key.used", account="111122223333").count() == 1


def test_no_secret_and_no_signature_is_logged(issued: tuple[AccessKey, str], caplog: pytest.LogCaptureFixture) -> None:
    key, secret = issued
    with caplog.at_level("DEBUG"):
        sent = signed(key.key_id, secret)
        caplog.clear()
        ask(sent)
        refusal(sent.but(body=b"x"))
    assert secret not in caplog.text
    assert sent.headers["Authorization"][-64:] not in caplog.text
