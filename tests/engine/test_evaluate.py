"""One policy against one request: the trace of every statement."""

import pytest

from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Element, Layer, StatementTrace
from policystudio.engine.document import PolicyKind
from policystudio.engine.evaluate import evaluate, failed_conditions
from policystudio.engine.request import Context, Principal, Request
from tests.engine.documents import OLD_VERSION, Json, allow, deny, named, policy

BOB = Principal.parse("arn:aws:iam::111122223333:user/bob")
MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/m1"


def traces(*statements: dict[str, Json], version: str = "2012-10-17", **context: str) -> tuple[StatementTrace, ...]:
    keys = {name.replace("_", ":", 1): value for name, value in context.items()}
    request = Request(BOB, "sagemaker:CreateModel", MODEL, context=Context(keys))
    return evaluate(named("p", *statements, version=version), request, Layer.IDENTITY, load_condition_keys())


def test_every_statement_has_its_trace_in_order() -> None:
    found = traces(allow("s3:*", Sid="A"), allow("sagemaker:*", Sid="B"), deny(Sid="C"))
    assert [(trace.statement.sid, trace.matched, trace.failed) for trace in found] == [
        ("A", False, Element.ACTION),
        ("B", True, None),
        ("C", True, None),
    ]
    assert {(trace.policy, trace.layer, trace.level) for trace in found} == {("p", Layer.IDENTITY, None)}


def test_the_level_is_kept() -> None:
    request = Request(BOB, "sagemaker:CreateModel", MODEL)
    scp = named("scp", allow(), kind=PolicyKind.SERVICE_CONTROL)
    (trace,) = evaluate(scp, request, Layer.SERVICE_CONTROL, load_condition_keys(), 2)
    assert trace.level == 2


def test_all_conditions_that_fail_are_told() -> None:
    block = {
        "StringEquals": {"aws:RequestTag/team": "ml", "aws:RequestTag/stage": "dev"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    (trace,) = traces(allow(Condition=block), **{"aws_SecureTransport": "true", "aws_RequestTag/stage": "prod"})
    assert trace.failed is Element.CONDITION
    assert [(condition.name, condition.key) for condition in trace.failed_conditions] == [
        ("StringEquals", "aws:RequestTag/team"),
        ("StringEquals", "aws:RequestTag/stage"),
    ]
    assert trace.missing_keys == ("aws:RequestTag/team",)


def test_a_statement_without_conditions_fails_none() -> None:
    document = policy(allow())
    assert failed_conditions(document.statements[0], Context(), load_condition_keys(), True) == ()


class TestMissingKeys:
    def test_they_are_told_as_the_policy_writes_them_each_once(self) -> None:
        block = {"StringEquals": {"AWS:RequestTag/Team": "ml"}, "Null": {"aws:requesttag/team": "false"}}
        (trace,) = traces(allow(Condition=block))
        assert trace.missing_keys == ("AWS:RequestTag/Team",)

    def test_a_matching_statement_tells_them_too(self) -> None:
        (trace,) = traces(deny(Condition={"StringNotEquals": {"aws:RequestTag/team": "ml"}}))
        assert trace.matched
        assert trace.missing_keys == ("aws:RequestTag/team",)

    @pytest.mark.parametrize(
        "statement",
        [
            allow("s3:*"),
            allow("s3:*", "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/team}"),
            allow(Resource="arn:aws:s3:::b"),
        ],
    )
    def test_a_statement_about_something_else_tells_none(self, statement: dict[str, Json]) -> None:
        (trace,) = traces({**statement, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})
        assert trace.missing_keys == ()

    def test_variables_of_conditions_count(self) -> None:
        block = {"StringEquals": {"aws:RequestTag/owner": "${aws:UserName}"}}
        (trace,) = traces(allow(Condition=block), **{"aws_RequestTag/owner": "bob"})
        assert trace.missing_keys == ("aws:UserName",)

    def test_variables_of_operators_without_variables_do_not(self) -> None:
        block = {"StringLike": {"aws:RequestTag/owner": "${*}"}}
        (trace,) = traces(allow(Condition=block), **{"aws_RequestTag/owner": "*"})
        assert trace.matched
        assert trace.missing_keys == ()

    def test_variables_of_a_matching_resource_count(self) -> None:
        (trace,) = traces(allow(Resource=["arn:aws:s3:::${aws:username}", MODEL]))
        assert trace.matched
        assert trace.missing_keys == ("aws:username",)

    def test_a_variable_that_alone_keeps_the_resource_from_matching_counts(self) -> None:
        (trace,) = traces(allow(Resource="arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/team}*"))
        assert trace.failed is Element.RESOURCE
        assert trace.missing_keys == ("aws:PrincipalTag/team",)

    def test_a_variable_that_could_not_make_it_match_does_not(self) -> None:
        (trace,) = traces(allow(Resource="arn:aws:sagemaker:*:*:endpoint/${aws:PrincipalTag/team}"))
        assert trace.missing_keys == ()

    def test_nor_does_one_before_the_fifth_colon(self) -> None:
        (trace,) = traces(allow(Resource="arn:aws:sagemaker:${aws:RequestedRegion}:*:model/*"))
        assert trace.missing_keys == ()

    def test_variables_of_not_resource_count(self) -> None:
        (trace,) = traces(deny(NotResource="arn:aws:sagemaker:*:*:model/${aws:username}"))
        assert trace.matched
        assert trace.missing_keys == ("aws:username",)

    def test_the_old_version_reads_no_variables(self) -> None:
        statement = allow(Condition={"StringEquals": {"aws:RequestTag/owner": "${aws:username}"}})
        (trace,) = traces(statement, version=OLD_VERSION)
        assert trace.missing_keys == ("aws:RequestTag/owner",)
