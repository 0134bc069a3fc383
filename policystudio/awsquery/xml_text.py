"""Text as XML can hold it."""

import re
from xml.sax.saxutils import escape

#: What XML 1.0 has no way to write, escaped or not: https://www.w3.org/TR/xml/#charsets
UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A parser would read a plain carriage return as a line feed.
_ENTITIES = {"\r": "&#13;"}
#: Most texts have nothing of this, and are the same in XML.
_PLAIN = re.compile("[\t\n -%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def text(value: str) -> str:
    """``value`` escaped; a character that XML cannot hold becomes U+FFFD, the sign for what could not be shown."""
    if _PLAIN.fullmatch(value):
        return value
    return escape(UNSPEAKABLE.sub("\ufffd", value), _ENTITIES)


def element(name: str, value: str) -> str:
    """An element with nothing but text in it."""
    return f"<{name}>{text(value)}</{name}>"
