"""STUDIO_CONFUSED_DEPUTY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Service": "sagemaker.amazonaws.com"}),
        "trust",
        [("STUDIO_CONFUSED_DEPUTY", ["Statement/0/Principal/Service"])],
        id="open",
    ),
    pytest.param(
        trust(
            {"Service": "sagemaker.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}
        ),
        "trust",
        [],
        id="for one account",
    ),
    pytest.param(trust({"AWS": "111122223333"}), "trust", [], id="an account"),
    pytest.param(
        trust(
            {"Service": ["states.amazonaws.com", "ec2.amazonaws.com"]},
            Condition={"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
        ),
        "trust",
        [("STUDIO_CONFUSED_DEPUTY", ["Statement/0/Principal/Service/0"])],
        id="only where it is named",
    ),
    pytest.param(
        trust({"Service": "glue.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "*"}}),
        "trust",
        [("STUDIO_CONFUSED_DEPUTY", ["Statement/0/Principal/Service"])],
        id="for anything",
    ),
    pytest.param(
        trust({"Service": "glue.amazonaws.com"}, Condition={"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
        "trust",
        [("STUDIO_CONFUSED_DEPUTY", ["Statement/0/Principal/Service"])],
        id="for everybody but one",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_confused_deputy", text, kind) == expected
