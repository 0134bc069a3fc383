"""Work in notebook instances."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "use-notebook-instances",
    "Use notebook instances",
    "make notebook instances without root access and internet, open, stop and remove them.",
    (
        grant(
            "notebook-instance",
            "CreateNotebookInstance DescribeNotebookInstance StartNotebookInstance StopNotebookInstance"
            " DeleteNotebookInstance CreatePresignedNotebookInstanceUrl ListTags",
        ),
        lists("ListNotebookInstances"),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("make a notebook instance", "sagemaker:CreateNotebookInstance", "notebook-instance/{prefix}1"),
        can(
            "open a notebook instance of its own",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "notebook-instance/{prefix}1",
        ),
        cannot(
            "make a notebook instance with root access",
            "sagemaker:CreateNotebookInstance",
            "notebook-instance/{prefix}1",
            sagemaker__RootAccess="Enabled",
        ),
        cannot(
            "make a notebook instance with internet access",
            "sagemaker:CreateNotebookInstance",
            "notebook-instance/{prefix}1",
            sagemaker__DirectInternetAccess="Enabled",
        ),
        cannot(
            "give a notebook instance another role", "sagemaker:UpdateNotebookInstance", "notebook-instance/{prefix}1"
        ),
        cannot(
            "open somebody else's notebook instance",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "notebook-instance/{other}1",
        ),
    ),
)
