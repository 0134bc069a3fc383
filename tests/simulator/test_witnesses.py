"""The evidence of cells: requests that hold for whoever asks again, and residues that say the same."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.engine.authorize import authorize
from policystudio.engine.compile import Answer
from policystudio.engine.decision import Decision
from policystudio.resources.models import Resource
from policystudio.simulator.concrete import tags_of, with_facts_of
from policystudio.simulator.evaluation_input import read_evaluation
from policystudio.simulator.question import WhatIf
from policystudio.simulator.selectors import SimulateRequest, condition_keys, identity_stack, simulate
from tests import factories

NUMBER = "111122223333"
DANA = f"arn:aws:iam::{NUMBER}:user/dana"
MODELS = "arn:aws:sagemaker:*:*:model/"


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def account(db: None) -> Account:
    organization = factories.make_organization()
    root = organization.units.get()
    account = factories.make_account(NUMBER, "Research", unit=root)
    factories.make_organization_policy(organization, name="FullAWSAccess", targets=(root, account))
    region = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
    regions = document(statement("*", effect="Deny", Condition=region))
    factories.make_organization_policy(organization, regions, name="our-regions", targets=(root,))
    user = factories.make_identity(account, "user", "dana", tags={"team": "ml"})
    own = statement("sagemaker:CreateModel", [f"{MODELS}${{aws:username}}-*", f"{MODELS}${{aws:PrincipalTag/team}}-*"])
    factories.make_inline_policy(user, document(own), "own")
    tagged = {"StringEquals": {"sagemaker:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    factories.make_inline_policy(user, document(statement("sagemaker:DeleteModel", Condition=tagged)), "tagged")
    limit = document(
        statement("sagemaker:*", [f"{MODELS}*", "arn:aws:sagemaker:*:*:endpoint*/*"]),
        statement("sagemaker:DeleteModel", f"{MODELS}keep-*", "Deny"),
    )
    endpoints = statement("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint*/dev-*")
    factories.make_inline_policy(user, document(endpoints), "dev")
    user.boundary = factories.make_managed_policy(account, "limit", limit)
    user.save()
    group = factories.make_identity(account, "group", "scientists")
    named = statement("sagemaker:*", f"{MODELS}${{aws:username}}-*")
    factories.make_inline_policy(group, document(named), "by-name")
    factories.make_identity(account, "role", "execution")
    return account


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("simulate", "research", *arguments, "--format", "json", "--witnesses", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def cell(answer: dict[str, Any], action: str, name: str = "dana") -> dict[str, Any]:
    cells: Iterator[dict[str, Any]] = (
        item
        for row in answer["rows"]
        if row["name"] == name
        for item in row["cells"]
        if item["action"] == f"sagemaker:{action}"
    )
    return next(cells)


def test_exactly_the_cells_that_are_not_uniform_are_proven(account: Account) -> None:
    answer = run("--type", "model", "--type", "endpoint")
    for row in answer["rows"]:
        columns = [(column["action"], column["resource_type"]) for column in answer["columns"]]
        mixed = [column for column, letter in zip(columns, row["verdicts"], strict=True) if letter in "SCU"]
        assert [(item["action"], item["resource_type"]) for item in row["cells"]] == mixed
        assert all(item["allowed"] and item["denied"] for item in row["cells"])
    assert {item["verdict"] for row in answer["rows"] for item in row["cells"]} == {"conditional"}


def every_cell(answer: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    for row in answer["rows"]:
        for item in row["cells"]:
            for side in ("allowed", "denied"):
                if item[side]:
                    yield row, item[side], side
        for action in row["actions"]:
            for witness in action["allowed"]:
                yield row, witness, "allowed"


OPTIONS = [
    (),
    ("--all-cells", "--type", "model", "--type", "*"),
    ("--region", "eu-west-1"),
    ("--context", "aws:RequestedRegion=eu-west-1", "--context", "!sagemaker:ResourceTag/team"),
    ("--exclude", "boundary"),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_evaluate_gives_the_told_decision(account: Account, options: tuple[str, ...]) -> None:
    """With the identity's policies and no facts but the witness's own context."""
    answer, checked = run(*options), 0
    what_if = WhatIf(exclude=("boundary",) if "boundary" in options else ())
    stacks = {row["arn"]: identity_stack(account, row["arn"], what_if) for row in answer["rows"]}
    for row, witness, side in every_cell(answer):
        asked = {name: witness[name] for name in ("action", "resource", "context")}
        request = read_evaluation(json.dumps({"principal": row["principal"], **asked})).requests[0].request
        decision = authorize(stacks[row["arn"]], request, condition_keys())
        assert (str(decision.verdict), decision.verdict == "allowed") == (witness["decision"], side == "allowed")
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("options", OPTIONS[:1] + OPTIONS[-1:])
def test_simulating_the_identity_gives_the_told_decision(account: Account, options: tuple[str, ...]) -> None:
    """With the facts that the database has, the resource's tags and Region included."""
    answer = run(*options)
    taken = {witness["resource"] for _, witness, _ in every_cell(answer)} - {"*"}
    for arn in taken:
        region, name = arn.split(":")[3], arn.split(":", 5)[5]
        Resource.objects.create(account=account, arn=arn, type="any", region=region, name=name, tags={"team": "ml"})
    what_if = WhatIf(exclude=("boundary",) if "boundary" in options else ())
    checks = [(row, witness) for row, witness, _ in every_cell(answer) if row["kind"] != "group"]
    tags = tags_of(account, taken)
    requests = [
        SimulateRequest(
            row["arn"],
            witness["action"],
            witness["resource"],
            with_facts_of(
                witness["resource"],
                tags.get(witness["resource"], {}),
                {key: tuple(values) for key, values in witness["context"].items()},
            ),
        )
        for row, witness in checks
    ]
    for (_, witness), decision in zip(checks, simulate(account, requests, what_if), strict=True):
        assert isinstance(decision, Decision | Answer)
        assert str(decision.verdict) == witness["decision"], witness
    assert len(checks) > 10


def test_the_context_has_what_is_known_and_what_must_be_absent(account: Account) -> None:
    found = cell(run("--action", "DeleteModel"), "DeleteModel")
    assert found["allowed"]["context"]["sagemaker:ResourceTag/team"] == ["ml"]
    assert found["allowed"]["context"]["aws:PrincipalTag/team"] == ["ml"]
    assert found["allowed"]["context"]["aws:RequestedRegion"] in (["eu-west-1"], ["us-east-1"])
    assert found["by_resource"] is True
    member = cell(run("--action", "DeleteModel", "--kind", "group"), "DeleteModel", "scientists")
    assert set(member["allowed"]["context"]) == {"aws:username", "aws:RequestedRegion"}
    assert member["allowed"]["context"]["aws:username"]


def test_a_key_that_the_principal_would_bring_along_is_told_to_be_absent(account: Account) -> None:
    """A member of the group has a name: a request without one has to say so."""
    group = factories.make_identity(account, "group", "nameless")
    nameless = statement("sagemaker:DeleteModel", Condition={"Null": {"aws:username": "true"}})
    factories.make_inline_policy(group, document(nameless), "nameless")
    answer = run("--action", "DeleteModel", "--kind", "group", "--region", "eu-west-1")
    found = cell(answer, "DeleteModel", "nameless")
    assert found["allowed"]["context"]["aws:username"] == []
    assert found["denied"]["context"].get("aws:username") != []


def test_the_residue_says_layer_by_layer_what_is_allowed(account: Account) -> None:
    found = cell(run("--action", "CreateModel", "--region", "eu-west-1"), "CreateModel")
    assert (found["verdict"], found["letter"], found["by_context"]) == ("some", "S", False)
    assert found["residue"] == {
        "text": "Some resources. Allowed on model/dana-*, model/ml-*.",
        "allow": [
            {
                "layer": "identity_policies",
                "level": None,
                "any_of": [
                    {
                        "policy": "own",
                        "sid": None,
                        "resources": [f"{MODELS}dana-*", f"{MODELS}ml-*"],
                        "not_resources": [],
                        "conditions": [],
                    }
                ],
            }
        ],
        "deny": [],
    }
    deleted = cell(run("--action", "DeleteModel", "--region", "eu-west-1"), "DeleteModel")["residue"]
    assert deleted["allow"][0]["any_of"][0]["conditions"] == [
        {"operator": "StringEquals", "key": "sagemaker:ResourceTag/team", "values": ["ml"]}
    ]
    assert [(item["layer"], item["resources"]) for item in deleted["deny"]] == [
        ("permissions_boundary", [f"{MODELS}keep-*"])
    ]
    assert deleted["text"] == (
        "Depends on conditions. Allowed when sagemaker:ResourceTag/team is ml; denied on model/keep-*."
    )


def test_several_layers_that_allow_parts_are_told_apart(account: Account) -> None:
    found = cell(run("--action", "UpdateEndpoint", "--type", "endpoint", "--region", "eu-west-1"), "UpdateEndpoint")
    assert found["residue"]["text"] == "Some resources. Allowed on endpoint*/dev-*."
    member = cell(run("--action", "DeleteModel", "--kind", "group"), "DeleteModel", "scientists")["residue"]
    assert member["text"] == (
        "Depends on conditions. Allowed on model/${aws:username}-*; "
        "denied when aws:RequestedRegion is not eu-west-1 or us-east-1."
    )


def test_an_undecided_cell_says_why(account: Account) -> None:
    lost = factories.make_managed_policy(account, "lost", None)
    factories.attach(factories.make_identity(account, "user", "erin"), lost)
    found = cell(run("--action", "DeleteModel", "--kind", "user"), "DeleteModel", "erin")
    assert (found["verdict"], found["letter"], found["allowed"], found["denied"]) == ("undecided", "U", None, None)
    assert "lost" in found["undecided"]
    assert found["residue"]["text"] == f"Undecided: {found['undecided']}."


def test_uniform_cells_have_their_request_where_asked(account: Account) -> None:
    answer = run("--all-cells", "--action", "DescribeModel", "--identity", DANA)
    found = cell(answer, "DescribeModel")
    assert (found["verdict"], found["allowed"]) == ("implicitDeny", None)
    assert found["denied"]["decision"] in ("implicitDeny", "explicitDeny")
    assert found["residue"]["text"].startswith("Implicit deny")


def test_an_action_with_several_required_types_says_what_they_come_to(account: Account) -> None:
    def summary(*options: str) -> dict[str, Any]:
        answer = run("--action", "UpdateEndpoint", "--type", "endpoint", "--identity", DANA, *options)
        [row] = answer["rows"]
        [action] = row["actions"]
        found: dict[str, Any] = action
        return found

    found = summary()
    assert found["action"] == "sagemaker:UpdateEndpoint"
    assert [(item["resource_type"], item["letter"]) for item in found["requires"]] == [
        ("endpoint", "C"),
        ("endpoint-config", "C"),
    ]
    assert found["verdict"] == "conditional"
    assert [witness["resource"].split(":", 5)[5].partition("/")[0] for witness in found["allowed"]] == [
        "endpoint",
        "endpoint-config",
    ]
    assert found["allowed"][0]["context"] == found["allowed"][1]["context"]
    assert summary("--region", "eu-west-1")["verdict"] == "some"
    assert summary("--exclude", "inline:dana/dev")["verdict"] == "implicitDeny"


def test_types_that_are_never_allowed_in_one_context_are_not_called_possible(account: Account) -> None:
    user = factories.make_identity(account, "user", "fay")
    one = {"StringEquals": {"aws:RequestTag/step": "one"}}
    two = {"StringEquals": {"aws:RequestTag/step": "two"}}
    policy = document(
        statement("sagemaker:UpdateEndpoint", "arn:aws:sagemaker:*:*:endpoint/*", Condition=one),
        statement("sagemaker:UpdateEndpoint", "arn:aws:sagemaker:*:*:endpoint-config/*", Condition=two),
    )
    factories.make_inline_policy(user, policy, "steps")
    answer = run("--action", "UpdateEndpoint", "--identity", user.arn)
    assert answer["rows"][0]["verdicts"] == "CC"
    [action] = answer["rows"][0]["actions"]
    assert (action["verdict"], action["allowed"]) == ("undecided", [])
    assert "no context was found" in action["undecided"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "table"), "add `--format json`"),
        (
            ("--format", "json", "--resource", f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/x"),
            "leave out one of the two",
        ),
    ],
)
def test_what_has_no_room_for_witnesses_is_refused(account: Account, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("simulate", "research", "--witnesses", *options)
    with pytest.raises(CommandError, match="add `--witnesses`"):
        call_command("simulate", "research", "--all-cells")
