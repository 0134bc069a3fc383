"""What a finding is about: its section of docs/findings.md, which the tests hold against the rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from policystudio.engine.lint.finding import Origin
from policystudio.engine.lint.registry import RULES

_SECTION = re.compile(r"^### (.+)\n((?:(?!^##).*\n?)*)", re.MULTILINE)
_CODES = re.compile(r"^- `[A-Z0-9_]+` \([A-Z_]+\)\n?", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class FindingHelp:
    """The rule of a code, and what its section says; no paragraphs where the documentation is not installed."""

    code: str
    type: str
    title: str
    is_of_aws: bool
    paragraphs: Sequence[SafeString]


def help_for(code: str) -> FindingHelp | None:
    """What there is to say about a code; None for one that no rule reports."""
    for rule in RULES.values():
        if code in rule.codes:
            section = _sections().get(rule.title, "")
            return FindingHelp(code, str(rule.codes[code]), rule.title, rule.source is Origin.AWS, _paragraphs(section))
    return None


@cache
def _sections() -> Mapping[str, str]:
    page = settings.BASE_DIR / "docs" / "findings.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {match[1]: match[2] for match in _SECTION.finditer(text)}


def _paragraphs(section: str) -> list[SafeString]:
    parts = (" ".join(part.split()) for part in _CODES.sub("", section).split("\n\n"))
    return [_html(part) for part in parts if part]


def _html(text: str) -> SafeString:
    """A paragraph whose backticks are code, and whose links are their words."""
    pieces = _CODE.split(_LINK.sub(r"\1", text))
    return mark_safe(  # noqa: S308 -- each piece is escaped
        "".join([format_html("<code>{}</code>", piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)])
    )
