"""Who explores data, trains models and tries them."""

from policystudio.policies.templates.activities.access_buckets import ACTIVITY as ACCESS_BUCKETS
from policystudio.policies.templates.activities.manage_experiments import ACTIVITY as MANAGE_EXPERIMENTS
from policystudio.policies.templates.activities.manage_models import ACTIVITY as MANAGE_MODELS
from policystudio.policies.templates.activities.register_models import ACTIVITY as REGISTER_MODELS
from policystudio.policies.templates.activities.run_processing_jobs import ACTIVITY as RUN_PROCESSING_JOBS
from policystudio.policies.templates.activities.run_training_jobs import ACTIVITY as RUN_TRAINING_JOBS
from policystudio.policies.templates.activities.run_transform_jobs import ACTIVITY as RUN_TRANSFORM_JOBS
from policystudio.policies.templates.activities.search_and_visualise import ACTIVITY as SEARCH_AND_VISUALISE
from policystudio.policies.templates.activities.use_studio import ACTIVITY as USE_STUDIO
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "data-scientist",
    1,
    "Data scientist",
    Group.PERSONA,
    "explore data, train and tune models, keep experiments, and register models for others to approve.",
    (
        USE_STUDIO,
        RUN_TRAINING_JOBS,
        RUN_PROCESSING_JOBS,
        RUN_TRANSFORM_JOBS,
        MANAGE_MODELS,
        REGISTER_MODELS,
        MANAGE_EXPERIMENTS,
        SEARCH_AND_VISUALISE,
        ACCESS_BUCKETS,
        WATCH_JOBS,
    ),
)
