"""The answer of `aws iam get-account-authorization-details`, streamed -> the records of every account in it.

https://docs.aws.amazon.com/cli/latest/reference/iam/get-account-authorization-details.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from policystudio.awssync.snapshot.documents import Documents
from policystudio.awssync.snapshot.identity_items import partition_of, read_identity
from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.json_stream import JsonStream, JsonStreamError
from policystudio.awssync.snapshot.policy_items import owner_of, read_policy
from policystudio.awssync.snapshot.records import AccountRecord, IdentityRecord, PolicyRecord
from policystudio.awssync.snapshot.report import Code, Place, Report
from policystudio.lib.text_source import SourceError, TextSource

IDENTITY_LISTS = {"UserDetailList": "user", "GroupDetailList": "group", "RoleDetailList": "role"}
#: Keys whose values are policy documents, kept as they stand.
DOCUMENT_KEYS = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "Document"})
_PAGE_KEYS = ("IsTruncated", "Marker", "NextToken", "ResponseMetadata")
#: Users, groups, roles and policies in one file; what they need stays in memory until they are written.
MAX_ITEMS = 200_000
#: Items between two calls of ``on_progress``.
_STEP = 50


class ExportError(ValueError):
    """The file as a whole is not an export that can be read; nothing of it is taken. The message says where and why."""


@dataclass(slots=True)
class Export:
    """Everything that one file says.

    ``aws_policies`` are AWS's own policies, which belong to no account. ``truncated`` says that the file ends before
    the answer did, so that what is not in it may still exist.
    """

    documents: Documents
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    aws_policies: dict[str, PolicyRecord] = field(default_factory=dict)
    truncated: bool = False


def read_export(
    file: BinaryIO, report: Report, *, limit: int, on_progress: Callable[[int], None] = lambda _: None
) -> Export:
    """Read a whole file: one answer, several one after the other, or a list of them; plain or gzip.

    ``limit`` bounds the bytes of the text. ``on_progress`` is told how many bytes of the file were read; what it
    raises ends the reading. Items that are not understood go into ``report``. Raises ``ExportError``.
    """
    try:
        source = TextSource(file, limit=limit)
        stream = JsonStream(source.read, DOCUMENT_KEYS)
        reader = _Reader(stream, report, lambda: on_progress(source.position))
        return reader.read()
    except (SourceError, JsonStreamError) as error:
        raise ExportError(str(error)) from None


class _Reader:
    """Reads page by page, list by list, item by item."""

    def __init__(self, stream: JsonStream, report: Report, tick: Callable[[], None]) -> None:
        self.stream = stream
        self.report = report
        self.tick = tick
        self.export = Export(Documents(report))
        self.has_lists = False
        self.items = 0

    def read(self) -> Export:
        for prefix in self._pages():
            self._page(prefix)
        if not self.has_lists:
            names = ", ".join((*IDENTITY_LISTS, "Policies"))
            raise ExportError(f"this is not the answer of get-account-authorization-details: it has none of {names}")
        if not self.export.accounts:
            raise ExportError("no account can be told from the file: no user, group, role or policy was understood")
        if self.export.truncated:
            message = "the answer goes on where the file ends (`IsTruncated`): nothing that is not in it is removed"
            self.report.add(Code.EXPORT_TRUNCATED, message, Place())
        return self.export

    def _pages(self) -> Iterator[str]:
        """The path of each page, the stream standing before it; one page alone needs none."""
        if self.stream.peek() == "":
            raise ExportError("the file is empty")
        while char := self.stream.peek():
            if char == "[":
                for _ in self.stream.elements():
                    yield self._next_page()
            elif char == "{":
                yield self._next_page()
            else:
                self.stream.refuse("an export begins with `{`, or with `[` where it is a list of answers")

    def _next_page(self) -> str:
        self.report.pages += 1
        return f"page {self.report.pages}: " if self.report.pages > 1 else ""

    def _page(self, prefix: str) -> None:
        if self.stream.peek() != "{":
            self.stream.refuse("an answer of get-account-authorization-details is an object, `{…}`")
        self.export.truncated = False
        marks: dict[str, Any] = {}
        for key in self.stream.members():
            if key in IDENTITY_LISTS or key == "Policies":
                self._list(key, prefix)
            elif key in _PAGE_KEYS:
                marks[key] = self.stream.value()
            else:
                self._unknown(key, prefix)
        more = marks.get("IsTruncated", bool(marks.get("NextToken")))
        self.export.truncated = more is True or more == "true"

    def _unknown(self, key: str, prefix: str) -> None:
        place = Place(prefix + key[:80], *self.stream.place())
        self.stream.value()
        message = f"key `{key[:80]}` is not known in an export: it was passed over"
        self.report.add_grouped(Code.KEY_UNKNOWN, message, place)

    def _list(self, key: str, prefix: str) -> None:
        self.has_lists = True
        if self.stream.peek() == "n":
            self.stream.value()
            return
        if self.stream.peek() != "[":
            self.stream.refuse(f"`{key}` is a list, `[…]`")
        for index in self.stream.elements():
            place = Place(f"{prefix}{key}[{index}]", *self.stream.place())
            value = self.stream.value()
            if isinstance(value, dict):
                self._item(key, Item(value, place, self.report))
            else:
                self.report.add(Code.ITEM_MALFORMED, "an object is expected: the item was left out", place)
            self.items += 1
            if self.items > MAX_ITEMS:
                raise ExportError(f"the file has more than {MAX_ITEMS:,} items: import the accounts one by one")
            if self.items % _STEP == 0:
                self.tick()

    def _item(self, key: str, item: Item) -> None:
        if key == "Policies":
            policy = read_policy(item, self.export.documents)
            if policy is not None:
                self._add_policy(policy)
            return
        identity = read_identity(item, IDENTITY_LISTS[key], self.export.documents)
        if identity is not None:
            self._add_identity(identity)

    def _account(self, number: str, arn: str) -> AccountRecord:
        return self.export.accounts.setdefault(number, AccountRecord(number, partition_of(arn)))

    def _add_policy(self, policy: PolicyRecord) -> None:
        owner = owner_of(policy.arn)
        policies = self.export.aws_policies if policy.is_aws_managed else self._account(owner, policy.arn).policies
        there = policies.setdefault(policy.arn, policy)
        if there is policy or there == policy:
            return  # exports of several accounts each bring AWS's own policies
        message = f"stands twice and differs, first {there.place}: the newer one was kept"
        self.report.add(Code.ITEM_TWICE, message, policy.place, policy.arn)
        if _age(policy) > _age(there):
            policies[policy.arn] = policy

    def _add_identity(self, identity: IdentityRecord) -> None:
        identities = self._account(identity.number, identity.arn).identities
        there = identities.setdefault((identity.kind, identity.name.lower()), identity)
        if there is identity:
            return
        if there == identity:
            message = f"stands twice, first {there.place}, and says the same: the second was passed over"
        elif there.arn == identity.arn:
            message = f"stands twice and differs, first {there.place}: the first one was kept"
            there.gaps.append("the export says two different things of it")
        else:
            message = f"has the name of `{there.arn}`, {there.place}, which AWS does not allow: it was left out"
        self.report.add(Code.ITEM_TWICE, message, identity.place, identity.arn)


def _age(policy: PolicyRecord) -> float:
    return policy.updated_at.timestamp() if policy.updated_at else 0.0
