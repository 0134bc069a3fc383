"""MISSING_ACTION_FOR_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

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
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("missing_action_for_key", text, kind) == expected
