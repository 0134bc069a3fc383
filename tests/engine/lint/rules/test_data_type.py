"""DATA_TYPE_MISMATCH."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        policy(allow()).replace('"2012-10-17"', "2012"), "identity", [("DATA_TYPE_MISMATCH", ["Version"])], id="version"
    ),
    pytest.param(policy("x"), "identity", [("DATA_TYPE_MISMATCH", ["Statement/0"])], id="statement"),
    pytest.param(policy(allow(Effect=1)), "identity", [("DATA_TYPE_MISMATCH", ["Statement/0/Effect"])], id="effect"),
    pytest.param(
        policy(allow(["s3:GetObject", 5])),
        "identity",
        [("DATA_TYPE_MISMATCH", ["Statement/0/Action/1"])],
        id="an action",
    ),
    pytest.param(
        policy(allow(Condition=[])),
        "identity",
        [("DATA_TYPE_MISMATCH", ["Statement/0/Condition"])],
        id="a condition block",
    ),
    pytest.param(
        policy(allow(Condition={"Bool": "true"})),
        "identity",
        [("DATA_TYPE_MISMATCH", ["Statement/0/Condition/Bool"])],
        id="the keys of an operator",
    ),
    pytest.param(
        when("Bool", "aws:SecureTransport", {"a": 1}),
        "identity",
        [("DATA_TYPE_MISMATCH", ["Statement/0/Condition/Bool/aws:SecureTransport"])],
        id="a value",
    ),
    pytest.param(
        when("NumericLessThan", "aws:MultiFactorAuthAge", [5, True, "x"]),
        "identity",
        [],
        id="numbers and words as values",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("data_type", text, kind) == expected
