"""How a smallest change is written: each change in a sentence, the whole as JSON and as text."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from policystudio.engine.analyse.carve import Grade
from policystudio.engine.analyse.comparison import Values, Witness
from policystudio.engine.analyse.draft import EditKind
from policystudio.engine.decision import Layer
from policystudio.engine.render import Json, to_json
from policystudio.simulator.fixes import Offer, Sending, Step

#: The verdicts before and after, as sentences say them.
VERDICTS = {
    "allowed": "allowed",
    "some": "allowed on some resources",
    "conditional": "depends on conditions",
    "explicitDeny": "explicit deny",
    "implicitDeny": "implicit deny",
    "undecided": "undecided",
}
#: How many unchanged lines stand around a change.
_AROUND = 2
_KINDS = {"user": "this user", "role": "this role", "group": "this group", "root": "the root user"}


def sentence(offer: Offer, step: Step) -> str:
    """What is to be done, and why."""
    edit, where = step.edit, place_of(step)
    if edit.kind is EditKind.ADD_POLICY:
        return _adding(offer, step)
    if edit.kind is EditKind.ADD_STATEMENT:
        return f"Nothing in {where} allows {_what(offer)}: {_with_copy(step, 'add this statement to it')}."
    if edit.kind is EditKind.EXTEND_STATEMENT:
        return f"{_statement(step)} of {where} nearly allows it: add what is missing to it."
    if edit.kind is EditKind.REMOVE_STATEMENT:
        return f"{_statement(step)} of {where} denies it: {_with_copy(step, 'remove it')}.{_wide(step)}"
    return f"{_statement(step)} of {where} denies it: {_with_copy(step, 'let it give way like this')}.{_wide(step)}"


def place_of(step: Step) -> str:
    """The policy of a change, and what it is here."""
    edit, level = step.edit, f" at {step.level}" if step.level else ""
    name = edit.policy.name if edit.policy else ""
    through = step.attached.through.rpartition("/")[2] if step.attached else ""
    words: Mapping[Layer, str] = {
        Layer.SERVICE_CONTROL: f"the service control policy {name}{level}",
        Layer.RESOURCE_CONTROL: f"the resource control policy {name}{level}",
        Layer.BOUNDARY: f"the permissions boundary {name}",
        Layer.SESSION: f"the session policy {name}",
        Layer.RESOURCE: "the trust policy of the role" if name == "trust policy" else "the policy of the resource",
        Layer.VPC_ENDPOINT: "the policy of the VPC endpoint",
    }
    own = f"{name} (through group {through})" if through else name
    return words.get(edit.place.layer, own)


def _adding(offer: Offer, step: Step) -> str:
    layer = step.edit.place.layer
    if layer is Layer.IDENTITY:
        who = _KINDS.get(offer.bearer.kind, "this identity")
        return f"No identity policy allows {_what(offer)}: give {who} an inline policy with this statement."
    if layer is Layer.SERVICE_CONTROL:
        level = f" at {step.level}" if step.level else ""
        return f"No service control policy{level} allows {_what(offer)}: attach one there with this statement."
    if layer is Layer.SESSION:
        return "No session policy allows it: pass one with this statement when the session is made."
    return "The resource has no policy that allows it: it needs one with this statement."


def _what(offer: Offer) -> str:
    return "all of it" if offer.fix.before in ("some", "conditional") else "it"


def _statement(step: Step) -> str:
    sid = step.edit.statement.sid if step.edit.statement else None
    line = f", line {step.lines[0]}," if step.lines else ""
    return (
        f"Statement “{sid}”{line}" if sid else f"The statement at line {step.lines[0]}" if step.lines else "A statement"
    )


def _with_copy(step: Step, deed: str) -> str:
    """AWS's own policies cannot be edited; what can be done is to use a copy."""
    if not step.edit.about.aws_managed:
        return deed
    use = "set a copy of it as the boundary" if step.edit.place.layer is Layer.BOUNDARY else "attach a copy instead"
    return f"AWS manages it, so that it cannot be edited: {use} and {deed} there"


def _wide(step: Step) -> str:
    if step.edit.grade is Grade.WIDE:
        return " Statements cannot say it any narrower, and so more than what is asked is no longer denied."
    return ""


def offer_as_json(offer: Offer) -> dict[str, Any]:
    """The object that REST and the command line answer with."""
    fix = offer.fix
    what = {"resource_type": offer.resource_type} if offer.resource_type else {"resource": fix.asked.universe.template}
    return {
        "identity": offer.bearer.arn,
        "action": fix.asked.action,
        **what,
        "context": {key: list(values) for key, values in fix.asked.context.items()},
        "before": fix.before,
        "after": fix.after,
        "impossible": offer.impossible,
        "changes": [
            {**_change(offer, step), "then": stage} for step, stage in zip(offer.steps, fix.stages, strict=True)
        ],
        "proof": _proof(offer),
        "or_send": _sending(offer.sending),
    }


def _change(offer: Offer, step: Step) -> dict[str, Any]:
    edit, attached = step.edit, step.attached
    return {
        "kind": edit.kind.value,
        "layer": edit.place.layer.value,
        "level": edit.place.level,
        "level_name": step.level,
        "policy": edit.policy.name if edit.policy else None,
        "policy_key": attached.key if attached else None,
        "aws_managed": edit.about.aws_managed,
        "shared": edit.about.shared,
        "sid": edit.statement.sid if edit.statement else None,
        "lines": list(step.lines) if step.lines else None,
        "before": edit.before_json,
        "after": edit.after_json,
        "document": edit.document.text if edit.document else None,
        "sentence": sentence(offer, step),
    }


def _proof(offer: Offer) -> dict[str, Any] | None:
    if offer.proof is None:
        return None
    return {
        "nothing_else": None if offer.proof.undecided else offer.proof.holds,
        "newly_allowed": _witness(offer.proof.wider),
        "newly_denied": _witness(offer.proof.lost),
        "undecided": offer.proof.undecided,
    }


def _witness(found: Witness | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"action": found.action, "resource": found.resource, "context": _lists(found.context)}


def _sending(found: Sending | None) -> dict[str, Any] | None:
    return None if found is None else {"resource": found.resource, "context": _lists(found.context)}


def _lists(context: Mapping[str, Values]) -> dict[str, list[str]]:
    return {key: list(values) for key, values in context.items()}


def proof_sentence(offer: Offer) -> str:
    """What re-evaluation and comparison say of the changes."""
    before, after = VERDICTS[offer.fix.before], VERDICTS[offer.fix.after]
    said = f"Evaluated again with {'this change' if len(offer.steps) == 1 else 'all of these'}: {before} → {after}."
    proof = offer.proof
    if proof is None:
        return said
    if proof.undecided:
        return f"{said} Whether anything else changes could not be decided: {proof.undecided}."
    if proof.holds:
        return f"{said} Nothing else changes for this identity."
    parts = []
    if proof.wider:
        parts.append(f"{proof.wider.action} on {proof.wider.resource} becomes allowed, too")
    if proof.lost:
        parts.append(f"{proof.lost.action} on {proof.lost.resource} is no longer allowed")
    return f"{said} Beyond what was asked, {' and '.join(parts)}."


def offer_as_text(offer: Offer) -> Iterator[str]:
    """Lines for a terminal."""
    fix = offer.fix
    on = offer.resource_type or fix.asked.universe.template
    yield f"{offer.bearer.arn}: {fix.asked.action} on {on}: {VERDICTS[fix.before]}"
    if fix.before == "allowed":
        yield "Nothing is to be changed."
    elif offer.impossible:
        yield f"No change of policies allows it: {offer.impossible}."
    for number, step in enumerate(offer.steps, start=1):
        yield f"{number}. {sentence(offer, step)}"
        yield from (f"   {sign} {line}".rstrip() for sign, line in changed_lines(step))
        if number < len(offer.steps):
            yield f"   Then: {VERDICTS[fix.stages[number - 1]]}."
    if offer.steps:
        yield proof_sentence(offer)
    if offer.sending is not None:
        sent = ", ".join(f"{key} = {', '.join(values) or 'absent'}" for key, values in offer.sending.context.items())
        yield f"Or change nothing: a request on {offer.sending.resource} with {sent or 'no further key'} is allowed."


def changed_lines(step: Step) -> list[tuple[str, str]]:
    """A change line by line: ``+`` and ``-``, a blank for what stays, ``…`` where unchanged lines are left out."""
    before, after = _text([step.edit.before_json]), _text(step.edit.after_json)
    found: list[tuple[str, str]] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            kept = [(" ", line) for line in before[start:end]]
            head, tail = (_AROUND if found else 0), (_AROUND if end < len(before) else 0)
            if len(kept) > head + tail + 1:
                kept = [*kept[:head], ("…", ""), *kept[len(kept) - tail :]]
            found += kept
        else:
            found += [("-", line) for line in before[start:end]]
            found += [("+", line) for line in after[new_start:new_end]]
    return found


def _text(statements: Sequence[Json]) -> list[str]:
    """Statements as lines, as they stand in a policy one after the other."""
    written = [to_json(item) for item in statements if item is not None]
    return ",\n".join(written).splitlines()
