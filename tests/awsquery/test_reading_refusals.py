"""What the reading operations refuse, in AWS's words, and to whom."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.audit.models import AuditEntry
from tests import factories
from tests.support.aws_account import ML, make_told_account
from tests.support.aws_calls import answer, make_caller, refused, sdk
from tests.support.exports import arn

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_told_account()


@pytest.fixture
def iam(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    return sdk(make_caller(account), monkeypatch)


NOT_FOUND = [
    ("get_user", {"UserName": "eve"}, "The user with name eve cannot be found."),
    ("get_user", {"UserName": "team"}, "The user with name team cannot be found."),
    ("get_group", {"GroupName": "eve"}, "The group with name eve cannot be found."),
    ("get_role", {"RoleName": "eve"}, "The role with name eve cannot be found."),
    ("list_user_policies", {"UserName": "eve"}, "The user with name eve cannot be found."),
    ("list_attached_role_policies", {"RoleName": "eve"}, "The role with name eve cannot be found."),
    ("list_groups_for_user", {"UserName": "eve"}, "The user with name eve cannot be found."),
    ("list_role_tags", {"RoleName": "eve"}, "The role with name eve cannot be found."),
    ("list_instance_profiles_for_role", {"RoleName": "eve"}, "The role with name eve cannot be found."),
    ("get_user_policy", {"UserName": "ann", "PolicyName": "x"}, "The user policy with name x cannot be found."),
    ("get_user_policy", {"UserName": "ann", "PolicyName": "OWN"}, "The user policy with name OWN cannot be found."),
    ("get_group_policy", {"GroupName": "team", "PolicyName": "x"}, "The group policy with name x cannot be found."),
    ("get_role_policy", {"RoleName": "eve", "PolicyName": "x"}, "The role with name eve cannot be found."),
    ("get_policy", {"PolicyArn": arn("policy", "x")}, f"Policy {arn('policy', 'x')} was not found."),
    ("get_policy", {"PolicyArn": arn("policy", "ml")}, f"Policy {arn('policy', 'ml')} was not found."),
    *(
        (method, {"PolicyArn": arn("policy", "x")}, f"Policy {arn('policy', 'x')} does not exist or is not attachable.")
        for method in ("list_policy_versions", "list_entities_for_policy", "list_policy_tags")
    ),
    (
        "get_policy_version",
        {"PolicyArn": ML, "VersionId": "v9"},
        f"Policy {ML} version v9 does not exist or is not attachable.",
    ),
]


@pytest.mark.parametrize(("method", "asked", "message"), NOT_FOUND)
def test_what_is_not_there_is_no_such_entity(iam: Any, method: str, asked: dict[str, str], message: str) -> None:
    assert refused(getattr(iam, method), **asked) == (404, "NoSuchEntity", message)


@pytest.mark.parametrize(
    ("method", "asked", "code", "message"),
    [
        ("get_user", {}, "ValidationError", "Must specify userName when calling with non-User credentials"),
        ("get_role", {}, "ValidationError", "1 validation error detected: Value null at 'roleName'"),
        ("get_role", {"RoleName": "a b"}, "ValidationError", "1 validation error detected: Value 'a b' at 'roleName'"),
        ("get_role", {"RoleName": "x" * 65}, "ValidationError", "1 validation error detected: Value "),
        ("list_users", {"PathPrefix": "eng"}, "ValidationError", "1 validation error detected: Value 'eng'"),
        ("list_policies", {"PathPrefix": "/eng"}, "ValidationError", "1 validation error detected: Value '/eng'"),
        ("list_policies", {"Scope": "Mine"}, "ValidationError", "1 validation error detected: Value 'Mine'"),
        ("list_entities_for_policy", {"PolicyArn": ML, "EntityFilter": "user"}, "ValidationError", "1 validation"),
        ("get_policy", {"PolicyArn": "short"}, "ValidationError", "1 validation error detected: Value 'short'"),
        ("get_policy", {"PolicyArn": arn("user", "annabel")}, "InvalidInput", f"ARN {arn('user', 'annabel')} is not"),
        ("get_policy", {"PolicyArn": "x" * 30}, "InvalidInput", f"ARN {'x' * 30} is not valid."),
        ("get_policy_version", {"PolicyArn": ML, "VersionId": "3"}, "ValidationError", "1 validation error detected"),
    ],
)
def test_what_cannot_be_meant_is_refused(iam: Any, method: str, asked: dict[str, str], code: str, message: str) -> None:
    status, found, told = refused(getattr(iam, method), **asked)
    assert (status, found) == (400, code)
    assert told.startswith(message)


def test_only_the_account_of_the_caller_is_seen(iam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.make_account()
    theirs = sdk(make_caller(other), monkeypatch)
    found = answer(theirs.get_account_authorization_details)
    assert not any(found[key] for key in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"))
    for call, asked in ((theirs.get_user, {"UserName": "ann"}), (theirs.get_policy, {"PolicyArn": ML})):
        assert refused(call, **asked)[:2] == (404, "NoSuchEntity")
    for call in (theirs.list_users, theirs.list_groups, theirs.list_roles, theirs.list_policies):
        assert [value for value in answer(call).values() if isinstance(value, list)] == [[]]


READING = [
    *("GetAccountAuthorizationDetails", "GetAccountSummary", "GetGroup", "GetGroupPolicy", "GetInstanceProfile"),
    *("GetPolicy", "ListInstanceProfileTags"),
    *("GetPolicyVersion", "GetRole", "GetRolePolicy", "GetUser", "GetUserPolicy"),
    *("ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListEntitiesForPolicy"),
    *("ListGroupPolicies", "ListGroups", "ListGroupsForUser", "ListInstanceProfiles", "ListInstanceProfilesForRole"),
    *("ListPolicies", "ListPolicyTags", "ListPolicyVersions", "ListRolePolicies", "ListRoleTags", "ListRoles"),
    *("ListUserPolicies", "ListUserTags", "ListUsers"),
]
#: What any of them may need.
NAMES = {
    "UserName": "ann",
    "GroupName": "team",
    "RoleName": "job",
    "PolicyArn": ML,
    "PolicyName": "own",
    "VersionId": "v3",
    "InstanceProfileName": "job",
}


def test_boto3_knows_the_refusals_by_their_classes(iam: Any) -> None:
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="eve")
    with pytest.raises(iam.exceptions.InvalidInputException):
        iam.get_policy(PolicyArn=arn("role", "job", path="/eng/"))


@pytest.mark.parametrize("operation", READING)
def test_who_has_no_role_in_the_account_reads_nothing(
    operation: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = sdk(make_caller(account, role=None), monkeypatch)
    shape = iam.meta.service_model.operation_model(operation).input_shape
    asked = {name: NAMES[name] for name in (shape.required_members if shape else ())}
    method = next(method for method, name in iam.meta.method_to_api_mapping.items() if name == operation)
    status, code, message = refused(getattr(iam, method), **asked)
    assert (status, code) == (403, "AccessDenied")
    assert f"is not authorized to perform: iam:{operation}" in message
    assert not AuditEntry.objects.filter(action="account.exported").exists()
