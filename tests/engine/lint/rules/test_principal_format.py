"""INVALID_PRINCIPAL_FORMAT, INVALID_PRINCIPAL_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust("111122223333"), "trust", [("INVALID_PRINCIPAL_FORMAT", ["Statement/0/Principal"])], id="a text"
    ),
    pytest.param(
        trust({"AWS": 111122223333}),
        "trust",
        [("INVALID_PRINCIPAL_FORMAT", ["Statement/0/Principal/AWS"])],
        id="a number",
    ),
    pytest.param(
        trust({"Aws": "111122223333"}),
        "trust",
        [("INVALID_PRINCIPAL_KEY", ["Statement/0/Principal/Aws"])],
        id="an unknown kind",
    ),
    pytest.param(trust({"AWS": ["111122223333"]}), "trust", [], id="as it should be"),
    pytest.param(trust("x"), "identity", [], id="an identity policy"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("principal_format", text, kind) == expected
