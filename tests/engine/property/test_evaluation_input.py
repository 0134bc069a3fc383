"""Whatever is put into the decoder of evaluations, it answers with requests or with problems that have places."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.lib.strict_json import dumps, loads
from policystudio.simulator.evaluation_input import INPUTS, EvaluationInputError, decode_evaluation, read_evaluation

LAW = settings(max_examples=150, deadline=None)
USER = "arn:aws:iam::111122223333:user/dana"
ROLE = "arn:aws:iam::111122223333:role/Execution"
MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/churn"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
actions = st.sampled_from(["sagemaker:*", "sagemaker:Create*", "sts:AssumeRole", "*", "iam:PassRole"])
resources = st.sampled_from(["*", MODEL, "arn:aws:sagemaker:*:*:model/*", "arn:aws:sagemaker:*:*:*/${aws:username}"])
principals = st.sampled_from(
    ["*", {"AWS": "111122223333"}, {"AWS": [USER, ROLE]}, {"Service": "sagemaker.amazonaws.com"}]
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "StringEquals": st.just({"aws:RequestTag/team": "ml"}),
        "Bool": st.just({"aws:MultiFactorAuthPresent": True}),
        "NumericLessThan": st.just({"sagemaker:MaxRuntimeInSeconds": 3600}),
    },
)
effects = st.sampled_from(["Allow", "Deny"])


def statements(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"Effect": effects, "Action": actions, **more}, optional={"Condition": conditions})


def documents(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    body = st.lists(statements(**more), min_size=1, max_size=3) | statements(**more)
    document = st.fixed_dictionaries({"Statement": body}, optional={"Version": st.just("2012-10-17")})
    return (
        document
        | document.map(json.dumps)
        | document.map(lambda value: json.dumps(value, indent=2))
        | document.map(lambda value: {"name": "named", "document": value})
    )


identity = documents(Resource=resources)
organization = st.none() | st.lists(st.lists(documents(Resource=st.just("*")), max_size=2), max_size=3)
resource_based = documents(Principal=principals, Resource=resources)
contexts = st.dictionaries(
    st.sampled_from(["aws:RequestTag/team", "aws:MultiFactorAuthPresent", "aws:username", "aws:TagKeys"]),
    st.sampled_from(["ml", True, 5, None, [], ["a", "b"]]),
)
asked = st.fixed_dictionaries(
    {"action": st.sampled_from(["sagemaker:CreateModel", "s3:GetObject"]), "resource": st.sampled_from([MODEL, "*"])},
    optional={
        "id": st.integers(0, 9) | st.text(max_size=3),
        "context": contexts,
        "principal": st.sampled_from([USER, ROLE]),
    },
)
good = st.fixed_dictionaries(
    {"principal": st.sampled_from([USER, ROLE, "sagemaker.amazonaws.com", "anonymous", "111122223333"])},
    optional={
        "context": contexts,
        "identity_policies": st.lists(identity, max_size=2),
        "permissions_boundary": st.none() | identity,
        "session_policies": st.none() | st.lists(identity, max_size=2),
        "service_control_policies": organization,
        "resource_policy": st.none() | resource_based,
        "vpc_endpoint_policy": st.none() | resource_based,
        "management_account": st.booleans(),
        "resource_account": st.just("444455556666"),
        "requests": st.lists(asked, min_size=1, max_size=3),
    },
).map(lambda inputs: inputs if "requests" in inputs else {**inputs, "action": "sagemaker:ListModels"})
anything = st.dictionaries(st.sampled_from([*INPUTS, "unknown", ""]), json_values, max_size=6) | json_values


@LAW
@given(good)
def test_good_inputs_are_decoded_and_can_be_decided(inputs: dict[str, Any]) -> None:
    evaluation = read_evaluation(json.dumps(inputs))
    assert len(evaluation.requests) == len(inputs.get("requests", [1]))
    for question in evaluation.requests:
        authorize(evaluation.stack, question.request, load_condition_keys())


@LAW
@given(good)
def test_text_and_python_values_are_decoded_alike(inputs: dict[str, Any]) -> None:
    assert (
        decode_evaluation(inputs) == read_evaluation(json.dumps(inputs)) == read_evaluation(json.dumps(inputs).encode())
    )


def outcome(text: str | bytes) -> tuple[int, list[str]]:
    """How many requests were decoded, and the places of the problems; anything else that is raised is a mistake."""
    try:
        return len(read_evaluation(text).requests), []
    except EvaluationInputError as error:
        return 0, [problem.path for problem in error.problems]


@LAW
@given(anything)
def test_any_json_is_decoded_or_refused_with_places(value: Any) -> None:
    decoded, places = outcome(json.dumps(value))
    assert bool(decoded) is not bool(places)


@LAW
@given(good, st.data())
def test_one_thing_broken_is_refused_at_its_place(inputs: dict[str, Any], data: st.DataObject) -> None:
    """The value of one input is replaced by anything; problems then lie in that input or ask for it."""
    name = data.draw(st.sampled_from(sorted(inputs)))
    _decoded, places = outcome(json.dumps({**inputs, name: data.draw(json_values)}))
    asked_for = {"principal", "requests"} if name == "principal" else {"action", "resource"}
    assert {place.split(".")[0].split("[")[0] for place in places} <= {name, *asked_for}


@LAW
@given(st.text(max_size=40) | st.binary(max_size=40))
def test_any_text_is_decoded_or_refused(text: str | bytes) -> None:
    decoded, places = outcome(text)
    assert bool(decoded) is not bool(places)


@LAW
@given(json_values.filter(lambda value: "\\u0000" not in json.dumps(value)))
def test_strict_json_reads_what_json_writes_and_writes_it_the_same(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert dumps(loads(text)) == text
