"""Whether the name of a role's session matters to what its policies say of `aws:userid`."""

import pytest

from policystudio.engine.exact.sessions import reads_user_id, session_matters
from tests.engine.documents import Json, allow, named

ROLE = "AROAEXAMPLEEXEC"


@pytest.mark.parametrize(
    ("condition", "matters"),
    [
        ({"StringLike": {"aws:userid": f"{ROLE}:*"}}, False),
        ({"StringNotLike": {"AWS:UserId": [f"{ROLE}*", "AROAOTHER:*"]}}, False),
        ({"StringLike": {"aws:userid": "AROAOTHER:dana"}}, False),
        ({"StringEquals": {"aws:userid": ["AIDAEXAMPLE", ROLE, ""]}}, False),
        ({"Null": {"aws:userid": "false"}}, False),
        ({"StringLike": {"aws:userid": f"{ROLE}:dana*"}}, True),
        ({"StringLike": {"aws:userid": "*a"}}, True),
        ({"StringEquals": {"aws:userid": f"{ROLE}:dana"}}, True),
        ({"StringNotEqualsIgnoreCase": {"aws:userid": f"{ROLE.lower()}:dana"}}, True),
        ({"StringEquals": {"aws:userid": "${aws:PrincipalTag/session}"}}, True),
        ({"ArnLike": {"aws:userid": "arn:*"}}, True),
        ({"StringEquals": {"aws:ResourceTag/owner": "${aws:userid}"}}, True),
        ({"StringEquals": {"aws:ResourceTag/owner": "aws:userid"}}, False),
    ],
)
def test_the_name_matters_where_a_condition_may_tell_two_sessions_apart(condition: Json, matters: bool) -> None:
    policy = named("policy", allow("sagemaker:*", Condition=condition)).policy
    assert session_matters([policy], ROLE) is matters
    assert reads_user_id(policy) or not matters


def test_a_variable_in_a_resource_is_a_name() -> None:
    text = "arn:aws:sagemaker:*:*:model/${aws:userid}-*"
    assert session_matters([named("new", allow("sagemaker:*", text)).policy], ROLE)
    assert not session_matters([named("old", allow("sagemaker:*", text), version=None).policy], ROLE)
    assert not reads_user_id(named("old", allow("sagemaker:*", text), version=None).policy)
