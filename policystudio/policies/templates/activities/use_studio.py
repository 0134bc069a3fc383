"""Sign in to Studio as one's own user profile."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
ACTIVITY = Activity(
    "use-studio",
    "Use Studio",
    "open Studio as one's own user profile, and as nobody else's. What is done there is done by the profile's execution"
    " role.",
    (
        grant("user-profile", "CreatePresignedDomainUrl DescribeUserProfile", pattern="*/${profile}", purpose="Open"),
        grant("domain", "DescribeDomain", owned=False),
        lists("ListDomains ListUserProfiles ListSpaces ListApps"),
    ),
    (),
    (
        can("open Studio", "sagemaker:CreatePresignedDomainUrl", "user-profile/d-a1b2c3d4e5f6/{user}"),
        cannot(
            "open Studio as somebody else",
            "sagemaker:CreatePresignedDomainUrl",
            "user-profile/d-a1b2c3d4e5f6/somebody-else",
        ),
        cannot("make a user profile", "sagemaker:CreateUserProfile", "user-profile/d-a1b2c3d4e5f6/{user}"),
    ),
)
