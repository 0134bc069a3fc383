"""MISSING_ACTION_FOR_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, deny, found, policy, trust, when

CASES = [
    pytest.param(
        trust({"AWS": "111122223333"}, Condition={"StringLike": {"sts:SourceIdentity": "a*"}}),
        "trust",
        [("MISSING_ACTION_FOR_CONDITION_KEY", ["Statement/0/Condition/StringLike/sts:SourceIdentity"])],
        id="the action is missing",
    ),
    pytest.param(
        trust(
            {"AWS": "111122223333"},
            ["sts:AssumeRole", "sts:SetSourceIdentity"],
            Condition={"StringLike": {"sts:SourceIdentity": "a*"}},
        ),
        "trust",
        [],
        id="it is there",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html: of every policy
    pytest.param(
        when("StringLike", "sts:SourceIdentity", "a*", Action="sts:AssumeRole"),
        "identity",
        [("MISSING_ACTION_FOR_CONDITION_KEY", ["Statement/0/Condition/StringLike/sts:SourceIdentity"])],
        id="missing in an identity policy",
    ),
    pytest.param(when("StringLike", "sts:SourceIdentity", "a*", Action="sts:Set*"), "identity", [], id="by a pattern"),
    pytest.param(
        policy(deny("sts:AssumeRole", Condition={"StringLike": {"sts:SourceIdentity": "a*"}})),
        "scp",
        [],
        id="a Deny",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("missing_action_for_key", text, kind) == expected
