"""A policy's text in an address: packed, because JSON in a query string is five times as long."""

import base64
import binascii
import zlib

LONGEST_TEXT = 131_072


class UnpackError(ValueError):
    """A packed text cannot be read."""


def pack(text: str) -> str:
    """The text in the letters that need no escape in a query string."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).rstrip(b"=").decode()


def unpack(packed: str) -> str:
    """The text of ``pack``; raises ``UnpackError`` where there is none, or where it is longer than any policy."""
    try:
        data = base64.b64decode(packed.encode("ascii") + b"=" * (-len(packed) % 4), b"-_", validate=True)
        reader = zlib.decompressobj()
        text = reader.decompress(data, LONGEST_TEXT + 1)
    except (binascii.Error, UnicodeError, ValueError, zlib.error):
        raise UnpackError("the policy in the address is damaged: add it again") from None
    if len(text) > LONGEST_TEXT or not reader.eof:
        raise UnpackError(f"the policy in the address is cut off or longer than {LONGEST_TEXT:,} characters")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UnpackError("the policy in the address is damaged: add it again") from None
