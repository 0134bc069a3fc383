"""Who sent a request: the API client whose access key signed it."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from policystudio.accounts.models import Account
from policystudio.awsquery.errors import AwsError
from policystudio.awsquery.signature import Claim, claim_of, expected_signature, has_session_token
from policystudio.clients import selectors, services
from policystudio.clients.models import ServiceClient

#: How far the clock of a client may be from ours, and how long a signature is good for that does not say it itself.
SKEW = timedelta(minutes=5)
#: A signature in the query string is good for no longer than AWS's STS takes one, whatever it says itself.
MOST_LIVED = timedelta(minutes=15)

_TERMINATOR = "aws4_request"
_REGION = re.compile(r"[a-z]{2,16}(-[a-z0-9]{1,16}){1,4}")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
#: Instead of a secret that is not there, so that a key that is unknown takes the time of one that is known.
_NO_SECRET = secrets.token_urlsafe(30)


@dataclass(frozen=True, slots=True)
class Caller:
    """The API client that signed a request, whom the studio knows it as, and the one account that it is of."""

    client: ServiceClient
    user: User
    account: Account
    key_id: str


def authenticate(request: HttpRequest, service: str) -> Caller:
    """The caller; raises ``AwsError`` where the request is not signed, or not as AWS's Signature Version 4 says.

    A request that was seen on its way can be sent again for as long as its signature is good. That is harmless: every
    operation only reads, so its sender learns what that one question is answered with.
    """
    claim = claim_of(request)
    if has_session_token(request):
        # Those are of temporary credentials, which the studio does not issue.
        raise _invalid_token()
    now = timezone.now().replace(microsecond=0)
    key = selectors.find_access_key(claim.key_id)
    secret = selectors.secret_of(key) if key is not None and selectors.lets_in(key, now=now) else None
    # The same work for every key, also where the answer is known already: how long it takes tells nothing.
    expected = expected_signature(request, claim, secret or _NO_SECRET)
    is_signed = constant_time_compare(expected, claim.signature)
    if key is None or secret is None:
        services.access_key_refused(key=key, now=now)
        raise _invalid_token()
    _check_scope(claim, service)
    _check_clock(claim, now)
    _check_body(request)
    if not is_signed:
        services.access_key_refused(key=key, now=now)
        raise _mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )
    services.access_key_used(key=key, now=now)
    return Caller(key.client, key.client.user, key.client.account, key.key_id)


def _check_scope(claim: Claim, service: str) -> None:
    """Date, Region, service and terminator that the signing key was made for."""
    day = claim.timestamp[:8]
    if claim.date != day:
        raise _mismatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{day}', from '{claim.timestamp}'."
        )
    # IAM is one service for all Regions; SDKs with an endpoint of their own sign for the Region that they are set to.
    if not _REGION.fullmatch(claim.region):
        raise _mismatch(f"Credential should be scoped to a valid Region, not '{claim.region}'.")
    if claim.service != service:
        raise _mismatch(f"Credential should be scoped to correct service: '{service}'.")
    if claim.terminator != _TERMINATOR:
        raise _mismatch(
            f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', not '{claim.terminator}'."
        )


def _check_clock(claim: Claim, now: datetime) -> None:
    """Not before its time, and not after: a signature in the query string says how long it is good.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
    """
    signed, ours, minutes = claim.timestamp, now.strftime(_TIMESTAMP), int(SKEW.total_seconds() // 60)
    earliest, latest = now - SKEW, now + SKEW
    if claim.seconds is not None:
        if now > claim.at + min(timedelta(seconds=claim.seconds), MOST_LIVED):
            raise AwsError("RequestExpired", "Request has expired.")
    elif claim.at < earliest:
        edge = earliest.strftime(_TIMESTAMP)
        raise _mismatch(f"Signature expired: {signed} is now earlier than {edge} ({ours} - {minutes} min.)")
    if claim.at > latest:
        edge = latest.strftime(_TIMESTAMP)
        raise _mismatch(f"Signature not yet current: {signed} is still later than {edge} ({ours} + {minutes} min.)")


def _check_body(request: HttpRequest) -> None:
    """What the sender says of the body is true. That it is signed is seen to by the signature, which is of the body."""
    said = request.headers.get("X-Amz-Content-Sha256")
    if said is not None and not constant_time_compare(said, hashlib.sha256(request.body).hexdigest()):
        raise _mismatch("The value of X-Amz-Content-Sha256 is not the SHA-256 of the body, which must be signed.")


def _invalid_token() -> AwsError:
    """One answer for a key that never was, that is revoked, that has ended, and whose client is disabled."""
    message = "The security token included in the request is invalid."
    return AwsError("InvalidClientTokenId", message, HTTPStatus.FORBIDDEN)


def _mismatch(message: str) -> AwsError:
    return AwsError("SignatureDoesNotMatch", message, HTTPStatus.FORBIDDEN)
