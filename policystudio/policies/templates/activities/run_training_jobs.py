"""Run training jobs, and tune their hyperparameters."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "run-training-jobs",
    "Run training jobs",
    "start, watch and stop training jobs and hyperparameter tuning jobs in a VPC, encrypted and without a network of"
    " their own.",
    (
        grant("training-job", "CreateTrainingJob DescribeTrainingJob StopTrainingJob DeleteTrainingJob ListTags"),
        grant(
            "hyper-parameter-tuning-job",
            "CreateHyperParameterTuningJob DescribeHyperParameterTuningJob StopHyperParameterTuningJob"
            " DeleteHyperParameterTuningJob ListTrainingJobsForHyperParameterTuningJob ListTags",
        ),
        lists("ListTrainingJobs ListHyperParameterTuningJobs"),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("start a training job", "sagemaker:CreateTrainingJob", "training-job/{prefix}1"),
        can("stop a training job of its own", "sagemaker:StopTrainingJob", "training-job/{prefix}1"),
        can("tag a training job while it is made", "sagemaker:AddTags", "training-job/{prefix}1"),
        can("pass a chosen role to SageMaker", "iam:PassRole", "{role}"),
        cannot("pass another role", "iam:PassRole", "arn:{partition}:iam::{account}:role/administrator"),
        cannot("pass a role to another service", "iam:PassRole", "{role}", iam__PassedToService="ec2.amazonaws.com"),
        cannot(
            "train outside of a VPC",
            "sagemaker:CreateTrainingJob",
            "training-job/{prefix}1",
            sagemaker__VpcSubnets="",
            sagemaker__VpcSecurityGroupIds="",
        ),
        cannot(
            "train without encrypting the storage",
            "sagemaker:CreateTrainingJob",
            "training-job/{prefix}1",
            sagemaker__VolumeKmsKey="",
            sagemaker__VolumeKmsKeyArn="",
        ),
        cannot(
            "train with a network",
            "sagemaker:CreateTrainingJob",
            "training-job/{prefix}1",
            sagemaker__NetworkIsolation="false",
        ),
        cannot("tag a training job later", "sagemaker:AddTags", "training-job/{prefix}1", sagemaker__TaggingAction=""),
        cannot("stop somebody else's training job", "sagemaker:StopTrainingJob", "training-job/{other}1"),
    ),
)
