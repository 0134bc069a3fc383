"""What is found in a file, gathered as edits for an account, with everything that was left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policystudio.interchange.edits import ORGANIZATION_TYPES, Edit
from policystudio.interchange.setting import Setting
from policystudio.interchange.values import (
    Encoded,
    Place,
    ReadError,
    Template,
    Unknown,
    Value,
    joined,
    unknowns,
    written_text,
)
from policystudio.lib import iam_names

_KINDS = {kind: short for short, kind in ORGANIZATION_TYPES.items()}
_PATTERNS = {
    "user": iam_names.SHORT_NAME,
    "role": iam_names.SHORT_NAME,
    "group": iam_names.LONG_NAME,
    "policy": iam_names.LONG_NAME,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The resource of a file that something was made of, by its address there."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """An edit that a file comes to; ``unknown`` is what stands in its text as `<name>`, ``remarks`` are sentences."""

    edit: Edit
    origin: Origin
    unknown: tuple[Unknown, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a file that no edit was made of, and why."""

    origin: Origin
    why: str


@dataclass(slots=True)
class Reading:
    """A file as edits. ``passed_over`` are kinds of resource of other services, with their number.
    ``account`` is the number of the account that a file was written for, where it says so."""

    format: str
    account: str = ""
    title: str = ""
    description: str = ""
    found: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)


class NotUsable(Exception):
    """A value cannot be used as what it stands for; the text says why."""


class Collector:
    """Makes edits of what a file says, in terms of values; whoever reads the file gives names and documents."""

    def __init__(self, setting: Setting, reading: Reading) -> None:
        self.setting = setting
        self.reading = reading
        #: What is to be said of everything that the resource at hand makes.
        self.remark = ""
        self._arns: dict[tuple[str, str], str] = {}
        self._seen: dict[tuple[str, str, str, str], Edit] = {}

    def announce(self, kind: str, path: Value, name: Value) -> None:
        """Make an identity of the file known, so that others can name it before its turn."""
        if isinstance(name, str) and isinstance(path, str | None):
            self._arns[kind, name.lower()] = self.setting.arn(kind, path or "/", name)

    def leave_out(self, origin: Origin, why: str) -> None:
        """Tell that something is no edit."""
        self.reading.left_out.append(LeftOut(origin, why))

    def add(self, origin: Origin, edit: Edit, unknown: tuple[Unknown, ...] = (), *remarks: str) -> None:
        """One edit; the same a second time is passed over, another one in its place is left out."""
        key = (edit.kind, edit.target, edit.name, edit.other)
        before = self._seen.setdefault(key, edit)
        if before is edit:
            self.reading.found.append(Found(edit, origin, unknown, tuple(filter(None, (*remarks, self.remark)))))
        elif before != edit:
            self.leave_out(origin, f"{edit.kind} of `{edit.name or edit.target}` stands in the file already, otherwise")

    def policy(self, origin: Origin, document: Value, *, name: Value, path: Value, description: Value) -> str:
        """A managed policy; answers with its ARN."""
        name, made_up = _called(origin, name)
        arn = self.new_arn("policy", path, name)
        text, unknown = self.document(document)
        data = {"path": _path(path), "name": str(name)}
        if isinstance(description, str) and description:
            data["description"] = description
        self.add(origin, Edit("managed-policy", arn, text=text, data=data), unknown, made_up)
        return arn

    def identity(self, origin: Origin, kind: str, *, name: Value, path: Value, trust: Value, tags: Value) -> str:
        """A user, group or role; answers with its ARN."""
        name, made_up = _called(origin, name)
        arn = self.new_arn(kind, path, name)
        text, unknown = self.document(trust) if kind == "role" else ("", ())
        data, lost = self._tags(tags) if tags and kind != "group" else ({}, "")
        self.add(origin, Edit("identity", arn, text=text, data=data), unknown, made_up, lost)
        return arn

    def policy_tags(self, origin: Origin, arn: str, tags: Value) -> None:
        """The tags of a managed policy."""
        if tags:
            data, lost = self._tags(tags)
            if lost:
                self.leave_out(origin, lost)
            else:
                self.add(origin, Edit("tags", arn, data=data))

    def _tags(self, value: Value) -> tuple[dict[str, dict[str, str]], str]:
        """Tags as an edit has them, or why they are left out."""
        try:
            if not isinstance(value, Mapping):
                raise NotUsable("they are no object")
            return {"tags": {key: self.text(item, f"the value of `{key}`") for key, item in value.items()}}, ""
        except NotUsable as error:
            return {}, f"The tags are left out: {error}."

    def inline(self, origin: Origin, arn: str, name: Value, document: Value) -> None:
        """An inline policy."""
        shown = self.text(name, "its name")
        if not iam_names.fits(iam_names.INLINE_POLICY_NAME, shown):
            raise NotUsable(f"`{shown[:150]}` cannot be the name of an inline policy")
        text, unknown = self.document(document)
        self.add(origin, Edit("inline-policy", arn, shown, text=text), unknown)

    def joins(self, origin: Origin, kind: str, arn: str, other: Value, what: str) -> None:
        """An edit that joins two things: ``attach``, ``boundary``, ``join-group``, ``organization-attach``."""
        self.add(origin, Edit(kind, arn, other=self.text(other, what)))

    def organization_policy(
        self, origin: Origin, document: Value, *, name: Value, kind: Value, description: Value
    ) -> str | None:
        """A service or resource control policy; answers with its target, None where it is of another kind."""
        shown = self.text(kind, "its type") if kind is not None else "SERVICE_CONTROL_POLICY"
        if shown not in _KINDS:
            self.leave_out(origin, f"{shown} decides about no request")
            return None
        called = self.text(name, "its name")
        target = self.setting.organization_target(_KINDS[shown], called)
        data = {"kind": _KINDS[shown], "name": called}
        if isinstance(description, str) and description:
            data["description"] = description
        text, unknown = self.document(document)
        self.add(origin, Edit("organization-policy", target, text=text, data=data), unknown)
        return target

    def new_arn(self, kind: str, path: Value, name: Value) -> str:
        """The ARN that something of this path and name has in the account."""
        shown = self.text(name, "its name")
        if not iam_names.fits(_PATTERNS[kind], shown):
            raise NotUsable(f"`{shown[:150]}` cannot be the name of a {kind}")
        if path is not None:
            self.text(path, "its path")
        where = _path(path)
        if not iam_names.fits(iam_names.POLICY_PATH if kind == "policy" else iam_names.PATH, where):
            raise NotUsable(f"`{where[:150]}` cannot be the path of a {kind}")
        return self.setting.arn(kind, where, shown)

    def identity_arn(self, kind: str, name: Value) -> str:
        """The ARN of an identity that the file names: one of the file, or one of the account."""
        shown = self.text(name, f"its {kind}")
        arn = self._arns.get((kind, shown.lower())) or self.setting.identity_arn(kind, shown)
        if arn is None:
            raise NotUsable(f"there is no {kind} `{shown}` in the file or in the account")
        return arn

    def text(self, value: Value, what: str) -> str:
        """A value that must be a text in which everything is known."""
        if missing := next(unknowns(value), None):
            raise NotUsable(f"{what} is `{missing.name}`, which is not known")
        if value is None:
            raise NotUsable(f"{what} is missing")
        if isinstance(value, Encoded | list | dict):
            raise NotUsable(f"{what} is no text")
        return str(joined([value]))

    def texts(self, value: Value, what: str) -> list[str]:
        """A list of such texts; empty where there is none."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise NotUsable(
                f"{what} is no list"
                if not isinstance(value, Unknown)
                else f"{what} is `{value.name}`, which is not known"
            )
        return [self.text(item, what) for item in value]

    def document(self, value: Value) -> tuple[str, tuple[Unknown, ...]]:
        """The text of a policy document, and what in it is not known."""
        if value is None:
            raise NotUsable("its document is missing")
        if isinstance(value, Unknown):
            raise NotUsable(f"its document is `{value.name}`, which is not known")
        if isinstance(value, Encoded) and isinstance(value.value, Unknown):
            raise NotUsable(f"its document is `{value.value.name}`, which is not known")
        if not isinstance(value, str | Template | Encoded):
            raise NotUsable("its document is no text")
        written = written_text(value)
        return written.text, written.unknown


def _called(origin: Origin, name: Value) -> tuple[Value, str]:
    """The name of something, and a remark where the file leaves it to be made up."""
    if name is not None:
        return name, ""
    called = origin.name.rpartition(".")[2]
    return called, f"The file leaves the name to be made up: here it is `{called}`."


def _path(path: Value) -> str:
    return path if isinstance(path, str) and path else "/"


__all__ = ["Collector", "Found", "LeftOut", "NotUsable", "Origin", "ReadError", "Reading"]
