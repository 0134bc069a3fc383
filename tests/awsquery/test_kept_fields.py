"""Each field of an account export is kept: the download by AWS's SDK equals what was imported, order aside."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.awssync.snapshot.dates import parse_date
from policystudio.identities.models import Identity, InstanceProfile
from tests import factories
from tests.awsquery.test_round_trip import as_json, download
from tests.support import exports
from tests.support.aws_calls import answer, make_caller, refused, sdk
from tests.support.exports import ALLOW, DENY, TRUST, arn, attached, group, inline, policy, role, user, version

pytestmark = pytest.mark.django_db

CREATED = "2019-12-18T19:10:08+00:00"
LATER = "2024-02-29T23:59:59+00:00"


def profile(name: str, of: dict[str, Any], path: str = "/", **fields: Any) -> dict[str, Any]:
    """As a RoleDetail tells it: with the role once more."""
    told = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")
    return {
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": f"AIPA{name.upper()}",
        "Arn": arn("instance-profile", name, path=path),
        "CreateDate": LATER,
        "Roles": [{key: of[key] for key in told}],
    } | fields


def counts(attachments: int, boundaries: int = 0) -> dict[str, int]:
    return {"AttachmentCount": attachments, "PermissionsBoundaryUsageCount": boundaries}


def rich() -> dict[str, Any]:
    """Everything that the shapes of GetAccountAuthorizationDetails have."""
    edge = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn("policy", "edge")}
    bound = {"PermissionsBoundary": edge}
    tags = [{"Key": "cost", "Value": "42"}, {"Key": "team", "Value": ""}]
    worker = role(
        "worker",
        path="/ml/",
        RoleId="AROAWORKER",
        RolePolicyList=inline(run=ALLOW, stop=DENY),
        Tags=tags,
        AttachedManagedPolicies=attached(arn("policy", "ml")),
        CreateDate=LATER,
        RoleLastUsed={"LastUsedDate": LATER, "Region": "eu-west-1"},
        **bound,
    )
    worker["InstanceProfileList"] = [profile("worker", worker), profile("Worker-2", worker, "/ml/")]
    return exports.export(
        user("ann", path="/eng/", UserId="AIDAANN", GroupList=["team"], UserPolicyList=inline(own=ALLOW), Tags=tags,
             AttachedManagedPolicies=attached(arn("policy", "ml"), arn("policy", "Read", "aws")), **bound),
        user("bob", UserId="AIDABOB", UserPolicyList=[]),
        group("team", GroupId="AGPATEAM", GroupPolicyList=inline(shared=DENY)),
        worker,
        role("idle", RoleId="AROAIDLE", Tags=[], RoleLastUsed={}),
        policy("ml", Description="for models", DefaultVersionId="v4", UpdateDate=LATER, **counts(2),
               PolicyVersionList=[version("v4", ALLOW), version("v2", DENY, default=False) | {"CreateDate": LATER}]),
        policy("edge", **counts(0, 2)),
        # Attached to somebody whom a filtered export does not show.
        policy("spare", **counts(3, 1)),
        policy("Read", number="aws", **counts(1)),
        policy("Linked", number="aws", IsAttachable=False, **counts(0)),
    )  # fmt: skip


def same(value: Any) -> Any:
    """A value that does not depend on order and on how moments are written."""
    if isinstance(value, dict):
        return {key: same(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted(map(same, value), key=lambda one: json.dumps(one, sort_keys=True, default=str))
    moment = value if isinstance(value, datetime) else None
    if moment is None and isinstance(value, str) and value[:2] == "20" and "T" in value:
        moment = parse_date(value)
    return moment or value


@pytest.fixture
def account() -> Account:
    exports.run(rich())
    return Account.objects.get()


@pytest.fixture
def iam(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    return sdk(make_caller(account), monkeypatch)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_every_field_comes_out_as_it_went_in(iam: Any, size: int) -> None:
    assert same(download(iam, size)) == same(rich())
    exports.run(as_json(download(iam)))  # documents lose their white space, and nothing else
    assert not exports.run(as_json(download(iam))).is_changed
    assert same(download(iam, size)) == same(rich())


def test_the_real_export_comes_out_with_its_counts_and_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.loads(exports.REAL.read_text())
    exports.run(content)
    found = download(sdk(make_caller(Account.objects.get()), monkeypatch))
    keys = ("AttachmentCount", "PermissionsBoundaryUsageCount", "IsAttachable")
    told = {one["Arn"]: [one[key] or 0 for key in keys] for one in content["Policies"]}
    assert {one["Arn"]: [one[key] for key in keys] for one in found["Policies"]} == told
    assert [attachable for *_, attachable in told.values()].count(False) == 1
    (of_role,) = [one["InstanceProfileList"] for one in content["RoleDetailList"] if one["InstanceProfileList"]]
    (kept,) = [one["InstanceProfileList"] for one in found["RoleDetailList"] if one["InstanceProfileList"]]
    assert [one["Arn"] for one in kept] == [one["Arn"] for one in of_role]


def test_uses_that_nobody_showed_are_counted_and_what_is_done_here_comes_to_them(iam: Any, account: Account) -> None:
    spare = arn("policy", "spare")
    factories.attach(account.identities.get(name="bob"), account.managed_policies.get(arn=spare))
    told = answer(iam.get_policy, PolicyArn=spare)["Policy"]
    assert (told["AttachmentCount"], told["PermissionsBoundaryUsageCount"]) == (4, 1)
    assert "spare" in [one["PolicyName"] for one in answer(iam.list_policies, OnlyAttached=True)["Policies"]]
    bounding = answer(iam.list_policies, PolicyUsageFilter="PermissionsBoundary")["Policies"]
    assert [one["PolicyName"] for one in bounding] == ["edge", "spare"]


def test_a_file_that_goes_on_counts_what_it_shows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other uses may stand in what follows, and would be counted twice then."""
    first = exports.export(policy("ml", AttachmentCount=1), IsTruncated=True)
    exports.run(first)
    exports.run(exports.export(user("ann", AttachedManagedPolicies=attached(arn("policy", "ml"))), IsTruncated=True))
    iam = sdk(make_caller(Account.objects.get()), monkeypatch)
    assert answer(iam.get_policy, PolicyArn=arn("policy", "ml"))["Policy"]["AttachmentCount"] == 1


def test_what_only_get_and_list_tell_is_kept_where_a_file_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's export leaves them out; whoever puts them into it has them here."""
    exports.run(
        exports.export(
            role("job", Description="runs <jobs>", MaxSessionDuration=43200),
            role("bare"),
            user("ann", PasswordLastUsed=LATER),
            policy("ml", Tags=[{"Key": "a", "Value": "b"}]),
        )
    )
    iam = sdk(make_caller(Account.objects.get()), monkeypatch)
    bare, job = answer(iam.list_roles)["Roles"]
    assert (job["Description"], job["MaxSessionDuration"]) == ("runs <jobs>", 43200)
    assert answer(iam.get_role, RoleName="job")["Role"]["MaxSessionDuration"] == 43200
    assert not {"Description", "MaxSessionDuration"} & bare.keys()
    for one in (answer(iam.get_user, UserName="ann")["User"], answer(iam.list_users)["Users"][0]):
        assert one["PasswordLastUsed"] == parse_date(LATER)
    assert answer(iam.list_policy_tags, PolicyArn=arn("policy", "ml"))["Tags"] == [{"Key": "a", "Value": "b"}]


def test_instance_profiles_are_told_by_their_own_operations(iam: Any) -> None:
    found = answer(iam.list_instance_profiles)
    assert [one["InstanceProfileName"] for one in found["InstanceProfiles"]] == ["worker", "Worker-2"]
    assert found["IsTruncated"] is False
    of_role = answer(iam.list_instance_profiles_for_role, RoleName="worker")["InstanceProfiles"]
    assert of_role == found["InstanceProfiles"]
    assert answer(iam.list_instance_profiles_for_role, RoleName="idle")["InstanceProfiles"] == []
    below = answer(iam.list_instance_profiles, PathPrefix="/ml/")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in below] == ["Worker-2"]
    one = answer(iam.get_instance_profile, InstanceProfileName="WORKER-2")["InstanceProfile"]
    assert one == below[0] | {"Tags": []}
    (of_profile,) = one["Roles"]
    assert (of_profile["RoleName"], of_profile["AssumeRolePolicyDocument"]) == ("worker", TRUST)
    assert answer(iam.get_account_summary)["SummaryMap"]["InstanceProfiles"] == 2


def test_pages_and_tags_of_instance_profiles(iam: Any, account: Account) -> None:
    pages = list(iam.get_paginator("list_instance_profiles").paginate(PaginationConfig={"PageSize": 1}))
    assert [[one["InstanceProfileName"] for one in page["InstanceProfiles"]] for page in pages] == [
        ["worker"],
        ["Worker-2"],
    ]
    InstanceProfile.objects.filter(name="worker").update(tags={"b": "2", "a": "1"})
    told = answer(iam.list_instance_profile_tags, InstanceProfileName="worker")
    assert told == {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], "IsTruncated": False}
    gone = "Instance Profile nothing cannot be found."
    for call in (iam.get_instance_profile, iam.list_instance_profile_tags):
        assert refused(call, InstanceProfileName="nothing") == (404, "NoSuchEntity", gone)


WAITERS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("user_exists", {"UserName": "ann"}, {"UserName": "eve"}),
    ("role_exists", {"RoleName": "worker"}, {"RoleName": "eve"}),
    ("policy_exists", {"PolicyArn": arn("policy", "ml")}, {"PolicyArn": arn("policy", "no")}),
    ("instance_profile_exists", {"InstanceProfileName": "worker"}, {"InstanceProfileName": "eve"}),
]


@pytest.mark.parametrize(("name", "there", "gone"), WAITERS)
def test_waiters(iam: Any, name: str, there: dict[str, str], gone: dict[str, str]) -> None:
    assert sorted(one for one, _, _ in WAITERS) == sorted(iam.waiter_names)
    wait: Callable[..., None] = iam.get_waiter(name).wait
    wait(**there, WaiterConfig={"MaxAttempts": 1})
    with pytest.raises(Exception, match="Max attempts exceeded"):
        wait(**gone, WaiterConfig={"MaxAttempts": 2, "Delay": 0})


def test_a_role_that_is_gone_takes_its_instance_profiles_with_it(iam: Any) -> None:
    Identity.objects.get(name="worker").delete()
    assert answer(iam.list_instance_profiles)["InstanceProfiles"] == []
