"""The role of training and tuning jobs."""

from policystudio.policies.templates.activity import can, cannot
from policystudio.policies.templates.beyond import ACCESS_BUCKETS, JOIN_NETWORK, LOG, PULL_IMAGES, ROLE_KEYS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "execution-training",
    1,
    "Execution role for training",
    Group.EXECUTION_ROLE,
    "read and write the named buckets, pull the named images, and write logs and metrics, for training jobs.",
    (),
    (ACCESS_BUCKETS, PULL_IMAGES, LOG, ROLE_KEYS, JOIN_NETWORK),
    own_promises=(
        can("read the data", "s3:GetObject", "arn:{partition}:s3:::{bucket}/train.csv"),
        can("write results", "s3:PutObject", "arn:{partition}:s3:::{bucket}/model.tar.gz"),
        can(
            "write logs",
            "logs:PutLogEvents",
            "arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/Jobs:log-stream:1",
        ),
        cannot("read from another bucket", "s3:GetObject", "arn:{partition}:s3:::somebody-elses/train.csv"),
        cannot("start a job itself", "sagemaker:CreateTrainingJob", "training-job/1"),
        cannot("pass a role on", "iam:PassRole", "arn:{partition}:iam::{account}:role/administrator"),
    ),
)
