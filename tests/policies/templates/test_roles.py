"""Execution roles can do what AWS says that they need, and let SageMaker in, and nobody else."""

import json
import re
from dataclasses import replace

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.decision import Verdict
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from policystudio.policies.templates.checking import stack_of
from policystudio.policies.templates.library import TEMPLATES
from tests.policies.templates.examples import ACCOUNT, BY_BOTH, BY_NAME, KEY, rendered

#: What the role of an operation needs in circumstances that our roles are not about.
ELSEWHERE = {"algorithm"}
OPERATIONS = {
    "execution-training": "CreateTrainingJob",
    "execution-processing": "CreateProcessingJob",
    "execution-endpoints": "CreateModel",
}
EC2 = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:"
VALUES = {
    "BucketName": "churn-data",
    "ObjectNameWithPath": "train.csv",
    "Partition": "aws",
    "Region": "eu-west-1",
    "Account": ACCOUNT,
}
PLACES = {
    "*": ["*"],
    "image": BY_NAME["repositories"][:1],
    "log-group": [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/Jobs"],
    "log-stream": [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/Jobs:log-stream:1"],
    "input-key": [KEY],
    "output-key": [KEY],
    "volume-key": [KEY],
}
NETWORK = {
    "ec2:CreateNetworkInterface": [
        "subnet/subnet-0bb1c79d",
        "security-group/sg-0a1b2c3d4e5f60718",
        "network-interface/eni-1",
    ],
    "ec2:CreateNetworkInterfacePermission": ["network-interface/eni-1"],
    "ec2:DeleteNetworkInterface": ["network-interface/eni-1"],
    "ec2:DeleteNetworkInterfacePermission": ["network-interface/eni-1"],
}


def resources_of(action: str, place: str) -> list[str]:
    if place in PLACES:
        return [str(one) for one in PLACES[place]]
    if not place:
        return [f"{EC2}{one}" for one in NETWORK[action]] if action in NETWORK else ["*"]
    arn = load_scenario_facts().places[place].arn
    return [re.sub(r"\$\{(\w+)\}", lambda match: VALUES[match[1]], arn)]


def asked_of(stack: PolicyStack, action: str) -> PolicyStack:
    """With the key policy that AWS gives keys unless told otherwise: the account's policies decide."""
    if not action.startswith("kms:"):
        return stack
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    text = json.dumps({"Statement": {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}})
    return replace(stack, resource_policy=NamedPolicy("key", parse_policy(text, PolicyKind.RESOURCE)))


@pytest.mark.parametrize(("name", "operation"), OPERATIONS.items())
def test_a_role_can_do_what_aws_says_that_it_needs(name: str, operation: str) -> None:
    stack = stack_of(rendered(TEMPLATES[name], BY_NAME))
    role = Principal.parse(f"arn:aws:sts::{ACCOUNT}:assumed-role/exec/SageMaker")
    context = Context(
        {
            "aws:RequestedRegion": "eu-west-1",
            "aws:ResourceAccount": ACCOUNT,
            "cloudwatch:namespace": "/aws/sagemaker/TrainingJobs",
            "kms:GrantIsForAWSResource": "true",
            "ec2:Subnet": f"{EC2}subnet/subnet-0bb1c79d",
            "ec2:AuthorizedService": "sagemaker.amazonaws.com",
        }
    )
    asked = 0
    for group in load_scenario_facts().execution_roles[operation].groups:
        for action, place in group.permissions:
            if group.switch in ELSEWHERE:
                continue
            for resource in resources_of(action, place):
                asked += 1
                decision = authorize(
                    asked_of(stack, action), Request(role, action, resource, context=context), load_condition_keys()
                )
                assert decision.verdict is Verdict.ALLOWED, (action, resource)
    assert asked > 10


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("execution-")])
def test_sagemaker_alone_may_assume_the_role_and_for_this_account_alone(name: str) -> None:
    trust = parse_policy(rendered(TEMPLATES[name], BY_BOTH).trust, PolicyKind.TRUST)
    stack = PolicyStack(resource_policy=NamedPolicy("trust", trust))

    def may(service: str, account: str, source: str) -> bool:
        context = Context({"aws:SourceAccount": account, "aws:SourceArn": source})
        request = Request(Principal.parse(service), "sts:AssumeRole", BY_NAME["roles"][0], ACCOUNT, context)
        return authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED

    here, service = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:", "sagemaker.amazonaws.com"
    assert may(service, ACCOUNT, f"{here}training-job/churn-1")
    assert may(service, ACCOUNT, f"{here}*")
    assert not may(service, "999999999999", "arn:aws:sagemaker:us-east-1:999999999999:training-job/churn-1")
    assert not may(service, ACCOUNT, "arn:aws:sagemaker:us-east-1:999999999999:training-job/churn-1")
    assert not may(service, ACCOUNT, f"arn:aws:sagemaker:ap-south-1:{ACCOUNT}:training-job/churn-1")
    assert not may("ec2.amazonaws.com", ACCOUNT, f"{here}training-job/churn-1")
    assert not may(f"arn:aws:iam::{ACCOUNT}:user/dana", ACCOUNT, f"{here}training-job/churn-1")
