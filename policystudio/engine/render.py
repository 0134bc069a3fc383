"""Policy -> canonical JSON text."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from policystudio.engine.document import Condition, Policy, PrincipalEntry, PrincipalKind, Statement

#: What ``json`` writes: texts, numbers, booleans, None, and lists and mappings of them.
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

_NOT_IAM = re.compile("[^\x00-\xff]")


def render_policy(policy: Policy) -> str:
    """The policy as JSON text that ``parse_policy`` reads as the same policy.

    The elements stand in the order of AWS's grammar, statements in a list, a single value without brackets; Version is
    always there. Characters that IAM does not allow in a document stand as escapes.
    """
    document: dict[str, Json] = {"Version": policy.version}
    if policy.id is not None:
        document["Id"] = policy.id
    document["Statement"] = [statement_json(statement) for statement in policy.statements]
    return to_json(document)


def statement_json(statement: Statement) -> dict[str, Json]:
    """One statement as the mapping that JSON makes of it, in the order of AWS's grammar."""
    elements: dict[str, Json] = {}
    if statement.sid is not None:
        elements["Sid"] = statement.sid
    elements["Effect"] = statement.effect.value
    for name, entries in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if entries:
            elements[name] = _principals(entries)
    for name, values in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if values:
            elements[name] = _one_or_list(values)
    if statement.conditions:
        elements["Condition"] = _conditions(statement.conditions)
    return elements


def to_json(value: Json, *, indent: int | None = 2) -> str:
    """``value`` as JSON text in characters that IAM allows in a document: what lies above U+00FF is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return _NOT_IAM.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _principals(entries: Iterable[PrincipalEntry]) -> Json:
    by_kind: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind is PrincipalKind.EVERYONE:
            return entry.value
        by_kind.setdefault(entry.kind.value, []).append(entry.value)
    return {kind: _one_or_list(values) for kind, values in by_kind.items()}


def _conditions(conditions: Iterable[Condition]) -> Json:
    block: dict[str, dict[str, Json]] = {}
    for condition in conditions:
        block.setdefault(condition.name, {})[condition.key] = _one_or_list(condition.values)
    return block


def _one_or_list(values: Sequence[str]) -> Json:
    return values[0] if len(values) == 1 else list(values)
