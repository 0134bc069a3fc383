"""Watch over models in use: data quality, model quality, bias and explainability."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1


def _definitions(kind: str) -> str:
    return f"Create{kind}JobDefinition Describe{kind}JobDefinition Delete{kind}JobDefinition ListTags"


ACTIVITY = Activity(
    "monitor-models",
    "Monitor models",
    "define monitoring jobs in a VPC, encrypted and without a network of their own, and schedule them.",
    (
        grant("data-quality-job-definition", _definitions("DataQuality")),
        grant("model-quality-job-definition", _definitions("ModelQuality")),
        grant("model-bias-job-definition", _definitions("ModelBias")),
        grant("model-explainability-job-definition", _definitions("ModelExplainability")),
        grant(
            "monitoring-schedule",
            "CreateMonitoringSchedule DescribeMonitoringSchedule UpdateMonitoringSchedule StartMonitoringSchedule"
            " StopMonitoringSchedule DeleteMonitoringSchedule ListTags",
        ),
        lists(
            "ListDataQualityJobDefinitions ListModelQualityJobDefinitions ListModelBiasJobDefinitions"
            " ListModelExplainabilityJobDefinitions ListMonitoringSchedules ListMonitoringExecutions"
            " ListMonitoringAlerts ListMonitoringAlertHistory"
        ),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("schedule monitoring", "sagemaker:CreateMonitoringSchedule", "monitoring-schedule/{prefix}1"),
        cannot(
            "monitor outside of a VPC",
            "sagemaker:CreateDataQualityJobDefinition",
            "data-quality-job-definition/{prefix}1",
            sagemaker__VpcSubnets="",
            sagemaker__VpcSecurityGroupIds="",
        ),
        cannot("stop somebody else's schedule", "sagemaker:StopMonitoringSchedule", "monitoring-schedule/{other}1"),
    ),
)
