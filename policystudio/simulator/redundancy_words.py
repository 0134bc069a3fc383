"""What has no effect, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policystudio.engine.analyse.cover import Reason
from policystudio.engine.analyse.elements import Element, Part
from policystudio.engine.analyse.shadow import Finding
from policystudio.engine.document import Effect

_OPENING = (Part.NOT_ACTION, Part.NOT_RESOURCE, Part.CONDITION)
_MOST_NAMED = 4


@dataclass(frozen=True)
class Told:
    """An element with its place in its document (lines from 1, offsets in characters), and what is said of it.

    ``condition`` is the operator and key of the condition that it is, or is a value of. ``by`` are the statements that
    show it; ``message`` the whole sentence, ``why`` the part of it behind the name.
    """

    element: Element
    policy: str
    sid: str | None
    text: str
    line: int
    end_line: int
    start: int = 0
    end: int = 0
    condition: str = ""
    reason: str = ""
    name: str = ""
    why: str = ""
    by: "tuple[Told, ...]" = ()
    entries: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    near: str = ""
    by_catalogue: bool = False

    @property
    def message(self) -> str:
        """The sentence, without a stop."""
        return f"{self.name} {self.why}"


def sentence(here: Told, finding: Finding, by: tuple[Told, ...], effect: Effect, *, several: bool) -> Told:
    """A finding with its sentence; ``several`` where policies must be told apart."""
    evidence = finding.evidence
    filled = replace(
        here,
        reason=evidence.reason.value,
        by=by,
        entries=evidence.entries,
        limits=evidence.limits,
        keys=evidence.keys,
        near=evidence.near,
        by_catalogue=finding.by_catalogue,
    )
    said = replace(filled, name=_name(filled, several=several))
    return replace(said, why=_why(said, evidence.types, effect, several=several))


def statement_name(one: Told, *, several: bool) -> str:
    """``statement 3 (`ReadModels`, lines 12-17)``, with its policy where there are several."""
    lines = f"line {one.line}" if one.line == one.end_line else f"lines {one.line}-{one.end_line}"
    sid = f"`{one.sid}`, " if one.sid else ""
    of = f" of {one.policy}" if several else ""
    return f"statement {one.element.statement + 1}{of} ({sid}{lines})"


def _name(one: Told, *, several: bool) -> str:
    part = one.element.part
    if part is Part.POLICY:
        return f"policy {one.policy}"
    if part is Part.STATEMENT:
        return statement_name(one, several=several)
    place = f"statement {one.element.statement + 1}{f' of {one.policy}' if several else ''} (line {one.line})"
    if part is Part.CONDITION:
        return f"the condition `{one.text}` of {place}"
    if part is Part.VALUE:
        return f"the value `{one.text}` of the condition `{one.condition}` of {place}"
    return f"`{one.text}` in {part.value} of {place}"


def _why(one: Told, types: Sequence[str], effect: Effect, *, several: bool) -> str:
    reason = Reason(one.reason)
    if reason in (Reason.COVERED, Reason.DENIED, Reason.COVERED_OR_DENIED):
        return _covered(one, reason, effect, several=several)
    if reason is Reason.NO_ACTION:
        what = "no known action matches it" if one.element.part in (Part.ACTION, Part.NOT_ACTION) else "no such actions"
        return f"is dead: {what}{f', did you mean `{one.near}`?' if one.near else ''}"
    if reason is Reason.NO_RESOURCE:
        return _no_resource(one, types)
    if reason is Reason.IN_LIST:
        alone = len(one.entries) == 1
        other = (
            f"`{one.entries[0]}`" if alone else f"the other {'values' if one.element.part is Part.VALUE else 'entries'}"
        )
        return f"adds nothing: {other} in the same list {'matches' if alone else 'match'} all of it"
    if reason is Reason.BLOCKED:
        return _blocked(one, effect)
    if reason is Reason.NEVER_SENT:
        return f"is dead: AWS lists no {_listed([f'`{key}`' for key in one.keys])} among what such actions send"
    if reason is Reason.NEVER:
        what = f"its conditions on {_listed([f'`{key}`' for key in one.keys])} can never hold" if one.keys else ""
        return f"is dead: {what or 'it matches no request'}"
    return {
        Reason.ALWAYS: "is without effect: it holds whenever the rest of the statement matches",
        Reason.NOT_ALLOWED: "takes nothing away: the identity is allowed nothing of what it denies",
    }.get(reason, "has no effect: with and without it the same is allowed")


def _blocked(one: Told, effect: Effect) -> str:
    lets = "lets" if len(one.limits) == 1 else "let"
    head = "takes nothing away" if effect is Effect.DENY else "allows nothing"
    if one.element.part in _OPENING:
        kept = "spares" if effect is Effect.DENY else "keeps out"
        return f"is without effect: {_listed(one.limits)} {lets} through nothing of what it {kept}"
    return f"{head}: {_listed(one.limits)} {lets} none of it through"


def _covered(one: Told, reason: Reason, effect: Effect, *, several: bool) -> str:
    own = [other for other in one.by if _same_statement(one, other)]
    others = [other for other in one.by if not _same_statement(one, other)]
    names = [*(["the other entries of the list"] if own else []), *_by(others, several=several)]
    single = len(names) == 1 and not own
    does = {Reason.COVERED: "deny" if effect is Effect.DENY else "allow", Reason.DENIED: "deny"}.get(reason)
    verb = "allow or deny" if does is None else (f"{does[:-1]}ies" if does == "deny" else "allows") if single else does
    together = " together" if len(names) > 1 else ""
    if one.element.part in _OPENING:
        kept = "spares" if effect is Effect.DENY else "keeps out"
        return f"is without effect: {_listed(names)}{together} {verb} all that it {kept}"
    head = "allows nothing" if reason is Reason.DENIED else "adds nothing"
    return f"{head}: {_listed(names)}{together} {verb} all of it"


def _by(others: Sequence[Told], *, several: bool) -> list[str]:
    shown = [statement_name(other, several=several) for other in others[:_MOST_NAMED]]
    left = len(others) - len(shown)
    return [*shown, *([f"{left} more"] if left else [])]


def _same_statement(one: Told, other: Told) -> bool:
    return (one.element.policy, one.element.statement) == (other.element.policy, other.element.statement)


def _no_resource(one: Told, types: Sequence[str]) -> str:
    named = [f"`{name}`" for name in types if not name.endswith(":")][:_MOST_NAMED]
    services = [f"`{name[:-1]}`" for name in types if name.endswith(":")][:_MOST_NAMED]
    kinds = _listed([*named, *(["…"] if sum(not name.endswith(":") for name in types) > _MOST_NAMED else [])])
    if one.element.part is Part.ACTION:
        return f"is dead: it acts on {kinds}, which no Resource of the statement matches"
    acts = f" ({kinds})" if kinds else f" that is listed for {_listed(services)}" if services else ""
    who = "its resources are" if one.element.part in (Part.STATEMENT, Part.POLICY) else "it is"
    return f"is dead: {who} of no resource type on which the actions act{acts}"


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
