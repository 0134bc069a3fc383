"""The smallest change as the Why shows it: steps in words, statements line by line, and a link that tries them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policystudio.engine.decision import Layer
from policystudio.engine.document import Policy
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy
from policystudio.simulator.fix_answers import VERDICTS, changed_lines, proof_sentence, sentence
from policystudio.simulator.fixes import Offer, Step, cell_offer
from policystudio.simulator.question import WhatIf
from policystudio.simulator.selectors import UnreadablePolicies
from policystudio.web.explain import Explained

#: What the signs of a changed line are read out as.
_SIGNS = {"+": "added", "-": "removed", "…": "unchanged lines", " ": ""}
MOST_ADDED = 10


@dataclass(frozen=True)
class ChangedLine:
    """One line of a statement; ``said`` reads the sign out."""

    sign: str
    text: str
    said: str


@dataclass(frozen=True)
class OfferedStep:
    """One change; ``then`` is the verdict with it and those before it, where others follow."""

    sentence: str
    lines: Sequence[ChangedLine]
    then: str


@dataclass(frozen=True)
class Offered:
    """The whole offer. ``link`` tries it in the simulator, where the simulator can try such changes."""

    title: str
    impossible: str
    steps: Sequence[OfferedStep]
    proof: str
    link: str
    resource: str = ""
    context: Sequence[tuple[str, str]] | None = None


def offered_for(explained: Explained, *, compared: bool) -> Offered | None:
    """The change that would allow the cell that is explained; None where it is allowed, or nothing can be said."""
    why, asked = explained.why, explained.asked
    if why.letter == "A":
        return None
    column = why.column
    try:
        offer = cell_offer(
            explained.account,
            asked.question,
            why.bearer.arn,
            column.action,
            column.resource_type,
            compared=compared,
        )
    except UnreadablePolicies:
        return None
    if offer.fix.before == "allowed":
        return None
    changed = what_if_of(offer, asked.question.what_if)
    link = "" if changed is None else explained.address(question=replace(asked.question, what_if=changed))
    sending = offer.sending
    return Offered(
        title=f"The smallest change that would allow {'all of it' if why.letter in ('S', 'C') else 'it'}",
        impossible=offer.impossible,
        steps=[_step(offer, step, stage) for step, stage in zip(offer.steps, offer.fix.stages, strict=True)],
        proof=proof_sentence(offer) if offer.steps else "",
        link=link,
        resource=sending.resource if sending else "",
        context=[(key, ", ".join(values) or "absent") for key, values in sending.context.items()] if sending else None,
    )


def _step(offer: Offer, step: Step, stage: str) -> OfferedStep:
    lines = [ChangedLine(sign, text, _SIGNS[sign]) for sign, text in changed_lines(step)]
    return OfferedStep(sentence(offer, step), lines, VERDICTS[stage] if step is not offer.steps[-1] else "")


def what_if_of(offer: Offer, what_if: WhatIf) -> WhatIf | None:
    """The changes on top of a what-if; None where a what-if cannot say them: those of an organization's policies.

    A policy that is edited is taken away, and its text with the changes added; a boundary is replaced.
    """
    exclude, add, boundary = list(what_if.exclude), list(what_if.add), what_if.boundary
    tried: set[str] = set()
    for step in offer.steps:
        edit, attached = step.edit, step.attached
        if edit.place.layer is Layer.BOUNDARY and edit.document is not None:
            boundary = _added(edit.document)
            continue
        if edit.place.layer is not Layer.IDENTITY or (edit.policy is not None and attached is None):
            return None
        if attached is not None and attached.kind == "what-if":
            return None
        if attached is not None and attached.key in tried:
            continue
        if attached is not None:
            tried.add(attached.key)
            exclude.append(attached.key)
        if edit.document is not None:
            add.append(_added(edit.document))
    if not offer.steps or len(add) > MOST_ADDED:
        return None
    return WhatIf(tuple(dict.fromkeys(exclude)), tuple(add), boundary)


def _added(document: Policy) -> tuple[str, NamedPolicy]:
    """A policy as the address has it: on one line."""
    text = json.dumps(json.loads(document.text), ensure_ascii=False)
    return text, NamedPolicy("what if", parse_policy(text, document.kind))
