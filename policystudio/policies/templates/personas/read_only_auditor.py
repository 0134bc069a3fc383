"""Who looks at everything and changes nothing."""

from policystudio.policies.templates.activities.read_everything import ACTIVITY as READ_EVERYTHING
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "read-only-auditor",
    1,
    "Read-only auditor",
    Group.PERSONA,
    "see everything of SageMaker in the account, search and follow lineage, read logs, and change nothing.",
    (READ_EVERYTHING, WATCH_JOBS),
)
