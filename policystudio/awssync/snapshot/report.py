"""What an import has to say: each item that was not understood with its place, and what changed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

#: What is listed before the rest is only counted: a report must fit into a row.
MAX_FINDINGS = 20_000
MAX_CHANGES = 2_000


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # not understood: left out, or kept and undecided
    WARNING = "warning"  # understood, but odd
    NOTE = "note"  # passed over, and harmless


class Code(StrEnum):
    """The kinds of finding; docs/import.md explains each."""

    ITEM_MALFORMED = "item_malformed"
    FIELD_MALFORMED = "field_malformed"
    ARN_MALFORMED = "arn_malformed"
    NAME_MALFORMED = "name_malformed"
    ITEM_TWICE = "item_twice"
    DOCUMENT_MALFORMED = "document_malformed"
    DOCUMENT_MISSING = "document_missing"
    DEFAULT_VERSION_UNCLEAR = "default_version_unclear"
    TOO_MANY_VERSIONS = "too_many_versions"
    POLICY_UNKNOWN = "policy_unknown"
    POLICY_FOREIGN = "policy_foreign"
    BOUNDARY_UNKNOWN = "boundary_unknown"
    GROUP_UNKNOWN = "group_unknown"
    IDENTITY_UNKNOWN = "identity_unknown"
    UNIT_UNKNOWN = "unit_unknown"
    EXPORT_TRUNCATED = "export_truncated"
    DATE_MALFORMED = "date_malformed"
    QUOTA_EXCEEDED = "quota_exceeded"
    TYPE_UNKNOWN = "type_unknown"
    KEY_UNKNOWN = "key_unknown"
    NOT_A_LIST = "not_a_list"
    NOT_SAGEMAKER = "not_sagemaker"


LEVELS: dict[Code, Level] = dict.fromkeys(Code, Level.ERROR) | {
    Code.EXPORT_TRUNCATED: Level.WARNING,
    Code.DATE_MALFORMED: Level.WARNING,
    Code.QUOTA_EXCEEDED: Level.WARNING,
    Code.TYPE_UNKNOWN: Level.WARNING,
    Code.KEY_UNKNOWN: Level.NOTE,
    Code.NOT_A_LIST: Level.NOTE,
    Code.NOT_SAGEMAKER: Level.NOTE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something stands: its path, such as ``UserDetailList[3].Tags``, and the line and column."""

    path: str = ""
    line: int = 0
    column: int = 0

    def at(self, step: str) -> "Place":
        """The place of a part, which stands at the same line for all that we say."""
        dot = "." if self.path and not step.startswith("[") else ""
        return Place(f"{self.path}{dot}{step}", self.line, self.column)

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.line else ""
        return f"{where} ({self.path})" if where and self.path else where or self.path


@dataclass(slots=True)
class Finding:
    """One thing that an import has to say about the file. ``subject`` is the ARN (or name) of what it is about.

    ``also`` counts further places of which the same is true.
    """

    code: Code
    message: str
    place: Place
    subject: str = ""
    also: int = 0

    @property
    def level(self) -> Level:
        """How much it matters."""
        return LEVELS[self.code]

    def __str__(self) -> str:
        where = str(self.place)
        more = f" (and {self.also:,} more)" if self.also else ""
        about = f"{self.subject}: " if self.subject else ""
        return f"{self.level}: {where + ': ' if where else ''}{about}{self.message}{more}"


class Change(StrEnum):
    """What an import did to something."""

    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(slots=True)
class Changes:
    """What an import did to one account or organization: counts by kind (``user``, …), and the changes one by one.

    ``number`` is the account's, or the organization's id.
    """

    number: str
    name: str
    created: bool = False
    renamed: bool = False
    moved: bool = False
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    changes_left_out: int = 0

    def add(self, change: Change, kind: str, subject: str, what: Iterable[str] = ()) -> None:
        """Note that ``subject`` (an ARN) was added, updated in ``what``, or removed."""
        self._count(kind, change)
        if len(self.changes) < MAX_CHANGES:
            self.changes.append({"change": str(change), "kind": kind, "arn": subject, "what": list(what)})
        else:
            self.changes_left_out += 1

    def add_unchanged(self, kind: str, number: int = 1) -> None:
        """Note that ``number`` of a kind are as they were."""
        self._count(kind, "unchanged", number)

    @property
    def is_changed(self) -> bool:
        """Whether anything of the account is different now."""
        return self.created or self.renamed or self.moved or bool(self.changes)

    def _count(self, kind: str, what: str, number: int = 1) -> None:
        counts = self.counts.setdefault(kind, dict.fromkeys((*map(str, Change), "unchanged"), 0))
        counts[str(what)] += number


class Report:
    """The findings and changes of one import."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.left_out: Counter[str] = Counter()
        self.accounts: list[Changes] = []
        self.pages = 0
        self._grouped: dict[tuple[Code, str], Finding] = {}

    def add(self, code: Code, message: str, place: Place, subject: str = "") -> None:
        """Note a finding."""
        self._list(Finding(code, message, place, subject))

    def add_grouped(self, code: Code, message: str, place: Place, subject: str = "", group: str = "") -> None:
        """Note a finding once for each ``group`` (by default the message); further ones of it are only counted."""
        key = (code, group or message)
        if key in self._grouped:
            self._grouped[key].also += 1
            return
        self._grouped[key] = Finding(code, message, place, subject)
        self._list(self._grouped[key])

    def _list(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.left_out[finding.level] += 1

    @property
    def is_changed(self) -> bool:
        """Whether the import changed anything."""
        return any(account.is_changed for account in self.accounts)

    def count(self, level: Level) -> int:
        """How many findings of a level there are, those that are not listed among them."""
        return sum(finding.level is level for finding in self.findings) + self.left_out[level]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON can hold it; docs/import.md describes it."""
        return {
            "changed": self.is_changed,
            "pages": self.pages,
            "accounts": [asdict(account) for account in self.accounts],
            "findings": [_finding_as_json(finding) for finding in self.findings],
            "findings_left_out": dict(self.left_out),
        }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "level": str(finding.level),
        "code": str(finding.code),
        "message": finding.message,
        "subject": finding.subject,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "also": finding.also,
    }
