"""What templates say in words: times, counts, account numbers, links that keep the query."""

import re
from datetime import UTC, datetime

from django import template
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from policystudio.audit.services import COMMAND_LINE
from policystudio.web import words

register = template.Library()
register.filter("account_number", words.account_number)
register.filter("wbr", words.wbr)
register.filter("sentence", words.sentence)
register.filter("finding_word", lambda kind: words.FINDINGS.get(kind, (kind, kind))[0])
register.filter("word", lambda letter: words.WORDS[letter])

_KEYS = re.compile(r"((?<![:\w])(?:aws|sagemaker|iam|sts|kms|s3):[A-Za-z]+(?:/[^\s,]+)?)")
#: The units of "2 hours ago", longest first.
UNITS = (("year", 31_557_600), ("month", 2_629_800), ("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60))


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """A moment in UTC; js/times.js shows it in the reader's own time zone and keeps UTC in the tooltip."""
    if moment is None:
        return "—"
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-when="at">{}</time>', utc.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{utc:%d %b %Y %H:%M} UTC"
    )


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago a moment was, with the moment itself in the tooltip."""
    if moment is None:
        return "never"
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-when="ago" title="{}">{}</time>',
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{utc:%d %b %Y %H:%M} UTC",
        elapsed((timezone.now() - utc).total_seconds()),
    )


def elapsed(seconds: float) -> str:
    """A stretch of time in its largest unit: `2 hours ago`."""
    for unit, length in UNITS:
        if seconds >= length:
            return f"{words.count(int(seconds // length), unit)} ago"
    return "just now"


@register.filter
def by(name: str) -> str:
    """Who did something, as the end of a sentence; "" where nobody is known."""
    if name == COMMAND_LINE:
        return "on the command line"
    return f"by {name}" if name else ""


@register.filter
def last_used(told: dict[str, str]) -> datetime | None:
    """The moment in what AWS tells of a role's last use."""
    return parse_datetime(told.get("LastUsedDate") or "") if told else None


@register.filter
def counted(number: int, nouns: str) -> str:
    """`{{ 2|counted:"policy,policies" }}` says `2 policies`."""
    singular, _, plural = nouns.partition(",")
    return words.count(number, singular, plural)


@register.filter
def counted_finding(number: int, kind: str) -> str:
    """`3 security warnings`."""
    return words.count(number, *words.FINDINGS[kind])


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: object) -> str:
    """The page's own query string with some parameters changed; None and "" take a parameter out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.inclusion_tag("parts/_verdict_sign.html")
def verdict_sign(letter: str) -> dict[str, str]:
    """A verdict as a square with its sign; its word is for those who listen, and in the tooltip."""
    return {"letter": letter, "sign": words.SIGNS.get(letter, ""), "word": words.WORDS[letter]}


@register.filter
def coded(text: str) -> SafeString:
    """A sentence with its condition keys set as code."""
    pieces = _KEYS.split(text)
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", piece) if at % 2 else piece,) for at, piece in enumerate(pieces))
    )


@register.filter
def ticked(text: object) -> SafeString:
    """A sentence with what stands in backquotes set as code."""
    pieces = str(text).split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", piece) if at % 2 else piece,) for at, piece in enumerate(pieces))
    )


@register.filter
def policy_name(key: str) -> str:
    """The name of a policy from how a what-if names it: an ARN, `inline:<identity>/<policy>` or `boundary`."""
    if key == "boundary":
        return "the permissions boundary"
    return key.removeprefix("inline:") if key.startswith("inline:") else key.rpartition("/")[2]
