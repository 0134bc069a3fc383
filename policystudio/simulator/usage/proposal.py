"""The least policy for a record of use: what was needed, in as few statements as say just that."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policystudio.engine import globs
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.render import Json, to_json
from policystudio.lib.quotas import MANAGED_POLICY_SIZE, policy_size
from policystudio.simulator.usage.names import Narrowing, patterns
from policystudio.simulator.usage.permissions import Need, Needs

Conditions = tuple[tuple[str, str, str], ...]
_NOT_IN_SID = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The policy. ``wide`` are the permissions whose resource the record does not tell, so that a pattern stands there.

    ``narrowing`` is how closely it follows the names; ``size`` counts as IAM does, ``fits`` says whether that is within
    the quota of a managed policy.
    """

    text: str
    policy: Policy
    wide: tuple[Need, ...]
    narrowing: Narrowing
    size: int

    @property
    def fits(self) -> bool:
        """Whether IAM takes it as a managed policy."""
        return self.size <= MANAGED_POLICY_SIZE


def propose(needs: Iterable[Needs], narrowing: Narrowing = Narrowing.AUTO) -> Proposal | None:
    """The policy that allows what was needed; None where nothing was. ``AUTO`` gives way to wider patterns for size."""
    wanted = tuple(dict.fromkeys(need for found in needs for need in found.needs))
    if not wanted:
        return None
    tried = (Narrowing.AUTO, Narrowing.PREFIX, Narrowing.TYPE) if narrowing is Narrowing.AUTO else (narrowing,)
    for one in tried:
        text = _text(wanted, one)
        if policy_size(text) <= MANAGED_POLICY_SIZE:
            break
    policy = parse_policy(text, PolicyKind.IDENTITY)
    return Proposal(text, policy, tuple(need for need in wanted if not need.narrowed), one, policy_size(text))


def _text(needs: Sequence[Need], narrowing: Narrowing) -> str:
    pattern_of = patterns([need.resource for need in needs], narrowing)
    resources: dict[tuple[str, Conditions], set[str]] = {}
    for need in needs:
        resources.setdefault((need.action, need.conditions), set()).add(pattern_of[need.resource])
    grouped: dict[tuple[tuple[str, ...], Conditions], list[str]] = {}
    for (action, conditions), found in resources.items():
        grouped.setdefault((_least(found), conditions), []).append(action)
    statements: list[Json] = []
    taken: set[str] = set()
    ordered = sorted(grouped.items(), key=lambda item: (item[0][0] == ("*",), sorted(item[1])[0].lower(), item[0]))
    for (found_resources, conditions), actions in ordered:
        sid = _sid(actions, found_resources, taken)
        statements.append(_statement(sid, sorted(actions), found_resources, conditions))
    return to_json({"Version": "2012-10-17", "Statement": statements})


def _least(resources: Iterable[str]) -> tuple[str, ...]:
    """The patterns that no other one covers: a star of one pattern is matched by a star of the other alone."""
    given = sorted(set(resources))
    wide = {text: globs.parse(text) for text in given if "*" in text}
    return tuple(
        text for text in given if not any(other != text and globs.matches(parts, text) for other, parts in wide.items())
    )


def _statement(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions
) -> Mapping[str, Json]:
    statement: dict[str, Json] = {"Sid": sid, "Effect": "Allow", "Action": _one_or_list(actions)}
    statement["Resource"] = _one_or_list(resources)
    if conditions:
        block: dict[str, dict[str, list[str]]] = {}
        for operator, key, value in conditions:
            block.setdefault(operator, {}).setdefault(key, []).append(value)
        statement["Condition"] = {
            operator: {key: _one_or_list(values) for key, values in keys.items()} for operator, keys in block.items()
        }
    return statement


def _one_or_list(values: Sequence[str]) -> Json:
    return values[0] if len(values) == 1 else list(values)


def _sid(actions: Sequence[str], resources: Sequence[str], taken: set[str]) -> str:
    """What the statement is about: its only action, or the type of its resources."""
    if len(actions) == 1:
        words = actions[0].partition(":")[2]
    elif resources == ("*",):
        words = "WithoutResource"
    else:
        kinds = dict.fromkeys(resource.split(":", 5)[-1].partition("/")[0] for resource in resources)
        words = "Use" + "And".join("".join(part.capitalize() for part in kind.split("-")) for kind in list(kinds)[:2])
    base = _NOT_IN_SID.sub("", words) or "Use"
    sid, number = base, 1
    while sid in taken:
        number += 1
        sid = f"{base}{number}"
    taken.add(sid)
    return sid
