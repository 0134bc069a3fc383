"""Have data labelled, and reviews done, by private work teams."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "manage-labelling",
    "Manage labelling",
    "run labelling jobs and human reviews with private work teams, and keep the teams and their task templates.",
    (
        grant("labeling-job", "CreateLabelingJob DescribeLabelingJob StopLabelingJob ListTags"),
        grant(
            "workteam",
            "CreateWorkteam DescribeWorkteam UpdateWorkteam DeleteWorkteam ListLabelingJobsForWorkteam ListTags",
        ),
        grant("workforce", "DescribeWorkforce", owned=False),
        grant("human-task-ui", "CreateHumanTaskUi DescribeHumanTaskUi DeleteHumanTaskUi ListTags"),
        grant(
            "flow-definition",
            "CreateFlowDefinition DescribeFlowDefinition DeleteFlowDefinition StartHumanLoop ListTags",
        ),
        grant("human-loop", "DescribeHumanLoop StopHumanLoop DeleteHumanLoop"),
        lists(
            "ListLabelingJobs ListWorkteams ListWorkforces ListHumanTaskUis ListFlowDefinitions ListHumanLoops"
            " RenderUiTemplate"
        ),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("have data labelled", "sagemaker:CreateLabelingJob", "labeling-job/{prefix}1"),
        cannot(
            "hand data to the public",
            "sagemaker:CreateLabelingJob",
            "labeling-job/{prefix}1",
            sagemaker__WorkteamType="public-crowd",
        ),
        cannot("stop somebody else's labelling job", "sagemaker:StopLabelingJob", "labeling-job/{other}1"),
        cannot("change the workforce", "sagemaker:UpdateWorkforce", "workforce/default"),
    ),
)
