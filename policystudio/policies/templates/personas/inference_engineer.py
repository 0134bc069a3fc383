"""Who brings models into use and keeps them there."""

from policystudio.policies.templates.activities.invoke_endpoints import ACTIVITY as INVOKE_ENDPOINTS
from policystudio.policies.templates.activities.manage_endpoints import ACTIVITY as MANAGE_ENDPOINTS
from policystudio.policies.templates.activities.manage_models import ACTIVITY as MANAGE_MODELS
from policystudio.policies.templates.activities.monitor_models import ACTIVITY as MONITOR_MODELS
from policystudio.policies.templates.activities.run_transform_jobs import ACTIVITY as RUN_TRANSFORM_JOBS
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.beyond import READ_BUCKETS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "inference-engineer",
    1,
    "ML engineer for inference",
    Group.PERSONA,
    "make models and endpoints, ask them for predictions, run transform jobs and monitor models.",
    (MANAGE_MODELS, MANAGE_ENDPOINTS, INVOKE_ENDPOINTS, RUN_TRANSFORM_JOBS, MONITOR_MODELS, WATCH_JOBS),
    (READ_BUCKETS,),
)
