"""Register model versions; whether they are fit for use is for others to say."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
_PENDING = (("StringEquals", "sagemaker:ModelApprovalStatus", ("PendingManualApproval",)),)
ACTIVITY = Activity(
    "register-models",
    "Register models",
    "make model groups and register versions that wait for approval, and write model cards.",
    (
        grant("model-package-group", "CreateModelPackageGroup DescribeModelPackageGroup ListTags"),
        grant("model-package", "CreateModelPackage", conditions=_PENDING),
        grant("model-package", "DescribeModelPackage BatchDescribeModelPackage ListModelPackages ListTags"),
        grant(
            "model-card",
            "CreateModelCard DescribeModelCard UpdateModelCard ListModelCardVersions ListTags",
        ),
        lists("ListModelPackageGroups ListModelCards"),
    ),
    (),
    (
        can(
            "register a model version that waits for approval",
            "sagemaker:CreateModelPackage",
            "model-package/{prefix}1/1",
        ),
        cannot(
            "register a model version as approved",
            "sagemaker:CreateModelPackage",
            "model-package/{prefix}1/1",
            sagemaker__ModelApprovalStatus="Approved",
        ),
        cannot("approve a model version", "sagemaker:UpdateModelPackage", "model-package/{prefix}1/1"),
    ),
)
