"""The role of models at endpoints and in transform jobs."""

from policystudio.policies.templates.activity import can, cannot
from policystudio.policies.templates.beyond import JOIN_NETWORK, LOG, PULL_IMAGES, READ_BUCKETS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "execution-endpoints",
    1,
    "Execution role for endpoints",
    Group.EXECUTION_ROLE,
    "read model data from the named buckets, pull the named images, and write logs and metrics, for models.",
    (),
    (READ_BUCKETS, PULL_IMAGES, LOG, JOIN_NETWORK),
    own_promises=(
        can("read the data", "s3:GetObject", "arn:{partition}:s3:::{bucket}/train.csv"),
        cannot("write to a bucket", "s3:PutObject", "arn:{partition}:s3:::{bucket}/model.tar.gz"),
        can(
            "write logs",
            "logs:PutLogEvents",
            "arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/Jobs:log-stream:1",
        ),
        cannot("read from another bucket", "s3:GetObject", "arn:{partition}:s3:::somebody-elses/train.csv"),
        cannot("make an endpoint itself", "sagemaker:CreateEndpoint", "endpoint/1"),
        cannot("pass a role on", "iam:PassRole", "arn:{partition}:iam::{account}:role/administrator"),
    ),
)
