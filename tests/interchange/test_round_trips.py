"""What leaves comes back: everything that Terraform and CloudFormation can say is read again as the same edits."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.interchange.cloudformation import write_cloudformation
from policystudio.interchange.edits import Change, Edit, Known, named
from policystudio.interchange.formats import FORMATS
from policystudio.interchange.reading import read
from policystudio.interchange.setting import Setting
from policystudio.interchange.terraform import write_terraform
from tests.interchange.samples import (
    BEN,
    CHANGE,
    CREW,
    KNOWN,
    NAMES,
    NEW,
    NUMBER,
    OLD,
    POLICIES,
    RUNNER,
    TEXTS,
    TRAINER,
    TRUST,
    document,
)

KNOWN_ARNS = {(named(arn).kind, named(arn).name): arn for arn in KNOWN.identities}
ORGANIZATION = {(one.kind, one.name): key for key, one in KNOWN.organization_policies.items()}


def setting(values: dict[str, str] | None = None, region: str = "") -> Setting:
    return Setting(
        NUMBER,
        region=region,
        values=values or {},
        identity_arn=lambda kind, name: KNOWN_ARNS.get((kind, name)),
        organization_policy_id=lambda kind, name: ORGANIZATION.get((kind, name)),
    )


def back(change: Change, ending: str) -> list[Edit]:
    written = FORMATS[ending].write(change)
    reading = read(written.text.encode(), setting())
    assert reading.left_out == []
    assert all(found.unknown == () for found in reading.found)
    return [found.edit for found in reading.found]


def keys(edits: list[Edit]) -> set[tuple[str, str, str, str]]:
    return {(edit.kind, edit.target, edit.name, edit.other) for edit in edits}


#: What can be said of each: identities that exist come back as a whole.
TERRAFORM = tuple(edit for edit in CHANGE.edits if not edit.kind.endswith(("delete", "detach", "leave-group")))


def test_terraform_reads_back_what_it_says() -> None:
    found = back(Change("", TERRAFORM, KNOWN), "tf.json")
    assert {edit.text for edit in found if edit.kind == "managed-policy"} == {
        edit.text for edit in TERRAFORM if edit.kind == "managed-policy"
    }
    expected = keys([edit for edit in TERRAFORM if edit.kind not in ("trust-policy", "boundary", "tags")])
    assert expected <= keys(found)
    assert ("boundary", RUNNER, "", NEW) in keys(found)
    assert next(edit for edit in found if edit.target == RUNNER and edit.kind == "identity").data == {
        "tags": {"team": "ml", "cost": "1 2=3"}
    }
    assert next(edit for edit in found if edit.target == TRAINER and edit.kind == "identity").text == TRUST


@pytest.mark.parametrize("ending", ["cfn.json", "cfn.yaml"])
def test_cloudformation_reads_back_what_it_says(ending: str) -> None:
    edits = (
        Edit("identity", RUNNER, text=TRUST, data={"tags": {"team": "ml"}}),
        Edit("identity", BEN),
        Edit("identity", CREW),
        Edit("managed-policy", NEW, text=document(), data={"path": "/ml/", "name": "new", "description": "New"}),
        Edit("managed-policy", OLD, text=document(), data={"path": "/ml/", "name": "old"}),
        Edit("attach", RUNNER, other=NEW),
        Edit("attach", TRAINER, other=NEW),
        Edit("boundary", RUNNER, other=NEW),
        Edit("inline-policy", RUNNER, "own", text=document()),
        Edit("join-group", BEN, other=CREW),
        Edit("organization-policy", "p-abcdefgh", text=document(), data={"kind": "scp", "name": "guard"}),
        Edit("organization-policy", "new:fence", text=document(), data={"kind": "rcp", "name": "fence"}),
        Edit("organization-attach", "new:fence", other=NUMBER),
    )
    found = back(Change("", edits, KNOWN), ending)
    assert keys(found) == keys([*edits])
    for edit in edits:
        same = next(one for one in found if keys([one]) == keys([edit]))
        assert (json.loads(same.text) if same.text else "") == (json.loads(edit.text) if edit.text else "")
        if edit.target != "p-abcdefgh":
            assert same.data == edit.data


def test_json_reads_back_everything() -> None:
    assert tuple(back(CHANGE, "json")) == CHANGE.edits


@settings(max_examples=80, deadline=None)
@given(text=st.one_of(POLICIES, TEXTS.filter(bool)), name=NAMES, tags=st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_any_text_comes_back_exactly_from_terraform(text: str, name: str, tags: dict[str, str]) -> None:
    target = f"arn:aws:iam::{NUMBER}:policy/{name}"
    edits = (
        Edit("managed-policy", target, text=text, data={"path": "/", "name": name}),
        Edit("tags", target, data={"tags": tags}),
    )
    found = back(Change(text, edits, Known(NUMBER)), "tf.json")
    assert found == [edit for edit in edits if edit.kind != "tags" or tags]


@settings(max_examples=80, deadline=None)
@given(value=POLICIES)
@pytest.mark.parametrize("ending", ["cfn.json", "cfn.yaml"])
def test_any_document_comes_back_from_cloudformation(value: str, ending: str) -> None:
    edit = Edit("inline-policy", TRAINER, "own", text=value)
    (found,) = back(Change("", (edit,), KNOWN), ending)
    assert json.loads(found.text) == json.loads(value)
    assert (found.target, found.name) == (TRAINER, "own")


@given(names=st.lists(st.text("aA_.+=@-1", min_size=1, max_size=4), min_size=1, max_size=8, unique=True))
def test_names_that_look_alike_stay_apart(names: list[str]) -> None:
    edits = tuple(Edit("managed-policy", f"arn:aws:iam::{NUMBER}:policy/{name}", text=document(name)) for name in names)
    known = Known(NUMBER)
    for ending in ("tf.json", "cfn.json"):
        found = back(Change("", edits, known), ending)
        assert {(edit.target, json.loads(edit.text)["Statement"][0]["Action"]) for edit in found} == {
            (edit.target, name) for edit, name in zip(edits, names, strict=True)
        }


def test_identifiers_are_ones_of_terraform() -> None:
    edits = tuple(Edit("managed-policy", f"arn:aws:iam::{NUMBER}:policy/{name}", text="{}") for name in ("1=2", "1+2"))
    names = json.loads(write_terraform(Change("", edits, Known(NUMBER))).text)["resource"]["aws_iam_policy"]
    assert set(names) == {"_1_2", "_1_2_2"}


def test_logical_ids_are_ones_of_cloudformation() -> None:
    edits = tuple(Edit("managed-policy", f"arn:aws:iam::{NUMBER}:policy/{name}", text="{}") for name in ("1=2", "1+2"))
    template = json.loads(write_cloudformation(Change("", edits, Known(NUMBER))).text)
    assert set(template["Resources"]) == {"12Policy", "12Policy2"}
