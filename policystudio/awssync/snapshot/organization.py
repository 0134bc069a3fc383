"""An organization's tree, accounts and policies from one JSON file -> records. docs/import.md describes the file.

Unlike an account export it is written by people or their scripts, and half of it would be worse than none: anything
that is not understood refuses the whole file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from policystudio.awssync.snapshot.documents import document_problems, document_text
from policystudio.awssync.snapshot.export import ExportError
from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.json_stream import JsonStream, JsonStreamError
from policystudio.awssync.snapshot.report import LEVELS, Code, Level, Place, Report
from policystudio.engine.document import PolicyKind
from policystudio.lib import iam_names, quotas
from policystudio.lib.text_source import SourceError, TextSource

POLICY_TYPES = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}
_KEYS = frozenset({"Organization", "Name", "Roots", "OrganizationalUnits", "Accounts", "Policies", "Targets"})


@dataclass(slots=True)
class UnitRecord:
    """The root (``parent`` is "") or an organizational unit."""

    unit_id: str
    name: str
    parent: str


@dataclass(slots=True)
class OrganizationPolicyRecord:
    """A service or resource control policy; ``problems`` as in ``accounts.models.OrganizationPolicy``."""

    policy_id: str
    kind: str
    name: str
    description: str
    text: str
    problems: list[dict[str, str | int]] | None


@dataclass(slots=True)
class OrganizationRecord:
    """A whole organization. ``units`` stand parents first; ``accounts`` is number -> (name, id of the unit)."""

    org_id: str = ""
    name: str = ""
    master: str = ""
    units: dict[str, UnitRecord] = field(default_factory=dict)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    policies: dict[str, OrganizationPolicyRecord] = field(default_factory=dict)
    targets: set[tuple[str, str]] = field(default_factory=set)


def read_organization(file: BinaryIO, report: Report, *, limit: int) -> OrganizationRecord:
    """Read a whole file; documents that do not parse are kept and reported, for the rest it raises ``ExportError``."""
    try:
        stream = JsonStream(TextSource(file, limit=limit).read, frozenset({"Content"}))
        values = stream.value() if stream.peek() else None
        if stream.peek():
            stream.refuse("the file goes on behind its end")
    except (SourceError, JsonStreamError) as error:
        raise ExportError(str(error)) from None
    if not isinstance(values, dict):
        raise ExportError("an organization is one JSON object, `{…}`")
    record = _Reader(Item(values, Place(), report)).read()
    wrong = [finding for finding in report.findings if _refuses(finding.code)]
    if wrong:
        raise ExportError("\n".join(f"{finding.place}: {finding.message}" for finding in wrong[:20]))
    return record


def _refuses(code: Code) -> bool:
    return LEVELS[code] is Level.ERROR and code is not Code.DOCUMENT_MALFORMED


class _Reader:
    def __init__(self, item: Item) -> None:
        self.item = item
        self.record = OrganizationRecord()
        self.passed_over: set[str] = set()

    def read(self) -> OrganizationRecord:
        self._organization()
        self._units()
        for part in self._parts("Accounts"):
            self._account(part)
        for part in self._parts("Policies"):
            self._policy(part)
        for part in self._parts("Targets"):
            self._target(part)
        self.item.check_keys(_KEYS, "an organization")
        if self.record.master and self.record.master not in self.record.accounts:
            self.item.tell(Code.IDENTITY_UNKNOWN, f"the management account {self.record.master} is not in `Accounts`")
        return self.record

    def _organization(self) -> None:
        part = self.item.part("Organization")
        if part is None:
            self.item.tell(Code.ITEM_MALFORMED, '`Organization` is missing: `{"Id": …, "MasterAccountId": …}`')
        else:
            self.record.org_id = self._matching(part, "Id", iam_names.ORGANIZATION_ID)
            self.record.master = self._matching(part, "MasterAccountId", iam_names.ACCOUNT_NUMBER)
        self.record.name = self.item.text("Name", longest=128)

    def _units(self) -> None:
        """The root and the units below it, parents first whatever their order in the file."""
        for part in self._parts("Roots"):
            self._unit(part, "")
        if len(self.record.units) != 1:
            self.item.tell(Code.ITEM_MALFORMED, "an organization has exactly one root", "Roots")
        waiting = list(self._parts("OrganizationalUnits"))
        while waiting:
            ready = [part for part in waiting if part.text("ParentId") in self.record.units]
            if not ready:
                break
            for part in ready:
                self._unit(part, part.text("ParentId"))
            waiting = [part for part in waiting if part not in ready]
        for part in waiting:
            part.tell(Code.UNIT_UNKNOWN, f"`ParentId` `{part.text('ParentId')[:68]}` leads to no root", "ParentId")

    def _unit(self, part: Item, parent: str) -> None:
        unit_id = self._matching(part, "Id", iam_names.UNIT_ID)
        if unit_id.startswith("r-") != (not parent):
            part.tell(Code.NAME_MALFORMED, "ids of roots begin with `r-`, those of units with `ou-`", "Id")
        elif unit_id in self.record.units:
            part.tell(Code.ITEM_TWICE, f"`{unit_id}` stands twice")
        else:
            name = part.text("Name", longest=128) or ("Root" if not parent else unit_id)
            self.record.units[unit_id] = UnitRecord(unit_id, name, parent)

    def _account(self, part: Item) -> None:
        number, unit = self._matching(part, "Id", iam_names.ACCOUNT_NUMBER), part.text("ParentId")
        if unit not in self.record.units:
            part.tell(Code.UNIT_UNKNOWN, f"`ParentId` `{unit[:68]}` is no root or unit of this file", "ParentId")
        elif number in self.record.accounts:
            part.tell(Code.ITEM_TWICE, f"account {number} stands twice")
        elif number:
            self.record.accounts[number] = (part.text("Name", longest=128) or number, unit)

    def _policy(self, part: Item) -> None:
        policy_id = self._matching(part, "Id", iam_names.ORGANIZATION_POLICY_ID)
        kind = POLICY_TYPES.get(part.text("Type"))
        if kind is None:
            self.passed_over.add(policy_id)
            message = f"`Type` `{part.text('Type')[:60]}` decides about no request: the policy was passed over"
            part.report.add_grouped(Code.TYPE_UNKNOWN, message, part.place)
        elif policy_id in self.record.policies:
            part.tell(Code.ITEM_TWICE, f"policy `{policy_id}` stands twice")
        elif policy_id:
            self.record.policies[policy_id] = self._policy_record(part, policy_id, kind)

    def _policy_record(self, part: Item, policy_id: str, kind: str) -> OrganizationPolicyRecord:
        raw = part.raw("Content")
        text = document_text(raw)
        part.subject = part.text("Name", longest=128) or policy_id
        if raw is None:
            part.tell(Code.DOCUMENT_MISSING, "`Content` is missing")
        problems = document_problems(text, PolicyKind(kind))
        place = Place(part.place.at("Content").path, raw.line, raw.column) if raw else part.place
        for problem in problems or ():
            where = f"line {problem['line']}, column {problem['column']} of the document: "
            part.report.add(Code.DOCUMENT_MALFORMED, f"{where}{problem['message']}", place, part.subject)
        quota = quotas.ORGANIZATION_POLICY_SIZE[kind]
        if (size := quotas.organization_policy_size(text)) > quota:
            allowed = f"AWS allows {quota:,} with white space"
            part.tell(Code.QUOTA_EXCEEDED, f"the document has {size:,} characters, {allowed}")
        description = part.text("Description", longest=512)
        return OrganizationPolicyRecord(policy_id, kind, part.subject, description, text, problems)

    def _target(self, part: Item) -> None:
        policy, target = part.text("PolicyId"), part.text("TargetId")
        if policy in self.passed_over:
            return
        if policy not in self.record.policies:
            part.tell(Code.POLICY_UNKNOWN, f"`PolicyId` `{policy[:130]}` is no policy of this file", "PolicyId")
        elif target not in self.record.units and target not in self.record.accounts:
            part.tell(Code.UNIT_UNKNOWN, f"`TargetId` `{target[:68]}` is no root, unit or account of this file")
        else:
            self.record.targets.add((policy, target))

    def _parts(self, key: str) -> Iterator[Item]:
        return self.item.parts(key)

    def _matching(self, part: Item, key: str, pattern: str) -> str:
        value = part.text(key)
        if iam_names.fits(pattern, value):
            return value
        wrong = f"is `{value[:80]}`, which AWS gives nothing of the kind" if value else "is missing"
        part.tell(Code.NAME_MALFORMED, f"`{key}` {wrong}", key)
        return ""
