"""Words of the pages: verdicts, counts, and sentences about them."""

import re
from collections.abc import Sequence

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

LEVELS = ("List", "Read", "Write", "Tagging")

#: The letters of a matrix, and the three that stand for several verdicts at once, in words.
WORDS = {
    "A": "allowed",
    "S": "some resources",
    "C": "depends on conditions",
    "E": "explicit deny",
    "I": "implicit deny",
    "U": "undecided",
    "M": "mixed",
    "N": "denied, in part explicitly",
    "P": "mixed, at most under conditions",
}
SIGNS = {"A": "✓", "S": "◐", "C": "?", "E": "✕", "I": "", "U": "…"}

#: The types of findings in words: of one, and of several.
FINDINGS = {
    "ERROR": ("error", "errors"),
    "SECURITY_WARNING": ("security warning", "security warnings"),
    "WARNING": ("warning", "warnings"),
    "SUGGESTION": ("suggestion", "suggestions"),
}

_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[-/:.])")


def wbr(text: str) -> SafeString:
    """A long name that may be broken between its words."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in _BREAKS.split(text)))


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 role`, `2 roles`, `no roles`, `12,000 roles`."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}" if number else f"no {noun}"


def listing(words: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def account_number(number: str) -> str:
    """A 12-digit account number in groups of four."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
