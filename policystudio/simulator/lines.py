"""Answers a stream of JSON objects one after the other; what is not understood gets an answer that says where."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, TypeVar

from policystudio.simulator.evaluation_input import EvaluationInputError, Id, InputProblem
from policystudio.simulator.evaluation_stream import Record, records

_Answer = TypeVar("_Answer")


def answered(
    stream: BinaryIO, answer: Callable[[bytes], Iterator[_Answer]], refused: Callable[[str], _Answer]
) -> Iterator[_Answer]:
    """The answers to each object of ``stream``, in order; ``refused`` makes one of the JSON text of an error.

    The stream holds JSON Lines, an object, or an array of objects. It is read as it is answered, so its length does
    not matter.
    """
    for record in records(stream):
        try:
            if record.fault:
                raise EvaluationInputError([InputProblem("", record.fault)])
            yield from answer(record.text.rstrip())
        except EvaluationInputError as error:
            yield refused(_error(record, error.problems))
        except ValueError as error:
            yield refused(_error(record, (InputProblem("", str(error)),)))


def error_as_json(problems: Sequence[InputProblem]) -> dict[str, Any]:
    """What is said of an object that cannot be answered: a sentence, and each problem with its place."""
    return _refusal([_place(problem, problem.line, problem.column) for problem in problems])


def _error(record: Record, problems: Sequence[InputProblem]) -> str:
    """The object that is printed for an input that is not understood; ``line`` is where it begins in the stream."""
    answer = {"error": _refusal([_problem(record, problem) for problem in problems]), "line": record.line}
    given = _id_of(record)
    return json.dumps(answer if given is None else {"id": given, **answer})


def _refusal(places: list[dict[str, Any]]) -> dict[str, Any]:
    message = places[0]["message"] if len(places) == 1 else f"{len(places)} problems, the first: {places[0]['message']}"
    return {"message": message, "problems": places}


def _problem(record: Record, problem: InputProblem) -> dict[str, Any]:
    """A problem with its place: a path in the object, or a line and a column of the stream."""
    column = problem.column + (record.column - 1 if problem.line == 1 else 0)
    return _place(problem, problem.line and problem.line + record.line - 1, column)


def _place(problem: InputProblem, line: int, column: int) -> dict[str, Any]:
    if not line or problem.inner:
        return {"place": problem.path, "message": problem.message}
    path = f"{problem.path}, " if problem.path else ""
    place = f"{path}line {line}, column {column}"
    return {"place": place, "message": problem.message, "line": line, "column": column}


def _id_of(record: Record) -> Id:
    """The id that a refused object gives itself, where it is JSON at all; it only helps to find the object again."""
    try:
        value = json.loads(record.text)
    except (ValueError, RecursionError):
        return None
    given = value.get("id") if isinstance(value, dict) else None
    return given if isinstance(given, str) or type(given) is int else None
