"""What each reading operation answers of what the studio keeps."""

from datetime import UTC, datetime
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.audit.models import AuditEntry
from policystudio.identities.models import Identity
from policystudio.lib.stand_in_ids import stand_in_id
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from tests import factories
from tests.support.aws_account import (
    ANN,
    AWS,
    BOB,
    BOUNDED,
    CREATED,
    EDGE,
    JOB,
    ML,
    PROFILE,
    TAGS,
    TEAM,
    make_told_account,
)
from tests.support.aws_calls import answer, make_caller, refused, sdk
from tests.support.exports import ALLOW, DENY, TRUST, arn

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_told_account()


@pytest.fixture
def iam(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    return sdk(make_caller(account), monkeypatch)


def test_users_are_listed_without_tags_and_boundary_as_in_aws(iam: Any) -> None:
    assert answer(iam.list_users) == {"Users": [ANN, BOB], "IsTruncated": False}
    assert answer(iam.list_users, PathPrefix="/eng/")["Users"] == [BOB]
    assert answer(iam.list_users, PathPrefix="/e")["Users"] == [BOB]
    assert answer(iam.list_users, PathPrefix="/ENG/")["Users"] == []
    assert answer(iam.list_users, PathPrefix="/")["Users"] == [ANN, BOB]


def test_a_user_is_told_with_tags_and_boundary(iam: Any) -> None:
    assert answer(iam.get_user, UserName="ann") == {"User": ANN | {"Tags": TAGS, "PermissionsBoundary": BOUNDED}}
    assert answer(iam.get_user, UserName="BOB") == {"User": BOB}


def test_groups_and_roles_are_listed(iam: Any) -> None:
    groups = answer(iam.list_groups)["Groups"]
    assert [one["GroupName"] for one in groups] == ["empty", "team"]
    assert groups[1] == TEAM
    roles = answer(iam.list_roles)["Roles"]
    assert [one["RoleName"] for one in roles] == ["idle", "job"]
    assert roles[1] == JOB
    assert answer(iam.list_roles, PathPrefix="/eng/")["Roles"] == [JOB]


def test_a_role_is_told_with_tags_boundary_and_last_use(iam: Any) -> None:
    used = {"LastUsedDate": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Region": "eu-west-1"}
    more = {"Tags": TAGS, "PermissionsBoundary": BOUNDED, "RoleLastUsed": used}
    assert answer(iam.get_role, RoleName="job") == {"Role": JOB | more}
    assert answer(iam.get_role, RoleName="idle")["Role"]["RoleLastUsed"] == {}


def test_a_group_has_its_users_and_a_user_its_groups(iam: Any) -> None:
    assert answer(iam.get_group, GroupName="team") == {"Group": TEAM, "Users": [ANN, BOB], "IsTruncated": False}
    assert answer(iam.get_group, GroupName="empty")["Users"] == []
    assert answer(iam.list_groups_for_user, UserName="ann") == {"Groups": [TEAM], "IsTruncated": False}


def test_tags_have_operations_of_their_own(iam: Any) -> None:
    assert answer(iam.list_user_tags, UserName="ann") == {"Tags": TAGS, "IsTruncated": False}
    assert answer(iam.list_role_tags, RoleName="job") == {"Tags": TAGS, "IsTruncated": False}
    assert answer(iam.list_policy_tags, PolicyArn=ML) == {"Tags": TAGS, "IsTruncated": False}
    assert answer(iam.list_user_tags, UserName="Bob")["Tags"] == []


def test_inline_policies(iam: Any) -> None:
    assert answer(iam.list_user_policies, UserName="ann") == {"PolicyNames": ["other", "own"], "IsTruncated": False}
    assert answer(iam.list_group_policies, GroupName="team")["PolicyNames"] == ["shared"]
    assert answer(iam.list_role_policies, RoleName="idle")["PolicyNames"] == []
    told = answer(iam.get_user_policy, UserName="ann", PolicyName="other")
    assert told == {"UserName": "ann", "PolicyName": "other", "PolicyDocument": DENY}
    told = answer(iam.get_group_policy, GroupName="team", PolicyName="shared")
    assert told == {"GroupName": "team", "PolicyName": "shared", "PolicyDocument": DENY}
    told = answer(iam.get_role_policy, RoleName="job", PolicyName="run")
    assert told == {"RoleName": "job", "PolicyName": "run", "PolicyDocument": ALLOW}


def test_attached_policies(iam: Any) -> None:
    ml, aws = {"PolicyName": "ml", "PolicyArn": ML}, {"PolicyName": "ReadOnlyAccess", "PolicyArn": AWS}
    found = answer(iam.list_attached_user_policies, UserName="ann")
    assert found == {"AttachedPolicies": [ml, aws], "IsTruncated": False}
    assert answer(iam.list_attached_user_policies, UserName="ann", PathPrefix="/eng/")["AttachedPolicies"] == [ml]
    assert answer(iam.list_attached_group_policies, GroupName="team")["AttachedPolicies"] == [ml]
    assert answer(iam.list_attached_role_policies, RoleName="idle")["AttachedPolicies"] == []


def test_a_policy_is_told_with_description_tags_and_uses(iam: Any) -> None:
    assert answer(iam.get_policy, PolicyArn=ML)["Policy"] == {
        "PolicyName": "ml",
        "PolicyId": "ANPAML",
        "Arn": ML,
        "Path": "/eng/",
        "DefaultVersionId": "v3",
        "AttachmentCount": 3,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": CREATED,
        "UpdateDate": CREATED,
        "Description": "for <models>",
        "Tags": TAGS,
    }
    edge = answer(iam.get_policy, PolicyArn=EDGE)["Policy"]
    assert (edge["AttachmentCount"], edge["PermissionsBoundaryUsageCount"], edge["Tags"]) == (0, 2, [])
    assert "Description" not in edge


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["edge", "ml", "ReadOnlyAccess", "spare"]),
        ({"Scope": "All"}, ["edge", "ml", "ReadOnlyAccess", "spare"]),
        ({"Scope": "Local"}, ["edge", "ml", "spare"]),
        ({"Scope": "AWS"}, ["ReadOnlyAccess"]),
        ({"OnlyAttached": True}, ["ml", "ReadOnlyAccess"]),
        ({"OnlyAttached": False}, ["edge", "ml", "ReadOnlyAccess", "spare"]),
        ({"OnlyAttached": True, "Scope": "Local"}, ["ml"]),
        ({"PathPrefix": "/eng/"}, ["ml"]),
        ({"PolicyUsageFilter": "PermissionsPolicy"}, ["ml", "ReadOnlyAccess"]),
        ({"PolicyUsageFilter": "PermissionsBoundary"}, ["edge"]),
        ({"PolicyUsageFilter": "PermissionsBoundary", "OnlyAttached": True}, ["edge"]),
        ({"PolicyUsageFilter": "PermissionsBoundary", "Scope": "AWS"}, []),
    ],
)
def test_policies_are_listed_by_scope_path_and_use(iam: Any, asked: dict[str, Any], names: list[str]) -> None:
    found = answer(iam.list_policies, **asked)["Policies"]
    assert [one["PolicyName"] for one in found] == names
    assert not any({"Description", "Tags"} & one.keys() for one in found)


def test_versions_come_newest_first_and_only_one_by_one_with_their_document(iam: Any) -> None:
    third = {"VersionId": "v3", "IsDefaultVersion": True, "CreateDate": CREATED}
    second = {"VersionId": "v2", "IsDefaultVersion": False, "CreateDate": CREATED}
    assert answer(iam.list_policy_versions, PolicyArn=ML) == {"Versions": [third, second], "IsTruncated": False}
    told = answer(iam.get_policy_version, PolicyArn=ML, VersionId="v2")
    assert told == {"PolicyVersion": second | {"Document": DENY}}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"PolicyArn": ML}, (["team"], ["ann"], ["job"])),
        ({"PolicyArn": EDGE}, ([], ["ann"], ["job"])),
        ({"PolicyArn": EDGE, "PolicyUsageFilter": "PermissionsPolicy"}, ([], [], [])),
        ({"PolicyArn": EDGE, "PolicyUsageFilter": "PermissionsBoundary"}, ([], ["ann"], ["job"])),
        ({"PolicyArn": ML, "PolicyUsageFilter": "PermissionsBoundary"}, ([], [], [])),
        ({"PolicyArn": ML, "EntityFilter": "Role"}, ([], [], ["job"])),
        ({"PolicyArn": ML, "EntityFilter": "Group"}, (["team"], [], [])),
        ({"PolicyArn": ML, "EntityFilter": "LocalManagedPolicy"}, ([], [], [])),
        ({"PolicyArn": ML, "PathPrefix": "/eng/"}, ([], [], ["job"])),
        ({"PolicyArn": AWS}, ([], ["ann"], [])),
        ({"PolicyArn": arn("policy", "spare")}, ([], [], [])),
    ],
)
def test_who_has_a_policy(iam: Any, asked: dict[str, Any], names: tuple[list[str], ...]) -> None:
    found = answer(iam.list_entities_for_policy, **asked)
    titles = ("Group", "User", "Role")
    assert tuple([one[f"{title}Name"] for one in found[f"Policy{title}s"]] for title in titles) == names
    assert all(one["UserId"] == "AIDAANN" for one in found["PolicyUsers"])


def test_the_details_of_an_account_can_be_filtered(iam: Any) -> None:
    lists = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList"}
    for value, key in lists.items():
        found = answer(iam.get_account_authorization_details, Filter=[value])
        assert [len(found[other]) for other in (*lists.values(), "Policies")].count(0) == 3
        assert len(found[key]) == 2
    own = answer(iam.get_account_authorization_details, Filter=["LocalManagedPolicy"])["Policies"]
    assert [one["PolicyName"] for one in own] == ["edge", "ml", "spare"]
    both = answer(iam.get_account_authorization_details, Filter=["AWSManagedPolicy", "User"])
    assert ([one["Arn"] for one in both["Policies"]], len(both["UserDetailList"])) == ([AWS], 2)
    status, code, _ = refused(iam.get_account_authorization_details, Filter=["Users"])
    assert (status, code) == (400, "ValidationError")


def test_the_details_of_an_account_are_whole(iam: Any) -> None:
    found = answer(iam.get_account_authorization_details)
    ann, job = found["UserDetailList"][0], found["RoleDetailList"][1]
    assert ann["UserPolicyList"] == [
        {"PolicyName": "other", "PolicyDocument": DENY},
        {"PolicyName": "own", "PolicyDocument": ALLOW},
    ]
    assert (ann["GroupList"], ann["PermissionsBoundary"], ann["Tags"]) == (["team"], BOUNDED, TAGS)
    assert found["UserDetailList"][1]["Tags"] == []
    assert job["InstanceProfileList"] == [PROFILE | {"CreateDate": CREATED, "Roles": [JOB]}]
    assert job["AssumeRolePolicyDocument"] == TRUST
    ml = next(one for one in found["Policies"] if one["PolicyName"] == "ml")
    assert [one["VersionId"] for one in ml["PolicyVersionList"]] == ["v3", "v2"]
    assert (ml["AttachmentCount"], ml["DefaultVersionId"], ml["Description"]) == (3, "v3", "for <models>")


def test_who_takes_an_account_out_stands_in_the_audit_record(iam: Any, account: Account) -> None:
    iam.get_account_authorization_details(MaxItems=1)
    iam.get_account_authorization_details(Filter=["User"])
    (entry,) = AuditEntry.objects.filter(action="account.exported")
    assert (entry.account, entry.target) == (account.number, account.number)


def test_the_account_is_counted(iam: Any) -> None:
    summary = iam.get_account_summary()["SummaryMap"]
    counted = {key: value for key, value in summary.items() if not key.endswith("Quota")}
    assert counted == {
        "Users": 2,
        "Groups": 2,
        "Roles": 2,
        "InstanceProfiles": 1,
        "Policies": 3,
        "PolicyVersionsInUse": 4,
    }
    assert (summary["PolicySizeQuota"], summary["VersionsPerPolicyQuota"]) == (6144, 5)


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("list_account_aliases", {}),
        ("list_access_keys", {"UserName": "ann"}),
        ("get_access_key_last_used", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
        ("list_mfa_devices", {"UserName": "ann"}),
        ("list_virtual_mfa_devices", {}),
        ("get_login_profile", {"UserName": "ann"}),
        ("get_account_password_policy", {}),
        ("list_saml_providers", {}),
        ("list_open_id_connect_providers", {}),
        ("list_server_certificates", {}),
        ("list_signing_certificates", {}),
        ("list_ssh_public_keys", {}),
        ("list_service_specific_credentials", {}),
        ("get_credential_report", {}),
        ("generate_credential_report", {}),
        ("generate_service_last_accessed_details", {"Arn": ML}),
        ("list_policies_granting_service_access", {"Arn": ML, "ServiceNamespaces": ["s3"]}),
        ("get_organizations_access_report", {"JobId": "x" * 36}),
        ("create_user", {"UserName": "eve"}),
        ("delete_role", {"RoleName": "job"}),
        ("put_user_policy", {"UserName": "ann", "PolicyName": "p", "PolicyDocument": "{}"}),
    ],
)
def test_what_is_not_kept_and_whatever_writes_is_refused_and_never_empty(
    iam: Any, method: str, asked: dict[str, Any]
) -> None:
    status, code, message = refused(getattr(iam, method), **asked)
    assert (status, code) == (400, "InvalidAction")
    assert iam.meta.method_to_api_mapping[method] in message


def test_a_role_without_instance_profile_has_none(iam: Any) -> None:
    found = answer(iam.list_instance_profiles_for_role, RoleName="idle")
    assert found == {"InstanceProfiles": [], "IsTruncated": False}


def test_what_nobody_told_is_not_made_up(iam: Any, account: Account) -> None:
    """Ids and dates of what was made here, and the document of a policy that is known by its name alone."""
    made = factories.make_identity(account, "user", "new")
    factories.attach(made, factories.make_managed_policy(account, "named", None))
    stands_in = stand_in_id(made.arn)
    assert answer(iam.get_user, UserName="new") == {
        "User": {"Path": "/", "UserName": "new", "UserId": stands_in, "Arn": made.arn}
    }
    bearers = answer(iam.list_entities_for_policy, PolicyArn=arn("policy", "named"))["PolicyUsers"]
    assert bearers == [{"UserName": "new", "UserId": stands_in}]
    told = answer(iam.get_policy, PolicyArn=arn("policy", "named"))["Policy"]
    assert (told["PolicyId"], told["AttachmentCount"]) == (stand_in_id(arn("policy", "named")), 1)
    assert not {"DefaultVersionId", "CreateDate", "UpdateDate"} & told.keys()
    details = answer(iam.get_account_authorization_details, Filter=["LocalManagedPolicy"])["Policies"]
    assert next(one for one in details if one["PolicyName"] == "named")["PolicyVersionList"] == []


def test_a_text_that_is_no_json_comes_as_it_is(iam: Any, account: Account) -> None:
    bearer = factories.make_identity(account, "user", "odd")
    factories.make_inline_policy(bearer, "no json: 100 % <b>\x01", "broken")
    told = answer(iam.get_user_policy, UserName="odd", PolicyName="broken")
    assert told["PolicyDocument"] == "no%20json%3A%20100%20%25%20%3Cb%3E%01"


def test_boto3s_resources_work(account: Account, monkeypatch: pytest.MonkeyPatch, iam: Any) -> None:
    """The object layer of boto3 on the same client: it loads by Get and walks by List operations."""
    import boto3

    resource = boto3.resource("iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    resource.meta.client = iam
    ann = resource.User("ann")
    assert ann.user_id == "AIDAANN"
    assert [one.arn for one in ann.attached_policies.all()] == [ML, AWS]
    assert ann.Policy("own").policy_document == ALLOW
    assert [one.name for one in ann.groups.all()] == ["team"]
    assert resource.Policy(ML).default_version.document == ALLOW
    assert sorted(one.name for one in resource.roles.all()) == ["idle", "job"]
    assert resource.AccountSummary().summary_map["Users"] == 2


def test_a_policy_is_the_accounts_own_copy(iam: Any, account: Account) -> None:
    """AWS's policies are kept for each account, as its own export told them."""
    other = factories.make_account()
    theirs = factories.make_managed_policy(other, "ReadOnlyAccess", DENY, aws=True)
    assert theirs.arn == AWS
    assert answer(iam.get_policy_version, PolicyArn=AWS, VersionId="v1")["PolicyVersion"]["Document"] == ALLOW
    bearer = factories.make_identity(other, "user", "ann")
    factories.attach(bearer, theirs)
    assert answer(iam.get_policy, PolicyArn=AWS)["Policy"]["AttachmentCount"] == 1
    assert [one["UserName"] for one in answer(iam.list_entities_for_policy, PolicyArn=AWS)["PolicyUsers"]] == ["ann"]
    assert ManagedPolicy.objects.filter(arn=AWS).count() == PolicyVersion.objects.filter(policy__arn=AWS).count() == 2
    assert Identity.objects.filter(name="ann").count() == 2
