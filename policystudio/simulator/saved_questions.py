"""The question of a saved simulation: read from what a client sends, or from a row, and held against the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policystudio.accounts.models import Account
from policystudio.engine.arn import Arn
from policystudio.simulator.asked import source_for
from policystudio.simulator.concrete import tags_of, with_facts_of
from policystudio.simulator.question import ListQuery, Question, QuestionError, question_from_query, question_to_query
from policystudio.simulator.selectors import SimulateRequest

#: So many requests a simulation may have, and so many rows of the matrix a run may keep.
MOST_REQUESTS, MOST_ROWS = 1_000, 1_000
#: Of a question about concrete requests nothing else counts: which requests there are, they say themselves.
OF_REQUESTS = ("exclude", "add", "boundary", "at", "change")
PARAMETERS = (
    *("kind", "path", "name", "tag", "identity", "level", "action", "type", "region", "context", "verdict"),
    *OF_REQUESTS,
)
_LONGEST = 2_048


class SavedQuestionError(ValueError):
    """A question cannot be kept. ``problems`` holds (place, sentence) pairs, all of them."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{place}: {sentence}" for place, sentence in problems))


@dataclass(frozen=True, slots=True)
class SavedRequest:
    """A concrete request of one of the account's identities; an empty list in ``context``: the key is absent."""

    principal: str
    action: str
    resource: str = "*"
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the row keeps it."""
        context = {key: list(values) for key, values in self.context.items()}
        return {"principal": self.principal, "action": self.action, "resource": self.resource, "context": context}


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """What is asked: a question to the matrix, or requests with what is tried on them."""

    question: Question
    requests: tuple[SavedRequest, ...] = ()

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the question, as the row keeps them."""
        found: dict[str, list[str]] = {}
        for name, value in question_to_query(self.question):
            found.setdefault(name, []).append(value)
        return found


def saved_question(parameters: Mapping[str, Sequence[str]], requests: Sequence[SavedRequest]) -> SavedQuestion:
    """The question of these parameters and requests; raises ``SavedQuestionError``."""
    known = OF_REQUESTS if requests else PARAMETERS
    problems = [
        (f"question.{name}", f"is no parameter here: there are {', '.join(known)}")
        for name in parameters
        if name not in known
    ]
    if len(requests) > MOST_REQUESTS:
        problems.append(("requests", f"at most {MOST_REQUESTS:,} requests are kept"))
    problems += [problem for at, one in enumerate(requests) for problem in _problems(at, one)]
    pairs = [(name, value) for name, values in parameters.items() if name in known for value in values]
    question = Question()
    try:
        question = question_from_query(ListQuery(pairs))
    except QuestionError as error:
        problems += [(f"question.{name}", message) for name, message in error.problems]
    if problems:
        raise SavedQuestionError(problems)
    return SavedQuestion(question, tuple(requests))


def check_asked(account: Account, asked: SavedQuestion) -> None:
    """Raise ``SavedQuestionError`` where there is no such moment or change of the account."""
    try:
        source_for(account, asked.question)
    except QuestionError as error:
        raise SavedQuestionError([(f"question.{name}", message) for name, message in error.problems]) from None


def to_simulate(account: Account, asked: SavedQuestion) -> list[SimulateRequest]:
    """The requests with what is known of their resources."""
    tags = tags_of(account, (one.resource for one in asked.requests))
    return [
        SimulateRequest(
            one.principal,
            one.action,
            one.resource,
            with_facts_of(
                one.resource, tags.get(one.resource, {}), {key: tuple(values) for key, values in one.context.items()}
            ),
        )
        for one in asked.requests
    ]


def _problems(at: int, one: SavedRequest) -> list[tuple[str, str]]:
    here = f"requests[{at}]"
    found = []
    for name, arn in (("principal", one.principal), ("resource", one.resource)):
        try:
            if arn != "*" or name == "principal":
                Arn.parse(arn)
        except ValueError as error:
            found.append((f"{here}.{name}", str(error)))
    service, colon, action = one.action.partition(":")
    if not (colon and service and action) or set(one.action) & set("*? "):
        found.append((f"{here}.action", f"`{one.action[:80]}` is not an action, such as sagemaker:DeleteEndpoint"))
    if any(":" not in key or len(key) > _LONGEST for key in one.context):
        found.append((f"{here}.context", "its names must be context keys, such as aws:RequestedRegion"))
    return found
