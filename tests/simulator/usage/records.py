"""CloudTrail records for tests, in the shape in which AWS delivers them."""

import itertools
from typing import Any

NUMBER = "111122223333"
REGION = "eu-west-1"
ANA = f"arn:aws:iam::{NUMBER}:user/ana"
TRAIN = f"arn:aws:iam::{NUMBER}:role/service/train"
EXECUTION = f"arn:aws:iam::{NUMBER}:role/sagemaker-execution"
SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{NUMBER}"
_numbers = itertools.count(1)


def user(arn: str = ANA) -> dict[str, Any]:
    """A user as caller."""
    return {"type": "IAMUser", "arn": arn, "accountId": NUMBER, "userName": arn.rpartition("/")[2]}


def session(role: str = TRAIN, name: str = "dana") -> dict[str, Any]:
    """A session of a role as caller."""
    short = role.rpartition("/")[2]
    issuer = {"type": "Role", "arn": role, "accountId": NUMBER, "userName": short}
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{NUMBER}:assumed-role/{short}/{name}",
        "accountId": NUMBER,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def record(name: str, parameters: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """One record; ``fields`` are those of CloudTrail."""
    number = next(_numbers)
    return {
        "eventVersion": "1.09",
        "userIdentity": user(),
        "eventTime": f"2026-11-{1 + number % 27:02}T10:00:00Z",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-sdk",
        "requestParameters": parameters,
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "readOnly": name.startswith(("Describe", "List")),
        "eventType": "AwsApiCall",
        "recipientAccountId": NUMBER,
        **fields,
    }


def training_job(name: str = "churn-2026-11-03-10-00-00", **fields: Any) -> dict[str, Any]:
    """Somebody starts a training job with a role, a VPC and tags."""
    return record(
        "CreateTrainingJob",
        {
            "trainingJobName": name,
            "roleArn": EXECUTION,
            "algorithmSpecification": {"trainingImage": "image", "trainingInputMode": "File"},
            "vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
            "outputDataConfig": {"s3OutputPath": "s3://bucket/out", "kmsKeyId": ""},
            "tags": [{"key": "team", "value": "churn"}],
        },
        responseElements={"trainingJobArn": f"{SAGEMAKER}:training-job/{name.lower()}"},
        **fields,
    )
