"""Who builds the pipelines that train and release models."""

from policystudio.policies.templates.activities.access_buckets import ACTIVITY as ACCESS_BUCKETS
from policystudio.policies.templates.activities.approve_models import ACTIVITY as APPROVE_MODELS
from policystudio.policies.templates.activities.manage_endpoints import ACTIVITY as MANAGE_ENDPOINTS
from policystudio.policies.templates.activities.manage_models import ACTIVITY as MANAGE_MODELS
from policystudio.policies.templates.activities.manage_pipelines import ACTIVITY as MANAGE_PIPELINES
from policystudio.policies.templates.activities.monitor_models import ACTIVITY as MONITOR_MODELS
from policystudio.policies.templates.activities.register_models import ACTIVITY as REGISTER_MODELS
from policystudio.policies.templates.activities.run_processing_jobs import ACTIVITY as RUN_PROCESSING_JOBS
from policystudio.policies.templates.activities.run_training_jobs import ACTIVITY as RUN_TRAINING_JOBS
from policystudio.policies.templates.activities.run_transform_jobs import ACTIVITY as RUN_TRANSFORM_JOBS
from policystudio.policies.templates.activities.search_and_visualise import ACTIVITY as SEARCH_AND_VISUALISE
from policystudio.policies.templates.activities.use_studio import ACTIVITY as USE_STUDIO
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "mlops-engineer",
    1,
    "MLOps engineer",
    Group.PERSONA,
    "build and run pipelines and their jobs, approve models, deploy them to endpoints and monitor them.",
    (
        USE_STUDIO,
        MANAGE_PIPELINES,
        RUN_TRAINING_JOBS,
        RUN_PROCESSING_JOBS,
        RUN_TRANSFORM_JOBS,
        MANAGE_MODELS,
        REGISTER_MODELS,
        APPROVE_MODELS,
        MANAGE_ENDPOINTS,
        MONITOR_MODELS,
        SEARCH_AND_VISUALISE,
        ACCESS_BUCKETS,
        WATCH_JOBS,
    ),
)
