"""What plain Denies take away from Allows."""

from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.denies import is_taken_away
from policystudio.engine.lint.tree import Document
from tests.engine.lint.helpers import allow, deny, policy

NOTEBOOKS = "arn:aws:sagemaker:*:*:notebook-instance/*"
MINE = "arn:aws:sagemaker:*:*:notebook-instance/mine"
WHEN = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.mark.parametrize(
    ("resource", "denies", "expected"),
    [
        ("*", [deny("sagemaker:CreateNotebookInstance")], True),
        ("*", [deny("sagemaker:Create*")], True),
        ("*", [deny("sagemaker:CreateModel")], False),
        ("*", [deny(None, NotAction="sagemaker:Describe*")], True),
        ("*", [deny(None, NotAction="sagemaker:Create*")], False),
        ("*", [deny("sagemaker:*", **WHEN)], False),
        ("*", [deny("sagemaker:*", NOTEBOOKS)], True),
        ("*", [deny("sagemaker:*", MINE)], False),
        (MINE, [deny("sagemaker:*", MINE)], True),
        (["*", MINE], [deny("sagemaker:*", MINE)], False),
        ("*", [deny("sagemaker:*", None, NotResource="arn:aws:s3:::*")], True),
        ("*", [deny("sagemaker:*", None, NotResource=MINE)], False),
        ("*", [], False),
    ],
)
def test_whether_anything_is_left(resource: Any, denies: list[Any], expected: bool) -> None:
    assert taken_away("sagemaker:CreateNotebookInstance", resource, denies) is expected


def test_one_type_that_every_request_needs_will_do() -> None:
    configurations = deny("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:*:endpoint-config/*")
    assert taken_away("sagemaker:CreateEndpoint", "*", [configurations])
    plans = deny("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-plan/*")
    assert not taken_away("sagemaker:CreateTrainingJob", "*", [plans])


def test_roles_of_one_account_are_not_all_roles() -> None:
    assert taken_away("iam:PassRole", "*", [deny("iam:PassRole", "arn:aws:iam::*:role/*")])
    assert not taken_away("iam:PassRole", "*", [deny("iam:PassRole", "arn:aws:iam::111122223333:role/*")])


def taken_away(action: str, resource: Any, denies: list[Any]) -> bool:
    """Of a policy of one Allow and these Denies."""
    document = Document.read(policy(allow(action, resource), *denies), PolicyKind.IDENTITY)
    return is_taken_away(document, document.statements[0], action)
