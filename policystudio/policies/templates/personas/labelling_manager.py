"""Who has data labelled and reviewed."""

from policystudio.policies.templates.activities.access_buckets import ACTIVITY as ACCESS_BUCKETS
from policystudio.policies.templates.activities.manage_labelling import ACTIVITY as MANAGE_LABELLING
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "labelling-manager",
    1,
    "Labelling manager",
    Group.PERSONA,
    "run labelling jobs and human reviews with private work teams, on data in the named buckets.",
    (MANAGE_LABELLING, ACCESS_BUCKETS, WATCH_JOBS),
)
