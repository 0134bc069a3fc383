"""Where in a document a finding is, told by content: the same after statements moved, another after they changed.

A statement is known by its Sid, or else by its whole text without white space. Within it, items of lists are known by
what they say. So a waiver stays with its finding when the document is ordered anew or written with other white space,
and ends when what it was given for is not what stands there any more.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from policystudio.engine.lint.finding import Path, Place, Step
from policystudio.engine.lint.tree import Document, Node

_STATEMENT = (Step.VALUE, "Statement")


class Places:
    """The places of one document by content."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._seen: Counter[str] = Counter()

    def key(self, code: str, places: Sequence[Place], more: Iterable[str] = ()) -> str:
        """The place of a finding; of several that would have the same, the later ones are counted."""
        told = [self._told(place) for place in places]
        text = json.dumps([code, told, list(more)], ensure_ascii=True)
        self._seen[text] += 1
        number = self._seen[text]
        return hashlib.sha256(f"{text}{number if number > 1 else ''}".encode()).hexdigest()[:32]

    def content(self, places: Sequence[Place]) -> str:
        """What stands at the places, hashed, whatever statement they are in."""
        return plain_key("", json.dumps([self._told(place)[1:] for place in places]))

    def _told(self, place: Place) -> list[Any]:
        path, names = place.path, [*self._statement(place.path)]
        rest = path[2:] if len(path) > 1 and path[1][0] is Step.INDEX and path[0] == _STATEMENT else path
        steps = [str(at) for step, at in rest if step is not Step.INDEX]
        return [names, steps, self._content(place) if len(path) > 2 or path[:1] != (_STATEMENT,) else ""]

    def _content(self, place: Place) -> str:
        """What stands there: not of the whole document, which every edit changes."""
        return squeezed(self.document.source.text[place.start : place.end]) if place.path else ""

    def _statement(self, path: Path) -> Iterator[str]:
        if path[:1] == (_STATEMENT,):
            number = int(path[1][1]) if len(path) > 1 and path[1][0] is Step.INDEX else 0
            yield self.statements[number] if number < len(self.statements) else ""

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """The name of each statement: its Sid where it alone has it, else its text."""
        node = self.document.elements.get("Statement")
        items = () if node is None else node.items()
        sids = [_sid(item) for item in items]
        often = Counter(sids)
        return tuple(
            f"sid:{sid}" if sid and often[sid] == 1 else squeezed(self._text(item))
            for sid, item in zip(sids, items, strict=True)
        )

    def _text(self, node: Node) -> str:
        return self.document.source.text[node.place.start : node.place.end]


def _sid(node: Node) -> str:
    if node.value.type != "object":
        return ""
    return next((value.text for key, value in node.members() if key.text == "Sid" and value.is_text), "")


def squeezed(text: str) -> str:
    """A piece of JSON without the white space between its parts; hashed where it is long."""
    parts, inside, escaped = [], False, False
    for character in text:
        if inside or not character.isspace():
            parts.append(character)
        if inside:
            escaped, inside = (character == "\\" and not escaped), (character != '"' or escaped)
        elif character == '"':
            inside = True
    short = "".join(parts)
    return short if len(short) <= 200 else hashlib.sha256(short.encode(errors="surrogatepass")).hexdigest()


def plain_key(code: str, *content: str) -> str:
    """The place of a finding that stands in no document, by what it is about."""
    return hashlib.sha256(json.dumps([code, *content]).encode()).hexdigest()[:32] if content else ""
