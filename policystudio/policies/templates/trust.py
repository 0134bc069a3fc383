"""The trust policy of execution roles: SageMaker alone, and only for the account's own resources."""

import json

from policystudio.policies.templates.beyond import SERVICE
from policystudio.policies.templates.build import VERSION, one_or_list
from policystudio.policies.templates.parameters import Values


def trust_policy(values: Values) -> str:
    """Lets SageMaker assume the role for resources of the account in its Regions.

    The ARN ends with a star because SageMaker itself sends one for models and Studio:
    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    regions = values.regions or ("*",)
    sources = [f"arn:{values.partition}:sagemaker:{region}:{values.account}:*" for region in regions]
    statement = {
        "Sid": "SageMakerForThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": values.account},
            "ArnLike": {"aws:SourceArn": one_or_list(sources)},
        },
    }
    return json.dumps({"Version": VERSION, "Statement": [statement]}, indent=2)
