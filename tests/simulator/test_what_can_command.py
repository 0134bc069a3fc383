"""`manage.py what_can`: what it prints as text and as JSON, and what it refuses."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.engine import globs
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import matrix
from tests import factories as make
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
ANA = f"arn:aws:iam::{NUMBER}:user/ana"
MODELS = "arn:aws:sagemaker:*:*:model/"


@pytest.fixture(autouse=True)
def account() -> Account:
    found = make.make_account(NUMBER, "research")
    limit = make.make_managed_policy(found, "no-endpoints", allow(["sagemaker:*Model*", "sagemaker:List*"]))
    ana = make.make_identity(found, "user", "ana", boundary=limit)
    make.make_inline_policy(ana, allow(["sagemaker:CreateModel", "sagemaker:DeleteModel"], f"{MODELS}dev-*"), "models")
    make.make_inline_policy(ana, allow(["sagemaker:List*", "sagemaker:CreateEndpoint", "sagemaker:AddTags"]), "more")
    return found


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("what_can", "research", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*arguments, "--format", "json"))
    return answer


def test_text_says_it_in_a_few_lines() -> None:
    assert run("--identity", ANA).splitlines() == [
        "user/ana: 98 of 460 actions are possible: 96 always, 2 on some resources or under conditions.",
        "List 96 of 97, Read 0 of 104, Write 2 of 257, Tagging 0 of 2",
        "",
        "Always",
        "  sagemaker:List*",
        "",
        "On some resources",
        "  sagemaker:CreateModel, sagemaker:DeleteModel",
        "      on model/dev-*",
        "",
        "Allowed by its policies, but kept away",
        "  sagemaker:AddTags, sagemaker:CreateEndpoint",
        "      not allowed by permissions boundary `no-endpoints`",
        "",
        "The other 458 of 684 cells are implicit denies: none of its policies allows anything there.",
    ]


def test_long_lists_are_cut_unless_more_is_asked_for(account: Account) -> None:
    nouns = ("App", "Domain", "Edge*", "Hub", "Image", "Model", "Project", "Space", "Trial", "Workteam", "Algorithm")
    names = [f"sagemaker:Create{noun}" for noun in nouns]
    role = make.make_identity(account, "role", "many")
    make.make_inline_policy(role, allow(names), "many")
    teams = {"StringEquals": {"aws:RequestTag/team": ["a", "b", "c", "d", "e"]}}
    resources = [f"{MODELS}{letter}-*" for letter in "vwxyz"]
    make.make_inline_policy(role, allow("sagemaker:DeleteModel", resources, Condition=teams), "teams")
    many = ANA.replace("user/ana", "role/many")
    short, long = run("--identity", many), run("--identity", many, "-v", "2")
    assert "3 more" in short
    assert "on model/v-*, model/w-*, model/x-* and 2 more when aws:RequestTag/team is a, b or c or 2 more" in short
    assert "model/y-*, model/z-* when aws:RequestTag/team is a, b, c, d or e" in long
    assert "sagemaker:CreateWorkteam" not in short
    assert "more" not in long
    assert "sagemaker:CreateWorkteam" in long


def test_json_gives_back_every_cell(account: Account) -> None:
    answer = as_json("--identity", ANA)
    row = matrix(account, Question(identities=IdentityFilter(arns=(ANA,)))).rows[0]
    found = []
    for column in load_sagemaker().columns():
        letters = [
            line["letter"]
            for line in answer["lines"]
            for part in line["parts"]
            if (not part["resource_types"] or column.resource_type in part["resource_types"])
            and any(globs.matches(globs.parse(text), column.action) for text in part["actions"])
            and not any(globs.matches(globs.parse(text), column.action) for text in part["not_actions"])
        ]
        assert len(letters) < 2, column
        found += letters or ["I"]
    assert "".join(found) == row.verdicts
    assert sum(line["cells"] for line in answer["lines"]) + answer["implicit_deny"] == answer["cells"] == 684


def test_json_says_what_a_line_takes_and_what_is_in_the_way() -> None:
    answer = as_json("--identity", ANA)
    assert {name: answer[name] for name in ("arn", "kind", "name", "shared", "incomplete")} == {
        "arn": ANA, "kind": "user", "name": "ana", "shared": "", "incomplete": [],
    }  # fmt: skip
    assert answer["access_levels"][0] == {"access_level": "List", "possible": 96, "actions": 97}
    some, kept = answer["lines"][1:]
    assert some == {
        "effect": "Allow",
        "letter": "S",
        "verdict": "some",
        "text": "on model/dev-*",
        "parts": [{
            "actions": ["sagemaker:CreateModel", "sagemaker:DeleteModel"], "not_actions": [], "resource_types": [],
        }],
        "cells": 2,
        "access_levels": {"Write": 2},
        "allow": [{
            "layer": "identity_policies", "level": None, "any_of": [{
                "policy": "models", "sid": None, "resources": [f"{MODELS}dev-*"], "not_resources": [], "conditions": [],
            }],
        }],
        "deny": [],
        "stands_in_the_way": [],
        "undecided": "",
    }  # fmt: skip
    assert (kept["effect"], kept["verdict"]) == ("Deny", "implicitDeny")
    assert kept["stands_in_the_way"] == [
        {"layer": "permissions_boundary", "name": "permissions boundary", "policies": ["no-endpoints"], "denies": False}
    ]


def test_filters_context_and_what_ifs_are_the_simulators() -> None:
    assert as_json("--identity", ANA, "--type", "model")["cells"] == 6
    said = run("--identity", ANA, "--exclude", "boundary", "--type", "endpoint", "--type", "endpoint-config")
    assert "kept away" not in said
    assert "sagemaker:CreateEndpoint" in said
    fenced = '{"Statement": {"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"}}'
    assert "1 of 460 actions is possible" in run("--identity", ANA, "--boundary", fenced)
    everything = json.dumps(allow("*"))
    assert "Read 1 of 1" in run("--identity", ANA, "--add", everything, "--type", "model")
    region = ("--region", "eu-west-1", "--context", "aws:RequestTag/team=ml", "--context", "!aws:SourceIp")
    assert as_json("--identity", ANA, *region)["lines"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--identity", ANA.replace("ana", "bob")), "no user, group, role or root user `arn:aws:iam::.*:user/bob`"),
        (("--identity", "ana"), "--identity: "),
        (("--identity", ANA, "--type", "modell"), "--type: `modell` is not a SageMaker resource type"),
        (("--identity", ANA, "--context", "mfa"), "--context: `mfa` is not key=value"),
        (("--identity", ANA, "--add", "{}"), "--add: policy 1"),
        (("--identity", ANA, "--add", f"arn:aws:iam::{NUMBER}:policy/none"), "no managed policy"),
        ((), "--identity"),
    ],
)
def test_bad_input_is_refused_with_its_place(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)
    with pytest.raises(CommandError, match="account"):
        call_command("what_can", "nowhere", "--identity", ANA)
