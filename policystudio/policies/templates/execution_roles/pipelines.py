"""The role of pipelines: it starts the jobs of their steps."""

from policystudio.policies.templates.activities.manage_models import ACTIVITY as MANAGE_MODELS
from policystudio.policies.templates.activities.register_models import ACTIVITY as REGISTER_MODELS
from policystudio.policies.templates.activities.run_processing_jobs import ACTIVITY as RUN_PROCESSING_JOBS
from policystudio.policies.templates.activities.run_training_jobs import ACTIVITY as RUN_TRAINING_JOBS
from policystudio.policies.templates.activities.run_transform_jobs import ACTIVITY as RUN_TRANSFORM_JOBS
from policystudio.policies.templates.beyond import ACCESS_BUCKETS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "execution-pipelines",
    1,
    "Execution role for pipelines",
    Group.EXECUTION_ROLE,
    "start training, processing and transform jobs, make models and register them, as the steps of pipelines.",
    (RUN_TRAINING_JOBS, RUN_PROCESSING_JOBS, RUN_TRANSFORM_JOBS, MANAGE_MODELS, REGISTER_MODELS),
    (ACCESS_BUCKETS,),
)
