"""Read the logs and metrics of jobs and endpoints."""

from policystudio.policies.templates.activity import Activity, can, cannot
from policystudio.policies.templates.beyond import WATCH

VERSION = 1
ACTIVITY = Activity(
    "watch-jobs",
    "Watch jobs and endpoints",
    "read the logs of SageMaker's jobs and endpoints, and metrics.",
    (),
    (WATCH,),
    (
        can(
            "read logs of training jobs",
            "logs:FilterLogEvents",
            "arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/TrainingJobs",
        ),
        cannot(
            "read other logs",
            "logs:FilterLogEvents",
            "arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/payments",
        ),
    ),
)
