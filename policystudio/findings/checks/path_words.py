"""Paths in words, and the concrete requests that prove them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policystudio.engine.analyse.service_trust import ServiceTrust
from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import Example
from policystudio.findings.checks.ways import Way
from policystudio.simulator.selectors import concrete_request, condition_keys
from policystudio.simulator.stacks import Subject, SubjectReader

#: So many roles and actions are named.
_SHOWN_ROLES, _SHOWN_ACTIONS = 20, 3
Values = tuple[str, ...]
#: A step: what it is, its action, whose request it is, and the example that is allowed.
Proof = tuple[str, str, Subject, Example | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a path rests on: its ways, the surest first, the role to show, all ``roles`` by ARN, and what they add."""

    ways: Sequence[Way]
    role: Subject
    trust: ServiceTrust
    roles: Sequence[str]
    gained: Sequence[str]
    surely: bool

    @property
    def way(self) -> Way:
        """The way to show."""
        return self.ways[0]


def said_of(one: Evidence) -> str:
    """The path in a few sentences."""
    gained = _listed([f"`{name}`" for name in one.gained[:_SHOWN_ACTIONS]], "and")
    ways = _listed([way.what for way in one.ways], "or")
    others = len(one.roles) - 1
    role = f"role/{one.role.bearer.name}"
    more = f" or {others:,} other role{'s' if others > 1 else ''}" if others else ""
    limits = "" if one.surely else " Not everything of it is possible everywhere and always."
    if not one.way.passes:
        return (
            f"It can {ways}, and has the permissions of the role there. That may be {role}{more}, which can do what"
            f" it cannot, such as {gained}.{limits}"
        )
    return f"It can {ways} as {role}{more}, which can do what it cannot, such as {gained}.{limits}"


def _listed(words: Sequence[str], conjunction: str) -> str:
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}" if len(words) > 1 else "".join(words)


def evidence_of(
    one: Evidence,
    steps: Iterable[Proof],
    reader: SubjectReader,
    caller: Subject,
) -> dict[str, Any]:
    """The concrete requests: what is started, the role passed, its trust, and what it may do; as data.

    ``together`` tells that the caller's requests were tried in one and the same context, and all were allowed.
    """
    found = [(step, action, who, example) for step, action, who, example in steps if example is not None]
    requests = [
        _as_json(step, reader.principal(who.bearer).arn, action, example.resource, example.context)
        for step, action, who, example in found
    ]
    trusted = one.trust.allowed
    if one.way.passes and trusted is not None:
        sent = {trusted.context.name_of(key): trusted.context.values_of(key) for key in trusted.context}
        assumed = _as_json("assume", trusted.principal.arn, trusted.action, one.role.bearer.arn, sent)
        requests.insert(len(requests) - 1, assumed)
    own = [(action, example) for step, action, _, example in found if step != "gain"]
    return {
        "role": one.role.bearer.arn,
        "roles": list(one.roles[:_SHOWN_ROLES]),
        "role_count": len(one.roles),
        "gained": list(one.gained[:_SHOWN_ROLES]),
        "operation": one.way.operation,
        "requests": requests,
        "surely": one.surely,
        "together": _together(own, reader, caller),
    }


def _together(own: Sequence[tuple[str, Example]], reader: SubjectReader, caller: Subject) -> bool:
    """Whether all of the caller's requests are allowed in one context, as the plain decision confirms."""
    shared: dict[str, Values] = {}
    for _, example in own:
        for key, values in example.context.items():
            if key.lower().startswith("aws:") and shared.setdefault(key.lower(), tuple(values)) != tuple(values):
                return False
    for action, example in own:
        context: Mapping[str, Values] = {**shared, **{key.lower(): tuple(v) for key, v in example.context.items()}}
        request = concrete_request(reader, caller, action, example.resource, context)
        if authorize(caller.row.stack, request, condition_keys()).verdict is not Verdict.ALLOWED:
            return False
    return True


def _as_json(
    step: str, principal: str, action: str, resource: str, context: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """A request, with what its context must have beside what is known of the principal."""
    sent = {key: list(values) for key, values in context.items() if values}
    return {"step": step, "principal": principal, "action": action, "resource": resource, "context": sent}
