"""Pages: boto3's own paginators give the same in pages of any size, and what a marker is good for."""

import json
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.awsquery.operations import details
from policystudio.awsquery.registry import offered
from policystudio.identities.models import Identity
from tests import factories
from tests.support import exports
from tests.support.aws_calls import make_caller, refused, sdk
from tests.support.exports import ALLOW, arn, attached, group, inline, policy, role, user, version

pytestmark = pytest.mark.django_db

TAGS = [{"Key": key, "Value": key.upper()} for key in ("b", "A", "team", "ä", "längste" * 18, "längste" * 18 + "x")]
POLICIES = ["edge", "Ml", "zero", "0-first"]
BOUNDARY = {"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy", "edge")}}
HELD = {"AttachedManagedPolicies": attached(*(arn("policy", name) for name in POLICIES))}
OWN = inline(**{"b": ALLOW, "A": ALLOW, "c.d": ALLOW, "a": ALLOW})
GROUPS = ["team", "Alpha", "beta"]


@pytest.fixture
def account() -> Account:
    exports.run(
        exports.export(
            user("ann", GroupList=GROUPS, UserPolicyList=OWN, Tags=TAGS, **HELD),
            user("Bob", GroupList=["team"], **BOUNDARY),
            user("cy", GroupList=["team"], path="/eng/"),
            user("x" * 64, GroupList=["team"], path="/eng/ml/", **HELD),
            *(group(name, GroupPolicyList=OWN, **HELD) for name in GROUPS),
            role("job", RolePolicyList=OWN, Tags=TAGS, **HELD, **BOUNDARY),
            role("Run", path="/eng/"),
            *(policy(name, Tags=TAGS) for name in POLICIES[1:]),
            policy("edge", PolicyVersionList=[version(f"v{n}", default=n == 12) for n in (8, 12, 9)], Tags=TAGS),
            policy("AmazonSageMakerReadOnly", number="aws"),
            policy("ReadOnlyAccess", number="aws"),
        )
    )
    # Names that AWS allows, but would not give to two policies of one account.
    account = Account.objects.get()
    factories.make_managed_policy(account, "ml", path="/other/")
    job, other = account.identities.get(name="job"), account.identities.get(name="Run")
    for number, held in enumerate((job, job, other, job, job)):
        factories.make_instance_profile(held, f"profile{number}", tags={tag["Key"]: tag["Value"] for tag in TAGS})
    return account


@pytest.fixture
def iam(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    return sdk(make_caller(account), monkeypatch)


EDGE, USER, GROUP, ROLE = (
    {"PolicyArn": arn("policy", "edge")},
    {"UserName": "ann"},
    {"GroupName": "team"},
    {"RoleName": "job"},
)
#: Every paginated operation that is offered, with what it needs and how many items there are.
PAGED: list[tuple[str, dict[str, Any], int]] = [
    ("get_account_authorization_details", {}, 16),
    ("get_account_authorization_details", {"Filter": ["Role", "AWSManagedPolicy"]}, 4),
    ("get_group", GROUP, 4),
    ("list_attached_group_policies", GROUP, 4),
    ("list_attached_role_policies", ROLE, 4),
    ("list_attached_user_policies", USER, 4),
    ("list_entities_for_policy", EDGE, 7),
    ("list_entities_for_policy", EDGE | {"PolicyUsageFilter": "PermissionsBoundary"}, 2),
    ("list_group_policies", GROUP, 4),
    ("list_groups", {}, 3),
    ("list_groups_for_user", USER, 3),
    ("list_instance_profile_tags", {"InstanceProfileName": "profile0"}, 6),
    ("list_instance_profiles", {}, 5),
    ("list_instance_profiles_for_role", ROLE, 4),
    ("list_policies", {}, 7),
    ("list_policies", {"OnlyAttached": True}, 4),
    ("list_policy_tags", EDGE, 6),
    ("list_policy_versions", EDGE, 3),
    ("list_role_policies", ROLE, 4),
    ("list_role_tags", ROLE, 6),
    ("list_roles", {}, 2),
    ("list_user_policies", USER, 4),
    ("list_user_tags", USER, 6),
    ("list_users", {}, 4),
]


def pages_of(iam: Any, method: str, asked: dict[str, Any], size: int) -> list[dict[str, Any]]:
    pages = list(iam.get_paginator(method).paginate(**asked, PaginationConfig={"PageSize": size}))
    for page in pages:
        page.pop("ResponseMetadata")
    return pages


def items_of(pages: list[dict[str, Any]]) -> list[Any]:
    """The items of all pages, each with the list that it stands in."""
    return [(key, item) for page in pages for key, value in page.items() if isinstance(value, list) for item in value]


@pytest.mark.parametrize(
    ("method", "asked", "number"), PAGED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_pages_of_any_size_give_the_same(iam: Any, method: str, asked: dict[str, Any], number: int) -> None:
    whole = pages_of(iam, method, asked, 1000)
    assert len(whole) == 1
    assert len(items_of(whole)) == number
    for size in (1, 2):
        pages = pages_of(iam, method, asked, size)
        assert items_of(pages) == items_of(whole)
        assert [len(items_of([page])) for page in pages[:-1]] == [size] * (len(pages) - 1)
        assert all(len(page.get("Marker", "")) <= 320 for page in pages)
        assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
        assert "Marker" not in pages[-1]


def test_every_paginated_operation_is_tried(iam: Any) -> None:
    methods = {iam.meta.method_to_api_mapping[method] for method, _, _ in PAGED}
    paged = {name for service, name in offered() if service == "iam" and iam.can_paginate(to_method(iam, name))}
    assert paged - methods <= {"SimulateCustomPolicy", "SimulatePrincipalPolicy"}


def to_method(iam: Any, operation: str) -> str:
    return next(method for method, name in iam.meta.method_to_api_mapping.items() if name == operation)


INVALID = (400, "ValidationError", "Invalid Marker.")


def test_a_marker_is_good_for_its_operation_and_account_alone(iam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = iam.list_users(MaxItems=1)["Marker"]
    assert iam.list_users(MaxItems=1, Marker=marker)["Users"][0]["UserName"] == "Bob"
    assert refused(iam.list_groups, Marker=marker) == INVALID
    assert refused(iam.list_user_policies, UserName="ann", Marker=marker) == INVALID
    other = sdk(make_caller(factories.make_account()), monkeypatch)
    assert refused(other.list_users, Marker=marker) == INVALID


@pytest.mark.parametrize("wrong", ["x", "ann", "YW5u", "YW5u:", ":", "\u00e9", "A" * 320])
def test_a_marker_that_was_not_given_is_refused(iam: Any, wrong: str) -> None:
    assert refused(iam.list_users, Marker=wrong) == INVALID
    marker = iam.list_users(MaxItems=1)["Marker"]
    assert refused(iam.list_users, Marker=marker[:-1] + ("A" if marker[-1] != "A" else "B")) == INVALID


@pytest.mark.parametrize(
    ("name", "value"), [("MaxItems", 0), ("MaxItems", 1001), ("Marker", ""), ("Marker", "x" * 321)]
)
def test_what_no_page_can_be_is_refused(iam: Any, name: str, value: object) -> None:
    status, code, message = refused(iam.list_users, **{name: value})
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("1 validation error detected: Value")


def test_a_page_has_a_hundred_items_where_nothing_is_said(iam: Any, account: Account) -> None:
    for number in range(97):
        factories.make_identity(account, "user", f"user{number:03}")
    page = iam.list_users()
    assert (len(page["Users"]), page["IsTruncated"]) == (100, True)
    assert len(iam.list_users(Marker=page["Marker"])["Users"]) == 1


def test_rows_may_come_and_go_between_two_pages(iam: Any, account: Account) -> None:
    first = iam.list_users(MaxItems=2)
    assert [one["UserName"] for one in first["Users"]] == ["ann", "Bob"]
    Identity.objects.get(name="Bob").delete()
    factories.make_identity(account, "user", "aaa")
    factories.make_identity(account, "user", "C")
    rest = iam.list_users(Marker=first["Marker"])
    assert [one["UserName"] for one in rest["Users"]] == ["C", "cy", "x" * 64]


def test_rows_may_come_and_go_between_two_pages_of_all_details(iam: Any, account: Account) -> None:
    first = iam.get_account_authorization_details(MaxItems=4)
    assert [len(first[key]) for key in ("UserDetailList", "GroupDetailList")] == [4, 0]
    Identity.objects.get(name="x" * 64).delete()
    factories.make_identity(account, "user", "aaa")
    factories.make_identity(account, "group", "aaa")
    rest = iam.get_account_authorization_details(Marker=first["Marker"])
    assert rest["UserDetailList"] == []
    assert [one["GroupName"] for one in rest["GroupDetailList"]] == ["aaa", "Alpha", "beta", "team"]


def test_names_stand_in_one_order_whatever_their_case(iam: Any) -> None:
    names = [one["PolicyName"] for one in iam.list_policies()["Policies"]]
    assert names == ["0-first", "AmazonSageMakerReadOnly", "edge", "Ml", "ml", "ReadOnlyAccess", "zero"]
    versions = [one["VersionId"] for one in iam.list_policy_versions(**EDGE)["Versions"]]
    assert versions == ["v12", "v9", "v8"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_page_with_long_documents_ends_earlier(iam: Any, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS's may; what follows the markers gets everything, and no page is empty."""
    method = "get_account_authorization_details"
    whole = items_of(pages_of(iam, method, {}, 1000))
    one = len(json.dumps(ALLOW))
    for characters in (0, one, 5 * one, 9 * one):
        monkeypatch.setattr(details, "PAGE_CHARACTERS", characters)
        pages = pages_of(iam, method, {}, size)
        assert items_of(pages) == whole
        assert all(items_of([page]) for page in pages)
        assert [page["IsTruncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
        assert all(characters_of(page) <= characters or len(items_of([page])) == 1 for page in pages)
    assert len(pages) > 1


def characters_of(value: Any) -> int:
    """Of all documents in an answer, as `json` writes them."""
    if isinstance(value, list):
        return sum(map(characters_of, value))
    if not isinstance(value, dict):
        return 0
    return len(json.dumps(value)) if "Statement" in value else sum(map(characters_of, value.values()))
