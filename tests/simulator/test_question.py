"""A question stands whole in a URL, and what was not understood is named."""

import pytest

from policystudio.simulator.question import ListQuery, Question, QuestionError, question_from_query, question_to_query

POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


def read(*pairs: tuple[str, str]) -> Question:
    return question_from_query(ListQuery(pairs))


@pytest.mark.parametrize(
    "pairs",
    [
        (),
        (("kind", "user"), ("path", "/people/"), ("name", "a*"), ("tag", "team=ml")),
        (("tag", "team"), ("identity", "arn:aws:iam::111122223333:user/a")),
        (("level", "Write"), ("action", "Create*"), ("type", "model"), ("type", "endpoint")),
        (("region", "eu-west-1"), ("context", "aws:TagKeys=a"), ("context", "aws:TagKeys=b")),
        (("context", "!aws:MultiFactorAuthPresent"),),
        (("exclude", "boundary"), ("exclude", "inline:ana/own"), ("add", POLICY)),
        (("add", "arn:aws:iam::aws:policy/ReadOnlyAccess"), ("verdict", "A"), ("verdict", "S")),
    ],
)
def test_a_question_comes_back_from_its_own_query(pairs: tuple[tuple[str, str], ...]) -> None:
    question = read(*pairs)
    assert read(*question_to_query(question)) == question
    assert sorted(question_to_query(question)) == sorted(pairs)


@pytest.mark.parametrize(
    ("pair", "part"),
    [
        (("kind", "robot"), "`robot` is not one of user, group, role, root"),
        (("level", "Delete"), "`Delete` is not one of List"),
        (("type", "notebook"), "`notebook` is not a SageMaker resource type"),
        (("identity", "ana"), "`ana` is not an ARN"),
        (("region", "us east"), "`us east` is not the code of a Region"),
        (("context", "aws:SourceIp"), "`aws:SourceIp` is not key=value"),
        (("context", "MFA=true"), "`MFA=true` is not key=value"),
        (("exclude", "own"), "is no managed policy's ARN"),
        (("add", '{"Statement": []'), "policy 1, line 1"),
        (("verdict", "X"), "`X` is not one of the letters"),
    ],
)
def test_what_is_not_understood_is_named(pair: tuple[str, str], part: str) -> None:
    with pytest.raises(QuestionError) as raised:
        read(pair)
    (name, message), *_ = raised.value.problems
    assert name == pair[0]
    assert part in message


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(QuestionError) as raised:
        read(("kind", "robot"), ("region", "?"), ("name", "a"), ("name", "b"))
    assert [name for name, _ in raised.value.problems] == ["kind", "name", "region"]
