"""EMPTY_ARRAY_…, EMPTY_OBJECT_…."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, trust, when

CASES = [
    pytest.param(policy(allow([])), "identity", [("EMPTY_ARRAY_ACTION", ["Statement/0/Action"])], id="actions"),
    pytest.param(
        policy(allow(resource=[])), "identity", [("EMPTY_ARRAY_RESOURCE", ["Statement/0/Resource"])], id="resources"
    ),
    pytest.param(
        policy(allow(Condition={})),
        "identity",
        [("EMPTY_OBJECT_CONDITION", ["Statement/0/Condition"])],
        id="conditions",
    ),
    pytest.param(
        policy(allow(Condition={"Bool": {}})),
        "identity",
        [("EMPTY_OBJECT_CONDITION", ["Statement/0/Condition/Bool"])],
        id="an operator",
    ),
    pytest.param(
        when("StringEquals", "aws:username", []),
        "identity",
        [("EMPTY_ARRAY_CONDITION", ["Statement/0/Condition/StringEquals/aws:username"])],
        id="values",
    ),
    pytest.param(
        when("ForAllValues:StringEquals", "aws:TagKeys", []),
        "identity",
        [("EMPTY_ARRAY_CONDITION_FORALLVALUES", ["Statement/0/Condition/ForAllValues:StringEquals/aws:TagKeys"])],
        id="values of all",
    ),
    pytest.param(
        when("ForAnyValue:StringEquals", "aws:TagKeys", []),
        "identity",
        [("EMPTY_ARRAY_CONDITION_FORANYVALUE", ["Statement/0/Condition/ForAnyValue:StringEquals/aws:TagKeys"])],
        id="values of any",
    ),
    pytest.param(
        when("StringEqualsIfExists", "aws:username", []),
        "identity",
        [("EMPTY_ARRAY_CONDITION_IFEXISTS", ["Statement/0/Condition/StringEqualsIfExists/aws:username"])],
        id="values that may be missing",
    ),
    pytest.param(
        trust({"AWS": []}), "trust", [("EMPTY_ARRAY_PRINCIPAL", ["Statement/0/Principal/AWS"])], id="principals"
    ),
    pytest.param(trust({}), "trust", [("EMPTY_OBJECT_PRINCIPAL", ["Statement/0/Principal"])], id="no principals"),
    pytest.param(policy(allow()), "identity", [], id="something"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("empty_arrays", text, kind) == expected
