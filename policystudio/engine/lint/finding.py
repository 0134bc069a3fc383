"""A finding: its code, its type, and the places in the document that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policystudio.engine.source import Position, Source


class FindingType(StrEnum):
    """How grave a finding is, in the words of IAM Access Analyzer's policy validation."""

    ERROR = "ERROR"
    SECURITY_WARNING = "SECURITY_WARNING"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"


class Origin(StrEnum):
    """Whose check it is: one of AWS's policy validation, with AWS's code, or one of the studio's own."""

    AWS = "aws"
    STUDIO = "studio"


class Step(StrEnum):
    """The kinds of path elements: the value of a key, an item of an array, a key itself."""

    VALUE = "value"
    INDEX = "index"
    KEY = "key"


#: One step of a path, as AWS's answers give them: ``(Step.VALUE, "Statement"), (Step.INDEX, 0), …``.
PathElement = tuple[Step, str | int]
Path = tuple[PathElement, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document; ``start`` and ``end`` count characters from 0, ``end`` stands behind the last one."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Its places are never empty; the first is the one to show where only one is shown."""

    code: str
    type: FindingType
    message: str
    places: tuple[Place, ...]
    source: Origin = Origin.AWS

    def as_json(self, source: Source) -> dict[str, Any]:
        """The finding as plain JSON; lines count from 1, columns and offsets from 0, as in AWS's answers."""
        locations = [location_json(place, source) for place in self.places]
        return {
            "code": self.code,
            "type": str(self.type),
            "message": self.message,
            **locations[0],
            "locations": locations,
            "source": str(self.source),
        }


def location_json(place: Place, source: Source) -> dict[str, Any]:
    """A place as AWS's answers write it."""
    return {
        "path": [{str(step): at} for step, at in place.path],
        "start": _position(source.position(place.start)),
        "end": _position(source.position(place.end)),
    }


def _position(position: Position) -> Mapping[str, int]:
    return {"line": position.line, "column": position.column - 1, "offset": position.offset}
