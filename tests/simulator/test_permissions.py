"""Any permission on any resource: the verdicts of columns that the catalogue's grid does not have."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import RowInput
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.simulator.permissions import Permission, letters_of
from tests.factories import as_text

ACCOUNT = Account(number="111122223333", name="research", partition="aws")
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectNameWithPath}"
BUCKET = "arn:${Partition}:s3:::${BucketName}"
KEY = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
LOGS = "arn:${Partition}:logs:${Region}:${Account}:log-group:/aws/sagemaker/TrainingJobs"
LOG_GROUP = Permission("logs:CreateLogGroup", "log-group", LOGS)


def row(*statements: dict[str, Any]) -> RowInput:
    text = as_text({"Version": "2012-10-17", "Statement": list(statements)})
    return RowInput(PolicyStack((NamedPolicy("p", parse_policy(text, PolicyKind.IDENTITY)),)), Facts({}))


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def get(arn: str) -> Permission:
    return Permission("s3:GetObject", "object", arn)


@pytest.mark.parametrize(
    ("statement", "asked", "letter"),
    [
        (allow("s3:GetObject", "arn:aws:s3:::data/*"), get(OBJECT), "S"),
        (allow("s3:GetObject", "arn:aws:s3:::data/*"), get("arn:aws:s3:::data/a/b"), "A"),
        (allow("s3:GetObject", "arn:aws:s3:::data/*"), get("arn:aws:s3:::data/a/*"), "A"),
        (allow("s3:GetObject", "arn:aws:s3:::data/a*"), get("arn:aws:s3:::data/*"), "S"),
        (allow("s3:GetObject", "arn:aws:s3:::data/*"), get("arn:aws:s3:::data2/a"), "I"),
        (allow("s3:ListBucket", "arn:aws:s3:::data"), Permission("s3:ListBucket", "bucket", BUCKET), "S"),
        (allow("S3:getobject", "arn:aws:s3:::*"), get(OBJECT), "A"),
        (allow("ec2:DescribeVpcs"), Permission("ec2:DescribeVpcs"), "A"),
        (allow("ec2:DescribeVpcs", "arn:aws:ec2:*:*:vpc/*"), Permission("ec2:DescribeVpcs"), "I"),
        (allow("logs:*", "arn:aws:logs:*:*:log-group:/aws/sagemaker/*"), LOG_GROUP, "A"),
        (allow("logs:*", "arn:aws:logs:*:*:log-group:/aws/lambda/*"), LOG_GROUP, "I"),
    ],
)  # fmt: skip
def test_resources_of_other_services(statement: dict[str, Any], asked: Permission, letter: str) -> None:
    assert letters_of(ACCOUNT, row(statement), [asked]) == letter


@pytest.mark.parametrize(
    ("condition", "asked", "letter"),
    [
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, Permission("kms:CreateGrant", "key", KEY), "C"),
        ({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
         Permission("iam:PassRole", "role", ROLE, {"iam:passedtoservice": ("sagemaker.amazonaws.com",)}), "A"),
        ({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
         Permission("iam:PassRole", "role", ROLE, {"iam:passedtoservice": ("sagemaker.amazonaws.com",)}), "I"),
        ({"ArnLike": {"iam:PolicyARN": "*"}}, Permission("iam:PassRole", "role", ROLE), "I"),
        ({"Null": {"aws:RequestTag/team": "false"}},
         Permission("iam:PassRole", "role", ROLE, {"aws:requesttag/": ()}), "I"),
    ],
)  # fmt: skip
def test_keys_that_a_request_may_carry(condition: dict[str, Any], asked: Permission, letter: str) -> None:
    assert letters_of(ACCOUNT, row(allow("*", Condition=condition)), [asked]) == letter


def test_several_resources_of_one_type_are_told_apart() -> None:
    roles = [f"arn:aws:iam::111122223333:role/{name}" for name in ("jobs/a", "b", "jobs/c")]
    wanted = [Permission("iam:PassRole", "role", arn) for arn in roles]
    limited = row(allow("iam:PassRole", "arn:aws:iam::111122223333:role/jobs/*"))
    assert letters_of(ACCOUNT, limited, wanted) == "AIA"


def test_sagemakers_own_actions_keep_their_keys() -> None:
    model = "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}"
    wanted = [Permission("sagemaker:CreateModel", "model", model)]
    isolated = row(allow("sagemaker:*", Condition={"Bool": {"sagemaker:NetworkIsolation": "true"}}))
    rooted = row(allow("sagemaker:*", Condition={"StringEquals": {"sagemaker:RootAccess": "Enabled"}}))
    assert letters_of(ACCOUNT, isolated, wanted) == "C"
    assert letters_of(ACCOUNT, rooted, wanted) == "I"  # SageMaker never sends it for a model
