"""What expressions of Terraform and CloudFormation come to, with what could not be worked out told by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policystudio.interchange.documents import pretty
from policystudio.lib.strict_json import JsonValue, Number

#: Values are nested no deeper than this; a policy needs six levels.
MAX_DEPTH = 30
#: What a value comes to has at most so many parts and characters; the longest of AWS's policies has 1,600 parts.
MAX_PARTS = 20_000
MAX_CHARACTERS = 262_144


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file, counted from 1 (0: not known)."""

    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}" if self.line else "the file"


class ReadError(ValueError):
    """A file cannot be read; the text names the place and how to mend it."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        self.message = message
        self.place = place or Place()
        super().__init__(f"{self.place}: {message}" if self.place.line else message)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be worked out, as the file calls it."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Template:
    """Text in which something could not be worked out."""

    parts: tuple["str | Unknown", ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The JSON text of a value; not yet written, as what is unknown in it must still be seen."""

    value: "Value"


Value = str | Number | bool | None | list["Value"] | dict[str, "Value"] | Unknown | Template | Encoded


@dataclass(frozen=True, slots=True)
class Text:
    """A text for an edit; where ``unknown`` is not empty it is no JSON until a person has replaced what it names."""

    text: str
    unknown: tuple[Unknown, ...] = ()


def joined(parts: Iterable[Value]) -> Value:
    """The parts as one text, with numbers and booleans as Terraform and CloudFormation write them."""
    pieces: list[str | Unknown] = []
    for part in parts:
        if isinstance(part, Template):
            pieces += part.parts
        elif isinstance(part, Unknown):
            pieces.append(part)
        elif isinstance(part, Encoded):
            written = written_text(part)
            if written.unknown:
                pieces += written.unknown
            else:
                pieces.append(written.text)
        elif isinstance(part, list | dict) or part is None:
            raise TypeError("a list or an object is no text")
        else:
            pieces.append(scalar(part))
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(map(str, pieces))
    return pieces[0] if len(pieces) == 1 else Template(tuple(pieces))


def scalar(value: str | Number | bool) -> str:
    """A text, number or boolean as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Number) else value


def unknowns(value: Value) -> Iterator[Unknown]:
    """All that could not be worked out in a value."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Template):
        yield from (part for part in value.parts if isinstance(part, Unknown))
    elif isinstance(value, Encoded):
        yield from unknowns(value.value)
    elif isinstance(value, list):
        for item in value:
            yield from unknowns(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from unknowns(item)


def written_text(value: Value) -> Text:
    """A policy's text: exactly as it stands in the file, or laid out where the file has an object.

    What could not be worked out stands in it as `<name>`, and the first line says so, which is not JSON: whoever takes
    the text must replace it before it can be proposed. Raises ``TypeError`` where the value is no text.
    """
    missing = tuple({one.name: one for one in unknowns(value)}.values())
    if isinstance(value, Encoded):
        text = pretty(_marked(value.value))
    elif isinstance(value, str | Template | Unknown):
        text = str(_marked(value))
    else:
        raise TypeError("no text")
    if not missing:
        return Text(text)
    names = ", ".join(f"<{one.name}>" for one in missing)
    return Text(f"Replace {names} below by what it means in this account, then remove this line.\n{text}", missing)


def check_size(value: Value, place: Place) -> None:
    """Raise ``ReadError`` where a value is enormous: a few lines that refer to each other twice come to millions."""
    parts, characters, waiting = 0, 0, [value]
    while waiting:
        one = waiting.pop()
        parts += 1
        if isinstance(one, Encoded):
            waiting.append(one.value)
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            characters += sum(map(len, one))
        elif isinstance(one, Template):
            waiting += one.parts
        elif isinstance(one, str):
            characters += len(one)
        if parts + len(waiting) > MAX_PARTS or characters > MAX_CHARACTERS:
            raise ReadError(f"comes to more than {MAX_PARTS:,} values or {MAX_CHARACTERS:,} characters", place)


def plain(value: Value) -> JsonValue:
    """A value in which everything is known, as JSON has it; raises ``TypeError`` where something is not."""
    if next(unknowns(value), None) is not None:
        raise TypeError("not everything is known")
    return _marked(value)


def _marked(value: Value) -> JsonValue:
    if isinstance(value, Unknown):
        return f"<{value.name}>"
    if isinstance(value, Template):
        return "".join(part if isinstance(part, str) else f"<{part.name}>" for part in value.parts)
    if isinstance(value, Encoded):
        return pretty(_marked(value.value))
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    return value
