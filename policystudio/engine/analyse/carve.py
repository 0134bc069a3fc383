"""A Deny statement that gives way to what is asked and to nothing else, as far as statements can say that.

What a Deny statement denies is a box: these actions, on these resources, under these conditions. To take a smaller box
out of it leaves at most: the other actions on its resources; the asked action on its other resources; the asked action
under other conditions.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from policystudio.engine import variables
from policystudio.engine.analyse.asked import Asked, known_actions
from policystudio.engine.catalog.load import load_service_actions
from policystudio.engine.document import Condition, Quantifier, Statement
from policystudio.engine.exact.signatures import Cover
from policystudio.engine.globs import Parts
from policystudio.engine.match import action_matches
from policystudio.engine.render import statement_json, to_json
from policystudio.engine.request import Context

#: Up to so many actions that a pattern stands for are written one by one.
_FEW = 12
#: A pattern that stands for more actions than these is not written out.
_MOST = 120
#: What a further statement, and a further entry of a list, count beside their characters where the least is wanted.
_STATEMENT_SIZE, _ENTRY_SIZE = 80, 30
#: Negated operators that say the same of an ordinary text: values may be moved from one to the other.
_NEGATED = frozenset({"StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"})


class Grade(IntEnum):
    """How close a change comes to what is asked, by construction; the less, the better."""

    STRICT = 0  # nothing else changes
    CAREFUL = 1  # of resources that the action does not act on, some are denied that were not
    REAL = 2  # of resources that the action does not act on, or of other accounts, some are no longer denied
    WIDE = 3  # other resources or actions are no longer denied


@dataclass(frozen=True)
class Carved:
    """What stands instead of a statement; nothing where it is to be removed."""

    statements: tuple[Statement, ...]
    grade: "Grade"

    @property
    def rank(self) -> tuple[Grade, int]:
        """The less, the better: first what changes nothing else, then little text in few statements."""
        size = 0
        for item in self.statements:
            entries = len(item.actions) + len(item.not_actions) + len(item.resources) + len(item.not_resources)
            size += len(to_json(statement_json(item), indent=None)) + entries * _ENTRY_SIZE + _STATEMENT_SIZE
        return self.grade, size


def carve(statement: Statement, asked: Asked, context: Context, *, modern: bool, shared: bool) -> list[Carved]:
    """The ways to let a Deny statement give way, the best first; the last one lifts all of it for who asks.

    ``context`` is what is known of every request, for the variables in its resources, which count if ``modern``.
    ``shared`` tells that the statement concerns others, too: they keep it as it is.
    """
    opposites = list(asked.opposites(with_principal=shared))
    otherwise = [_with_condition(statement.conditions, one) for one in opposites]
    # Where what is asked cannot be told apart by a condition, the statement does not hold for other contexts either.
    kept = [replace(statement, conditions=found) for found in otherwise if found is not None]
    found = list(_by_action(statement, asked, context, modern, kept))
    found += _by_resource(statement, asked, context, modern, kept)
    found.sort(key=lambda one: one.rank)
    whole = Carved(_numbered(statement, kept), Grade.WIDE)
    return [*found, *([whole] if all(one.statements != whole.statements for one in found) else [])]


def _by_action(
    statement: Statement, asked: Asked, context: Context, modern: bool, kept: Sequence[Statement]
) -> Iterator[Carved]:
    """The other actions as before; then of the asked action what is left."""
    others = other_actions(statement, asked.action)
    if others is None:
        return
    for rest, grade in _other_resources(_only(statement, asked.action), asked, context, modern):
        left = [] if rest is None else [rest]
        mine = [_only(one, asked.action) for one in kept]
        yield Carved(_numbered(statement, [*others, *left, *mine]), grade)


def _by_resource(
    statement: Statement, asked: Asked, context: Context, modern: bool, kept: Sequence[Statement]
) -> Iterator[Carved]:
    """Every action on the other resources; then on the asked ones the other actions, by name."""
    names = [name for name in asked.neighbours or () if _has_action(statement, name)]
    if asked.neighbours is None or not names or asked.resource == "*" or len(names) > _MOST:
        return
    foreign = _of_other_services(statement, asked.action)
    if foreign is None:
        return
    named = replace(statement, actions=(*names, *foreign), not_actions=())
    # Of the asked resources, those that the NotResource names already stay undenied.
    spared = any(_touches(entry, asked, context, modern) for entry in statement.not_resources)
    on_asked = named if spared else replace(named, resources=(asked.resource,), not_resources=())
    for rest, grade in _other_resources(statement, asked, context, modern, of_action=False):
        if grade is Grade.STRICT and rest is not None:
            mine = [_only(one, asked.action) for one in kept]
            yield Carved(_numbered(statement, [rest, on_asked, *mine]), grade)


def _of_other_services(statement: Statement, action: str) -> list[str] | None:
    """The entries of Action that name another service's actions; None where one may name those of several."""
    service = action.partition(":")[0].lower()
    named = [entry.partition(":")[0].lower() for entry in statement.actions]
    if statement.not_actions or any(set(name) & set("*?") for name in named):
        return None
    return [entry for entry, name in zip(statement.actions, named, strict=True) if name != service]


def other_actions(statement: Statement, action: str) -> list[Statement] | None:
    """The statement without one action: nothing where no other one is left, None where that cannot be written."""
    if statement.not_actions:
        return [replace(statement, not_actions=(*statement.not_actions, action))]
    matching = [entry for entry in statement.actions if action_matches(entry, action)]
    if any(not entry.strip("*") for entry in matching):
        return [replace(statement, actions=(), not_actions=(action,))]
    kept = [entry for entry in statement.actions if entry not in matching]
    for entry in matching:
        if set(entry) & set("*?"):
            others = _spelled_out(entry, action)
            if others is None:
                return None
            kept += others
    return [replace(statement, actions=tuple(dict.fromkeys(kept)))] if kept else []


def _spelled_out(pattern: str, action: str) -> list[str] | None:
    """The actions that a pattern stands for besides one: by name, or by what their names begin with."""
    service = pattern.partition(":")[0].lower()
    wild = bool(set(service) & set("*?"))
    every = [name for each in load_service_actions() for name in known_actions(each)] if wild else None
    names = [name for name in every or known_actions(service) if action_matches(pattern, name)]
    names = [name for name in names if name.lower() != action.lower()]
    if len(names) <= _FEW:
        return names
    head = pattern[:-1]
    if pattern.endswith("*") and not set(head) & set("*?"):
        return _by_beginning(names, action, len(head))
    return names if len(names) <= _MOST else None


def _by_beginning(names: Iterable[str], action: str, start: int) -> list[str]:
    """Patterns for names that leave out ``action``: each ends where a name first differs from it."""
    wanted = action.lower()
    groups: dict[str, list[str]] = {}
    for name in names:
        lowered = name.lower()
        place = next((i for i in range(start, len(lowered)) if lowered[i : i + 1] != wanted[i : i + 1]), len(lowered))
        groups.setdefault(lowered[: place + 1], []).append(name)
    result = []
    for head, found in groups.items():
        alone = len(found) == 1 or len(head) > len(found[0])
        result += found if alone else [f"{found[0][: len(head)]}*"]
    return sorted(result)


def _other_resources(
    statement: Statement, asked: Asked, context: Context, modern: bool, *, of_action: bool = True
) -> Iterator[tuple[Statement | None, Grade]]:
    """The statement on its resources besides those asked (None: there are none).

    ``of_action`` tells that the statement is about the asked action alone.
    """
    if of_action and (asked.resource == "*" or not (statement.resources or statement.not_resources)):
        yield None, Grade.STRICT
        return
    if statement.not_resources:
        yield replace(statement, not_resources=(*statement.not_resources, asked.resource)), Grade.STRICT
        return
    if "*" in statement.resources:
        yield _anywhere_else(statement, asked), Grade.STRICT
        return
    kept: list[str] = []
    wide: list[Parts] = []
    for entry in statement.resources:
        pattern = variables.expand_resource(entry, context, modern)
        if pattern is None or asked.cover(pattern) is Cover.NONE:
            kept.append(entry)
        elif not asked.contains(entry):
            wide.append(pattern)
    if wide and of_action and any(asked.fills(pattern) for pattern in wide):
        yield _anywhere_else(statement, asked), Grade.CAREFUL
        return
    remains = any(asked.beyond(pattern) is not False for pattern in wide) if of_action else bool(wide)
    grade = Grade.WIDE if remains else Grade.REAL if wide else Grade.STRICT
    yield replace(statement, resources=tuple(kept)) if kept else None, grade


def _touches(entry: str, asked: Asked, context: Context, modern: bool) -> bool:
    """Whether an entry may match some of the asked resources."""
    pattern = variables.expand_resource(entry, context, modern)
    return pattern is None or asked.cover(pattern) is not Cover.NONE


def _anywhere_else(statement: Statement, asked: Asked) -> Statement:
    return replace(statement, resources=(), not_resources=(asked.resource,))


def _only(statement: Statement, action: str) -> Statement:
    """The statement about one of its actions."""
    if not statement.not_actions and len(statement.actions) == 1 and statement.actions[0].lower() == action.lower():
        return statement
    return replace(statement, actions=(action,), not_actions=())


def _has_action(statement: Statement, name: str) -> bool:
    if statement.not_actions:
        return not any(action_matches(entry, name) for entry in statement.not_actions)
    return any(action_matches(entry, name) for entry in statement.actions)


def _with_condition(conditions: Sequence[Condition], added: Condition) -> tuple[Condition, ...] | None:
    """Conditions and one more; None where both can never hold together."""
    key = added.key.lower()
    for index, one in enumerate(conditions):
        if one.key.lower() != key or one.quantifier is not added.quantifier:
            continue
        if one.quantifier is Quantifier.NONE and {one.operator, added.operator} <= _NEGATED:
            # Of these, one that holds for none of its values holds for more values as well.
            values = tuple(dict.fromkeys((*one.values, *added.values)))
            return (*conditions[:index], replace(one, values=values), *conditions[index + 1 :])
        if one.name == added.name and set(one.values) == set(added.values):
            return tuple(conditions)
        if one.name == added.name:
            absent = Condition(Quantifier.NONE, "Null", False, added.key, ("true",))
            return _with_condition(conditions, absent) if one.if_exists else None
    if any(_excludes(one, added) for one in conditions):
        return None
    return (*conditions, added)


def _excludes(one: Condition, added: Condition) -> bool:
    """Whether a condition asks for exactly the value that the other one rules out."""
    same = one.key.lower() == added.key.lower() and one.quantifier is added.quantifier is Quantifier.NONE
    plain = not one.if_exists and one.operator == added.operator.replace("Not", "") and "Not" in added.operator
    opposite = one.operator == "Bool" and added.operator == "Bool" and not one.if_exists
    if not same:
        return False
    return (plain and set(one.values) <= set(added.values)) or (opposite and not set(one.values) & set(added.values))


def _numbered(statement: Statement, parts: Iterable[Statement]) -> tuple[Statement, ...]:
    """The parts without repetition; the first one keeps the Sid, because a Sid must be unique."""
    distinct = list(dict.fromkeys(parts))
    return tuple(replace(part, sid=statement.sid if number == 0 else None) for number, part in enumerate(distinct))
