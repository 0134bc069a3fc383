"""Every case of tests/engine/cases: the plain decision and the compiled one, against what AWS says (README there)."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.compile import Answer, compile_stack
from policystudio.engine.conditions import OPERATORS
from policystudio.engine.decision import Decision
from policystudio.simulator.evaluation_input import INPUTS, PolicyCache, read_evaluation

Case = dict[str, Any]

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("**/*.json"))
EXPECTATIONS = {
    "decision",
    "reason",
    "layers",
    "matched",
    "failed",
    "failed_conditions",
    "missing_context_keys",
    "spans",
}
#: The compiled form does not tell what kept a statement from matching.
ONLY_PLAIN = {"failed", "failed_conditions"}
MARKS = ("[D] ", "[O] ", "[C] ")
CACHE = PolicyCache()


@functools.cache
def read_file(path: Path) -> Case:
    """The content of a file."""
    content: Case = json.loads(path.read_text(encoding="utf-8"))
    return content


def all_cases() -> list[Any]:
    """One parameter for each case of each file, with the file's shared inputs."""
    return [
        pytest.param({**read_file(path).get("shared", {}), **case}, id=f"{name}:{case['id']}")
        for path in FILES
        for name in [path.relative_to(CASES).with_suffix("").as_posix()]
        for case in read_file(path)["cases"]
    ]


def inputs_of(case: Case) -> str:
    """What `manage.py evaluate` would be given: expectations taken away, the case's action and resource filled in."""
    inputs = {
        name: value for name, value in case.items() if name in INPUTS and name not in ("id", "action", "resource")
    }
    common = {name: case[name] for name in ("action", "resource") if name in case}
    inputs["requests"] = [
        {**common, **{name: value for name, value in request.items() if name != "expect"}}
        for request in case["requests"]
    ]
    return json.dumps(inputs)


def findings(decision: Decision | Answer, expect: Case) -> Case:
    """What the decision says about each of the things that are expected, in the shape of the expectation."""
    traces = decision.traces if isinstance(decision, Decision) else ()
    failed = {trace.statement.sid: trace for trace in traces if not trace.matched}
    layers = {str(layer): str(verdict) for layer, verdict in decision.layers.items()}
    said: Case = {"decision": str(decision.verdict), "reason": decision.reason}
    said["layers"] = {name: layers[name] for name in expect.get("layers", {})}
    said["matched"] = sorted(str(trace.statement.sid) for trace in decision.matched)
    said["failed"] = {
        sid: str(failed[sid].failed) if sid in failed else "matched or not looked at"
        for sid in expect.get("failed", {})
    }
    said["failed_conditions"] = {
        sid: sorted(f"{condition.name} {condition.key}" for condition in failed[sid].failed_conditions)
        for sid in expect.get("failed_conditions", {})
    }
    said["missing_context_keys"] = sorted(key.lower() for key in decision.missing_context_keys)
    said["spans"] = [
        {
            "policy": trace.policy,
            "index": trace.statement.index,
            "start": [trace.statement.span.start.line, trace.statement.span.start.column],
            "end": [trace.statement.span.end.line, trace.statement.span.end.column],
        }
        for trace in decision.matched
    ]
    return {name: said[name] for name in expect}


def normalised(expect: Case) -> Case:
    """The expectation, with lists whose order says nothing in a fixed order and keys in lower case."""
    result = dict(expect)
    if "matched" in expect:
        result["matched"] = sorted(expect["matched"])
    if "missing_context_keys" in expect:
        result["missing_context_keys"] = sorted(key.lower() for key in expect["missing_context_keys"])
    if "failed_conditions" in expect:
        result["failed_conditions"] = {sid: sorted(names) for sid, names in expect["failed_conditions"].items()}
    return result


@pytest.mark.parametrize("case", all_cases())
def test_the_plain_decision_is_what_the_case_says(case: Case) -> None:
    evaluation = read_evaluation(inputs_of(case), CACHE)
    for asked, request in zip(evaluation.requests, case["requests"], strict=True):
        decision = authorize(evaluation.stack, asked.request, load_condition_keys())
        assert findings(decision, request["expect"]) == normalised(request["expect"]), asked.id


@pytest.mark.parametrize("case", all_cases())
def test_the_compiled_decision_is_what_the_case_says(case: Case) -> None:
    evaluation = read_evaluation(inputs_of(case), CACHE)
    compiled = compile_stack(evaluation.stack, load_condition_keys())
    for asked, request in zip(evaluation.requests, case["requests"], strict=True):
        expect = {name: value for name, value in request["expect"].items() if name not in ONLY_PLAIN}
        assert findings(compiled.decide(asked.request), expect) == normalised(expect), asked.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CASES).as_posix())
def test_every_case_is_complete_and_says_where_it_is_from(path: Path) -> None:
    content = read_file(path)
    assert set(content) <= {"about", "shared", "cases"}
    assert content["about"].endswith(".")
    ids = [case["id"] for case in content["cases"]]
    assert len(ids) == len(set(ids))
    for case in content["cases"]:
        assert set(case) <= {*INPUTS, "shows", "source"}, case["id"]
        assert case["shows"], case["id"]
        assert case["source"].startswith(MARKS), case["id"]
        names = [request["id"] for request in case["requests"]]
        assert len(names) == len(set(names)), case["id"]
        for request in case["requests"]:
            assert "decision" in request["expect"], (case["id"], request["id"])
            assert set(request["expect"]) <= EXPECTATIONS, (case["id"], request["id"])


def test_every_operator_is_asked_about_in_every_form() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in FILES)
    forms = [
        f"{quantifier}{operator}{suffix}"
        for operator in OPERATORS
        for quantifier in ("", "ForAllValues:", "ForAnyValue:")
        for suffix in ("", "IfExists")
    ]
    assert [form for form in [*forms, "Null"] if f'"{form}": {{' not in texts] == []


def test_there_are_as_many_expectations_as_promised() -> None:
    """Every file is read: a folder that moved, or a pattern that finds nothing, would pass in silence."""
    assert sum(len(parameter.values[0]["requests"]) for parameter in all_cases()) >= 2300
