"""What is asked of "who can": read strictly, and written so that it is read the same again."""

import pytest

from policystudio.accounts.models import Account
from policystudio.simulator.question import QuestionError
from policystudio.simulator.who_can_question import WhoCanQuestion, who_can_question, who_can_to_query

ACCOUNT = Account(number="111122223333", name="research", partition="aws")
ENDPOINT = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/prod-1"
ROLE = "arn:aws:iam::111122223333:role/jobs/train"


def read(**values: str | list[str]) -> WhoCanQuestion:
    lists = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
    return who_can_question(ACCOUNT, {"action": ["sagemaker:DeleteEndpoint"], "resource": [ENDPOINT], **lists})


def problems(**values: str | list[str]) -> dict[str, str]:
    with pytest.raises(QuestionError) as caught:
        read(**values)
    return dict(caught.value.problems)


def test_defaults() -> None:
    question = read()
    assert (question.action, question.resource) == ("sagemaker:DeleteEndpoint", ENDPOINT)
    assert (question.owner, question.hops, question.context) == ("111122223333", 3, {})
    assert (question.verdicts, question.direct) == (frozenset(), False)
    assert question.types == ("endpoint",)


def test_everything_is_read_and_written_again() -> None:
    question = read(
        hops="1", verdict=["A", "SC"], direct="true", context=["aws:SourceIp=203.0.113.9", "aws:TagKeys=a", "!aws:x",
        "aws:TagKeys=b"],
    )  # fmt: skip
    assert question.context == {"aws:SourceIp": ("203.0.113.9",), "aws:TagKeys": ("a", "b"), "aws:x": ()}
    assert question.verdicts == frozenset("ASC")
    pairs = who_can_to_query(question)
    again = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    assert who_can_question(ACCOUNT, again) == question
    assert question.everything == read(hops="1", context=question_context(question))


def question_context(question: WhoCanQuestion) -> list[str]:
    return [value for name, value in who_can_to_query(question) if name == "context"]


@pytest.mark.parametrize(
    "written", ["sagemaker:deleteendpoint", "SageMaker:DELETEENDPOINT", " sagemaker:DeleteEndpoint "]
)
def test_actions_are_spelled_as_aws_does(written: str) -> None:
    assert read(action=written).action == "sagemaker:DeleteEndpoint"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("", "is not an action"),
        ("DeleteEndpoint", "is not an action"),
        ("sagemaker:Delete*", "is a pattern"),
        ("sagemaker:DeleteEndpiont", "did you mean `sagemaker:DeleteEndpoint`?"),
        ("sagemakr:DeleteEndpoint", "did you mean `sagemaker`?"),
        ("s3:getobjct", "did you mean `s3:GetObject`?"),
    ],
)
def test_what_is_no_action_is_told(action: str, said: str) -> None:
    assert said in problems(action=action)["action"]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("endpoint/prod-1", "is not an ARN of six parts"),
        ("arn:aws:sagemaker:eu-west-1:111122223333", "is not an ARN of six parts"),
        ("arn:aws:sagemaker:eu-west-1:111122223333:", "is not an ARN of six parts"),
        ("arn:aws-cn:sagemaker:cn-north-1:111122223333:endpoint/x", "another partition"),
        ("arn:*:sagemaker:eu-west-1:111122223333:endpoint/x", "must be written out"),
        ("arn:aws:sage*:eu-west-1:111122223333:endpoint/x", "must be written out"),
        ("arn:aws:sagemaker:eu-west-1:4444*:endpoint/x", "write the 12 digits of another one"),
        ("arn:aws:sagemaker:eu-west-1:42:endpoint/x", "is not an account of 12 digits"),
        (f"{ENDPOINT}{'*' * 11}", "with 10 wildcards"),
        (f"{ENDPOINT}{'x' * 2048}", "at most 2048 characters"),
    ],
)
def test_what_is_no_resource_is_told(resource: str, said: str) -> None:
    assert said in problems(resource=resource)["resource"]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"hops": "6"}, "hops"),
        ({"hops": "-1"}, "hops"),
        ({"hops": "three"}, "hops"),
        ({"verdict": "AX"}, "verdict"),
        ({"direct": "perhaps"}, "direct"),
        ({"context": "aws:SourceIp"}, "context"),
        ({"context": "SourceIp=1"}, "context"),
        ({"action": ["sagemaker:DeleteEndpoint", "sagemaker:DeleteModel"]}, "action"),
    ],
)
def test_other_parameters_are_refused_by_their_place(values: dict[str, str], place: str) -> None:
    assert list(problems(**values)) == [place]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert set(problems(action="x", resource="y", hops="z")) == {"action", "resource", "hops"}


@pytest.mark.parametrize(
    ("resource", "owner", "meant"),
    [
        ("arn:aws:sagemaker:*:*:endpoint/prod-*", "111122223333", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*"),
        ("arn:aws:sagemaker:*:1111*:endpoint/x", "111122223333", "arn:aws:sagemaker:*:111122223333:endpoint/x"),
        ("arn:aws:sagemaker:*:444455556666:endpoint/x", "444455556666", "arn:aws:sagemaker:*:444455556666:endpoint/x"),
        ("arn:aws:s3:::reports/*", "111122223333", "arn:aws:s3:::reports/*"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "111122223333", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ],
)
def test_who_owns_the_resource(resource: str, owner: str, meant: str) -> None:
    question = read(resource=resource)
    assert (question.owner, question.resource) == (owner, meant)


@pytest.mark.parametrize("resource", ["", "*"])
def test_any_resource_is_any_of_the_action_s_type(resource: str) -> None:
    assert read(resource=resource).resource == "arn:aws:sagemaker:*:111122223333:endpoint/*"
    assert read(resource=resource, action="sagemaker:ListModels").resource == "*"
    assert read(resource=resource, action="s3:GetObject").resource == "*"
    said = problems(resource=resource, action="sagemaker:AddAssociation")["resource"]
    assert "works on several types" in said
    assert "arn:aws:sagemaker:*:111122223333:action/*" in said


@pytest.mark.parametrize("resource", [ENDPOINT, f"{ROLE}*", "arn:aws:iam::111122223333:role/*", "*"])
def test_who_may_assume_is_asked_of_one_role(resource: str) -> None:
    assert read(action="sts:AssumeRole", resource=ROLE).by_trust
    assert "name one role" in problems(action="sts:AssumeRole", resource=resource)["resource"]


def test_which_keys_requests_may_carry() -> None:
    """SageMaker's by the catalogue, for the types that the resource may be of; of other services all of their own."""
    assert read(action="sagemaker:CreateModel", resource=ENDPOINT.replace("endpoint", "model")).sends(
        "sagemaker:vpcsubnets"
    )
    assert not read().sends("sagemaker:vpcsubnets")
    assert read().sends("sagemaker:resourcetag/team")
    assert not read().sends("s3:prefix")
    s3 = read(action="s3:ListBucket", resource="arn:aws:s3:::reports")
    assert [s3.sends(key) for key in ("s3:prefix", "saml:sub", "accounts.google.com:aud")] == [True] * 3
    assert not s3.sends("sagemaker:vpcsubnets")


def test_names_of_some_services_hold_colons() -> None:
    assert not read().colons
    assert read(action="s3:GetObject", resource="arn:aws:s3:::reports/*").colons
    assert read(action="logs:GetLogEvents", resource="arn:aws:logs:eu-west-1:111122223333:log-group:x:*").colons
