"""Two texts as one list of numbered lines: which ones went, which came, and what of a line is different."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from policystudio.web.policy_text import Mark, Piece

CONTEXT = 3
#: Lines longer than this are not looked through for what is different in them.
_LONG = 400
_SIGNS = {"removed": "−", "added": "+", "same": "", "skipped": "…"}


@dataclass(frozen=True)
class DiffLine:
    """A line of either text, or of both; ``kind`` is ``same``, ``removed``, ``added``, or ``skipped`` (many lines)."""

    kind: str
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]

    @property
    def sign(self) -> str:
        """What stands before the line."""
        return _SIGNS[self.kind]


@dataclass(frozen=True)
class TextDiff:
    """The lines that differ with some around them; ``spread`` where the texts were given line breaks to be compared."""

    lines: tuple[DiffLine, ...]
    added: int
    removed: int
    spread: bool = False


def text_diff(before: str, after: str) -> TextDiff:
    """What is different between two texts. A policy that is written in one line is shown with line breaks."""
    old, new = before, after
    spread = False
    if any(text.strip() and "\n" not in text.strip() for text in (before, after)):
        pair = _spread(before), _spread(after)
        if pair[0] is not None and pair[1] is not None and pair[0] != pair[1]:
            old, new, spread = pair[0], pair[1], True
    lines = tuple(_shortened(list(_lines(*_indented(_texts(old), _texts(new))))))
    count = {kind: sum(line.kind == kind for line in lines) for kind in ("added", "removed")}
    return TextDiff(lines, count["added"], count["removed"], spread)


def _spread(text: str) -> str | None:
    if not text.strip():
        return ""
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_distinct), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; refused where a key stands twice, of which one would not be shown."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _texts(text: str) -> list[str]:
    return [text_of.rstrip("\r") for text_of in text.split("\n")] if text else []


def _indented(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both without what indents all of their lines but the first, as texts out of an export are."""
    rest = [line for line in (*old[1:], *new[1:]) if line.strip()]
    least = min((len(line) - len(line.lstrip(" ")) for line in rest), default=0)
    return [*old[:1], *(line[least:] for line in old[1:])], [*new[:1], *(line[least:] for line in new[1:])]


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for at in range(end - start):
                yield DiffLine("same", start + at + 1, first + at + 1, (Piece(old[start + at], False),))
            continue
        pairs = list(zip_longest(old[start:end], new[first:last])) if tag == "replace" else []
        marks = [_marks(left, right) if left is not None and right is not None else ((), ()) for left, right in pairs]
        for at in range(start, end):
            yield DiffLine("removed", at + 1, None, _pieces(old[at], marks[at - start][0] if marks else ()))
        for at in range(first, last):
            yield DiffLine("added", None, at + 1, _pieces(new[at], marks[at - first][1] if marks else ()))


def _marks(left: str, right: str) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """The stretches of two lines that differ; none where little is the same, so that marks would only flicker."""
    if len(left) > _LONG or len(right) > _LONG:
        return (), ()
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < 0.5:
        return (), ()
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return tuple((code[1], code[2]) for code in codes), tuple((code[3], code[4]) for code in codes)


def _pieces(line: str, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for start, end in marks:
        if start > at:
            pieces.append(Piece(line[at:start], False))
        if end > start:
            pieces.append(Piece(line[start:end], True))
        at = max(at, end)
    if at < len(line) or not pieces:
        pieces.append(Piece(line[at:], False))
    return tuple(pieces)


def _shortened(lines: Sequence[DiffLine]) -> Iterator[DiffLine]:
    """Only lines near one that differs; what is left out between them is one line that says how many."""
    near: set[int] = set()
    for at, line in enumerate(lines):
        if line.kind != "same":
            near.update(range(at - CONTEXT, at + CONTEXT + 1))
    left = 0
    for at, line in enumerate(lines):
        if at in near:
            if left:
                yield _skipped(left)
                left = 0
            yield line
        else:
            left += 1
    if left and near:
        yield _skipped(left)


def _skipped(number: int) -> DiffLine:
    words = "1 line is the same" if number == 1 else f"{number:,} lines are the same"
    return DiffLine("skipped", None, None, (Piece(words, False),))
