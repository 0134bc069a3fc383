"""Why an element changes nothing: which statements do what it does, or take it away, or that it never matters."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.analyse.elements import (
    LISTS,
    Element,
    Part,
    entries_of,
    is_deny,
    only,
    statement_without,
    widens,
    with_statements,
)
from policystudio.engine.analyse.prover import Prover, everything
from policystudio.engine.analyse.scope import Keys
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.conditions import condition_holds, keys_read
from policystudio.engine.document import Effect, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.texts import covers
from policystudio.engine.request import Context, NamedPolicy, PolicyStack

#: So many statements are tried one by one to find a smallest set of them.
_MOST_TRIED = 60
_EMPTY = Context()
_WILD = re.compile("[*?]")
_Place = tuple[int, int]
#: Tells whether some statements are enough.
_Enough = Callable[[Sequence[_Place]], bool]


class Reason(StrEnum):
    """Why an element changes nothing."""

    COVERED = "covered"  # other statements do the same
    DENIED = "denied"  # what it allows is denied
    COVERED_OR_DENIED = "covered_or_denied"  # part of it one, part of it the other
    IN_LIST = "in_list"  # another entry of the same list matches all of it
    BLOCKED = "blocked"  # boundary or organization let nothing of it through
    NOT_ALLOWED = "not_allowed"  # a Deny of what nothing else allows
    NEVER = "never"  # its conditions can never hold
    NEVER_SENT = "never_sent"  # they ask for keys that SageMaker never sends for these actions
    ALWAYS = "always"  # a condition that always holds
    NO_ACTION = "no_action"  # no known action has such a name
    NO_RESOURCE = "no_resource"  # the actions act on no such resource
    NO_EFFECT = "no_effect"  # proved, but not told by what


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows it. ``by`` are statements as pairs of policy and index; ``entries`` those of the same list.

    ``limits`` names boundary and organization policies; ``keys`` the context keys of conditions that never hold.
    """

    reason: Reason
    by: tuple[_Place, ...] = ()
    entries: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    near: str = ""
    types: tuple[str, ...] = ()


class Witnesses:
    """Finds evidence among the policies that are left when everything that was found is taken away."""

    def __init__(self, prover: Prover, kept: Sequence[NamedPolicy], *, alone: bool) -> None:
        self.prover, self.kept, self.alone = prover, kept, alone
        self.statements = {
            (number, one.index): one for number, named in enumerate(kept) for one in named.policy.statements
        }

    def evidence(self, element: Element, statement: Statement, dead: Sequence[Element] = ()) -> Evidence:
        """Why the element of a statement changes nothing; ``dead`` elements of the statement are passed over."""
        entries = covered_entry(element, statement)
        if entries:
            return Evidence(Reason.IN_LIST, entries=entries)
        without_it, with_it = self.sides(element, statement, dead)
        if without_it is None:
            return self.of_part(element, with_it)
        return self.of_opening(element, without_it, with_it)

    def sides(
        self, element: Element, statement: Statement, dead: Sequence[Element]
    ) -> tuple[Statement | None, Statement]:
        """A part of the statement that an element stands for; or the statement in two ways, of which one is wider."""
        if element.part is Part.VALUE or widens(element, statement):
            with_it = statement_without(statement, dead) or statement
            without_it = statement_without(statement, [*dead, element]) or statement
            return (with_it, without_it) if widens(element, statement) else (without_it, with_it)
        others = [one for one in dead if one.part is not element.part]
        return None, statement_without(only(element, statement), others) or statement

    # A part of a statement that can go.

    def of_part(self, element: Element, part: Statement) -> Evidence:
        """Evidence for a statement, or a part of it, that matches nothing that matters."""
        home = self.kept[element.policy]
        if self.is_nothing(home, [], part, limited=False):
            unsent = never_sent(part, modern=home.policy.has_variables)
            return Evidence(Reason.NEVER_SENT, keys=unsent) if unsent else Evidence(Reason.NEVER, keys=_keys(part))
        if not self.alone and self.is_nothing(home, [], part, limited=True):
            return Evidence(Reason.BLOCKED, limits=self.limits(home, part))
        near = self.near(part)
        support = self.smallest(lambda chosen: self.is_nothing(home, chosen, part, limited=True), near)
        if support is None and is_deny(part):
            return Evidence(Reason.NOT_ALLOWED)
        return self.by(support, part, element)

    def is_nothing(self, home: NamedPolicy, chosen: Sequence[_Place], part: Statement, *, limited: bool) -> bool:
        """Whether a part of a statement adds nothing to some statements; a Deny denies nothing beside them."""
        before = self.chosen(chosen, allow=is_deny(part))
        after = (*before, with_statements(home, (part,)))
        if is_deny(part):
            return self.prover.gains_nothing(after, before, limited=limited)
        return self.prover.loses_nothing(after, before, limited=limited)

    def chosen(self, places: Sequence[_Place], *, allow: bool) -> tuple[NamedPolicy, ...]:
        """Some of the statements as policies of their own; beside a Deny stands what allows everything."""
        found = [with_statements(self.kept[place[0]], (self.statements[place],)) for place in places]
        return (*found, everything()) if allow else tuple(found)

    # A condition or an exception that can go.

    def of_opening(self, element: Element, before: Statement, after: Statement) -> Evidence:
        """Evidence for a statement that matches more without the element, though nothing that matters."""
        home = self.kept[element.policy]

        def same(chosen: Sequence[_Place], *, limited: bool = True) -> bool:
            around = self.chosen(chosen, allow=is_deny(after))
            pair = [(*around, with_statements(home, (one,))) for one in (before, after)]
            if is_deny(after):
                return self.prover.loses_nothing(pair[0], pair[1], limited=limited)
            return self.prover.gains_nothing(pair[0], pair[1], limited=limited)

        if same([], limited=False):
            if element.part in LISTS or element.part is Part.VALUE:
                return Evidence(Reason.IN_LIST, entries=_others(element, before, after))
            return Evidence(Reason.ALWAYS)
        if not self.alone and same([]):
            return Evidence(Reason.BLOCKED, limits=self.limits(home, after))
        own = element.policy, element.statement
        support = self.smallest(same, [place for place in self.near(after) if place != own])
        if support is None and is_deny(after):
            return Evidence(Reason.NOT_ALLOWED)
        return self.by(support, after, element)

    # Which statements.

    def near(self, part: Statement) -> list[_Place]:
        """The statements that share actions with it; for a Deny only Deny statements."""
        known = known_actions()
        mask = known.of(part)
        return [
            place
            for place, one in self.statements.items()
            if (not mask or known.of(one) & mask) and (is_deny(one) or not is_deny(part))
        ]

    def smallest(self, enough: _Enough, places: Sequence[_Place]) -> tuple[_Place, ...] | None:
        """A smallest set of statements that is enough: a single one, or what is left when none can be left out."""
        ordered = sorted(places, key=lambda place: is_deny(self.statements[place]))
        for place in ordered[:_MOST_TRIED]:
            if enough([place]):
                return (place,)
        if not enough(ordered):
            return None
        chosen = list(ordered)
        for place in ordered[:_MOST_TRIED] if len(ordered) > 1 else []:
            fewer = [one for one in chosen if one != place]
            if enough(fewer):
                chosen = fewer
        return tuple(chosen)

    def by(self, support: tuple[_Place, ...] | None, part: Statement, element: Element) -> Evidence:
        """Evidence that names statements; without any, that there is no effect."""
        if not support:
            return Evidence(Reason.NO_EFFECT)
        kinds = {is_deny(self.statements[place]) for place in support}
        own = (element.policy, element.statement)
        if is_deny(part) or kinds == {False}:
            rest = self.rest(element) if own in support else ()
            return Evidence(Reason.COVERED, support, rest)
        return Evidence(Reason.DENIED if kinds == {True} else Reason.COVERED_OR_DENIED, support)

    def rest(self, element: Element) -> tuple[str, ...]:
        """The other entries of the element's list, where the statement itself is among what covers it."""
        statement = self.statements[element.policy, element.statement]
        return entries_of(statement, element.part) if element.part in LISTS else ()

    def limits(self, home: NamedPolicy, part: Statement) -> tuple[str, ...]:
        """The boundary, or the organization policies of one level, that alone lets nothing through; else all."""
        stack, part = self.prover.limits, replace(part, effect=Effect.ALLOW)
        boundary = stack.permissions_boundary
        single: list[tuple[tuple[str, ...], PolicyStack]] = []
        if boundary is not None:
            single.append(((boundary.name,), PolicyStack(permissions_boundary=boundary)))
        for level in stack.service_control_policies or ():
            names = tuple(one.name for one in level)
            single.append((names, PolicyStack(service_control_policies=(level,))))
            denies = [_denials(one) for one in level]
            for one, named in zip(denies, level, strict=True):
                if one is not None:
                    single.insert(-1, ((named.name,), PolicyStack(service_control_policies=((everything(), one),))))
        for names, alone in single:
            prover = replace(self.prover, limits=alone)
            prover.future = self.prover.future
            if prover.loses_nothing((with_statements(home, (part,)),), ()):
                return names
        return tuple(dict.fromkeys(name for names, _ in single for name in names))


def _denials(named: NamedPolicy) -> NamedPolicy | None:
    found = tuple(one for one in named.policy.statements if is_deny(one))
    return with_statements(named, found) if found else None


def covered_entry(element: Element, statement: Statement) -> tuple[str, ...]:
    """Another entry of the same list that plainly matches all that this one matches; empty where there is none."""
    if element.part not in LISTS:
        return ()
    is_action = element.part in (Part.ACTION, Part.NOT_ACTION)
    found = _covered(entries_of(statement, element.part), is_action)[element.entry]
    return (found,) if found else ()


@lru_cache(maxsize=2_000)
def _covered(entries: tuple[str, ...], is_action: bool) -> tuple[str, ...]:
    """For each entry the widest other one that matches all of it, or an empty text. Of two alike the first one stays.

    Only wildcards match more than one text, and there are few of them even in long lists.
    """
    first: dict[str, int] = {}
    for index, text in enumerate(entries):
        first.setdefault(text.lower() if is_action else text, index)
    heads = {
        index: _WILD.split(entries[index].lower() if is_action else entries[index], maxsplit=1)[0]
        for index in first.values()
        if _WILD.search(entries[index])
    }
    result = []
    for index, text in enumerate(entries):
        step()
        same = first[text.lower() if is_action else text]
        found = [entries[same]] if same != index else []
        found += [
            entries[other]
            for other, head in heads.items()
            if other != index
            and (text.lower() if is_action else text).startswith(head)
            and _covers(entries[other], text, is_action)
            and (other < index or not _covers(text, entries[other], is_action))
        ]
        result.append(_widest(found, is_action))
    return tuple(result)


def _widest(found: list[str], is_action: bool) -> str:
    """One that no other one covers."""
    for text in found:
        if all(text == other or not _covers(other, text, is_action) for other in found):
            return text
    return found[0] if found else ""


def _others(element: Element, before: Statement, after: Statement) -> tuple[str, ...]:
    """The other entries or values of the list that an element is in."""
    if element.part in LISTS:
        return entries_of(after, element.part)
    shorter = min((before, after), key=lambda one: len(one.conditions[element.entry].values))
    return shorter.conditions[element.entry].values


@lru_cache(maxsize=50_000)
def _covers(wide: str, narrow: str, action: bool) -> bool:
    if action:
        return wide == "*" or covers(globs.parse(wide.lower()), globs.parse(narrow.lower()))
    if wide in (narrow, "*"):
        return True
    if "${" in wide + narrow:
        return False
    return covers(globs.resource_parts(globs.parse(wide)), globs.resource_parts(globs.parse(narrow)))


def never_sent(part: Statement, *, modern: bool) -> tuple[str, ...]:
    """The keys that a statement needs and SageMaker never sends, where it sends all of them for none of its actions.

    Empty for a statement that is about other services too: what these send is not known by action.
    """
    known, keys = known_actions(), Keys(Facts({}), [(part, modern)])
    mask = known.of(part)
    if not mask or mask & ~known.mask(f"{load_sagemaker().service}:*"):
        return ()
    needed: dict[str, str] = {}
    for condition in part.conditions:
        if not condition_holds(condition, _EMPTY, load_condition_keys(), modern):
            needed |= {key.lower(): key for key in keys_read(condition, modern)}
    entries = [frozenset(map(str.lower, variables.written_names(text))) for text in part.resources if modern]
    named = {key.lower(): key for text in part.resources for key in variables.written_names(text)} if entries else {}
    missing: set[str] = set()
    for name in known.listed(mask):
        absent = keys.absent(name)
        unsent = set(absent & needed.keys())
        if entries and all(names & absent for names in entries):
            unsent |= absent & named.keys()
        if not unsent:
            return ()
        missing |= unsent
    return tuple(written for key, written in {**named, **needed}.items() if key in missing)


def _keys(part: Statement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.key for condition in part.conditions))
