"""Run batch transform jobs."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "run-transform-jobs",
    "Run transform jobs",
    "start, watch and stop batch transform jobs of models, encrypted.",
    (
        grant("transform-job", "CreateTransformJob DescribeTransformJob StopTransformJob ListTags"),
        lists("ListTransformJobs"),
    ),
    (USE_KEYS,),
    (
        can("start a transform job", "sagemaker:CreateTransformJob", "transform-job/{prefix}1"),
        cannot(
            "transform into output that is not encrypted",
            "sagemaker:CreateTransformJob",
            "transform-job/{prefix}1",
            sagemaker__OutputKmsKey="",
            sagemaker__OutputKmsKeyArn="",
        ),
        cannot("stop somebody else's transform job", "sagemaker:StopTransformJob", "transform-job/{other}1"),
    ),
)
