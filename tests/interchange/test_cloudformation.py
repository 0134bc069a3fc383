"""cfn-lint finds nothing in the templates; what they cannot say is told, and both spellings say the same."""

import json
from typing import Any

import pytest
import yaml
from cfnlint import lint
from hypothesis import example, given, settings

from policystudio.interchange.cloudformation import write_cloudformation
from policystudio.interchange.edits import Change, Edit, Known, NotExpressibleError
from tests.interchange.samples import (
    AWS_POLICY,
    BEN,
    CHANGE,
    CREW,
    EDITS,
    KNOWN,
    NEW,
    OLD,
    OWN,
    POLICIES,
    RUNNER,
    TRAINER,
    TRUST,
    document,
)


def template(*edits: Edit, known: Known = KNOWN) -> dict[str, Any]:
    return json.loads(write_cloudformation(Change("", edits, known)).text)


def resources(*edits: Edit, known: Known = KNOWN) -> dict[str, Any]:
    return template(*edits, known=known)["Resources"]


def written_or_notes(change: Change) -> tuple[str, tuple[str, ...]]:
    try:
        written = write_cloudformation(change)
    except NotExpressibleError as error:
        return "", error.notes
    return written.text, written.notes


@pytest.mark.parametrize("as_yaml", [True, False])
def test_cfn_lint_finds_nothing_in_a_template_of_everything(as_yaml: bool) -> None:
    assert lint(write_cloudformation(CHANGE, yaml=as_yaml).text) == []


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.kind} {edit.target}")
def test_every_edit_is_in_the_template_or_told(edit: Edit) -> None:
    text, notes = written_or_notes(Change("t", (edit,), KNOWN))
    if text:
        assert len(json.loads(text)["Resources"]) == 1
        assert lint(text) == []
    else:
        assert any(edit.kind in note for note in notes)


def test_both_spellings_say_the_same() -> None:
    as_json = json.loads(write_cloudformation(CHANGE).text)
    assert yaml.safe_load(write_cloudformation(CHANGE, yaml=True).text) == as_json
    assert "&id" not in write_cloudformation(CHANGE, yaml=True).text


def test_what_exists_is_kept_and_listed_for_its_import() -> None:
    whole = template(Edit("managed-policy", OLD, text=OWN), Edit("inline-policy", TRAINER, "extra", text=OWN))
    policy = whole["Resources"]["OldPolicy"]
    assert (policy["DeletionPolicy"], policy["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert policy["Properties"] == {"ManagedPolicyName": "old", "Path": "/ml/", "PolicyDocument": json.loads(OWN)}
    assert whole["Metadata"]["PolicyStudio"]["ResourcesToImport"] == [
        {
            "LogicalResourceId": "OldPolicy",
            "ResourceType": "AWS::IAM::ManagedPolicy",
            "ResourceIdentifier": {"PolicyArn": OLD},
        },
        {
            "LogicalResourceId": "TrainerExtra",
            "ResourceType": "AWS::IAM::RolePolicy",
            "ResourceIdentifier": {"PolicyName": "extra", "RoleName": "trainer"},
        },
    ]


def test_new_things_refer_to_each_other() -> None:
    found = resources(
        Edit("identity", RUNNER, text=TRUST),
        Edit("managed-policy", NEW, text=OWN),
        Edit("attach", RUNNER, other=NEW),
        Edit("attach", RUNNER, other=AWS_POLICY),
        Edit("attach", TRAINER, other=NEW),
        Edit("boundary", RUNNER, other=NEW),
        Edit("inline-policy", RUNNER, "own", text=document()),
        Edit("identity", BEN),
        Edit("identity", CREW),
        Edit("join-group", BEN, other=CREW),
    )
    assert found["RunnerRole"]["Properties"] == {
        "RoleName": "runner",
        "Path": "/service/",
        "AssumeRolePolicyDocument": json.loads(TRUST),
        "PermissionsBoundary": {"Ref": "NewPolicy"},
        "ManagedPolicyArns": [{"Ref": "NewPolicy"}, AWS_POLICY],
    }
    assert found["NewPolicy"]["Properties"]["Roles"] == ["trainer"]
    assert found["RunnerOwn"]["Properties"]["RoleName"] == {"Ref": "RunnerRole"}
    assert found["BenInCrew"]["Properties"] == {"GroupName": {"Ref": "CrewGroup"}, "Users": [{"Ref": "BenUser"}]}


def test_attaching_an_existing_policy_names_everybody_who_has_it() -> None:
    edits = (Edit("managed-policy", OLD, text=OWN), Edit("attach", TRAINER, other=OLD))
    properties = resources(*edits)["OldPolicy"]["Properties"]
    assert (properties["Users"], properties["Roles"]) == (["ann"], ["trainer"])


def test_organization_policies_have_their_targets() -> None:
    new, old = "new:fence", "p-abcdefgh"
    found = resources(
        Edit("organization-policy", new, text=OWN, data={"kind": "rcp", "name": "fence"}),
        Edit("organization-attach", new, other="ou-ab12-11111111"),
        Edit("organization-policy", old, text=OWN),
    )
    assert found["FencePolicy"]["Properties"]["TargetIds"] == ["ou-ab12-11111111"]
    assert found["FencePolicy"]["Properties"]["Type"] == "RESOURCE_CONTROL_POLICY"
    assert "TargetIds" not in found["GuardPolicy"]["Properties"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"Statement": {"Ref": "x"}}', "`Ref`"),
        ('{"Statement": {"Fn::Sub": "x"}}', "`Fn::Sub`"),
        ('{"Statement": "{{resolve:ssm:x}}"}', "`{{resolve:`"),
        ('{"Statement": ', "not JSON"),
        ('{"Statement": 1, "Statement": 2}', "not JSON"),
    ],
)
def test_a_document_that_would_become_another_is_left_out_and_told(text: str, told: str) -> None:
    broken = Edit("inline-policy", TRAINER, "extra", text=text)
    written = write_cloudformation(Change("", (broken, Edit("identity", BEN)), KNOWN))
    assert "Trainer" not in written.text.partition('"Resources"')[2]
    assert told in written.notes[0]
    with pytest.raises(NotExpressibleError, match="template needs a resource"):
        write_cloudformation(Change("", (broken,), KNOWN))


def test_a_policy_that_is_left_out_does_not_take_its_attachments_along() -> None:
    edits = (Edit("managed-policy", NEW, text="{"), Edit("attach", TRAINER, other=NEW), Edit("identity", BEN))
    notes = write_cloudformation(Change("", edits, KNOWN)).notes
    assert [note.partition(".")[0] for note in notes[:2]] == [
        "The document is not JSON",
        "CloudFormation has no resource that says so",
    ]


def worked_out(value: Any) -> bool:
    """Whether CloudFormation would work something out: a function is a key, a reference stands anywhere."""
    if isinstance(value, dict):
        keys = any(key == "Ref" or key.startswith("Fn::") or worked_out(key) for key in value)
        return keys or any(map(worked_out, value.values()))
    if isinstance(value, list):
        return any(map(worked_out, value))
    return isinstance(value, str) and "{{resolve:" in value


@settings(max_examples=150, deadline=None)
@given(text=POLICIES)
@example(text='{"Statement": {"Fn::": 1}}')
@example(text='{"Statement": "Fn::Sub"}')
def test_any_document_stands_in_both_spellings_as_it_is(text: str) -> None:
    change = Change("", (Edit("inline-policy", TRAINER, "extra", text=text),), KNOWN)
    if worked_out(json.loads(text)):
        with pytest.raises(NotExpressibleError):
            write_cloudformation(change)
        return
    written = json.loads(write_cloudformation(change).text)
    assert written["Resources"]["TrainerExtra"]["Properties"]["PolicyDocument"] == json.loads(text)
    assert yaml.safe_load(write_cloudformation(change, yaml=True).text) == written
