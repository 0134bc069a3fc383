"""The policy documents of an export: decoded to their exact text, each distinct one parsed once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from policystudio.awssync.snapshot.json_stream import Raw
from policystudio.awssync.snapshot.report import Code, Place, Report
from policystudio.engine.document import PolicyKind
from policystudio.policies.services import document_digest, read_document

#: Percent-encoded by RFC 3986, every character that is to be.
_encoded = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One distinct text; ``problems`` and ``actions`` as in ``policies.models.Document``."""

    digest: str
    kind: str
    text: str
    problems: list[dict[str, str | int]] | None
    actions: str | None


class Documents:
    """All documents of an export by their digest."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.by_digest: dict[str, DocumentRecord] = {}

    def add(self, raw: Raw | None, kind: PolicyKind, place: Place, subject: str) -> str:
        """Take in what stands in the export (None: nothing) and answer with the digest; problems are reported.

        A document that does not parse is kept exactly, with its problems: who bears it is undecided.
        """
        if raw is None:
            self._report.add(Code.DOCUMENT_MISSING, f"the {kind} policy has no document", place, subject)
        else:
            place = Place(place.path, raw.line, raw.column)
        text = document_text(raw)
        record = self._record(text, kind)
        if raw is not None and record.problems:
            self._tell(record, place, subject)
        return record.digest

    def _record(self, text: str, kind: PolicyKind) -> DocumentRecord:
        digest = document_digest(kind=kind, text=text)
        if digest not in self.by_digest:
            self.by_digest[digest] = DocumentRecord(digest, str(kind), text, *read_document(text, kind))
        return self.by_digest[digest]

    def _tell(self, record: DocumentRecord, place: Place, subject: str) -> None:
        for problem in record.problems or []:
            where = f"line {problem['line']}, column {problem['column']} of the document: "
            self._report.add(Code.DOCUMENT_MALFORMED, f"{where}{problem['message']}", place, subject)


def document_problems(text: str, kind: PolicyKind) -> list[dict[str, str | int]] | None:
    """What is wrong in a policy, as its row keeps it; None where it parses."""
    return read_document(text, kind)[0]


def document_text(raw: Raw | None) -> str:
    """The exact text of a document: of an object as it stands in the file, of a string what it holds.

    IAM's API percent-encodes documents (RFC 3986); AWS's CLI decodes them, others pass them on as they came.
    """
    if raw is None:
        return ""
    if not raw.is_string or raw.text.lstrip()[:1] in ("{", "[") or "%" not in raw.text:
        return raw.text
    candidates = list(_decoded(raw.text))
    # No JSON, but nothing else than percent-encoded text either: what the API gives of a document that does not parse.
    plain = candidates[0] if candidates and _encoded.fullmatch(raw.text) else raw.text
    broken = next((text for text in candidates if text.lstrip()[:1] in ("{", "[")), plain)
    return next((text for text in candidates if _is_json(text)), broken)


def _decoded(text: str) -> Iterator[str]:
    """Percent-encoded text, and as forms encode it, with a plus sign for a space."""
    for decode in (unquote, unquote_plus):
        try:
            decoded = decode(text, errors="strict")
        except UnicodeDecodeError:
            continue
        if "\0" not in decoded:
            yield decoded


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
