"""Signature Version 4 itself: AWS's published examples, and that whatever is changed on the way is refused."""

from urllib.parse import parse_qsl, urlencode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policystudio.accounts.models import Role
from policystudio.awsquery.auth import authenticate
from policystudio.awsquery.errors import AwsError
from policystudio.awsquery.signature import Claim, claim_of, expected_signature
from policystudio.clients import services
from tests.awsquery.signing import NOW, Sent, presigned, signed
from tests.factories import make_account

# --- AWS's published examples ----------------------------------------------------------------------------------------

#: Of the examples; it is good for nothing.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FORM = "application/x-www-form-urlencoded"


def example(service: str, signature: str, sent: Sent, *names: str) -> tuple[Sent, str]:
    """A request of the suite, signed as it says."""
    scope = f"AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request"
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return sent.with_header("Authorization", header), signature


def vanilla(**more: object) -> Sent:
    """What most of the suite's requests begin with."""
    headers = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}
    return Sent(**{"method": "GET", "path": "/", "headers": headers, **more})  # type: ignore[arg-type]  # mixed values


@pytest.mark.parametrize(
    ("sent", "signature"),
    [
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, as first published
        example(
            "iam",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            Sent(
                "GET",
                "/",
                "Action=ListUsers&Version=2010-05-08",
                {
                    "Host": "iam.amazonaws.com",
                    "X-Amz-Date": "20150830T123600Z",
                    "Content-Type": f"{FORM}; charset=utf-8",
                },
            ),
            *("content-type", "host", "x-amz-date"),
        ),
        # The Signature Version 4 test suite: get-vanilla, post-vanilla, get-vanilla-query-order-key-case,
        # get-unreserved, post-x-www-form-urlencoded.
        example(
            "service",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            vanilla(),
            *("host", "x-amz-date"),
        ),
        example(
            "service",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            vanilla(method="POST"),
            *("host", "x-amz-date"),
        ),
        example(
            "service",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            vanilla(query="Param2=value2&Param1=value1"),
            *("host", "x-amz-date"),
        ),
        example(
            "service",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            vanilla(path="/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
            *("host", "x-amz-date"),
        ),
        example(
            "service",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            vanilla(method="POST", body=b"Param1=value1").with_header("Content-Type", FORM),
            *("content-type", "host", "x-amz-date"),
        ),
    ],
)
def test_the_published_examples_have_the_signatures_that_are_published(sent: Sent, signature: str) -> None:
    request = sent.arrived()
    assert expected_signature(request, claim_of(request), SECRET) == signature


def test_a_query_is_what_it_means_not_how_it_is_encoded() -> None:
    def made(query: str) -> str:
        sent, _ = example("iam", "0" * 64, vanilla(query=query), "host", "x-amz-date")
        request = sent.arrived()
        return expected_signature(request, claim_of(request), SECRET)

    assert made("b=%2a&a=%C3%A9%20x") == made("a=%c3%a9+x&b=*")
    assert made("a=1&a=2") == made("a=2&a=1")
    assert (
        len({made(query) for query in ("a=1", "a=1&a=1", "A=1", "a=", "a=1&", "a=%31x", "a=1%26b=2", "a=1&b=2")}) == 8
    )


# --- Whatever is changed on the way ----------------------------------------------------------------------------------

PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)


def replaced(text: str, position: int, char: str) -> str:
    """The text with another character at some place of it; it must be another one."""
    place = position % len(text)
    assume(text[place] != char)
    return text[:place] + char + text[place + 1 :]


def changed(sent: Sent, what: str, position: int, char: str) -> Sent:
    """The request with one character of it changed, in a way that means something else."""
    if what == "method":
        method = replaced(sent.method, position, char)
        assume(method.upper() != sent.method)
        return sent.but(method=method)
    if what == "path":
        # Where a query begins, the path ends.
        path = replaced(sent.path, position, char)
        assume(char not in "?#" and path.strip("/.") != sent.path.strip("/."))
        return sent.but(path=path)
    if what == "query":
        query = replaced(sent.query, position, char)
        assume(
            char != "#" and parse_qsl(query, keep_blank_values=True) != parse_qsl(sent.query, keep_blank_values=True)
        )
        return sent.but(query=query)
    if what == "body":
        return sent.but(body=replaced(sent.body.decode(), position, char).encode())
    return sent.with_header(what, replaced(sent.headers[what], position, char))


@pytest.fixture
def pair(db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    account = make_account("111122223333", "research")
    client = services.client_create(by=None, account=account, name="pipeline", role=Role.VIEWER, now=NOW)
    key, secret = services.access_key_issue(by=None, client=client, now=NOW)
    return key.key_id, secret


def assert_refused(sent: Sent) -> None:
    with pytest.raises(AwsError) as refusal:
        authenticate(sent.arrived(), "sts")
    assert refusal.value.code in {
        *("SignatureDoesNotMatch", "IncompleteSignature", "InvalidClientTokenId", "MissingAuthenticationToken"),
        "RequestExpired",
    }


fuzzed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzed
@given(
    what=st.sampled_from(["method", "path", "body", "Host", "X-Amz-Date", "Content-Type", "Authorization"]),
    position=st.integers(0, 500),
    char=PRINTABLE,
)
def test_a_signed_request_with_a_character_changed_is_refused(
    pair: tuple[str, str], what: str, position: int, char: str
) -> None:
    sent = signed(*pair)
    authenticate(sent.arrived(), "sts")
    assert_refused(changed(sent, what, position, char))


@fuzzed
@given(what=st.sampled_from(["method", "path", "query", "Host"]), position=st.integers(0, 500), char=PRINTABLE)
def test_so_is_a_presigned_one(pair: tuple[str, str], what: str, position: int, char: str) -> None:
    sent = presigned(*pair)
    authenticate(sent.arrived(), "sts")
    assert_refused(changed(sent, what, position, char))


@fuzzed
@given(added=st.text(PRINTABLE, min_size=1, max_size=20), in_front=st.booleans(), to_query=st.booleans())
def test_so_is_one_with_something_added(pair: tuple[str, str], added: str, in_front: bool, to_query: bool) -> None:
    assume("#" not in added)
    if to_query:
        sent = presigned(*pair)
        joined = f"{added}&{sent.query}" if in_front else f"{sent.query}&{added}"
        assert_refused(sent.but(query=joined))
        assert_refused(signed(*pair).but(query=added))
    else:
        sent = signed(*pair)
        body = added.encode()
        assert_refused(sent.but(body=body + sent.body if in_front else sent.body + body))


def code_of(sent: Sent) -> str:
    """AWS's code for a claim that cannot be read, "" for one that can."""
    try:
        found = claim_of(sent.arrived())
    except AwsError as error:
        return error.code
    return "" if isinstance(found, Claim) else "nothing"


@settings(max_examples=200, deadline=None)
@given(header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=200))
def test_whatever_stands_in_the_header_is_answered_in_aws_own_words(header: str) -> None:
    sent = Sent(headers={"Host": "studio.example.com", "Authorization": f"AWS4-HMAC-SHA256 {header}"})
    assert code_of(sent) in {"", "IncompleteSignature", "MissingAuthenticationToken"}


@settings(max_examples=200, deadline=None)
@given(
    date=st.one_of(st.text(PRINTABLE, max_size=20), st.from_regex(r"[0-9]{8}T[0-9]{6}Z", fullmatch=True)),
    seconds=st.text(st.characters(categories=["Nd"]), max_size=8),
)
def test_whatever_date_is_written_is_read_or_refused(date: str, seconds: str) -> None:
    sent = presigned("AKIAIOSFODNN7EXAMPLE", "x")
    pairs = {**dict(parse_qsl(sent.query)), "X-Amz-Date": date, "X-Amz-Expires": seconds}
    assert code_of(sent.but(query=urlencode(pairs))) in {"", "IncompleteSignature"}
