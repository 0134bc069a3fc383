"""MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Service": "rolesanywhere.amazonaws.com"}),
        "trust",
        [("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", ["Statement/0/Action"])],
        id="one action",
    ),
    pytest.param(
        trust(
            {"Service": "rolesanywhere.amazonaws.com"}, ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        ),
        "trust",
        [],
        id="three actions",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("roles_anywhere", text, kind) == expected
