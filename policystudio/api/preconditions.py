"""ETags: what is written over REST names the version that it was read at, so that no edit is lost.

https://www.rfc-editor.org/rfc/rfc9110#name-preconditions and https://www.rfc-editor.org/rfc/rfc6585#section-3
"""

import hashlib
import re

from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.problems import Fault, ProblemSerializer, Refused
from policystudio.lib.said import Absent

_ETAG = re.compile(r'"([0-9a-f]{1,64})"')
_MOST_DIGITS = 9

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|"[0-9a-f]{1,64}")$'},
    OpenApiParameter.HEADER,
    required=True,
    description='The `ETag` of the answer that is written over, such as `"3"`; `*` writes over whatever is there.',
)
PRECONDITIONS = {
    412: "It was written by somebody else since that version; read it again.",
    428: "The header If-Match is missing.",
}
PRECONDITION_PROBLEMS = {code: OpenApiResponse(ProblemSerializer, text) for code, text in PRECONDITIONS.items()}


def with_etag(response: Response, version: int) -> Response:
    """The response with the version as its strong ETag."""
    response.headers["ETag"] = f'"{version}"'
    return response


def expected_version(request: Request, current: int) -> int | None:
    """The version that the client saw, from If-Match; None for `*`.

    Raises ``Refused``: 428 where it is missing, 404 where no version up to ``current`` ever had such a tag.
    """
    tag = expected_tag(request)
    if tag is None:
        return None
    if not (tag.isdigit() and len(tag) <= _MOST_DIGITS and 0 < int(tag) <= current):
        raise _never_given_out(f"is at version {current}")
    return int(tag)


def tag_of(text: str) -> str:
    """The tag of what this text tells, of which it can be seen that it was given out."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return digest + _seal(digest)


def expected_sealed_tag(request: Request) -> str | None:
    """The tag of ``tag_of`` that the client saw; as ``expected_version``."""
    tag = expected_tag(request)
    if tag is not None and not constant_time_compare(_seal(tag[:32]), tag[32:]):
        raise _never_given_out("has another one")
    return tag


def _seal(digest: str) -> str:
    return salted_hmac("policystudio.api.etag", digest, algorithm="sha256").hexdigest()[:32]


def _never_given_out(now: str) -> Refused:
    message = Absent(f"was never the ETag of this, which {now}: read it again")
    return Refused([Fault(message, "If-Match", where="header")])


def expected_tag(request: Request) -> str | None:
    """The ETag that the client saw, without its quotation marks; as ``expected_version``."""
    written = request.headers.get("If-Match", "").strip()
    if not written:
        fault = Fault("send the ETag of what you read, so that nobody's edit is lost", "If-Match", where="header")
        raise Refused([fault], status_code=status.HTTP_428_PRECONDITION_REQUIRED)
    if written == "*":
        return None
    found = _ETAG.fullmatch(written)
    if found is None:
        raise Refused([Fault('must be one ETag such as "3", or *', "If-Match", where="header")])
    return found[1]


def stale(message: str) -> Refused:
    """412: somebody else wrote in between."""
    fault = Fault(message, "If-Match", where="header")
    return Refused([fault], status_code=status.HTTP_412_PRECONDITION_FAILED)
