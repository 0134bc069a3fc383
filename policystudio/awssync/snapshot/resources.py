"""The answer of `aws resourcegroupstaggingapi get-resources`, streamed -> SageMaker resources.

https://docs.aws.amazon.com/cli/latest/reference/resourcegroupstaggingapi/get-resources.html
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import BinaryIO

from policystudio.awssync.snapshot.export import ExportError
from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.json_stream import JsonStream, JsonStreamError
from policystudio.awssync.snapshot.report import Code, Place, Report
from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.lib import iam_names
from policystudio.lib.text_source import SourceError, TextSource

MAX_NAME = 1024
MAX_REGION = 32
_LIST = "ResourceTagMappingList"
_KEYS = frozenset({"ResourceARN", "Tags", "ComplianceDetails", "CreatedBy", "CreationTime"})


@dataclass(slots=True)
class ResourceRecord:
    """One SageMaker resource; ``creator`` is the ARN of an identity, or ""."""

    arn: str
    number: str
    region: str
    type: str
    name: str
    place: Place = field(compare=False)
    tags: dict[str, str] = field(default_factory=dict)
    creator: str = ""
    created_at: datetime | None = None


def read_resources(file: BinaryIO, report: Report, *, limit: int) -> dict[str, ResourceRecord]:
    """The resources of a file by ARN: one answer, several one after the other, or a list of them.

    Items that are not understood, or are not SageMaker's, go into ``report``. Raises ``ExportError``.
    """
    records: dict[str, ResourceRecord] = {}
    try:
        stream = JsonStream(TextSource(file, limit=limit).read)
        has_list = False
        while char := stream.peek():
            if char == "[":
                for _ in stream.elements():
                    has_list |= _read_page(stream, records, report)
            else:
                has_list |= _read_page(stream, records, report)
    except (SourceError, JsonStreamError) as error:
        raise ExportError(str(error)) from None
    if not has_list:
        raise ExportError(f"this is not the answer of get-resources: it has no `{_LIST}`")
    return records


def type_of(resource: str) -> str:
    """The catalogue's name for the type of a resource part such as ``model/m1``; "" where no type has such an ARN."""
    parts = resource.split("/")
    best = ("", 0)
    for name, template in _templates():
        fits = len(template) <= len(parts) and all(
            part != "" if step.startswith("${") else step == part for step, part in zip(template, parts, strict=False)
        )
        literal = sum(not step.startswith("${") for step in template)
        if fits and literal > best[1]:
            best = (name, literal)
    return best[0]


@cache
def _templates() -> tuple[tuple[str, tuple[str, ...]], ...]:
    types = load_sagemaker().resource_types
    return tuple((one.name, tuple(one.arn.split(":", 5)[5].split("/"))) for one in types)


def _read_page(stream: JsonStream, records: dict[str, ResourceRecord], report: Report) -> bool:
    if stream.peek() != "{":
        stream.refuse("an answer of get-resources is an object, `{…}`")
    report.pages += 1
    prefix = f"page {report.pages}: " if report.pages > 1 else ""
    has_list = False
    for key in stream.members():
        if key != _LIST or stream.peek() != "[":
            if key not in (_LIST, "PaginationToken", "ResponseMetadata"):
                place = Place(prefix + key[:80], *stream.place())
                report.add_grouped(Code.KEY_UNKNOWN, f"key `{key[:80]}` is not known: it was passed over", place)
            stream.value()
            continue
        has_list = True
        for index in stream.elements():
            place = Place(f"{prefix}{_LIST}[{index}]", *stream.place())
            value = stream.value()
            if isinstance(value, dict):
                _add(Item(value, place, report), records)
            else:
                report.add(Code.ITEM_MALFORMED, "an object is expected: the item was left out", place)
    return has_list


def _add(item: Item, records: dict[str, ResourceRecord]) -> None:
    record = _named(item)
    if record is None:
        return
    record.tags = item.tags()
    record.creator = item.text("CreatedBy", longest=iam_names.ARN_LENGTH)
    record.created_at = item.date("CreationTime")
    item.check_keys(_KEYS, _LIST)
    if records.setdefault(record.arn, record) != record:
        item.tell(
            Code.ITEM_TWICE, f"stands twice and differs, first {records[record.arn].place}: the first one was kept"
        )


def _named(item: Item) -> ResourceRecord | None:
    text = item.text("ResourceARN")
    try:
        arn = Arn.parse(text)
    except ValueError:
        item.tell(Code.ARN_MALFORMED, f"`{text[:200]}` is no ARN: it was left out", "ResourceARN")
        return None
    if arn.service != "sagemaker":
        message = f"resources of `{arn.service[:40]}` are not looked at here: they were passed over"
        item.report.add_grouped(Code.NOT_SAGEMAKER, message, item.place, text[:200])
        return None
    item.subject = text[:200]
    kind, _, name = arn.resource.partition("/")
    too_long = len(text) > iam_names.ARN_LENGTH or len(name) > MAX_NAME or len(arn.region) > MAX_REGION
    if not is_account_id(arn.account) or not arn.region or not name or too_long:
        item.tell(
            Code.ARN_MALFORMED,
            "names no account, no Region or no resource, or is too long: it was left out",
            "ResourceARN",
        )
        return None
    found = type_of(arn.resource)
    if not found:
        message = f"SageMaker's catalogue has no resource type `{kind[:60]}`: the resource has no type here"
        item.report.add_grouped(Code.TYPE_UNKNOWN, message, item.place, item.subject)
    return ResourceRecord(text, arn.account, arn.region, found, name, item.place)
