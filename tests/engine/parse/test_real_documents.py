"""Documents that AWS itself wrote: every one of its managed policies is read."""

import ast
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy, places
from tests.engine.parse.helpers import problems

DATA = Path(__file__).parent.parent / "data"


@cache
def managed_documents() -> dict[str, Any]:
    """The documents of AWS's managed policies as moto's data file has them; the file is read, not run."""
    spec = find_spec("moto")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "iam" / "aws_managed_policies.py"
    (assignment,) = ast.parse(file.read_text()).body
    assert isinstance(assignment, ast.Assign)
    policies = json.loads(ast.literal_eval(assignment.value))
    return {name: policy["Document"] for name, policy in policies.items()}


def test_every_policy_that_aws_manages_is_read() -> None:
    documents = managed_documents()
    assert len(documents) > 1500
    refused = {name: problems(json.dumps(each, separators=(",", ":"))) for name, each in documents.items()}
    assert {name: found for name, found in refused.items() if found} == {}


def test_every_statement_and_element_is_there() -> None:
    for each in managed_documents().values():
        statements = each["Statement"] if isinstance(each["Statement"], list) else [each["Statement"]]
        policy = parse_policy(json.dumps(each))
        assert [one.effect for one in policy.statements] == [one["Effect"] for one in statements]
        for parsed, written in zip(policy.statements, statements, strict=True):
            assert parsed.sid == written.get("Sid")
            assert list(parsed.actions) == as_list(written.get("Action", []))
            assert list(parsed.not_actions) == as_list(written.get("NotAction", []))
            assert list(parsed.resources) == as_list(written.get("Resource", []))
            assert list(parsed.not_resources) == as_list(written.get("NotResource", []))
            assert sum(len(keys) for keys in written.get("Condition", {}).values()) == len(parsed.conditions)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("indent", [None, 4])
def test_the_largest_policy_is_read_in_any_layout(indent: int | None) -> None:
    """Every account has it, although it passes the limit of IAM's own API."""
    text = json.dumps(managed_documents()["AWSSupportServiceRolePolicy"], indent=indent)
    assert len(text) > 131_072
    assert parse_policy(text)


def test_documents_that_policy_validation_has_read() -> None:
    documents = json.loads((DATA / "aws_managed_documents.json").read_text())
    assert len(documents) == 33
    for text in documents.values():
        for statement in parse_policy(text).statements:
            assert text[statement.span.end.offset - 1] == "}"
        whole = places(text)[()]
        assert (whole.start.offset, whole.end.offset) == (0, len(text))


CONSOLE_TRUST = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "", "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
    {"Sid": "", "Effect": "Allow", "Principal": {"AWS": "AIDAJQABLZS4A3QDU576Q"}, "Action": "sts:AssumeRole",
     "Condition": {}},
    {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/ADFS"},
     "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}},
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}}
  ]
}"""
BUCKET = """{
  "Version": "2008-10-17", "Id": "PolicyForCloudFrontPrivateContent",
  "Statement": [{"Sid": " Grant a CloudFront Origin Identity access", "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"},
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]
}"""
ENDPOINT = '{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*","Principal":"*"}]}'
KEY = """{
  "Version": "2012-10-17", "Id": "key-default-1",
  "Statement": [{"Sid": "Enable IAM User Permissions", "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]
}"""
REPOSITORY = """{
  "Version": "2012-10-17",
  "Statement": [{"Sid": "AllowPull", "Effect": "Allow", "Principal": {"AWS": "123456789012"},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]
}"""
REGIONS = """{
  "Version": "2012-10-17",
  "Statement": [{"Sid": "DenyAllOutsideEU", "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
                  "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]}}}]
}"""
FULL_ACCESS = """{"Version":"2012-10-17","Statement":[
  {"Sid":"RCPFullAWSAccess","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CONSOLE_TRUST, PolicyKind.TRUST),
        (BUCKET, PolicyKind.RESOURCE),
        (ENDPOINT, PolicyKind.RESOURCE),
        (KEY, PolicyKind.RESOURCE),
        (REPOSITORY, PolicyKind.RESOURCE),
        (REGIONS, PolicyKind.SERVICE_CONTROL),
        (FULL_ACCESS, PolicyKind.RESOURCE_CONTROL),
    ],
)
def test_what_consoles_and_guides_write(text: str, kind: PolicyKind) -> None:
    assert problems(text, kind) == ()
