"""Fixes: the finding is gone, and nothing else of the text is different."""

import json

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.findings.checks.documents import of_document
from policystudio.findings.checks.fixes import mended

ONE = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}'
IDENTITY, TRUST = PolicyKind.IDENTITY, PolicyKind.TRUST


def fixed(text: str, code: str, kind: PolicyKind = IDENTITY) -> str | None:
    found = next(one for one in of_document(text, kind) if one.code == code)
    return mended(text, kind, found, "111122223333")


def test_a_needless_statement_goes() -> None:
    text = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
  ]
}"""
    assert fixed(text, "STUDIO_STATEMENT_WITHOUT_EFFECT") == text.replace(
        ',\n    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}', ""
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["s3:Get*", "s3:GetObject"]', '["s3:Get*"]'),
        ('["s3:GetObject", "s3:Get*"]', '["s3:Get*"]'),
        ('["s3:GetObject", "s3:Get*", "s3:GetBucketAcl", "ec2:RunInstances"]', '["s3:Get*", "ec2:RunInstances"]'),
    ],
)
def test_what_another_entry_covers_goes(before: str, after: str) -> None:
    assert fixed(ONE % before, "REDUNDANT_ACTION") == ONE % after


def test_a_misspelt_action_is_written_as_the_finding_says() -> None:
    text = ONE % '"sagemaker:ListModell"'
    assert fixed(text, "INVALID_ACTION") == text.replace("ListModell", "ListModels")


def test_a_role_is_passed_to_sagemaker_alone() -> None:
    text = """{"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": "*"
  }]}"""
    after = fixed(text, "PASS_ROLE_WITH_STAR_IN_RESOURCE")
    assert after is not None
    assert after == text.replace(
        '"Resource": "*"',
        '"Resource": "*",\n    "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}',
    )


def test_a_statement_about_other_actions_too_gets_no_condition() -> None:
    text = ONE % '["iam:PassRole", "s3:GetObject"]'
    assert fixed(text, "PASS_ROLE_WITH_STAR_IN_RESOURCE") is None


def test_a_service_acts_for_the_account_alone() -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
        '"Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    )
    after = fixed(text, "STUDIO_CONFUSED_DEPUTY", TRUST)
    assert after is not None
    condition = json.loads(after)["Statement"][0]["Condition"]
    assert condition == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_the_version_is_written_first() -> None:
    text = '{\n  "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]\n}'
    assert fixed(text, "MISSING_VERSION") == text.replace('{\n  "S', '{\n  "Version": "2012-10-17",\n  "S')


def test_a_fix_that_would_leave_nothing_is_none() -> None:
    text = (ONE % '"sagemaker:CreateModel"').replace('"*"', '"arn:aws:sagemaker:*:*:endpoint/*"')
    assert fixed(text, "STUDIO_STATEMENT_WITHOUT_EFFECT") is None


def test_other_findings_have_no_fix() -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*:Get*", "Resource": "*"}]}'
    for found in of_document(text, IDENTITY):
        assert mended(text, IDENTITY, found, "111122223333") is None
