"""A shorter document that says the same: without white space, what changes nothing, and statements that can be one."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policystudio.engine.analyse.cover import covered_entry
from policystudio.engine.analyse.elements import Element, Part, statement_without
from policystudio.engine.analyse.prover import Exhausted, Prover, everything, future_actions
from policystudio.engine.analyse.shadow import BUDGET, KINDS, Redundancy, redundant_in_document
from policystudio.engine.document import Policy, Statement
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.render import statement_json, to_json
from policystudio.engine.request import NamedPolicy, PolicyStack

#: A text of JSON, or white space between texts.
_TEXT_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)

#: A statement, and the indexes of those that it was made of.
_Made = tuple[Statement, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Minified:
    """A shorter text for a document.

    ``proved`` where more than white space was changed: the comparison of both says that they allow and deny the same.
    ``redundancy`` is what was found, ``dropped`` what of it is gone. What only the catalogue takes for dead stays, as
    AWS may have added it. ``merged`` holds the indexes of statements that are now one, which has no Sid.
    """

    text: str
    proved: bool
    redundancy: Redundancy | None = None
    dropped: tuple[Element, ...] = ()
    merged: tuple[tuple[int, ...], ...] = ()


def without_space(text: str) -> str:
    """A JSON text without the white space between its parts."""
    return _TEXT_OR_SPACE.sub(lambda match: match[1] or "", text)


def minify(policy: Policy, *, budget: int = BUDGET) -> Minified:
    """The shortest text that is known to say the same as the document; valid, and of its kind.

    Policies that name principals lose their white space alone.
    """
    squeezed = without_space(policy.text)
    if policy.kind not in KINDS:
        return Minified(squeezed, proved=False)
    found = redundant_in_document(policy, budget=budget, catalogue=False)
    dropped = tuple(one.element for one in found.findings if not one.by_catalogue)
    kept = [(one, (one.index,)) for one in _left(policy, dropped)]
    plain = Minified(squeezed, proved=False, redundancy=found)
    for made in (merged(kept), kept):
        text = _written(policy, [one for one, _ in made])
        groups = tuple(indexes for _, indexes in made if len(indexes) > 1)
        if _size(text) < _size(squeezed) and made and says_the_same(policy, text, budget=budget):
            return Minified(text, proved=True, redundancy=found, dropped=dropped, merged=groups)
    return plain


def says_the_same(policy: Policy, text: str, *, budget: int = BUDGET) -> bool:
    """Whether a text is a document of the same kind that allows and denies the same, whatever stands beside it."""
    try:
        other = parse_policy(text, policy.kind)
    except PolicyError:
        return False
    sides = [(NamedPolicy("policy", one),) for one in (policy, other)]
    prover = Prover(PolicyStack(), Facts({}), budget, future_actions((*policy.statements, *other.statements)))
    try:
        return all(
            prover.gains_nothing((*sides[0], *around), (*sides[1], *around))
            and prover.loses_nothing((*sides[0], *around), (*sides[1], *around))
            for around in ((), (everything(),))
        )
    except Exhausted:
        return False


def merged(statements: Sequence[_Made]) -> list[_Made]:
    """The statements with those made one that differ in their actions alone, or in their resources alone."""
    result = list(statements)
    place = 0
    while place < len(result):
        for other in range(place + 1, len(result)):
            both = _both(result[place][0], result[other][0])
            if both is not None:
                result[place] = both, (*result[place][1], *result[other][1])
                del result[other]
                place = -1  # the new one may be like an earlier one
                break
        place += 1
    return [(_without_covered(one) if len(made) > 1 else one, made) for one, made in result]


def _left(policy: Policy, dropped: Sequence[Element]) -> list[Statement]:
    left = (
        statement_without(one, [element for element in dropped if element.statement == one.index])
        for one in policy.statements
    )
    return [one for one in left if one is not None]


def _both(left: Statement, right: Statement) -> Statement | None:
    """One statement that does what both do; None where they differ in more than one list."""
    if (left.effect, frozenset(left.conditions)) != (right.effect, frozenset(right.conditions)):
        return None
    same_resources = _set(left.resources) == _set(right.resources) and _set(left.not_resources) == _set(
        right.not_resources
    )
    if same_resources and left.actions and right.actions:
        actions = tuple({text.lower(): text for text in (*right.actions, *left.actions)}.values())
        ordered = sorted(actions, key=(*left.actions, *right.actions).index)
        return replace(left, sid=None, actions=tuple(ordered))
    same_actions = {text.lower() for text in left.actions} == {text.lower() for text in right.actions}
    same_others = {text.lower() for text in left.not_actions} == {text.lower() for text in right.not_actions}
    if same_actions and same_others and left.resources and right.resources:
        return replace(left, sid=None, resources=tuple(dict.fromkeys((*left.resources, *right.resources))))
    return None


def _set(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(texts)


def _without_covered(statement: Statement) -> Statement:
    """The statement without entries that another one of their list matches."""
    lists = ((Part.ACTION, statement.actions), (Part.RESOURCE, statement.resources))
    gone = [
        element
        for part, entries in lists
        for element in (Element(0, statement.index, part, index) for index in range(len(entries)))
        if covered_entry(element, statement)
    ]
    return statement_without(statement, gone) or statement


def _written(policy: Policy, statements: Sequence[Statement]) -> str:
    """The text of a document with other statements; what it says of Version and Id stays."""
    given = json.loads(policy.text)
    head = {name: given[name] for name in ("Version", "Id") if name in given}
    written = [statement_json(one) for one in statements]
    return without_space(to_json({**head, "Statement": written[0] if len(written) == 1 else written}, indent=None))


def _size(text: str) -> int:
    return len("".join(text.split()))
