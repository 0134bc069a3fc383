"""The question about an operation, read from a query string and written again."""

import pytest

from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.scenario_question import (
    ScenarioQuestion,
    resource_names,
    scenario_from_query,
    scenario_to_query,
)

ANA = ("identity", "arn:aws:iam::111122223333:user/ana")
TRAIN = ("operation", "CreateTrainingJob")
ROLE = "arn:aws:iam::111122223333:role/train"
JOB = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/x"


def read(*pairs: tuple[str, str]) -> ScenarioQuestion:
    return scenario_from_query(ListQuery(pairs))


def test_all_parameters() -> None:
    asked = read(
        ("operation", "sagemaker:createtrainingjob"),
        ANA,
        ("role", ROLE),
        ("resource", f"training-job={JOB}"),
        ("tag", "team=ml"),
        ("tag", "note=a=b"),
        ("with", "vpc"),
        ("without", "algorithm"),
        ("region", "eu-west-1"),
        ("context", "aws:SourceIp=203.0.113.7"),
        ("exclude", "boundary"),
    )
    assert asked.operation == "CreateTrainingJob"
    assert asked.resources == {"training-job": JOB}
    assert asked.tags == {"team": "ml", "note": "a=b"}
    assert asked.given == {"vpc", "tags", "role"}
    assert asked.not_given == {"algorithm"}
    assert asked.question.region == "eu-west-1"
    assert asked.question.what_if.exclude == ("boundary",)


def test_what_is_written_is_read_again() -> None:
    pairs = [
        TRAIN,
        ANA,
        ("role", ROLE),
        ("resource", f"training-job={JOB}"),
        ("resource", "volume-key=arn:aws:kms:eu-west-1:111122223333:key/k"),
        ("tag", "team=ml"),
        ("with", "vpc"),
        ("without", "rstudio"),
        ("region", "eu-west-1"),
        ("context", "!aws:SourceVpce"),
    ]
    asked = read(*pairs)
    assert scenario_to_query(asked) == pairs
    assert read(*scenario_to_query(asked)) == asked


@pytest.mark.parametrize(
    ("resource", "switch"),
    [
        ("volume-key=arn:aws:kms:eu-west-1:111122223333:key/k", "volume-key"),
        ("input-key=arn:aws:kms:eu-west-1:111122223333:key/k", "input-key"),
        ("algorithm=arn:aws:sagemaker:eu-west-1:111122223333:algorithm/a", "algorithm"),
    ],
)
def test_naming_a_thing_says_that_it_is_there(resource: str, switch: str) -> None:
    assert switch in read(TRAIN, ANA, ("resource", resource)).given


@pytest.mark.parametrize(
    ("pairs", "name", "message"),
    [
        ([ANA], "operation", "is needed"),
        ([TRAIN], "identity", "is needed"),
        ([TRAIN, ("identity", "ana")], "identity", "`ana`"),
        ([TRAIN, ANA, ("role", "x")], "role", "`x`"),
        ([("operation", "CreateEndpoint"), ANA, ("role", ROLE)], "role", "CreateEndpoint passes no role"),
        ([("operation", "CreateEndpoin"), ANA], "operation", "did you mean CreateEndpoint?"),
        ([TRAIN, TRAIN, ("operation", "CreateModel"), ANA], "operation", "give it once"),
        ([TRAIN, ANA, ("with", "wings")], "with", "`wings` is not one of tags"),
        ([TRAIN, ANA, ("without", "tags"), ("tag", "a=b")], "without", "`tags` cannot be left out"),
        ([TRAIN, ANA, ("with", "vpc"), ("without", "vpc")], "without", "`vpc` cannot be left out"),
        ([TRAIN, ANA, ("resource", f"model={JOB}")], "resource", "`model` is not one of training-job"),
        ([TRAIN, ANA, ("resource", "training-job=x")], "resource", "`x`"),
        ([TRAIN, ANA, ("resource", f"training-job={JOB}?")], "resource", "use `*`"),
        ([TRAIN, ANA, ("resource", f"training-job={JOB}${{a}}")], "resource", "use `*`"),
        ([TRAIN, ANA, ("resource", JOB)], "resource", "is not key=value"),
        ([TRAIN, ANA, ("tag", "=x")], "tag", "is not key=value"),
        ([TRAIN, ANA, *[("tag", f"k{number}=v") for number in range(51)]], "tag", "at most 50 tags"),
        ([TRAIN, ANA, ("context", "x")], "context", "`x` is not key=value"),
        ([TRAIN, ANA, ("add", "{")], "add", "policy 1"),
        ([("operation", "ListModels"), ANA, ("resource", f"model={JOB}")], "resource", "name no resource"),
    ],
)
def test_what_is_not_understood_is_named(pairs: list[tuple[str, str]], name: str, message: str) -> None:
    with pytest.raises(QuestionError) as caught:
        read(*pairs)
    assert [problem for problem in caught.value.problems if problem[0] == name and message in problem[1]], caught.value


def test_the_resources_that_can_be_named() -> None:
    names = resource_names(read(TRAIN, ANA).plan)
    assert names == (
        "training-job", "reserved-capacity", "training-plan",
        "input", "output", "image", "input-key", "output-key", "volume-key", "algorithm",
    )  # fmt: skip
