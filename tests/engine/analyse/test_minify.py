"""Shorter documents: what goes, what stays, and when nothing but white space does."""

import json
from typing import Any

import pytest

from policystudio.engine.analyse import minify as module
from policystudio.engine.analyse.minify import minify, says_the_same, without_space
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy

DATA = "arn:aws:s3:::data/*"


def written(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)}, indent=2)


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**more, "Effect": "Allow", "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:GetObject"), allow("s3:PutObject")], [allow(["s3:GetObject", "s3:PutObject"])]),
        ([allow("s3:GetObject", DATA), allow("s3:GetObject", [f"{DATA}x"])], [allow("s3:GetObject", DATA)]),
        (
            [allow("s3:GetObject", "arn:aws:s3:::a"), allow("s3:getobject", "arn:aws:s3:::b")],
            [allow("s3:GetObject", ["arn:aws:s3:::a", "arn:aws:s3:::b"])],
        ),
        ([allow(["s3:GetObject", "s3:Get*"])], [allow("s3:Get*")]),
        (
            [
                allow("s3:GetObject", DATA, Sid="Read"),
                allow("sqs:SendMessage", Sid="Send"),
                allow("s3:PutObject", DATA),
            ],
            [allow(["s3:GetObject", "s3:PutObject"], DATA), allow("sqs:SendMessage", Sid="Send")],
        ),
        ([allow(["sagemaker:MakeModel"])], [allow("sagemaker:MakeModel")]),
    ],
)
def test_what_becomes_of_statements(statements: list[Any], expected: list[Any]) -> None:
    found = minify(parse_policy(written(*statements)))
    given = json.loads(found.text)["Statement"]
    assert (given if isinstance(given, list) else [given]) == expected
    assert found.proved


def test_it_says_which_statements_became_one() -> None:
    found = minify(
        parse_policy(written(allow("s3:GetObject", DATA), allow("sqs:SendMessage"), allow("s3:PutObject", DATA)))
    )
    assert found.merged == ((0, 2),)


def test_version_and_order_stay() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}]}'
    assert minify(parse_policy(text)).text == (
        '{"Statement":{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"*"}}'
    )


def test_white_space_within_texts_stays() -> None:
    text = '{ "a b" : [ "c\\" d" ,\n 1.50 ] }'
    assert without_space(text) == '{"a b":["c\\" d",1.50]}'


def test_a_policy_that_names_principals_loses_white_space_alone() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    text = written(statement, statement)
    found = minify(parse_policy(text, PolicyKind.TRUST))
    assert (found.text, found.proved) == (without_space(text), False)


def test_what_is_not_proved_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "says_the_same", lambda *_args, **_more: False)
    text = written(allow("s3:GetObject"), allow("s3:PutObject"))
    found = minify(parse_policy(text))
    assert (found.text, found.proved, found.merged, found.dropped) == (without_space(text), False, (), ())


def test_service_control_policies_are_minified() -> None:
    found = minify(parse_policy(written(allow("s3:*"), allow("s3:GetObject")), PolicyKind.SERVICE_CONTROL))
    assert (json.loads(found.text)["Statement"]["Action"], found.proved) == ("s3:*", True)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (written(allow("s3:*")), True),
        (written(allow("s3:Get*")), False),
        (written(allow("s3:*"), {**allow("iam:*"), "Effect": "Deny"}), False),
        ("{}", False),
    ],
)
def test_the_proof_tells_documents_apart(other: str, same: bool) -> None:
    assert says_the_same(parse_policy(written(allow("s3:*"), allow("s3:GetObject"))), other) is same
