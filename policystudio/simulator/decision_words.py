"""What a change decides differently, in words: one sentence, lines for a terminal, and JSON for scripts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from policystudio.engine.analyse.comparison import Change, Comparison
from policystudio.simulator.comparisons import sign, witness_as_json, witness_as_text
from policystudio.simulator.content_diff import DecisionDiff, Group, RoleAccess
from policystudio.simulator.plain import Bearer

_NAMED = 5
_LISTED = 20
_STANDINGS = {"new": " (new)", "removed": " (removed)", "kept": ""}


def headline(found: DecisionDiff) -> str:
    """`Gives 12 of 240 identities new access: 4 cells; takes nothing away.`"""
    if not found.total:  # the root user is always there: nothing was compared at all
        return "What it changed is not known."
    parts = [_gives(found), _takes(found)]
    if not (found.gaining or found.losing):
        parts = [_nothing(found)]
    said = f"{'; '.join(parts)}."
    said += _of_roles(found.roles)
    if found.undecided:
        said += f" For {_count(found.undecided, 'identity', 'identities')} it is undecided."
    if found.left:
        said += f" {_count(len(found.left), 'identity was', 'identities were')} not compared: it would take too long."
    return said


def _nothing(found: DecisionDiff) -> str:
    if found.undecided or found.left or found.problems:
        return f"No identity of {found.total:,} is known to gain or lose access"
    if found.touched:
        return f"Changes nothing: what {_count(found.touched, 'identity', 'identities')} may do stays as it is"
    return f"Changes no access of any of {_count(found.total, 'identity', 'identities')}"


def _gives(found: DecisionDiff) -> str:
    if not found.gaining:
        return "Gives nobody new access"
    what = amount(found.groups, gained=True)
    return f"Gives {found.gaining:,} of {_count(found.total, 'identity', 'identities')} new access: {what}"


def _takes(found: DecisionDiff) -> str:
    if not found.losing:
        return "takes nothing away"
    of_all = "" if found.gaining else f" of {_count(found.total, 'identity', 'identities')}"
    return f"takes access away from {found.losing:,}{of_all}: {amount(found.groups, gained=False)}"


def amount(groups: Iterable[Group], *, gained: bool) -> str:
    """`4 cells and 12 actions of other services`: different ones, whoever gains or loses them."""
    told = {part for group in groups for part in group.parts}
    places = set().union(*((part.gained if gained else part.lost) for part in told))
    cells = {place for place in places if place[0].startswith("sagemaker:")}
    actions = {action for action, _ in places - cells}
    parts = [_count(len(cells), "cell")] if cells else []
    parts += [f"{_count(len(actions), 'action')} of other services"] if actions else []
    return " and ".join(parts)


def _of_roles(roles: Sequence[RoleAccess]) -> str:
    gaining = [role for role in roles if role.comparison.no_new_access is False]
    losing = [role for role in roles if role.comparison.no_lost_access is False]
    unsure = [role for role in roles if None in (role.comparison.no_new_access, role.comparison.no_lost_access)]
    said = f" More can assume {_roles(gaining)}." if gaining else ""
    said += f" Fewer can assume {_roles(losing)}." if losing else ""
    return said + (f" Who can assume {_roles(unsure)} is undecided." if unsure else "")


def _roles(roles: Sequence[RoleAccess]) -> str:
    if len(roles) <= _NAMED:
        return ", ".join(role.bearer.name for role in roles)
    return _count(len(roles), "role")


def name_of(bearer: Bearer) -> str:
    """`user/ana`, or `the root user`."""
    return "the root user" if bearer.kind == "root" else f"{bearer.kind}/{bearer.name}"


def names_of(bearers: Sequence[Bearer]) -> str:
    """The first few of them, and how many more there are."""
    shown = [name_of(bearer) for bearer in bearers[:_NAMED]]
    more = len(bearers) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def of_group(group: Group) -> str:
    """`12 identities gain 4 cells and lose 1 cell.`"""
    many = _count(len(group.bearers), "identity", "identities")
    verb = ("gains", "loses") if len(group.bearers) == 1 else ("gain", "lose")
    parts = [f"{verb[0]} {amount([group], gained=True)}"] if group.gains else []
    parts += [f"{verb[1]} {amount([group], gained=False)}"] if group.loses else []
    said = f"{many} {' and '.join(parts)}." if parts else f"{many}: undecided."
    return f"{said} Undecided: {group.comparison.undecided}." if group.comparison.undecided else said


def of_role(role: RoleAccess) -> str:
    """Who can assume a role that could not, and the reverse, in a sentence."""
    found = role.comparison
    if None in (found.no_new_access, found.no_lost_access):
        return f"Who can assume it is undecided: {found.undecided}."
    if found.no_new_access and found.no_lost_access:
        return "The same can assume it as before."
    parts = [] if found.no_new_access else ["somebody can who could not"]
    parts += [] if found.no_lost_access else ["somebody can no more"]
    return f"Of those who can assume it, {' and '.join(parts)}."


# As text.


def as_text(found: DecisionDiff) -> Iterator[str]:
    """Lines for a person: the answer, then each group with its cells and a request for each direction."""
    yield headline(found)
    for problem in found.problems:
        yield f"! {problem}"
    for group in found.groups:
        yield ""
        yield f"{of_group(group)} {names_of(group.bearers)}{_STANDINGS[group.standing]}"
        yield from (f"  {line}" for line in _cells(group))
        yield from (f"  {line}" for line in _examples(group))
    for role in found.roles:
        yield ""
        yield f"{name_of(role.bearer)}{_STANDINGS[role.standing]}: {of_role(role)}"
        yield from (f"  {line}" for line in _examples(role.comparison))


def _cells(group: Group) -> Iterator[str]:
    changes = group.changes
    for change in changes[:_LISTED]:
        kind = "" if change.resource_type == "*" else change.resource_type
        yield f"{sign(change)} {change.action}  {kind}".rstrip()
    if len(changes) > _LISTED:
        yield f"… and {len(changes) - _LISTED:,} more: --format json has them all"


def _examples(found: Comparison | Group) -> Iterator[str]:
    for title, witness in (("allowed", found.newly_allowed), ("denied", found.newly_denied)):
        if witness is not None:
            yield f"newly {title}, for example:"
            yield from (f"  {line}" for line in witness_as_text(witness))


# As JSON.


def as_json(found: DecisionDiff) -> dict[str, Any]:
    """All of the answer; ``identities`` of a group are ARNs."""
    return {
        "answer": headline(found),
        "complete": found.is_complete,
        "identities": {
            "total": found.total,
            "touched": found.touched,
            "gaining": found.gaining,
            "losing": found.losing,
            "undecided": found.undecided,
            "same": found.same,
            "not_compared": [bearer.arn for bearer in found.left],
        },
        "groups": [_group(group) for group in found.groups],
        "roles": [_role(role) for role in found.roles],
        "problems": list(found.problems),
    }


def _group(group: Group) -> dict[str, Any]:
    cells = [{**_change(cell.change), "before": cell.before, "after": cell.after} for cell in group.cells]
    return {
        "account": group.account.number,
        "standing": group.standing,
        "identities": [bearer.arn for bearer in group.bearers],
        "no_new_access": False if group.gains else group.comparison.no_new_access is not None or None,
        "no_lost_access": False if group.loses else group.comparison.no_lost_access is not None or None,
        **_evidence(group.comparison.undecided, group),
        "cells": cells,
        "other_services": [_change(change) for change in group.others],
    }


def _role(role: RoleAccess) -> dict[str, Any]:
    return {
        "account": role.account.number,
        "role": role.bearer.arn,
        "standing": role.standing,
        "no_new_access": role.comparison.no_new_access,
        "no_lost_access": role.comparison.no_lost_access,
        **_evidence(role.comparison.undecided, role.comparison),
        "changes": [_change(change) for change in role.comparison.changes],
    }


def _evidence(undecided: str, found: Comparison | Group) -> dict[str, Any]:
    return {
        "undecided": undecided or None,
        "newly_allowed": witness_as_json(found.newly_allowed),
        "newly_denied": witness_as_json(found.newly_denied),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "resource_type": change.resource_type,
        "newly_allowed": witness_as_json(change.newly_allowed),
        "newly_denied": witness_as_json(change.newly_denied),
        "undecided": change.undecided or None,
    }


def _count(number: int, singular: str, plural: str = "") -> str:
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
