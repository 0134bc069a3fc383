"""An account with one of everything that AWS's reading operations tell of."""

from datetime import UTC, datetime

from policystudio.accounts.models import Account
from tests.support import exports
from tests.support.exports import ALLOW, DENY, TRUST, arn, attached, group, inline, policy, role, user, version

CREATED = datetime(2019, 12, 18, 19, 10, 8, tzinfo=UTC)
EDGE, ML, AWS = arn("policy", "edge"), arn("policy", "ml", path="/eng/"), arn("policy", "ReadOnlyAccess", number="aws")
BOUNDARY = {"PermissionsBoundary": {"PermissionsBoundaryArn": EDGE}}
BOUNDED = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": EDGE}
TAGS = [{"Key": "cost", "Value": "42"}, {"Key": "team", "Value": "<ml> & co"}]
USED = {"LastUsedDate": "2026-01-02T03:04:05+00:00", "Region": "eu-west-1"}

ANN = {"Path": "/", "UserName": "ann", "UserId": "AIDAANN", "Arn": arn("user", "ann"), "CreateDate": CREATED}
BOB = {
    "Path": "/eng/",
    "UserName": "Bob",
    "UserId": "IDBOB",
    "Arn": arn("user", "Bob", path="/eng/"),
    "CreateDate": CREATED,
}
TEAM = {"Path": "/", "GroupName": "team", "GroupId": "IDTEAM", "Arn": arn("group", "team"), "CreateDate": CREATED}
JOB = {
    "Path": "/eng/",
    "RoleName": "job",
    "RoleId": "IDJOB",
    "Arn": arn("role", "job", path="/eng/"),
    "CreateDate": CREATED,
    "AssumeRolePolicyDocument": TRUST,
}
PROFILE = {
    "Path": "/",
    "InstanceProfileName": "job",
    "InstanceProfileId": "AIPAJOB",
    "Arn": arn("instance-profile", "job"),
    "CreateDate": CREATED.isoformat(),
}


def make_told_account() -> Account:
    """Imported, as an account is."""
    exports.run(
        exports.export(
            user("ann", UserId="AIDAANN", GroupList=["team"], UserPolicyList=inline(own=ALLOW, other=DENY), Tags=TAGS,
                 AttachedManagedPolicies=attached(ML, AWS), **BOUNDARY),
            user("Bob", path="/eng/", GroupList=["team"]),
            group("team", GroupPolicyList=inline(shared=DENY), AttachedManagedPolicies=attached(ML)),
            group("empty"),
            role("job", path="/eng/", RolePolicyList=inline(run=ALLOW), AttachedManagedPolicies=attached(ML),
                 RoleLastUsed=USED, Tags=TAGS, InstanceProfileList=[PROFILE], **BOUNDARY),
            role("idle"),
            policy("ml", Arn=ML, Path="/eng/", Description="for <models>", Tags=TAGS, DefaultVersionId="v3",
                   PolicyVersionList=[version("v2", DENY, default=False), version("v3", ALLOW)]),
            policy("edge"),
            policy("spare"),
            policy("ReadOnlyAccess", number="aws"),
        )
    )  # fmt: skip
    return Account.objects.get()
