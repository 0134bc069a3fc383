"""Signature Version 4: what a request claims, and the signature that botocore's own signer makes of the request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from django.conf import settings
from django.http import HttpRequest

from policystudio.awsquery.errors import AwsError

ALGORITHM = "AWS4-HMAC-SHA256"
#: The longest that AWS lets a signature in the query string be good for: seven days.
MOST_SECONDS = 7 * 24 * 3600

_FORM = "application/x-www-form-urlencoded"
_HEADER_PARTS = ("Credential", "SignedHeaders", "Signature")
_QUERY_PARTS = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")
_CREDENTIAL = re.compile(r"([^/\s]{1,128})/([0-9]{8})/([^/\s]{1,64})/([^/\s]{1,64})/([^/\s]{1,64})", re.ASCII)
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signature. ``timestamp`` is as it is signed; ``seconds`` None in a header."""

    key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    at: datetime
    seconds: int | None = None


def claim_of(request: HttpRequest) -> Claim:
    """The claim in the Authorization header or in the query string; raises ``AwsError`` where it is not whole."""
    header = request.headers.get("Authorization", "").strip()
    query = _signing_parameters(request)
    if not header and not query:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", HTTPStatus.FORBIDDEN)
    if header and query:
        raise incomplete("A request is signed in the Authorization header or in the query string, not in both.")
    claim = _from_header(request, header) if header else _from_query(query)
    _check_signed_headers(request, claim)
    return claim


def has_session_token(request: HttpRequest) -> bool:
    """Whether the request is signed with temporary credentials, as it says."""
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    in_query = any(name.lower() == "x-amz-security-token" for name, _ in pairs)
    return in_query or "X-Amz-Security-Token" in request.headers


def expected_signature(request: HttpRequest, claim: Claim, secret: str) -> str:
    """The signature that the request, as it arrived, has to have with this secret."""
    signer = _Signer(Credentials(claim.key_id, secret), claim.service, claim.region)
    url = f"http://localhost{_path(request)}"
    query = _canonical_query(request)
    signed = {name: _header(request, name) or "" for name in claim.signed_headers}
    made = AWSRequest(
        method=str(request.META["REQUEST_METHOD"]), url=f"{url}?{query}" if query else url, headers=signed
    )
    made.context["timestamp"] = claim.timestamp
    made.context["payload"] = hashlib.sha256(request.body).hexdigest()
    return str(signer.signature(signer.string_to_sign(made, signer.canonical_request(made)), made))


def incomplete(message: str) -> AwsError:
    """The request says that it is signed, but not all that is needed to check it."""
    return AwsError("IncompleteSignature", message)


class _Signer(SigV4Auth):
    """botocore's signer for a request that came in: of the headers that its sender signed, and of the real body."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Exactly the given ones; when it sends, botocore leaves some out that other senders sign."""
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers

    def payload(self, request: AWSRequest) -> str:
        """The SHA-256 of the body that arrived."""
        return str(request.context["payload"])


def _signing_parameters(request: HttpRequest) -> Mapping[str, str]:
    """The parameters of a signature in the query string, {} where there is none; each may be there once."""
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    found = [(name, value) for name, value in pairs if name.lower().startswith("x-amz-")]
    names = [name.lower() for name, _ in found]
    if not {"x-amz-algorithm", "x-amz-signature", "x-amz-credential"} & set(names):
        return {}
    if len(set(names)) < len(names):
        raise incomplete("A parameter of the signature is given more than once in the query string.")
    return dict(found)


def _from_header(request: HttpRequest, header: str) -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise incomplete(f"Unsupported signing algorithm: the Authorization header begins with {ALGORITHM}.")
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        name, equals, value = piece.strip().partition("=")
        if not equals:
            raise incomplete("A part of the Authorization header is no key=value pair (missing equal-sign).")
        if name in parts or name not in _HEADER_PARTS:
            raise incomplete(f"The Authorization header has {', '.join(_HEADER_PARTS)}, each of them once.")
        parts[name] = value
    missing = [f"Authorization header requires '{name}' parameter." for name in _HEADER_PARTS if not parts.get(name)]
    name = "x-amz-date" if _header(request, "x-amz-date") is not None else "date"
    written = _header(request, name)
    if written is None:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing or written is None:
        raise incomplete(" ".join(missing))
    if name not in parts["SignedHeaders"].split(";"):
        raise incomplete(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    return _claim(parts, _moment(written))


def _from_query(query: Mapping[str, str]) -> Claim:
    missing = [
        f"AWS query-string parameters must include '{name}'."
        for name in ("X-Amz-Algorithm", *_QUERY_PARTS)
        if not query.get(name)
    ]
    if missing:
        raise incomplete(" ".join(missing))
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise incomplete(f"Unsupported signing algorithm: X-Amz-Algorithm is {ALGORITHM}.")
    seconds = query.get("X-Amz-Expires")
    if seconds is not None and not (
        seconds.isascii() and seconds.isdigit() and len(seconds) <= 6 and 0 < int(seconds) <= MOST_SECONDS
    ):
        raise incomplete(f"X-Amz-Expires must be a whole number from 1 to {MOST_SECONDS}.")
    parts = {name: query[f"X-Amz-{name}"] for name in _HEADER_PARTS}
    return _claim(parts, _moment(query["X-Amz-Date"]), int(seconds) if seconds else None)


def _claim(parts: Mapping[str, str], at: datetime, seconds: int | None = None) -> Claim:
    credential = _CREDENTIAL.fullmatch(parts["Credential"])
    if credential is None:
        raise incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        )
    names = tuple(parts["SignedHeaders"].split(";"))
    if list(names) != sorted(set(names)) or not all(_HEADER_NAME.fullmatch(name) for name in names):
        raise incomplete("SignedHeaders must be names in lower case, sorted, each once, with `;` between them.")
    if not _SIGNATURE.fullmatch(parts["Signature"]):
        raise incomplete("Signature must be 64 hexadecimal digits in lower case.")
    key_id, date, region, service, terminator = credential.groups()
    return Claim(
        key_id=key_id,
        date=date,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=names,
        signature=parts["Signature"],
        timestamp=at.strftime(SIGV4_TIMESTAMP),
        at=at,
        seconds=seconds,
    )


def _moment(written: str) -> datetime:
    """The time of a signature: as of X-Amz-Date, or as HTTP's Date header writes it."""
    try:
        if _TIMESTAMP.fullmatch(written):
            return datetime.strptime(written, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
        return parsedate_to_datetime(written).astimezone(UTC)
    except (ValueError, OverflowError):
        raise incomplete("Date must be in ISO-8601 'basic format', such as 20260131T235959Z.") from None


def _check_signed_headers(request: HttpRequest, claim: Claim) -> None:
    """What decides about the request's meaning is signed, and what is signed is there.

    Other headers than these may stand unsigned, as proxies add some, such as CloudFront's ``x-amz-cf-id``.
    """
    needed = ["host"]
    # Of a request without a body some servers make up a content type. Tools such as curl add that of a form behind the
    # signer's back: as it is the one that is read here, nobody gains by writing it over another.
    if request.body and _header(request, "content-type") not in (None, "", _FORM):
        needed.append("content-type")
    for name in needed:
        if name not in claim.signed_headers:
            raise incomplete(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in claim.signed_headers:
        if _header(request, name) is None:
            raise incomplete(f"'{name}' is a 'SignedHeader' in the AWS Authorization, but not in the request.")


def _header(request: HttpRequest, name: str) -> str | None:
    """A header as its sender wrote it; None where it is not there."""
    value = _sent_host(request) if name == "host" else request.headers.get(name)
    if value is None:
        return None
    try:
        # WSGI hands bytes over as if they were Latin-1.
        return str(value).encode("latin-1").decode()
    except UnicodeError:
        return str(value)


def _sent_host(request: HttpRequest) -> str | None:
    """The host that the client asked; a proxy that asks us under another name tells it, if we trust proxies."""
    forwarded = request.META.get("HTTP_X_FORWARDED_HOST") if settings.TRUSTED_PROXIES else None
    host: str | None = forwarded.split(",")[0].strip() if forwarded else request.META.get("HTTP_HOST")
    return host


def _path(request: HttpRequest) -> str:
    """The path as it was sent, where the server tells that (gunicorn does); otherwise what Django decoded, encoded."""
    sent = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    if isinstance(sent, str) and sent.startswith("/"):
        return sent.partition("?")[0]
    return quote(request.path, safe="/~")


def _canonical_query(request: HttpRequest) -> str:
    """The query string in the one way that AWS has of encoding one; sorting it is left to the signer."""
    pieces = []
    for piece in str(request.META.get("QUERY_STRING", "")).split("&"):
        name, equals, value = piece.partition("=")
        written = _encoded(name)
        if written != "X-Amz-Signature":
            pieces.append(f"{written}={_encoded(value)}" if name or equals else "")
    return "&".join(pieces)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ").encode("latin-1")), safe="-_.~")
