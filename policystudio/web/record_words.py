"""What the pages of the audit record say: their first line, and an entry's details as what was before and after."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from policystudio.audit.models import AuditEntry, AuditVerification
from policystudio.audit.selectors import MOST_COUNTED, Wanted
from policystudio.audit.services import COMMAND_LINE
from policystudio.web.templatetags.web import elapsed
from policystudio.web.text_diff import TextDiff, text_diff
from policystudio.web.words import count

#: Values longer than this, or of several lines, are shown as a difference of texts.
_SHORT = 100
#: So many differences are shown of an entry, and texts are compared up to so many characters.
_MOST, _LONGEST = 200, 200_000


@dataclass(frozen=True)
class Fact:
    """A detail of an entry: a value, or what it was before and is after, or the difference of two texts."""

    name: str
    value: str = ""
    before: str | None = None
    after: str | None = None
    diff: TextDiff | None = None

    @property
    def is_text(self) -> bool:
        """Whether the value has several lines."""
        return "\n" in self.value


def answer_of(place: str, wanted: Wanted, number: int | None, state: AuditVerification) -> str:
    """What the list answers, and whether the record is what was written. ``place`` is whom it is about."""
    if number is None:
        what = f"Entries about {place} with “{wanted.text}” in what they are about, newest first."
    elif number > MOST_COUNTED:
        what = f"More than {MOST_COUNTED:,} entries about {place}{_narrowed(wanted)}, newest first."
    elif number == 0:
        what = f"No entry about {place}{_narrowed(wanted)}."
    else:
        what = f"{count(number, 'entry', 'entries')} about {place}{_narrowed(wanted)}, newest first."
    return f"{what} {verification_words(state)}"


def verification_words(state: AuditVerification) -> str:
    """Whether the whole record was read, and is what was written."""
    if state.checked_at is None:
        return "Nobody has verified the record yet."
    ago = elapsed((timezone.now() - state.checked_at).total_seconds())
    if state.is_whole:
        return f"The record was verified {ago}: no entry was changed, removed or moved."
    return f"The record was verified {ago} and is not what was written: {count(state.flaw_count, 'flaw')}."


def title_of(entry: AuditEntry) -> str:
    """The question that an entry answers."""
    return f"What was entry {entry.sequence}?"


def sentence_of(entry: AuditEntry) -> str:
    """The entry in one sentence."""
    who = {"": "Nobody who was signed in", COMMAND_LINE: "Somebody on the command line"}.get(entry.actor, entry.actor)
    about = f" of `{entry.target}`" if entry.target else ""
    origin = f" from {entry.address}" if entry.address else ""
    return f"{who}{origin}: `{entry.action}`{about}."


def facts_of(details: Mapping[str, Any]) -> list[Fact]:
    """The details of an entry, the plain ones first."""
    plain = [Fact(_named(key), value=_text(value)) for key, value in details.items() if key not in ("before", "after")]
    if "before" not in details and "after" not in details:
        return plain
    changes = _changes(details.get("before"), details.get("after"), "")
    return [*plain, *(change for _, change in zip(range(_MOST), changes, strict=False))]


def _narrowed(wanted: Wanted) -> str:
    return "" if wanted.is_everything else " like that"


def _changes(before: Any, after: Any, name: str) -> Iterator[Fact]:
    """What differs, down to single values; a name is the path to it."""
    before, after = _opened(before), _opened(after)
    if before == after:
        return
    if isinstance(before, dict | None) and isinstance(after, dict | None) and not _is_policy(before, after):
        for key in {**(before or {}), **(after or {})}:
            yield from _changes((before or {}).get(key), (after or {}).get(key), f"{name} › {key}" if name else key)
        return
    texts = _text(before), _text(after)
    is_long = any(len(text) > _SHORT or "\n" in text for text in texts)
    if is_long and sum(map(len, texts)) <= _LONGEST:
        yield Fact(_named(name), diff=text_diff(*texts))
    else:
        cut = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for text in texts)
        old, new = cut
        yield Fact(_named(name), before=old, after=new)


def _is_policy(*values: Any) -> bool:
    """A policy document is shown as one text."""
    return any(isinstance(value, dict) and "Statement" in value for value in values)


def _opened(value: Any) -> Any:
    """A text that is itself JSON, as a document of a policy is, opened where that says more."""
    if isinstance(value, str) and value.lstrip().startswith("{") and len(value) <= _LONGEST:
        try:
            opened = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return opened if isinstance(opened, dict) else value
    return value


def _named(name: str) -> str:
    return name.replace("_", " ") or "value"


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return str(value)
