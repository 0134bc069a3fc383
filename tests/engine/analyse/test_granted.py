"""Whether access is granted throughout, and whether it is granted at all: with a request that says otherwise."""

import json
from typing import Any

import pytest

from policystudio.engine.analyse.compare import access_granted, access_not_granted
from policystudio.engine.analyse.comparison import Effective
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack, Principal

ANA = Principal.parse("arn:aws:iam::111122223333:user/ana")
MODELS = "arn:aws:sagemaker:*:111122223333:model/"
DENIED_ABROAD = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
}


def effective(
    *statements: dict[str, Any], known: dict[str, tuple[str, ...]] | None = None, closed: bool = False
) -> Effective:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    stack = PolicyStack(identity_policies=(NamedPolicy("policy", parse_policy(text)),))
    return Effective(stack, Facts(known or {}, ("",) if closed else ()), ANA)


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("resource", "granted"),
    [(f"{MODELS}churn-7", True), (f"{MODELS}churn-*", True), (f"{MODELS}*", False), (f"{MODELS}other", False)],
)
def test_every_resource_counts(resource: str, granted: bool) -> None:
    found = access_granted(
        effective(allow("sagemaker:DescribeModel", f"{MODELS}churn-*")), ["sagemaker:DescribeModel"], [resource]
    )
    assert found.granted is granted
    if not granted:
        assert found.witness is not None
        assert "model/churn-" not in found.witness.resource


def test_every_action_counts() -> None:
    models = effective(allow("sagemaker:Describe*"))
    assert access_granted(models, ["sagemaker:DescribeModel", "sagemaker:DescribeEndpoint"]).granted is True
    found = access_granted(models, ["sagemaker:*Model"])
    assert found.granted is False
    assert found.witness is not None
    assert found.witness.action.startswith("sagemaker:")
    assert not found.witness.action.startswith("sagemaker:Describe")


def test_every_context_counts_that_the_facts_leave_open() -> None:
    both = allow("sagemaker:DescribeModel"), DENIED_ABROAD
    asked = ["sagemaker:DescribeModel"], [f"{MODELS}churn"]
    free = access_granted(effective(*both), *asked)
    assert free.granted is False
    assert free.witness is not None
    known = {"aws:requestedregion": ("eu-west-1",)}
    assert access_granted(effective(*both, known=known), *asked).granted is True
    # Nothing else is in the request: the negated operator matches an absent key.
    assert access_granted(effective(*both, closed=True), *asked).granted is False
    assert access_granted(effective(*both, known=known, closed=True), *asked).granted is True


def test_granted_somewhere_and_granted_throughout_are_opposites_at_the_ends() -> None:
    asked = ["sagemaker:DescribeModel"], [f"{MODELS}*"]
    nothing, everything = effective(allow("s3:*")), effective(allow("sagemaker:*"))
    some = effective(allow("sagemaker:*", f"{MODELS}churn"))
    assert [access_not_granted(one, *asked).granted for one in (nothing, some, everything)] == [False, True, True]
    assert [access_granted(one, *asked).granted for one in (nothing, some, everything)] == [False, False, True]
