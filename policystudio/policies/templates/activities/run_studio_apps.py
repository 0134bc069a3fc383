"""What the execution role of a Studio user profile needs for its own apps and spaces, and for shared ones."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
_MINE = (
    (
        "ArnLike",
        "sagemaker:OwnerUserProfileArn",
        ("{arn}user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}",),
    ),
)
_PRIVATE = (*_MINE, ("StringEquals", "sagemaker:SpaceSharingType", ("Private",)))
_SHARED = (("StringEquals", "sagemaker:SpaceSharingType", ("Shared",)),)
ACTIVITY = Activity(
    "run-studio-apps",
    "Run Studio apps",
    "run apps in Studio spaces of one's own and in shared ones, as the execution role of a user profile.",
    (
        grant("app", "CreateApp DeleteApp", pattern="${sagemaker:DomainId}/*", conditions=_PRIVATE, purpose="Own"),
        grant(
            "space",
            "CreateSpace UpdateSpace DeleteSpace",
            pattern="${sagemaker:DomainId}/*",
            conditions=_PRIVATE,
            purpose="Own",
        ),
        grant("app", "CreateApp DeleteApp", pattern="${sagemaker:DomainId}/*", conditions=_SHARED, purpose="Shared"),
        grant("app", "DescribeApp ListTags", owned=False),
        grant("space", "DescribeSpace ListTags", owned=False),
        grant("user-profile", "DescribeUserProfile ListTags", owned=False),
        grant("domain", "DescribeDomain ListTags", owned=False),
        lists("ListApps ListDomains ListSpaces ListUserProfiles"),
    ),
    (),
    (
        can("run an app in a space of its own", "sagemaker:CreateApp", "app/{domain}/mine/JupyterLab/default"),
        cannot(
            "run an app in somebody else's space",
            "sagemaker:CreateApp",
            "app/{domain}/theirs/JupyterLab/default",
            sagemaker__OwnerUserProfileArn="arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/somebody-else",
        ),
        cannot("run an app in another domain", "sagemaker:CreateApp", "app/d-other/mine/JupyterLab/default"),
        cannot("make a user profile", "sagemaker:CreateUserProfile", "user-profile/{domain}/{user}"),
    ),
)
