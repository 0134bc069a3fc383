"""Three-way merge of policy texts: by line, keeping the formatting, or else by statement; what conflicts is named."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy, places

Json = Any
Hunk = tuple[int, int, int, int]  # base from and to, side from and to


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that both sides made different, in words, with its text on each side ("" where it is not there)."""

    what: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a merge: a text that parses, or else why there is none.

    ``way`` is ``same`` (one side alone changed something, or both the same), ``lines`` or ``statements``.
    """

    text: str | None
    way: str = ""
    conflicts: tuple[Conflict, ...] = ()


def merge_policies(base: str, theirs: str, mine: str, kind: PolicyKind) -> Merged:
    """Bring what ``mine`` changes of ``base`` together with what ``theirs`` changes of it.

    The answer is ``mine`` with their changes put in, so that its formatting stays. Whatever comes of merging parses.
    """
    if theirs in (mine, base):
        return Merged(mine, "same")
    if mine == base:
        return Merged(theirs, "same")
    lines = merge_lines(base, theirs, mine)
    if lines is not None and _parses(lines, kind):
        return Merged(lines, "lines")
    sides = {"what it was begun on": base, "what stands there now": theirs, "the edit": mine}
    broken = [name for name, text in sides.items() if not _parses(text, kind)]
    if broken:
        what = f"{' and '.join(broken)} cannot be read as a policy, so that its statements cannot be told apart"
        return Merged(None, "", (Conflict(what, base, theirs, mine),))
    return _Statements(base, theirs, mine, kind).merged()


def merge_lines(base: str, theirs: str, mine: str) -> str | None:
    """The text with the lines that each side changed; None where both changed the same lines, or lines that touch."""
    old, ours, others = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    mine_hunks, their_hunks = _hunks(old, ours), _hunks(old, others)
    changes = [(hunk, ours) for hunk in mine_hunks]
    for hunk in their_hunks:
        same = [one for one in mine_hunks if one[:2] == hunk[:2] and ours[one[2] : one[3]] == others[hunk[2] : hunk[3]]]
        if same:
            continue
        if any(one[0] <= hunk[1] and hunk[0] <= one[1] for one in mine_hunks):
            return None
        changes.append((hunk, others))
    merged, at = [], 0
    for (start, end, first, last), side in sorted(changes, key=lambda change: change[0][:2]):
        merged += [*old[at:start], *side[first:last]]
        at = end
    return "".join([*merged, *old[at:]])


def merge_values(
    base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Two sets of named values, such as tags, brought together: the values, and the names of those in conflict.

    A value in conflict is the one of ``mine``.
    """
    merged: dict[str, str] = {}
    conflicts: list[str] = []
    for name in sorted({*base, *theirs, *mine}):
        was, their, my = base.get(name), theirs.get(name), mine.get(name)
        value = their if my == was else my
        if my not in (was, their) and their != was:
            conflicts.append(name)
        if value is not None:
            merged[name] = value
    return merged, conflicts


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(start, end, first, last) for tag, start, end, first, last in codes if tag != "equal"]


def _parses(text: str, kind: PolicyKind) -> bool:
    try:
        parse_policy(text, kind)
    except PolicyError:
        return False
    return True


# By statement.


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement of one side: its text, and what it says, whatever the order and the spelling of lists."""

    index: int
    sid: str
    text: str
    start: int
    end: int
    said: str


class _Side:
    """A policy taken apart: the elements around its statements, and these by a key that is the same on all sides."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document: dict[str, Json] = json.loads(text)
        spans = places(text)
        found = self.document["Statement"]
        self.is_list = isinstance(found, list)
        outer = spans["Statement",]
        self.start, self.end = outer.start.offset, outer.end.offset
        self.statements = []
        for index, value in enumerate(found if self.is_list else [found]):
            span = spans["Statement", index] if self.is_list else outer
            start, end = span.start.offset, span.end.offset
            sid = str(value.get("Sid", ""))
            self.statements.append(_Statement(index, sid, text[start:end], start, end, _said(value)))


def _said(value: Json) -> str:
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Json) -> Json:
    """The same for a text and a list of it, and for lists in another order."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted({inner if isinstance(inner, str) else _said(inner) for inner in value})
    return [value if isinstance(value, str) else json.dumps(value)]


class _Statements:
    """The merge by statement: which ones there are in the end, and the text of ``mine`` made to hold them."""

    def __init__(self, base: str, theirs: str, mine: str, kind: PolicyKind) -> None:
        self.base, self.theirs, self.mine = _Side(base), _Side(theirs), _Side(mine)
        self.kind = kind
        self.to_theirs = _pairs(self.base.statements, self.theirs.statements)
        self.to_mine = _pairs(self.base.statements, self.mine.statements)
        self.conflicts: list[Conflict] = []

    def merged(self) -> Merged:
        self._check_elements()
        kept = self._kept()
        added = self._added(kept)
        if self.conflicts:
            return Merged(None, "", tuple(self.conflicts))
        text = self._text(kept, added)
        if not _parses(text, self.kind):
            what = "the statements of both sides do not make a policy together"
            conflict = Conflict(what, self.base.text, self.theirs.text, self.mine.text)
            return Merged(None, "", (conflict,))
        return Merged(text, "statements")

    def _check_elements(self) -> None:
        """Version and Id: they are merged by line or not at all."""
        for name in ("Version", "Id"):
            base, theirs, mine = (side.document.get(name) for side in (self.base, self.theirs, self.mine))
            if theirs not in (base, mine):
                self.conflicts.append(
                    Conflict(f"the element {name}", *(str(one or "") for one in (base, theirs, mine)))
                )

    def _kept(self) -> dict[int, str]:
        """The statements of mine that stay, by index, with their text: their own, or that of the other side."""
        kept = {one.index: one.text for one in self.mine.statements}
        for statement in self.base.statements:
            mine, theirs = self.to_mine.get(statement.index), self.to_theirs.get(statement.index)
            my_said, their_said = (one.said if one else "" for one in (mine, theirs))
            if their_said in (statement.said, my_said):
                continue
            if my_said != statement.said or mine is None:
                self._conflict(statement, theirs, mine)
            elif theirs is None:
                del kept[mine.index]
            else:
                kept[mine.index] = _indented(theirs, self.theirs.text, self._indentation(mine.start))
        return kept

    def _added(self, kept: Mapping[int, str]) -> dict[int, list[str]]:
        """What they added, by the index of the statement of mine that it comes after; -1 is before all."""
        added: dict[int, list[str]] = {}
        known = {one.index for one in self.to_theirs.values()}
        ours = {one.index for one in self.to_mine.values()}
        new = [one for one in self.mine.statements if one.index not in ours]
        backwards = {theirs.index: self.to_mine.get(index) for index, theirs in self.to_theirs.items()}
        after = -1
        for statement in self.theirs.statements:
            if statement.index in known:
                mine = backwards[statement.index]
                after = mine.index if mine is not None else after
                continue
            if any(one.said == statement.said for one in new):
                continue
            same = next((one for one in self.mine.statements if one.sid and one.sid == statement.sid), None)
            if same is not None and same.index in kept:
                self._conflict(None, statement, same)
                continue
            added.setdefault(after, []).append(_indented(statement, self.theirs.text, self._indentation()))
        return added

    def _conflict(self, base: _Statement | None, theirs: _Statement | None, mine: _Statement | None) -> None:
        one = mine or theirs or base
        name = f"the statement `{one.sid}`" if one and one.sid else f"statement {one.index + 1 if one else 0}"
        texts = (side.text if side else "" for side in (base, theirs, mine))
        self.conflicts.append(Conflict(name, *texts))

    def _indentation(self, offset: int | None = None) -> str | None:
        """That of the statement of mine at the offset, or of its first one; None where mine is written in one line."""
        text, statements = self.mine.text, self.mine.statements
        if "\n" not in text:
            return None
        start = statements[0].start if offset is None and statements else offset
        return _indentation(text, start or 0)

    def _text(self, kept: Mapping[int, str], added: Mapping[int, list[str]]) -> str:
        """Mine with the list of statements written anew; what stood between two that stay together stays between."""
        mine, statements = self.mine, self.mine.statements
        order: list[tuple[int, str]] = [(-1, text) for text in added.get(-1, ())]
        for statement in statements:
            if statement.index in kept:
                order.append((statement.index, kept[statement.index]))
            order += [(-1, text) for text in added.get(statement.index, ())]
        if not mine.is_list and len(order) == 1:
            return f"{mine.text[: mine.start]}{order[0][1]}{mine.text[mine.end :]}"
        before = mine.text[mine.start + 1 : statements[0].start] if mine.is_list else ""
        behind = mine.text[statements[-1].end : mine.end - 1] if mine.is_list else ""
        pieces: list[str] = []
        last = -2
        for index, text in order:
            if pieces:
                together = index == last + 1 and index > 0 and last >= 0
                gap = mine.text[statements[last].end : statements[index].start] if together else ""
                pieces.append(gap or f",{before if before.strip(' ') else ' '}")
            pieces.append(text)
            last = index
        return f"{mine.text[: mine.start]}[{before}{''.join(pieces)}{behind}]{mine.text[mine.end :]}"


def _pairs(base: Sequence[_Statement], side: Sequence[_Statement]) -> dict[int, _Statement]:
    """Which statement of a side each one of the base became: by Sid, else by what it says, else by its position."""
    pairs: dict[int, _Statement] = {}
    left = list(side)

    def pair(statement: _Statement, found: _Statement | None) -> None:
        if found is not None:
            pairs[statement.index] = found
            left.remove(found)

    for statement in base:
        if statement.sid:
            pair(statement, next((one for one in left if one.sid == statement.sid), None))
    for statement in base:
        if statement.index not in pairs:
            pair(statement, next((one for one in left if one.said == statement.said), None))
    for statement in base:
        if statement.index not in pairs and not statement.sid:
            pair(statement, next((one for one in left if one.index == statement.index and not one.sid), None))
    return pairs


def _indentation(text: str, offset: int) -> str:
    """The white space at the start of the line that holds the offset; "" where something else stands before it."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line if not line.strip() else ""


def _indented(statement: _Statement, text: str, indentation: str | None) -> str:
    """The text of a statement with its lines moved to another indentation; in one line where that is None.

    Strings of JSON hold no line breaks.
    """
    if indentation is None:
        return " ".join(line.strip() for line in statement.text.splitlines())
    own = _indentation(text, statement.start)
    return re.sub(rf"\n{re.escape(own)}", lambda _: f"\n{indentation}", statement.text)
