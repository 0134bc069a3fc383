"""Run processing jobs."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "run-processing-jobs",
    "Run processing jobs",
    "start, watch and stop processing jobs in a VPC, encrypted and without a network of their own.",
    (
        grant("processing-job", "CreateProcessingJob DescribeProcessingJob StopProcessingJob ListTags"),
        lists("ListProcessingJobs"),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("start a processing job", "sagemaker:CreateProcessingJob", "processing-job/{prefix}1"),
        cannot(
            "process outside of a VPC",
            "sagemaker:CreateProcessingJob",
            "processing-job/{prefix}1",
            sagemaker__VpcSubnets="",
            sagemaker__VpcSecurityGroupIds="",
        ),
        cannot(
            "process into output that is not encrypted",
            "sagemaker:CreateProcessingJob",
            "processing-job/{prefix}1",
            sagemaker__OutputKmsKey="",
            sagemaker__OutputKmsKeyArn="",
        ),
        cannot("stop somebody else's processing job", "sagemaker:StopProcessingJob", "processing-job/{other}1"),
    ),
)
