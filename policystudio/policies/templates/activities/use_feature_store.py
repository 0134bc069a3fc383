"""Keep feature groups, and write and read their records."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "use-feature-store",
    "Use the feature store",
    "keep feature groups, and write, read and remove their records.",
    (
        grant(
            "feature-group",
            "CreateFeatureGroup DescribeFeatureGroup UpdateFeatureGroup DeleteFeatureGroup DescribeFeatureMetadata"
            " UpdateFeatureMetadata PutRecord GetRecord DeleteRecord ListRecords BatchGetRecord BatchWriteRecord"
            " ListTags",
        ),
        lists("ListFeatureGroups"),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("keep a feature group", "sagemaker:CreateFeatureGroup", "feature-group/{prefix}1"),
        can("read a record", "sagemaker:GetRecord", "feature-group/{prefix}1"),
        cannot("read somebody else's records", "sagemaker:GetRecord", "feature-group/{other}1"),
    ),
)
