"""Who can do an action, as JSON for REST and the command line, and as lines for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from policystudio.engine.document import Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.proof_json import VERDICTS, residue_as_json, witness_as_json
from policystudio.simulator.sentences import SIGNS, WORDS, Residue
from policystudio.simulator.trusts import Step
from policystudio.simulator.who_can import Answer, Found
from policystudio.simulator.who_can_evidence import Chain, Evidence, Prover
from policystudio.simulator.who_can_question import WhoCanQuestion
from policystudio.simulator.who_can_words import (
    answer_of,
    called,
    chain_text,
    limits,
    name_of,
    question_of,
    rules_of,
    step_text,
    text_of,
)


def answer_as_json(answer: Answer, question: WhoCanQuestion) -> dict[str, Any]:
    """The answer without its rows; docs/who-can.md describes it."""
    return {
        "action": question.action,
        "resource": question.resource,
        "account": answer.account.number,
        "owner": question.owner,
        "hops": question.hops,
        "at": question.moment.at_written or None,
        "change": question.change,
        "question": question_of(question),
        "sentence": answer_of(answer),
        "verdicts": {VERDICTS[verdict]: answer.verdicts[verdict.value] for verdict in CellVerdict},
        "cut": answer.cut,
        "notes": list(answer.notes),
    }


def rows_as_json(answer: Answer, rows: Iterable[Found]) -> list[dict[str, Any]]:
    """Rows with their evidence."""
    with answer.lock:
        prover = Prover(answer)
        return [_row(answer, prover, row) for row in rows]


def _row(answer: Answer, prover: Prover, row: Found) -> dict[str, Any]:
    return {
        "arn": row.arn,
        "kind": row.kind,
        "name": row.name,
        "account": row.account or None,
        "letter": row.verdict.value,
        "verdict": VERDICTS[row.verdict],
        "hops": row.hops,
        "direct": _cell(prover.direct(row)),
        "by_roles": _by_roles(answer, prover, row),
    }


def _cell(evidence: Evidence) -> dict[str, Any]:
    cell = evidence.cell
    return {
        "letter": cell.verdict.value,
        "verdict": VERDICTS[cell.verdict],
        "by_resource": cell.by_resource,
        "by_context": cell.by_context,
        "text": text_of(evidence),
        "conditions": _conditions(evidence.residue),
        "residue": residue_as_json(evidence.residue, limits(evidence.residue)),
        "principal": evidence.principal or None,
        "allowed": witness_as_json(evidence.allowed),
        "denied": witness_as_json(evidence.denied),
        "besides": evidence.besides or None,
        "undecided": cell.undecided,
    }


def _conditions(residue: Sequence[Residue]) -> list[dict[str, Any]]:
    return [
        {
            "name": name_of(rule.key) or None,
            "operator": rule.name,
            "key": rule.key,
            "values": list(rule.values),
            "denies": item.effect is Effect.DENY,
        }
        for item, rule in rules_of(residue)
    ]


def _by_roles(answer: Answer, prover: Prover, row: Found) -> dict[str, Any] | None:
    if row.by_roles is None:
        return None
    chains, more = prover.chains(row)
    return {
        "letter": row.by_roles.value,
        "verdict": VERDICTS[row.by_roles],
        "chains": [_chain(answer, chain) for chain in chains],
        "more": more,
    }


def _chain(answer: Answer, chain: Chain) -> dict[str, Any]:
    home = answer.account.number
    return {
        "letter": chain.verdict.value,
        "verdict": VERDICTS[chain.verdict],
        "text": chain_text(chain, home),
        "steps": [_step(step, evidence, home) for step, evidence in chain.steps],
    }


def _step(step: Step, evidence: Evidence, home: str) -> dict[str, Any]:
    found = _cell(evidence)
    return {
        "action": step.action,
        "role": step.role,
        **{name: found[name] for name in ("letter", "verdict")},
        "text": step_text(step, evidence, home),
        **{name: found[name] for name in ("besides", "conditions", "residue", "principal", "allowed", "undecided")},
    }


def answer_as_lines(answer: Answer, question: WhoCanQuestion, rows: Sequence[Found]) -> Iterator[str]:
    """The answer first, then who can and how; of the others only how many there are, unless they were asked for."""
    yield from filter(None, [question.moment.moment, answer_of(answer)])
    shown = rows if question.verdicts else [row for row in rows if row.is_possible]
    with answer.lock:
        prover = Prover(answer)
        for row in shown:
            yield ""
            yield from _lines(answer, prover, row)
    left = len(rows) - len(shown)
    if left:
        yield from ("", f"{left:,} {'other' if left == 1 else 'others'} cannot")
    for note in answer.notes:
        yield from ("", f"note: {note}")


def _lines(answer: Answer, prover: Prover, row: Found) -> Iterator[str]:
    yield f"{SIGNS[row.verdict] or ' '} {called(row, answer.account.number)}  {WORDS[row.verdict]}"
    evidence = prover.direct(row)
    if row.by_roles is None or evidence.cell.verdict not in (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY):
        yield f"    by itself: {text_of(evidence)}"
    if row.by_roles is not None and evidence.cell.verdict is CellVerdict.ALLOWED:
        yield "    also by assuming roles"
        return
    chains, more = prover.chains(row)
    for chain in chains:
        yield f"    {SIGNS[chain.verdict]} {chain_text(chain, answer.account.number)}"
    if more:
        yield "    and in more ways"
