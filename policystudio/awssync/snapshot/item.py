"""One object of an export, read field by field: what is not as AWS writes it is reported with its place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from policystudio.awssync.snapshot.dates import parse_date
from policystudio.awssync.snapshot.json_stream import Raw
from policystudio.awssync.snapshot.report import Code, Place, Report
from policystudio.lib import iam_names, quotas

#: The largest number that AWS's models have where a count is told.
MOST = 2**31 - 1


class Item:
    """An object with its place. ``subject`` names it in findings as soon as its ARN is known.

    ``gaps`` collects what stays unknown about permissions because a field was not understood; parts share it.
    """

    def __init__(self, values: dict[str, Any], place: Place, report: Report, parent: "Item | None" = None) -> None:
        self.values = values
        self.place = place
        self.report = report
        self.subject: str = parent.subject if parent else ""
        self.gaps: list[str] = parent.gaps if parent else []

    def aside(self) -> "Item":
        """The same object, for fields that bear on no permissions: what is not understood there leaves no gap."""
        other = Item(self.values, self.place, self.report)
        other.subject = self.subject
        return other

    def tell(self, code: Code, message: str, step: str = "") -> None:
        """Report a finding about this object or one of its fields."""
        self.report.add(code, message, self.place.at(step) if step else self.place, self.subject)

    def text(self, key: str, *, longest: int | None = None) -> str:
        """A text; "" where it is missing, null, no text or too long (which is reported)."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.tell(Code.FIELD_MALFORMED, f"`{key}` is {_kind(value)}, not a text: it was passed over", key)
            return ""
        if longest is not None and len(value) > longest:
            self.tell(Code.FIELD_MALFORMED, f"`{key}` has {len(value):,} characters: it was passed over", key)
            return ""
        return value

    def flag(self, key: str) -> bool | None:
        """True or false; None where it is missing or neither."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        self.tell(Code.FIELD_MALFORMED, f"`{key}` is {_kind(value)}, not true or false: it was passed over", key)
        return None

    def number(self, key: str) -> int | None:
        """A count; None where it is missing or none that AWS could write."""
        value = self.values.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MOST)):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
            return value
        if value is not None:
            self.tell(Code.FIELD_MALFORMED, f"`{key}` is no whole number from 0 to {MOST:,}: it was passed over", key)
        return None

    def date(self, key: str) -> datetime | None:
        """A moment; None where it is missing or not understood."""
        value = self.values.get(key)
        moment = parse_date(value)
        if value not in (None, "") and moment is None:
            self.tell(Code.DATE_MALFORMED, f"`{key}` is no date that is understood: `{str(value)[:60]}`", key)
        return moment

    def raw(self, key: str) -> Raw | None:
        """A policy document as it stands in the file."""
        value = self.values.get(key)
        return value if isinstance(value, Raw) else None

    def texts(self, key: str) -> list[str]:
        """A list of texts; what is none is reported and leaves a gap."""
        found = []
        for index, value in self._list(key):
            if isinstance(value, str):
                found.append(value)
            else:
                self._gap(key, f"`{key}[{index}]` is {_kind(value)}, not a text", self.place.at(f"{key}[{index}]"))
        return found

    def parts(self, key: str) -> Iterator["Item"]:
        """The objects of a list; what is none is reported and leaves a gap."""
        for index, value in self._list(key):
            if isinstance(value, dict):
                yield Item(value, self.place.at(f"{key}[{index}]"), self.report, self)
            else:
                self._gap(key, f"`{key}[{index}]` is {_kind(value)}, not an object", self.place.at(f"{key}[{index}]"))

    def part(self, key: str) -> "Item | None":
        """An object; None where it is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._gap(key, f"`{key}` is {_kind(value)}, not an object", self.place.at(key))
            return None
        return Item(value, self.place.at(key), self.report, self)

    def tags(self, key: str = "Tags") -> dict[str, str]:
        """Tags by key, from `[{"Key": …, "Value": …}]`."""
        tags: dict[str, str] = {}
        for part in self.parts(key):
            name, value = part.values.get("Key"), part.values.get("Value", "")
            if not isinstance(name, str) or not name or not isinstance(value, str):
                self._gap(key, "a tag has a `Key` and a `Value`, both texts", part.place)
            elif len(name) > iam_names.TAG_KEY_LENGTH or len(value) > iam_names.TAG_VALUE_LENGTH:
                self._gap(key, f"tag `{name[:40]}` is longer than AWS allows", part.place)
            elif name.lower() in map(str.lower, tags):
                self._gap(key, f"tag `{name}` stands twice", part.place)
            else:
                tags[name] = value
        if len(tags) > quotas.TAGS:
            self.tell(Code.QUOTA_EXCEEDED, f"has {len(tags)} tags, AWS allows {quotas.TAGS}", key)
        return tags

    def check_keys(self, known: frozenset[str], where: str) -> None:
        """Report keys that stand in no answer of AWS's that we know, each once for all of ``where``."""
        for key in self.values.keys() - known:
            message = f"key `{key[:80]}` is not known in {where}: it was passed over"
            self.report.add_grouped(Code.KEY_UNKNOWN, message, self.place.at(key[:80]))

    def _list(self, key: str) -> Iterator[tuple[int, Any]]:
        value = self.values.get(key)
        if isinstance(value, dict):
            message = f"`{key}` is one object where AWS writes a list: it was read as a list of one"
            self.report.add_grouped(Code.NOT_A_LIST, message, self.place.at(key), self.subject)
            value = [value]
        if isinstance(value, list):
            yield from enumerate(value)
        elif value is not None:
            self._gap(key, f"`{key}` is {_kind(value)}, not a list", self.place.at(key))

    def _gap(self, key: str, message: str, place: Place) -> None:
        self.report.add(Code.FIELD_MALFORMED, message, place, self.subject)
        self.gaps.append(f"{key} of the export was not understood: {message}")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return {str: "a text", list: "a list", dict: "an object", type(None): "null"}.get(type(value), "a document")
