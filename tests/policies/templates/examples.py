"""Parameters to try templates with."""

from typing import Any

from policystudio.policies.templates.template import Rendered, Template

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0d990263-018e-4e65-a703-eff731de951e"
OTHER_KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-0d990263018e4e65a703eff731de951e"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sagemaker/training-exec"

#: Everything but a tag, in one Region.
BY_NAME = {
    "account": ACCOUNT,
    "regions": ["eu-west-1"],
    "name-prefix": "churn-",
    "subnets": ["subnet-0bb1c79de3f0aa1b2", "subnet-0bb1c79d"],
    "security-groups": ["sg-0a1b2c3d4e5f60718"],
    "kms-keys": [KEY],
    "roles": [ROLE, f"arn:aws:iam::{ACCOUNT}:role/processing"],
    "buckets": ["churn-data", "churn-results"],
    "repositories": [
        f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/churn/train",
        "arn:aws:ecr:eu-west-1:763104351884:repository/pytorch-training",
    ],
}
#: As little as can be, with a tag.
BY_TAG = {"account": ACCOUNT, "tag": "team=forecast", "roles": [ROLE], "buckets": ["churn-data"]}
#: Name and tag, in three Regions.
BY_BOTH = {
    **BY_NAME,
    "regions": ["eu-west-1", "eu-central-1", "us-east-1"],
    "kms-keys": [KEY, OTHER_KEY],
    "tag": "team=forecast",
    "profile-tag": "studiouserid",
}
IN_CHINA = {
    "account": ACCOUNT,
    "partition": "aws-cn",
    "regions": ["cn-north-1"],
    "name-prefix": "a",
    "roles": [f"arn:aws-cn:iam::{ACCOUNT}:role/exec"],
    "buckets": ["churn-data"],
}
EXAMPLES = {"by name": BY_NAME, "by tag": BY_TAG, "by both": BY_BOTH, "in China": IN_CHINA}


def given_to(template: Template, example: dict[str, Any]) -> dict[str, Any]:
    """Those of the parameters that a template takes."""
    return {name: value for name, value in example.items() if name in template.takes}


def rendered(template: Template, example: dict[str, Any]) -> Rendered:
    """What a template makes of an example."""
    return template.render(given_to(template, example))
