"""What a check yields: one finding, before it is known which row of the database it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as data: of a document as its row keeps it, or of what an identity has.

    ``start`` and ``end`` are places as AWS's answers have them (lines from 1, columns and offsets from 0); ``marks``
    all stretches of the text that it is about, by their offsets. ``content`` is what stands there, in whatever
    statement: by it a change knows a finding again whose statement was edited.
    """

    code: str
    type: str
    source: str
    message: str
    place: str = ""
    path: Sequence[Mapping[str, Any]] = ()
    start: Mapping[str, int] | None = None
    end: Mapping[str, int] | None = None
    marks: Sequence[Sequence[int]] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, as rows keep it."""
        return {
            "code": self.code,
            "type": self.type,
            "source": self.source,
            "message": self.message,
            "place": self.place,
            "path": list(self.path),
            "start": self.start,
            "end": self.end,
            "marks": [list(mark) for mark in self.marks],
            "evidence": dict(self.evidence),
            "content": self.content,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Found":
        """What ``as_json`` wrote."""
        return cls(**data)
