"""The script runs in a real shell; every command is one that botocore knows, and moto does what they say."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from hypothesis import HealthCheck, given, settings
from moto import mock_aws

from policystudio.interchange.aws_cli import write_cli
from policystudio.interchange.edits import Change, Edit, Known, KnownIdentity, KnownPolicy
from tests.interchange import aws
from tests.interchange.samples import (
    ANN,
    AWS_POLICY,
    CHANGE,
    KNOWN,
    NAMES,
    NEW,
    NUMBER,
    OLD,
    OWN,
    POLICIES,
    TRAINER,
    TRUST,
    arn,
    document,
)


def calls_of(tmp_path: Path, *edits: Edit, known: Known = KNOWN) -> list[tuple[str, dict[str, Any]]]:
    status, calls = aws.run(write_cli(Change("", edits, known)).text, tmp_path, NUMBER)
    assert status == 0
    return [(call.operation, call.parameters) for call in calls if call.service != "sts"]


def test_every_command_of_every_kind_of_edit_is_one_that_aws_takes(tmp_path: Path) -> None:
    status, calls = aws.run(write_cli(CHANGE).text, tmp_path, NUMBER)
    assert status == 0
    assert [call.operation for call in calls] == [
        "GetCallerIdentity",
        *("CreateUser", "CreateGroup", "CreateRole"),
        *("DeletePolicyVersion", "CreatePolicyVersion", "CreatePolicy"),
        *("UpdatePolicy", "CreatePolicy"),
        "UpdateAssumeRolePolicy",
        *("DeleteUserPermissionsBoundary", "PutRolePermissionsBoundary"),
        *("PutRolePolicy", "PutRolePolicy"),
        *("UntagUser", "TagUser", "UntagPolicy"),
        "AddUserToGroup",
        *("AttachUserPolicy", "AttachUserPolicy", "AttachRolePolicy", "AttachRolePolicy"),
        *("AttachPolicy", "DetachPolicy"),
        "DetachUserPolicy",
        "RemoveUserFromGroup",
        "DeleteRolePolicy",
        *("DetachPolicy", "DeletePolicy"),
        *("DetachUserPolicy", "DeletePolicyVersion", "DeletePolicy"),
        *("RemoveUserFromGroup", "DetachUserPolicy", "DeleteUserPolicy", "DeleteUser"),
    ]


def test_texts_arrive_exactly(tmp_path: Path) -> None:
    calls = dict(calls_of(tmp_path, *CHANGE.edits[7:9], CHANGE.edits[6]))
    assert calls["PutRolePolicy"]["PolicyDocument"] == OWN
    assert calls["CreatePolicy"] == {
        "PolicyName": "new",
        "Path": "/ml/",
        "Description": "file://not a file",
        "PolicyDocument": OWN,
    }


def test_another_account_is_left_alone(tmp_path: Path) -> None:
    status, calls = aws.run(write_cli(CHANGE).text, tmp_path, "999999999999")
    assert (status, [call.operation for call in calls]) == (1, ["GetCallerIdentity"])


def test_the_first_failure_ends_the_script(tmp_path: Path) -> None:
    script = write_cli(CHANGE).text.replace("aws iam create-group", "false")
    status, calls = aws.run(script, tmp_path, NUMBER)
    assert (status, calls[-1].operation) == (1, "CreateUser")


def test_the_id_of_a_new_organization_policy_is_passed_on(tmp_path: Path) -> None:
    edits = [edit for edit in CHANGE.edits if edit.target == "new:fence"]
    calls = calls_of(tmp_path, *edits)
    assert calls[0][1]["Description"] == "-x"
    assert calls[1] == ("AttachPolicy", {"PolicyId": "p-freshone", "TargetId": NUMBER})


def test_a_full_identity_is_detached_from_first(tmp_path: Path) -> None:
    full = KnownIdentity(attached=tuple(arn(f"policy/p{number}") for number in range(10)))
    known = Known(NUMBER, identities={ANN: full})
    edits = (Edit("attach", ANN, other=OLD), Edit("detach", ANN, other=arn("policy/p1")))
    assert [name for name, _ in calls_of(tmp_path, *edits, known=known)] == ["DetachUserPolicy", "AttachUserPolicy"]
    assert [name for name, _ in calls_of(tmp_path, *edits)] == ["AttachUserPolicy", "DetachUserPolicy"]


def test_a_version_makes_room_only_where_there_are_five(tmp_path: Path) -> None:
    edit = Edit("managed-policy", OLD, text=document())
    four = Known(NUMBER, policies={OLD: KnownPolicy(versions=("v2", "v3", "v4"))})
    assert [name for name, _ in calls_of(tmp_path, edit, known=four)] == ["CreatePolicyVersion"]
    made, (_, parameters) = calls_of(tmp_path, edit)
    assert made == ("DeletePolicyVersion", {"PolicyArn": OLD, "VersionId": "v1"})
    assert parameters == {"PolicyArn": OLD, "PolicyDocument": document(), "SetAsDefault": True}


def test_what_it_cannot_know_is_said() -> None:
    (note,) = write_cli(CHANGE).notes
    assert note.startswith("The commands of aws organizations need the credentials of the organization's management")
    assert f"# Note: {note}\n" in write_cli(CHANGE).text


@pytest.mark.parametrize("value", ["-x", "file://x", "https://x", "", "'", "$(x)", "a\nb", "--path"])
def test_awkward_values_arrive(value: str, tmp_path: Path) -> None:
    edits = (
        Edit("managed-policy", NEW, text=document(), data={"description": value}),
        Edit("tags", ANN, data={"tags": {f"k{value}": value}}),
    )
    known = Known(NUMBER, identities={ANN: KnownIdentity(tags={f"o{value}": "1", value or "z": "2"})})
    calls = dict(calls_of(tmp_path, *edits, known=known))
    assert calls["CreatePolicy"].get("Description", "") == value
    assert calls["UntagUser"]["TagKeys"] == [f"o{value}", value or "z"]
    assert calls["TagUser"]["Tags"] == [{"Key": f"k{value}", "Value": value}]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=POLICIES, name=NAMES)
def test_any_document_arrives_exactly(text: str, name: str, tmp_path: Path) -> None:
    (call,) = calls_of(tmp_path, Edit("inline-policy", TRAINER, name, text=text))
    assert call == ("PutRolePolicy", {"RoleName": "trainer", "PolicyName": name, "PolicyDocument": text})


@mock_aws
def test_the_order_works_in_an_account(tmp_path: Path) -> None:
    """moto refuses what is not there yet, and deletions of what is still in use."""
    iam = boto3.client("iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    for text in (document(), document("*"), document("s3:*"), document("sns:*"), document("sqs:*")):
        if text == document():
            old = iam.create_policy(PolicyName="old", Path="/ml/", PolicyDocument=text)["Policy"]["Arn"]
        else:
            iam.create_policy_version(PolicyArn=old, PolicyDocument=text)
    number = old.split(":")[4]
    gone = iam.create_policy(PolicyName="gone", PolicyDocument=document())["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=gone, PolicyDocument=document("*"), SetAsDefault=True)
    iam.create_group(GroupName="team")
    for name in ("ann", "cat"):
        iam.create_user(UserName=name, Tags=[{"Key": "old", "Value": "1"}])
        iam.add_user_to_group(GroupName="team", UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn=old)
    iam.attach_user_policy(UserName="ann", PolicyArn=gone)
    iam.put_user_policy(UserName="cat", PolicyName="own", PolicyDocument=document())
    iam.create_role(RoleName="trainer", AssumeRolePolicyDocument=TRUST)
    for name in ("extra", "gone"):
        iam.put_role_policy(RoleName="trainer", PolicyName=name, PolicyDocument=document())
    # It knows neither organizations here, nor AWS's own policies, nor boundaries of users.
    edits = tuple(
        edit
        for edit in CHANGE.edits
        if not edit.kind.startswith("organization")
        and edit.other != AWS_POLICY
        and (edit.kind, edit.target) != ("boundary", ANN)
    )
    known = KNOWN.policies | {OLD: KnownPolicy(document(), versions=("v2", "v3", "v4", "v5"), bearers=(ANN,))}
    script = write_cli(Change("", edits, Known(NUMBER, policies=known, identities=KNOWN.identities))).text
    _, calls = aws.run(script.replace(NUMBER, number), tmp_path, number)
    for call in calls[1:]:
        getattr(iam, xform_name(call.operation))(**call.parameters)
    assert iam.get_policy(PolicyArn=old)["Policy"]["DefaultVersionId"] == "v6"
    runner = iam.get_role(RoleName="runner")["Role"]
    assert runner["PermissionsBoundary"]["PermissionsBoundaryArn"] == NEW.replace(NUMBER, number)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["ann", "ben"]
    assert iam.get_group(GroupName="team")["Users"] == []
    assert iam.list_role_policies(RoleName="trainer")["PolicyNames"] == ["extra"]
