"""The parameters of a request as they come: `Name.member.1=value`, percent-encoded, each at most once."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from policystudio.awsquery.errors import AwsError, invalid_query_parameter

#: 100 actions on 100 resources with 100 context keys stay far below.
MOST_PARAMETERS = 20_000
#: Longer than the path of any parameter that an operation has.
LONGEST_NAME = 256

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9]+)*", re.ASCII)


def read_pairs(*texts: bytes) -> dict[str, str]:
    """The parameters of a query string, of a form body, or of both; raises ``AwsError``."""
    pairs: dict[str, str] = {}
    pieces = [piece for text in texts for piece in text.split(b"&") if piece]
    if len(pieces) > MOST_PARAMETERS:
        raise _malformed(f"there are {len(pieces)} parameters, at most {MOST_PARAMETERS} are read")
    for piece in pieces:
        written, _, value = piece.partition(b"=")
        name = _decoded(written, "the name of a parameter")
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            raise _malformed(f"`{name[:LONGEST_NAME]}` is not the name of a parameter")
        if name in pairs:
            raise invalid_query_parameter(f"The parameter {name} is given more than once.")
        pairs[name] = _decoded(value, f"the parameter {name}")
    return pairs


def _decoded(text: bytes, what: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise _malformed(f"{what} has a `%` without two hexadecimal digits behind it")
    try:
        decoded = unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed(f"{what} is not UTF-8") from None
    if "\0" in decoded:
        raise _malformed(f"{what} holds the character NUL")
    return decoded


def _malformed(message: str) -> AwsError:
    return AwsError(
        "MalformedQueryString", f"The query string contains a syntax error: {message}.", HTTPStatus.NOT_FOUND
    )


#: Parameters of the protocol, not of an operation; a signature in the query string is made of `X-Amz-…`.
def is_of_protocol(name: str) -> bool:
    """Whether a parameter says how the request is sent, and nothing to the operation."""
    return name in ("Action", "Version") or name.lower().startswith("x-amz-")


def of_operation(pairs: Mapping[str, str]) -> dict[str, str]:
    """The parameters that the operation is to read."""
    return {name: value for name, value in pairs.items() if not is_of_protocol(name)}
