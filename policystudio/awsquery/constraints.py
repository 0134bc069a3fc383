"""The bounds of AWS's shapes: lengths, ranges, patterns and enumerations, with AWS's words for what breaks them."""

import re
from functools import cache
from typing import Any

import regex

from policystudio.awsquery.errors import validation_error
from policystudio.awsquery.xml_text import UNSPEAKABLE

#: So many are told of at once.
MOST_TOLD = 10
#: A longer value is not repeated.
LONGEST_ECHO = 256
#: What the model gives a pattern for that AWS's own text contradicts: wildcards are allowed in them. The operation
#: itself says where they may stand.
_UNCHECKED = {"AttachmentName"}


class Faults:
    """What is wrong with the parameters, gathered and told together as AWS does."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, place: str, constraint: str, value: str | None = None) -> None:
        """A value that breaks a constraint; it is repeated where that is short and no secret."""
        echo = f"Value '{value}' at" if value is not None and len(value) <= LONGEST_ECHO else "Value at"
        self.messages.append(f"{echo} '{place}' failed to satisfy constraint: {constraint}")

    def missing(self, place: str) -> None:
        """A parameter that must be there."""
        self.messages.append(f"Value null at '{place}' failed to satisfy constraint: Member must not be null")

    def refuse(self) -> None:
        """Raise ``ValidationError`` if there is anything wrong."""
        if self.messages:
            count = len(self.messages)
            told = "; ".join(self.messages[:MOST_TOLD])
            raise validation_error(f"{count} validation error{'s' * (count != 1)} detected: {told}")


def check_string(shape: Any, value: str, place: str, faults: Faults) -> str:
    """The value; what is wrong with it goes to ``faults``."""
    bounds = shape.metadata
    echo = None if bounds.get("sensitive") else value
    if len(value) < bounds.get("min", 0):
        faults.add(place, f"Member must have length greater than or equal to {bounds['min']}", echo)
    elif "max" in bounds and len(value) > bounds["max"]:
        faults.add(place, f"Member must have length less than or equal to {bounds['max']}", echo)
    elif "enum" in bounds and value not in bounds["enum"]:
        faults.add(place, f"Member must satisfy enum value set: [{', '.join(bounds['enum'])}]", echo)
    elif "pattern" in bounds and shape.name not in _UNCHECKED and not _pattern(bounds["pattern"]).fullmatch(value):
        faults.add(place, f"Member must satisfy regular expression pattern: {bounds['pattern']}", echo)
    elif UNSPEAKABLE.search(value):
        faults.add(place, "Member must not hold control characters")
    return value


def check_number(shape: Any, value: int, place: str, faults: Faults) -> int:
    """The value; what is wrong with it goes to ``faults``."""
    bounds = shape.metadata
    if "min" in bounds and value < bounds["min"]:
        faults.add(place, f"Member must have value greater than or equal to {bounds['min']}", str(value))
    elif "max" in bounds and value > bounds["max"]:
        faults.add(place, f"Member must have value less than or equal to {bounds['max']}", str(value))
    return value


def check_length(shape: Any, length: int, place: str, faults: Faults) -> None:
    """Whether a list or map has as many members as it may."""
    bounds = shape.metadata
    if length < bounds.get("min", 0):
        faults.add(place, f"Member must have length greater than or equal to {bounds['min']}")
    elif "max" in bounds and length > bounds["max"]:
        faults.add(place, f"Member must have length less than or equal to {bounds['max']}")


@cache
def _pattern(written: str) -> Any:
    """Java's reading of a pattern: `\\w` and `\\d` are ASCII, `\\p{L}` is every letter."""
    if r"\p{" in written:
        return regex.compile(written)
    # Java writes a character beyond U+FFFF with five digits or more behind `\u`.
    return re.compile(re.sub(r"\\u(10[0-9A-F]{4}|1[0-9A-F]{4})", lambda found: f"\\U{found[1]:0>8}", written), re.ASCII)
