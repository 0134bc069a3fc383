"""The role of training and tuning jobs."""

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
)
