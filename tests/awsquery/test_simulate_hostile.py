"""Whatever is sent to the simulator is answered or refused, never a failure of ours."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from policystudio.accounts.models import Account
from policystudio.awsquery import auth
from tests import factories as make
from tests.support.aws_calls import make_caller

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
ODD = [
    "",
    "*",
    "arn:::::",
    "arn:aws:iam::111122223333:role/",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/train",
    "arn:aws:iam::111122223333:group/team",
    "arn:é:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:root",
    "arn:aws:s3:::bucket/\u2028\n${aws:username}",
    "arn:aws:sagemaker:eu-west-1:999999999999:model/*",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:iam::aws:policy/*",
    "arn:aws:iam::aws:policy/a**",
    "aws:username",
    "aws:SourceIp",
    "sts:AssumeRole",
    "iam:PassRole",
    "sagemaker:CreateModel",
    "string",
    "stringList",
    "numeric",
    "dateList",
    "1e999999999",
    "9" * 400,
    "0001-01-01T00:00:00+23:59",
    "::ffff:0:0/200",
    "true",
    "inline",
    "scp",
    "EC2-VPC-EBS",
    "a\tb",
    "{",
    '{"Statement": []}',
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    '{"Statement": {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "NotResource": "a"}}',
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "arn:aws:s3:::${aws:username}",
                "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "1e9"}, "Null": {"aws:username": "x"}},
            },
        }
    ),
    "[" * 2_000,
]
NAMES = [
    "PolicySourceArn",
    "CallerArn",
    "ResourceOwner",
    "ResourcePolicy",
    "ResourceHandlingOption",
    "Marker",
    "MaxItems",
    "PolicyInputList",
    "ActionNames",
    *(
        f"{name}.member.{number}"
        for number in (1, 2)
        for name in (
            "PolicyInputList",
            "PermissionsBoundaryPolicyInputList",
            "ActionNames",
            "ResourceArns",
            "ContextEntries.member.1.ContextKeyValues",
            "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList",
        )
    ),
    *(f"ContextEntries.member.1.{name}" for name in ("ContextKeyName", "ContextKeyType")),
    "PolicyExclusionList.member.1.PolicyArn",
    "PolicyExclusionList.member.1.PolicyType",
    *(f"PolicyExclusionList.member.1.InlinePolicyIdentifier.{name}" for name in ("PolicyName", "AttachmentName")),
]
ACTIONS = [
    "SimulatePrincipalPolicy",
    "SimulateCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
    "GetContextKeysForCustomPolicy",
]
#: What is well enough to get behind the first door, most of the time.
BASES: dict[str, dict[str, str]] = {
    "SimulatePrincipalPolicy": {
        "PolicySourceArn": "arn:aws:iam::111122223333:user/ana",
        "ActionNames.member.1": "sagemaker:CreateModel",
    },
    "SimulateCustomPolicy": {"PolicyInputList.member.1": ODD[-4], "ActionNames.member.1": "sts:AssumeRole"},
    "GetContextKeysForPrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::111122223333:role/train"},
    "GetContextKeysForCustomPolicy": {"PolicyInputList.member.1": ODD[-2]},
}


@pytest.fixture
def account(db: None) -> Account:
    account = make.make_account(NUMBER)
    ana = make.make_identity(account, "user", "ana")
    make.make_inline_policy(ana)
    make.make_identity(account, "role", "train")
    make.join(ana, make.make_identity(account, "group", "team"))
    return account


@given(st.sampled_from(ACTIONS), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ODD), max_size=6))
@hypothesis_settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_answered_or_refused(account: Account, action: str, more: dict[str, str]) -> None:
    caller = make_caller_once(account)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "authenticate", lambda _request, _service: caller)
        response = Client().get("/aws/", {"Action": action, "Version": "2010-05-08", **BASES[action], **more})
    assert response.status_code in {200, 400, 404}, response.content
    assert b"InternalFailure" not in response.content


_callers: dict[int, Any] = {}


def make_caller_once(account: Account) -> Any:
    """One caller for all examples of a test."""
    if account.pk not in _callers:
        _callers.clear()
        _callers[account.pk] = make_caller(account)
    return _callers[account.pk]


#: What an answer costs, whatever the number of actions: the role, the place in the organization, what is read once.
FIRST, AGAIN = 14, 4


def test_the_second_request_reads_what_may_have_changed_and_no_more(
    account: Account, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(auth, "authenticate", lambda _request, _service: caller)
    caller = make_caller(account)
    asked = {
        "Action": "SimulatePrincipalPolicy",
        "Version": "2010-05-08",
        **BASES["SimulatePrincipalPolicy"],
        **{f"ActionNames.member.{number}": f"sagemaker:Describe{number}" for number in range(1, 101)},
        "ResourceArns.member.1": "arn:aws:sagemaker:eu-west-1:111122223333:model/m",
    }
    for most in (FIRST, AGAIN):
        with django_assert_max_num_queries(most):
            response = Client().get("/aws/", asked)
        assert response.content.count(b"<EvalActionName>") == 100
