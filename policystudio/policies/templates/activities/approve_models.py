"""Approve or reject model versions, and remove them."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
ACTIVITY = Activity(
    "approve-models",
    "Approve models",
    "approve, reject and remove registered model versions.",
    (
        grant("model-package-group", "DescribeModelPackageGroup DeleteModelPackageGroup ListTags"),
        grant(
            "model-package",
            "DescribeModelPackage BatchDescribeModelPackage ListModelPackages UpdateModelPackage DeleteModelPackage"
            " ListTags",
        ),
        lists("ListModelPackageGroups"),
    ),
    (),
    (
        can("approve a model version", "sagemaker:UpdateModelPackage", "model-package/{prefix}1/1"),
        cannot("approve somebody else's model version", "sagemaker:UpdateModelPackage", "model-package/{other}1/1"),
        cannot("register a model version", "sagemaker:CreateModelPackage", "model-package/{prefix}1/1"),
    ),
)
