"""The role of a Studio user profile: what people do in Studio, it does."""

from policystudio.policies.templates.activities.access_buckets import ACTIVITY as ACCESS_BUCKETS
from policystudio.policies.templates.activities.manage_experiments import ACTIVITY as MANAGE_EXPERIMENTS
from policystudio.policies.templates.activities.manage_models import ACTIVITY as MANAGE_MODELS
from policystudio.policies.templates.activities.register_models import ACTIVITY as REGISTER_MODELS
from policystudio.policies.templates.activities.run_processing_jobs import ACTIVITY as RUN_PROCESSING_JOBS
from policystudio.policies.templates.activities.run_studio_apps import ACTIVITY as RUN_STUDIO_APPS
from policystudio.policies.templates.activities.run_training_jobs import ACTIVITY as RUN_TRAINING_JOBS
from policystudio.policies.templates.activities.run_transform_jobs import ACTIVITY as RUN_TRANSFORM_JOBS
from policystudio.policies.templates.activities.search_and_visualise import ACTIVITY as SEARCH_AND_VISUALISE
from policystudio.policies.templates.activities.watch_jobs import ACTIVITY as WATCH_JOBS
from policystudio.policies.templates.beyond import LOG, PULL_IMAGES
from policystudio.policies.templates.template import Group, Template

TEMPLATE = Template(
    "execution-studio",
    1,
    "Execution role for Studio",
    Group.EXECUTION_ROLE,
    "run apps in Studio for its user, and from there train and tune models, keep experiments and register models.",
    (
        RUN_STUDIO_APPS,
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
    (PULL_IMAGES, LOG),
)
