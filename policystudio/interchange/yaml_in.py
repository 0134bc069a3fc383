"""YAML as CloudFormation takes it: no aliases, no merges, no doubtful values, every key once, with places."""

import re
from collections.abc import Iterator
from typing import cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from policystudio.interchange.values import Place, ReadError
from policystudio.lib.strict_json import JsonPath, JsonValue, Number

MAX_DEPTH = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {
    word: word.lower() in ("yes", "true", "on")
    for stem in ("yes", "no", "true", "false", "on", "off")
    for word in (stem, stem.title(), stem.upper())
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
#: What YAML takes for a number, but not for the one that a person reads: `0123` is 83, `1:30` is 90, `1_000` is 1000.
_DOUBTFUL = re.compile(
    r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[0-9][0-9_]*"
    r"|([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.(inf|Inf|INF))|\.(nan|NaN|NAN)"
)
_TEXT = "tag:yaml.org,2002:str"
#: Short forms that are not `Fn::` and their name.
_PLAIN_TAGS = {"!Ref": "Ref", "!Condition": "Condition"}


def read_yaml(text: str) -> tuple[JsonValue, dict[JsonPath, Place]]:
    """The one document of a text, and where its values stand; raises ``ReadError``."""
    reader = _Reader(text)
    try:
        return reader.document(), reader.places
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark is not None else None
        raise ReadError(f"this is not YAML: {error.problem or error.context}", place) from None
    except yaml.YAMLError as error:
        raise ReadError(f"this is not YAML: {str(error).splitlines()[0]}") from None


class _Reader:
    def __init__(self, text: str) -> None:
        self.places: dict[JsonPath, Place] = {}
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> JsonValue:
        """The value of the only document."""
        value: JsonValue = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise ReadError("a second document begins: a template is one", _place(event))
                value = self._value(next(self._events), ())
        return value

    def _value(self, event: Event, path: JsonPath) -> JsonValue:
        place = _place(event)
        self.places[path] = place
        if len(path) > MAX_DEPTH:
            raise ReadError(f"nested more than {MAX_DEPTH} levels deep", place)
        if isinstance(event, AliasEvent):
            raise ReadError(f"`*{event.anchor}`: CloudFormation takes no aliases, write the value out", place)
        if isinstance(event, ScalarEvent):
            return self._tagged(event, _scalar(event, place), place)
        if isinstance(event, SequenceStartEvent):
            return self._tagged(event, self._sequence(_under(event, path)), place)
        if isinstance(event, MappingStartEvent):
            return self._tagged(event, self._mapping(_under(event, path)), place)
        raise ReadError("a value is missing", place)

    def _sequence(self, path: JsonPath) -> JsonValue:
        items: list[JsonValue] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: JsonPath) -> JsonValue:
        members: dict[str, JsonValue] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            place = _place(event)
            if not isinstance(event, ScalarEvent):
                raise ReadError("a key must be a text", place)
            if event.value == "<<" and not event.style:
                raise ReadError("`<<`: CloudFormation takes no merges, write the keys out", place)
            if event.value in members:
                raise ReadError(f"the key `{event.value}` stands twice in one object: keep one of them", place)
            members[event.value] = None
            members[event.value] = self._value(next(self._events), (*path, event.value))
        return members

    def _tagged(self, event: Event, value: JsonValue, place: Place) -> JsonValue:
        tag = cast("str | None", getattr(event, "tag", None))
        if (
            tag is None
            or tag in ("!", _TEXT)
            or (tag.startswith("tag:yaml.org,2002:") and tag.endswith((":map", ":seq")))
        ):
            return value
        if not re.fullmatch(r"![A-Z][A-Za-z0-9]*", tag):
            raise ReadError(f"the tag `{tag}` is none of CloudFormation's", place)
        name = _function(tag)
        if tag == "!GetAtt" and isinstance(value, str):
            resource, _, attribute = value.partition(".")
            value = [resource, attribute]
        return {name: value}


def _function(tag: str) -> str:
    return _PLAIN_TAGS.get(tag) or f"Fn::{tag[1:]}"


def _under(event: Event, path: JsonPath) -> JsonPath:
    """The path below a short form is that of the long form."""
    tag = getattr(event, "tag", None)
    is_function = isinstance(tag, str) and tag.startswith("!") and len(tag) > 1
    return (*path, _function(str(tag))) if is_function else path


def _scalar(event: ScalarEvent, place: Place) -> JsonValue:
    text = str(event.value)
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ReadError("a NUL or half of a surrogate pair is no character", place)
    if event.style or event.tag is not None:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _NUMBER.fullmatch(text) and len(text) <= 40:
        return Number(text)
    if _DOUBTFUL.fullmatch(text):
        raise ReadError(f"YAML takes `{text}` for another number than it looks like: write it in quotes", place)
    return text


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place()
