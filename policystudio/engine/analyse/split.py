"""One document as several, each within a quota, that attached together decide every request as it does."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policystudio.engine.analyse.prover import Exhausted, Prover, everything, future_actions
from policystudio.engine.analyse.shadow import BUDGET, KINDS
from policystudio.engine.document import Policy, Statement
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.render import Json, statement_json, to_json
from policystudio.engine.request import NamedPolicy, PolicyStack

#: The lists of a statement that several statements may share out: what it matches is what any of their entries does.
_LISTS = ("Action", "Resource")
_INDENT = "    "


class CannotSplit(ValueError):
    """A document cannot be split so that each part keeps to the quota; the text says why."""


@dataclass(frozen=True, slots=True)
class Split:
    """The parts as texts. ``proved`` where they were compared with the whole; else too much meets in them for that.

    ``cut`` are the indexes of statements that had to be cut in pieces.
    """

    texts: tuple[str, ...]
    proved: bool
    cut: tuple[int, ...] = ()


def split(policy: Policy, quota: int, *, budget: int = BUDGET) -> Split:
    """As few parts as come of putting each statement into the first part with room; raises ``CannotSplit``.

    A statement keeps its text, unless it is too long for a part of its own: then its actions or resources are shared
    out. Only for kinds of policy that may stand several at a time.
    """
    if policy.kind not in KINDS:
        raise CannotSplit("a policy of this kind stands alone and cannot be split")
    head = _head(policy)
    room = quota - size_of(_document(head, ()))
    pieces: list[str] = []
    cut = []
    is_list = isinstance(json.loads(policy.text)["Statement"], list)
    for statement in policy.statements:
        text = _text_of(policy, statement) if is_list else _indented(statement_json(statement))
        if size_of(text) <= room:
            pieces.append(text)
        else:
            cut.append(statement.index)
            pieces += _pieces(statement, room)
    texts = tuple(_document(head, part) for part in _shared_out(pieces, room))
    same = says_the_same(policy, texts, budget=budget)
    if same is False:
        raise CannotSplit("the parts would not decide every request as the whole does")
    return Split(texts, same is True, tuple(cut))


def says_the_same(policy: Policy, texts: Sequence[str], *, budget: int = BUDGET) -> bool | None:
    """Whether policies with these texts, all attached, allow and deny what one does; None where that is too hard."""
    try:
        others = [parse_policy(text, policy.kind) for text in texts]
    except PolicyError:
        return False
    whole = (NamedPolicy("policy", policy),)
    parts = tuple(NamedPolicy(f"part {number}", one) for number, one in enumerate(others, start=1))
    statements = [*policy.statements, *(statement for one in others for statement in one.statements)]
    prover = Prover(PolicyStack(), Facts({}), budget, future_actions(statements))
    try:
        same = all(
            prover.gains_nothing((*whole, *around), (*parts, *around))
            and prover.loses_nothing((*whole, *around), (*parts, *around))
            for around in ((), (everything(),))
        )
    except Exhausted:
        return None
    return None if not same and prover.undecided else same


def size_of(text: str) -> int:
    """The characters of a text that IAM counts: all but white space."""
    return len("".join(text.split()))


def _head(policy: Policy) -> dict[str, Json]:
    given = json.loads(policy.text)
    return {name: given[name] for name in ("Version", "Id") if name in given}


def _document(head: dict[str, Json], statements: Iterable[str]) -> str:
    lines = [f"  {to_json(name)}: {to_json(value)},\n" for name, value in head.items()]
    inner = f",\n{_INDENT}".join(statements)
    return f'{{\n{"".join(lines)}  "Statement": [\n{_INDENT}{inner}\n  ]\n}}'


def _text_of(policy: Policy, statement: Statement) -> str:
    """The statement of a list as it is written."""
    span = statement.span
    return policy.text[span.start.offset : span.end.offset].strip(", \t\r\n[")


def _indented(value: Json) -> str:
    return to_json(value).replace("\n", f"\n{_INDENT}")


def _pieces(statement: Statement, room: int) -> Iterator[str]:
    """The statement in pieces that fit, with the longer of its lists shared out."""
    whole = statement_json(statement)
    lists = {name: value for name in _LISTS if isinstance(value := whole.get(name), list) and len(value) > 1}
    if not lists:
        raise CannotSplit(f"statement {statement.index + 1} alone is too long, and no list of it can be shared out")
    name = max(lists, key=lambda one: size_of(to_json(lists[one])))
    entries: list[Json] = []
    number = 0
    for entry in lists[name]:
        if entries and size_of(_piece(whole, name, [*entries, entry], number + 1)) > room:
            number += 1
            yield _checked(_piece(whole, name, entries, number), statement, room)
            entries = []
        entries.append(entry)
    yield _checked(_piece(whole, name, entries, number + 1), statement, room)


def _piece(whole: dict[str, Json], name: str, entries: list[Json], number: int) -> str:
    sid = whole.get("Sid")
    named = {"Sid": f"{sid}{number}"} if sid and number > 1 else {}
    return _indented({**whole, **named, name: entries})


def _checked(text: str, statement: Statement, room: int) -> str:
    if size_of(text) > room:
        raise CannotSplit(f"statement {statement.index + 1} alone is too long, even with its longest list shared out")
    return text


def _shared_out(pieces: Sequence[str], room: int) -> list[list[str]]:
    """Each piece in the first part that has room for it and a comma."""
    parts: list[list[str]] = []
    left: list[int] = []
    for piece in pieces:
        size = size_of(piece) + 1
        # The first piece of a part has no comma before it.
        place = next((number for number, free in enumerate(left) if size <= free), None)
        if place is None:
            parts.append([piece])
            left.append(room + 1 - size)
        else:
            parts[place].append(piece)
            left[place] -= size
    return parts
