"""The role of models at endpoints and in transform jobs."""

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
)
