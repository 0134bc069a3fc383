"""Answers of saved simulations as they are kept, and what is different between two of them, with the reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.selectors import published_between
from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect
from policystudio.simulator.answers import decision_as_json
from policystudio.simulator.models import Simulation, SimulationRun
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.question import Question, QuestionError
from policystudio.simulator.saved_questions import (
    MOST_ROWS,
    SavedQuestion,
    SavedQuestionError,
    SavedRequest,
    saved_question,
    to_simulate,
)
from policystudio.simulator.selectors import UnknownIdentity, UnreadablePolicies, matrix, simulate
from policystudio.simulator.why import UnknownCell, why

#: For so many decisions that changed the reasons are worked out; the others are told without.
MOST_REASONS = 40
_LETTERS = {verdict.value: word for verdict, word in VERDICTS.items()}


def asked_of(simulation: Simulation) -> SavedQuestion:
    """The question of a simulation; raises ``SavedQuestionError`` where it is not understood any more."""
    return saved_question(simulation.question, [SavedRequest(**one) for one in simulation.requests])


def answers_to(account: Account, asked: SavedQuestion) -> dict[str, Any]:
    """The answers as a run keeps them; raises ``SavedQuestionError``."""
    try:
        return {"results": _results(account, asked)} if asked.requests else _cells(account, asked.question)
    except QuestionError as error:
        raise SavedQuestionError([(f"question.{name}", message) for name, message in error.problems]) from None


def _results(account: Account, asked: SavedQuestion) -> list[dict[str, Any]]:
    found = simulate(account, to_simulate(account, asked), asked.question.what_if, asked.question)
    return [_result(one, answer) for one, answer in zip(asked.requests, found, strict=True)]


def _result(asked: SavedRequest, answer: Any) -> dict[str, Any]:
    told = asked.as_json()
    if isinstance(answer, UnknownIdentity):
        return {**told, "decision": None, "reason": "the account has no such identity", "statements": []}
    if isinstance(answer, UnreadablePolicies):
        return {**told, "decision": "undecided", "reason": str(answer), "statements": []}
    found = decision_as_json(answer)
    statements = [
        f"{one['effect']} {one['sid'] or one['index']} of {one['policy']}" for one in found["matched_statements"]
    ]
    return {**told, "decision": found["decision"], "reason": found["reason"], "statements": statements}


def _cells(account: Account, question: Question) -> dict[str, Any]:
    page = matrix(account, question, limit=MOST_ROWS, exact=True)
    if page.problems:
        raise SavedQuestionError([("question.add", problem) for problem in page.problems])
    if page.total > MOST_ROWS:
        said = f"{page.total:,} identities are too many to keep: choose at most {MOST_ROWS:,}, by kind, path or tag"
        raise SavedQuestionError([("question", said)])
    return {
        "columns": [[column.action, column.resource_type] for column in page.columns],
        "rows": {row.arn: row.verdicts for row in page.rows},
    }


@dataclass(frozen=True, slots=True)
class Side:
    """What was decided in one of the runs; ``decision`` None: there was no such identity. ``reason`` in words."""

    decision: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A decision that is another one in the later run; ``resource`` is an ARN, or the type of a cell."""

    identity: str
    action: str
    resource: str
    before: Side
    after: Side
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs of a simulation: what changed, how much stayed, and what was published or imported between them."""

    earlier: SimulationRun
    later: SimulationRun
    changed: tuple[Changed, ...]
    same: int
    published: tuple[Change, ...]
    read_at: datetime | None

    @property
    def same_content(self) -> bool:
        """Whether both were worked out of the same content."""
        return (self.earlier.account_revision, self.earlier.organization_revision) == (
            self.later.account_revision,
            self.later.organization_revision,
        )


def compare_runs(simulation: Simulation, earlier: SimulationRun, later: SimulationRun) -> RunComparison:
    """What is decided otherwise in the later run, and why."""
    account = simulation.account
    if simulation.requests:
        changed, same = _changed_results(earlier, later)
    else:
        changed, same = _changed_cells(simulation, earlier, later)
    first, last = sorted((earlier.at, later.at))
    read_at = account.read_at if account.read_at and first < account.read_at <= last else None
    return RunComparison(earlier, later, tuple(changed), same, tuple(published_between(account, first, last)), read_at)


def _changed_results(earlier: SimulationRun, later: SimulationRun) -> tuple[list[Changed], int]:
    changed, same = [], 0
    for old, new in zip(earlier.answers["results"], later.answers["results"], strict=False):
        if old["decision"] == new["decision"]:
            same += 1
            continue
        before, after = (Side(one["decision"], "; ".join([one["reason"], *one["statements"]])) for one in (old, new))
        changed.append(Changed(new["principal"], new["action"], new["resource"], before, after, new["context"]))
    return changed, same


def _changed_cells(simulation: Simulation, earlier: SimulationRun, later: SimulationRun) -> tuple[list[Changed], int]:
    old, new = _letters(earlier), _letters(later)
    places = list(dict.fromkeys([*old, *new]))
    other = [place for place in places if old.get(place) != new.get(place)]
    reasons = _Reasons(simulation)
    changed = []
    for number, place in enumerate(other):
        before, after = (
            Side(
                _LETTERS[letters[place]] if place in letters else None,
                reasons.of(run, place) if number < MOST_REASONS and place in letters else "",
            )
            for run, letters in ((earlier, old), (later, new))
        )
        changed.append(Changed(*place, before, after))
    return changed, len(places) - len(other)


Place = tuple[str, str, str]


def _letters(run: SimulationRun) -> dict[Place, str]:
    columns = run.answers["columns"]
    return {
        (arn, action, kind): letter
        for arn, letters in run.answers["rows"].items()
        for (action, kind), letter in zip(columns, letters, strict=True)
    }


class _Reasons:
    """Why cells were decided as they were, at the moments of their runs."""

    def __init__(self, simulation: Simulation) -> None:
        self._account = simulation.account
        self._question = asked_of(simulation).question

    def of(self, run: SimulationRun, place: Place) -> str:
        """The sentence; empty where the moment of the run cannot be asked about any more."""
        question = self._question
        if question.is_of_now and not self._is_present(run):
            question = replace(question, at=run.at)
        try:
            found = why(self._account, question, *place)
        except (QuestionError, UnknownIdentity, UnknownCell):
            return ""
        # What denies, the sentence names; what allows, it does not.
        allowing = [
            one.policy.name
            for one in found.statements
            if one.layer is Layer.IDENTITY and one.matched_allowed and one.trace.statement.effect is Effect.ALLOW
        ]
        named = f" By {', '.join(dict.fromkeys(allowing))}." if allowing else ""
        return f"{found.sentence}{named}"

    def _is_present(self, run: SimulationRun) -> bool:
        return (run.account_revision, run.organization_revision) == revisions_of(self._account)


def revisions_of(account: Account) -> tuple[str, str]:
    """Of the content that the account is asked about now: its own, and its organization's."""
    organization = account.organization
    return str(account.revision), str(organization.revision) if organization else ""


def lines_of(run: SimulationRun) -> Iterator[tuple[str, int]]:
    """How often a run has each decision, in the words of decisions; of the matrix of its cells."""
    counts: dict[str, int] = {}
    if "results" in run.answers:
        for one in run.answers["results"]:
            word = one["decision"] or "unknown identity"
            counts[word] = counts.get(word, 0) + 1
    else:
        for letters in run.answers["rows"].values():
            for letter in letters:
                counts[_LETTERS[letter]] = counts.get(_LETTERS[letter], 0) + 1
    yield from sorted(counts.items())
