"""Random accounts and policies: AWS's simulator answers as REST and the command line do, and as AWS's examples say."""

import io
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from policystudio.accounts.models import Account
from policystudio.simulator.evaluation import evaluate_stream
from tests import factories as make
from tests.support.aws_calls import make_caller, sdk

pytestmark = pytest.mark.django_db

Json = dict[str, Any]

NUMBER, AWAY = "111122223333", "999999999999"
SEED = os.environ.get("PROPERTY_SEED", "AWS's simulator")
ROUNDS = 4
#: What is decided on `*` alone, and what no trust policy is fetched for.
LISTING, ASSUMING = "sagemaker:ListModels", "sts:AssumeRole"
ACTIONS = ["sagemaker:CreateModel", "sagemaker:DeleteModel", LISTING, ASSUMING, "s3:GetObject"]
MODELS = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/"
RESOURCES = [
    "*",
    f"{MODELS}prod-1",
    f"{MODELS}ana-1",
    f"arn:aws:iam::{NUMBER}:role/train",
    f"arn:aws:sagemaker:eu-west-1:{AWAY}:model/prod-1",
    "arn:aws:s3:::bucket/key",
]
PATTERNS: list[Any] = [
    "*",
    "*",
    f"{MODELS}prod-*",
    f"{MODELS}${{aws:username}}-*",
    [f"arn:aws:iam::{NUMBER}:role/*", "arn:aws:s3:::*"],
]
NAMED: list[Any] = ["*", "sagemaker:*", ["sagemaker:Create*", "sts:*"], "s3:Get*", "sagemaker:ListModels"]
CONDITIONS: list[Json] = [
    {},
    {},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringNotEquals": {"AWS:PrincipalTag/team": "${aws:PrincipalTag/unit, 'none'}"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringEquals": {"aws:ResourceTag/stage": "prod"}},
    {"NumericLessThan": {"sagemaker:MaxRuntimeInSeconds": "3600"}},
]
CONTEXTS: list[dict[str, tuple[str, list[str]]]] = [
    {},
    {"aws:MultiFactorAuthPresent": ("boolean", ["true"]), "aws:TagKeys": ("stringList", ["team", "cost"])},
    {"aws:principaltag/TEAM": ("string", ["blue"]), "sagemaker:MaxRuntimeInSeconds": ("numeric", ["60"])},
]


def document(chance: random.Random, **more: Any) -> Json:
    """One to three statements, mostly Allow."""
    statements = []
    for _ in range(chance.randint(1, 3)):
        found = {
            "Effect": chance.choice(["Allow", "Allow", "Allow", "Allow", "Allow", "Deny"]),
            chance.choice(["Action", "Action", "Action", "NotAction"]): chance.choice(NAMED),
            chance.choice(["Resource", "Resource", "Resource", "NotResource"]): chance.choice(PATTERNS),
            **more,
        }
        condition = chance.choice(CONDITIONS)
        statements.append({**found, "Condition": condition} if condition else found)
    return {"Version": "2012-10-17", "Statement": statements}


def random_account(chance: random.Random) -> Account:
    """Two users, a group and two roles, with policies of every kind; sometimes in an organization."""
    unit = None
    if chance.random() < 0.7:
        organization = make.make_organization()
        unit = organization.units.get()
    account = make.make_account(NUMBER, unit=unit)
    if unit is not None:
        make.make_organization_policy(unit.organization, targets=(unit,))
        make.make_organization_policy(unit.organization, targets=(account,))
        if chance.random() < 0.5:
            make.make_organization_policy(unit.organization, document(chance), targets=(account,))
    managed = [make.make_managed_policy(account, f"managed{number}", document(chance)) for number in range(3)]
    group = make.make_identity(account, "group", "team")
    make.make_inline_policy(group, document(chance), "shared")
    make.attach(group, managed[0])
    trust = {"Effect": "Allow", "Principal": chance.choice(["*", {"AWS": NUMBER}]), "Action": "sts:AssumeRole"}
    of_trust = make.make_document({"Version": "2012-10-17", "Statement": [trust]}, "trust")
    for kind, name, fields in (
        ("user", "ana", {"tags": {"team": "red"}, "boundary": managed[1]}),
        ("user", "bob", {"tags": {"unit": "red"}}),
        ("role", "train", {"boundary": managed[2], "trust_document": of_trust}),
        ("role", "other", {"tags": {"team": "red"}}),
    ):
        identity = make.make_identity(account, kind, name, **fields)
        make.make_inline_policy(identity, document(chance), "own")
        make.attach(identity, *chance.sample(managed, chance.randint(0, 2)))
        if kind == "user":
            make.join(identity, group)
    make.make_resource(account, "model", "prod-1", region="eu-west-1", tags={"stage": "prod"})
    return account


def entries(context: dict[str, tuple[str, list[str]]]) -> list[Json]:
    return [
        {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": values}
        for name, (kind, values) in context.items()
    ]


def by_rest(client: Client, principal: str, context: dict[str, tuple[str, list[str]]]) -> list[Json]:
    """The decisions of every action on every resource, as POST /simulate tells them."""
    body = {
        "principal": principal,
        "context": {name: values for name, (_, values) in context.items()},
        "requests": [{"action": action, "resource": resource} for action in ACTIONS for resource in RESOURCES],
    }
    answer = client.post(f"/api/v1/accounts/{NUMBER}/simulate", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    results: list[Json] = answer.json()["results"]
    return results


def places(rest: Json) -> set[tuple[int, int, int, int]]:
    """Where the statements stand that determine a decision, of the layers that AWS tells of."""
    denied = rest["decision"] == "explicitDeny"
    layers = {"identity_policies", "resource_policy"}
    return {
        (one["start"]["line"], one["start"]["column"], one["end"]["line"], one["end"]["column"])
        for one in rest["matched_statements"]
        if one["layer"] in layers and one["effect"] == ("Deny" if denied else "Allow")
        if rest["decision"] != "implicitDeny"
    }


def told(statements: list[Json]) -> set[tuple[int, int, int, int]]:
    return {
        (
            one["StartPosition"]["Line"],
            one["StartPosition"]["Column"],
            one["EndPosition"]["Line"],
            one["EndPosition"]["Column"],
        )
        for one in statements
    }


@pytest.mark.parametrize("number", range(ROUNDS))
def test_it_agrees_with_rest_on_random_accounts(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"{SEED} {number}")
    account = random_account(chance)
    iam, client = sdk(make_caller(account), monkeypatch), Client()
    client.force_login(make.make_sign_in(superuser=True))
    seen = set()
    for name in ("user/ana", "user/bob", "role/train", "role/other"):
        arn = f"arn:aws:iam::{NUMBER}:{name}"
        keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
        known = {key.lower() for key in keys}
        for context in CONTEXTS:
            rest = iter(by_rest(client, arn, context))
            answer = iam.simulate_principal_policy(
                PolicySourceArn=arn, ActionNames=ACTIONS, ResourceArns=RESOURCES, ContextEntries=entries(context)
            )
            for result in answer["EvaluationResults"]:
                for one in result["ResourceSpecificResults"]:
                    expected = next(rest)
                    at = f"{arn} {result['EvalActionName']} {one['EvalResourceName']} {context}"
                    if result["EvalActionName"] == LISTING:  # it names no resource, whatever is given
                        if one["EvalResourceName"] == "*":
                            on_star = expected
                        expected = on_star
                    elif result["EvalActionName"] == ASSUMING:
                        # No trust policy is fetched: the caller's policies must allow, and theirs is every deny.
                        mine = one["EvalResourceDecision"]
                        assert mine != "allowed" or expected["layers"]["identity_policies"] == "allowed", at
                        assert mine != "explicitDeny" or expected["decision"] == "explicitDeny", at
                        continue
                    assert one["EvalResourceDecision"] == expected["decision"], at
                    assert told(one["MatchedStatements"]) == places(expected), at
                    missing = {key.lower() for key in one["MissingContextValues"]}
                    assert missing <= {key.lower() for key in expected["missing_context_keys"]}, at
                    if not one["EvalResourceName"].startswith("arn:aws:iam:"):  # a trust policy is not the caller's
                        assert missing <= known, at
                    seen.add(expected["decision"])
    # Not every account has all three, but one of which all is decided alike would hold of nothing.
    assert len(seen) >= 2


@pytest.mark.parametrize("number", range(ROUNDS))
def test_it_agrees_with_the_command_line_on_random_policies(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"{SEED} custom {number}")
    iam = sdk(make_caller(make.make_account(NUMBER)), monkeypatch)
    for _ in range(10):
        policies = [document(chance) for _ in range(chance.randint(1, 3))]
        boundary = [document(chance)] if chance.random() < 0.3 else []
        levels = [[document(chance), make.ALLOW_ALL] for _ in range(chance.randint(1, 3))] * (chance.random() < 0.4)
        resource_policy = document(chance, Principal="*") if chance.random() < 0.4 else None
        context = chance.choice(CONTEXTS)
        resource = chance.choice(["*"] if resource_policy else RESOURCES)
        caller = f"arn:aws:iam::{NUMBER}:user/ana"
        asked: Json = {
            "PolicyInputList": [json.dumps(one) for one in policies],
            "PermissionsBoundaryPolicyInputList": [json.dumps(one) for one in boundary],
            "OrderedOrganizationPolicyInputList": [
                {"ServiceControlPolicyInputList": [json.dumps(one) for one in level]} for level in levels
            ],
            **({"ResourcePolicy": json.dumps(resource_policy)} if resource_policy else {}),
        }
        answer = iam.simulate_custom_policy(
            ActionNames=ACTIONS, ResourceArns=[resource], CallerArn=caller, ContextEntries=entries(context), **asked
        )
        evaluation = {
            "principal": caller,
            "context": {name: values for name, (_, values) in context.items()},
            "identity_policies": policies,
            "permissions_boundary": boundary[0] if boundary else None,
            "service_control_policies": levels or None,
            "resource_policy": resource_policy,
            "requests": [{"action": action, "resource": "*" if action == LISTING else resource} for action in ACTIONS],
        }
        lines = [line for line, _ in evaluate_stream(io.BytesIO(json.dumps(evaluation).encode()))]
        expected = [json.loads(line) for line in lines]
        for result, line in zip(answer["EvaluationResults"], expected, strict=True):
            if result["EvalActionName"] == ASSUMING and resource_policy is None:
                assert line["decision"] != "allowed"  # without a trust policy nobody assumes a role
                continue
            assert result["EvalDecision"] == line["decision"]
            assert told(result["MatchedStatements"]) == places(line)
            organization = line["layers"]["service_control_policies"]
            if levels:
                allowed = {"AllowedByOrganizations": organization == "allowed"}
                assert result["OrganizationsDecisionDetail"] == allowed
            else:
                assert "OrganizationsDecisionDetail" not in result
            if boundary:
                allowed = {"AllowedByPermissionsBoundary": line["layers"]["permissions_boundary"] == "allowed"}
                assert result["PermissionsBoundaryDecisionDetail"] == allowed


VECTORS = json.loads((Path(__file__).parents[1] / "engine" / "vectors.json").read_text())


def wanted(vector: Json) -> Json:
    """A vector as a request of SimulateCustomPolicy."""
    statement: Json = {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"}
    asked: Json = {"ActionNames": ["sagemaker:CreateModel"]}
    if vector["kind"] == "condition":
        statement["Condition"] = vector["condition"]
    elif vector["kind"] == "resource":
        statement["Resource"], asked["ResourceArns"] = vector["pattern"], [vector["arn"]]
    else:
        statement["Action"], asked["ActionNames"] = vector["pattern"], [vector["action"]]
    asked["PolicyInputList"] = [json.dumps({"Version": "2012-10-17", "Statement": statement})]
    asked["ContextEntries"] = [
        {"ContextKeyName": name, "ContextKeyType": "stringList", "ContextKeyValues": values}
        for name, values in vector.get("context", {}).items()
    ]
    return asked


def test_awss_own_examples_come_out_right_over_its_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    iam = sdk(make_caller(make.make_account(NUMBER)), monkeypatch)
    checked = 0
    for vector in VECTORS:
        if vector["kind"] == "position":
            continue
        result = iam.simulate_custom_policy(**wanted(vector))["EvaluationResults"][0]
        assert (result["EvalDecision"] == "allowed") is vector["expect"], vector
        checked += 1
    assert checked == 94


def test_positions_are_those_of_published_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    iam = sdk(make_caller(make.make_account(NUMBER)), monkeypatch)
    now = {"ContextKeyName": "aws:CurrentTime", "ContextKeyType": "date", "ContextKeyValues": ["2019-04-25T11:00:00Z"]}
    for vector in VECTORS:
        if vector["kind"] == "position":
            action = "dynamodb:CreateBackup" if "dynamodb" in vector["policy"] else "s3:GetObject"
            answer = iam.simulate_custom_policy(
                PolicyInputList=[vector["policy"]],
                ActionNames=[action],
                ResourceArns=["arn:aws:s3:::tims-fancy-bucket/only-here/x"],
                ContextEntries=[now],
            )
            (matched,) = answer["EvaluationResults"][0]["MatchedStatements"]
            assert [matched["StartPosition"]["Line"], matched["StartPosition"]["Column"]] == vector["start"]
            assert [matched["EndPosition"]["Line"], matched["EndPosition"]["Column"]] == vector["end"]
