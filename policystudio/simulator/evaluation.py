"""Answers evaluations: policies and requests in, one JSON object for each request out."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import BinaryIO

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.compile import Answer, CompiledStack, compile_stack
from policystudio.engine.decision import Decision
from policystudio.engine.effort import TooLongError
from policystudio.engine.request import PolicyStack, Request
from policystudio.simulator.answers import decision_as_json
from policystudio.simulator.evaluation_input import (
    EvaluationInput,
    EvaluationInputError,
    InputProblem,
    PolicyCache,
    read_evaluation,
)
from policystudio.simulator.lines import answered

#: How many policy stacks stay known, and how many answers stay written, at a time.
STACKS = 512
WRITTEN = 4096
#: A stack that is new and asked fewer requests than this is not worth compiling.
WORTH_COMPILING = 4


class Evaluator:
    """Decides evaluations one after the other. A document that repeats is parsed once, a stack compiled once.

    Compiling pays from a few requests on: a stack that is seen for the first time is compiled for several alone.
    """

    def __init__(self) -> None:
        self._policies = PolicyCache()
        self._stacks: OrderedDict[PolicyStack, CompiledStack | None] = OrderedDict()
        self._written: dict[int, tuple[Answer, str]] = {}

    @property
    def policies(self) -> PolicyCache:
        """The parsed documents; hand it to the decoder."""
        return self._policies

    def results(self, evaluation: EvaluationInput) -> Iterator[str]:
        """The JSON text of each request's result, in the order of the requests, on one line each."""
        compiled = self._compiled(evaluation.stack, len(evaluation.requests))
        for asked in evaluation.requests:
            try:
                text = self._decided(evaluation.stack, compiled, asked.request)
            except TooLongError as error:
                raise EvaluationInputError([InputProblem("context", str(error))]) from None
            yield f'{{"id": {json.dumps(asked.id)}, {text}'

    def _decided(self, stack: PolicyStack, compiled: CompiledStack | None, request: Request) -> str:
        if compiled is None:
            return _without_brace(authorize(stack, request, load_condition_keys()))
        return self._write(compiled.decide(request))

    def _compiled(self, stack: PolicyStack, requests: int) -> CompiledStack | None:
        """The compiled stack; None where it is better not to compile."""
        known = stack in self._stacks
        compiled = self._stacks.pop(stack, None)
        if compiled is None and (known or requests >= WORTH_COMPILING):
            compiled = compile_stack(stack, load_condition_keys())
        self._stacks[stack] = compiled
        if len(self._stacks) > STACKS:
            self._stacks.popitem(last=False)
        return compiled

    def _write(self, answer: Answer) -> str:
        """The result without its opening brace and id. A compiled stack gives the same answer object again."""
        found = self._written.get(id(answer))
        if found is None or found[0] is not answer:
            if len(self._written) >= WRITTEN:
                self._written.clear()
            found = self._written[id(answer)] = (answer, _without_brace(answer))
        return found[1]


def _without_brace(decision: Decision | Answer) -> str:
    """A result as JSON text; the id goes before it."""
    return json.dumps(decision_as_json(decision)).removeprefix("{")


def evaluate_stream(stream: BinaryIO) -> Iterator[tuple[str, bool]]:
    """Each line to print for a stream of evaluations, and whether it is a result (False: an error)."""
    evaluator = Evaluator()

    def results(text: bytes) -> Iterator[tuple[str, bool]]:
        return ((line, True) for line in evaluator.results(read_evaluation(text, evaluator.policies)))

    return answered(stream, results, lambda error: (error, False))
