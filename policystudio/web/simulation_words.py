"""Saved simulations in words: what is asked, what came of it, and what is decided otherwise between two runs."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.identities import selectors as identities
from policystudio.simulator.models import SimulationRun
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.saved_questions import SavedQuestion
from policystudio.simulator.saved_runs import Changed, RunComparison, Side, lines_of
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Cell, cell_pairs, question_pairs
from policystudio.web.words import SIGNS, WORDS, count

_LETTERS = {word: letter.value for letter, word in VERDICTS.items()}
_NAMES = {
    "kind": "Kinds of identity",
    "path": "Path",
    "name": "Name",
    "tag": "Tag",
    "identity": "Identities",
    "level": "Access levels",
    "action": "Action",
    "type": "Resource types",
    "region": "Region",
    "context": "Known of the context",
    "exclude": "Without",
    "add": "With",
    "boundary": "With the boundary",
    "at": "As of",
    "change": "As if published: change",
    "verdict": "Only identities with",
}
_LONGEST = 120


def asked_in_words(asked: SavedQuestion) -> Iterator[tuple[str, list[str]]]:
    """Each parameter of the question that says something, with its values."""
    for name, values in asked.parameters.items():
        shown = [WORDS[value] for value in values] if name == "verdict" else values
        yield _NAMES[name], [f"{one[:_LONGEST]} …" if len(one) > _LONGEST else one for one in shown]


def answer_of(runs: Sequence[SimulationRun], told: RunComparison | None) -> str:
    """The first line."""
    if not runs:
        return "It was not run yet."
    if told is None:
        return "It was run once: run it again when something has changed, and see which decisions are other ones."
    between = f"from run {told.earlier.number} to run {told.later.number}"
    if told.changed:
        stay = f"; {told.same:,} {'is' if told.same == 1 else 'are'} the same" if told.same else ""
        return f"{count(len(told.changed), 'decision').capitalize()} changed {between}{stay}."
    if told.same_content:
        return f"Nothing changed {between}: the account is the same."
    return f"Nothing changed {between}, although the account did: {count(told.same, 'decision')} the same."


def decisions_of(run: SimulationRun) -> str:
    """How often a run has each decision: `2 allowed, 9 implicit deny`."""
    counts = [(WORDS.get(_LETTERS.get(word, ""), word), number) for word, number in lines_of(run)]
    return ", ".join(f"{number:,} {word}" for word, number in counts) or "none: nobody was asked about"


def rows_of(account: Account, told: RunComparison, asked: SavedQuestion, most: int) -> list[dict[str, Any]]:
    """The decisions that changed, as the table shows them."""
    shown = told.changed[:most]
    keys = identities.keys_of(account, {one.identity for one in shown})
    return [
        {
            "identity": one.identity.split(":", 5)[-1],
            "address": identity_address(account, keys.get(one.identity)),
            "action": one.action,
            "resource": "" if one.resource == "*" else one.resource,
            "why": "" if asked.requests else _why(account, asked, one),
            "sides": [_side(one.before), _side(one.after)],
        }
        for one in shown
    ]


def _why(account: Account, asked: SavedQuestion, one: Changed) -> str:
    pairs = [*question_pairs(asked.question), *cell_pairs(Cell(one.identity, one.action, one.resource))]
    return f"{reverse('web:why', args=[account.number])}?{urlencode(pairs)}"


def _side(side: Side) -> dict[str, str]:
    letter = _LETTERS.get(side.decision or "", "")
    return {
        "letter": letter,
        "sign": SIGNS.get(letter, ""),
        "word": WORDS.get(letter, "no such identity"),
        "reason": side.reason,
    }
