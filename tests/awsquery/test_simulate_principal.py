"""SimulatePrincipalPolicy by an unmodified boto3: whose policies, what is added and left out, and what is refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from policystudio.accounts.models import Account
from policystudio.awsquery.simulation import deciding
from policystudio.engine.compile import CompiledStack, compile_stack
from policystudio.engine.request import PolicyStack
from tests import factories as make
from tests.awsquery.test_simulate_custom import ALLOW_ALL, policy, statement
from tests.support.aws_calls import make_caller, sdk

NUMBER = "111122223333"
MODEL = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/m1"


def arn(resource: str, number: str = NUMBER) -> str:
    return f"arn:aws:iam::{number}:{resource}"


def allowing(*actions: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(policy(statement(action=list(actions))))
    return found


@pytest.fixture
def account(db: None) -> Account:
    """Ana with a policy of each kind, her own and her group's, and a boundary; a role; an organization around."""
    organization = make.make_organization()
    root = organization.units.get()
    account = make.make_account(NUMBER, "research", unit=root)
    make.make_organization_policy(organization, targets=(root,), name="FullAWSAccess")
    make.make_organization_policy(organization, targets=(account,), name="account")
    boundary = make.make_managed_policy(account, "edge", allowing("sagemaker:*", "s3:*", "sts:*"))
    ana = make.make_identity(account, "user", "ana", boundary=boundary, tags={"team": "red"})
    make.make_inline_policy(ana, name="own", policy=allowing("sagemaker:CreateModel"))
    make.attach(ana, make.make_managed_policy(account, "managed", allowing("sagemaker:DeleteModel")))
    group = make.make_identity(account, "group", "team")
    make.make_inline_policy(group, name="shared", policy=allowing("sagemaker:DescribeModel"))
    aws = make.make_managed_policy(account, "ReadOnly", allowing("sagemaker:ListModels"), aws=True)
    make.attach(group, aws)
    make.join(ana, group)
    make.make_identity(account, "role", "train")
    return account


@pytest.fixture
def iam(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    return sdk(make_caller(account), monkeypatch)


ACTIONS = ["CreateModel", "DeleteModel", "DescribeModel", "ListModels"]


def ask(iam: Any, actions: Any = ("sagemaker:CreateModel",), source: str = arn("user/ana"), **more: Any) -> Any:
    asked = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=list(actions), **more)
    return asked["EvaluationResults"]


def allowed(iam: Any, **more: Any) -> list[str]:
    """Which of the four actions, each allowed by another policy, are allowed."""
    results = ask(iam, [f"sagemaker:{name}" for name in ACTIONS], **more)
    return [name for name, one in zip(ACTIONS, results, strict=True) if one["EvalDecision"] == "allowed"]


def refused(iam: Any, exception: str = "InvalidInputException", **more: Any) -> str:
    with pytest.raises(getattr(iam.exceptions, exception)) as caught:
        ask(iam, **more)
    message: str = caught.value.response["Error"]["Message"]
    return message


def test_a_user_has_its_own_policies_and_those_of_its_groups(iam: Any) -> None:
    results = ask(iam, [f"sagemaker:{name}" for name in ACTIONS])
    assert [one["EvalDecision"] for one in results] == ["allowed"] * 4
    assert [one["MatchedStatements"][0]["SourcePolicyId"] for one in results] == [
        "user_ana_own",
        "managed",
        "group_team_shared",
        "ReadOnly",
    ]
    for one in results:
        assert one["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
        assert one["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    outside = ask(iam, ["ec2:RunInstances"])[0]
    assert outside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_positions_are_those_of_the_documents_own_text(iam: Any, account: Account) -> None:
    one = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    text = f'{{\n  "Version": "2012-10-17",\n  "Statement": [\n    {one}\n  ]\n}}'
    make.make_inline_policy(make.make_identity(account, "user", "bob"), text, "own")
    (matched,) = ask(iam, ["s3:GetObject"], arn("user/bob"))[0]["MatchedStatements"]
    assert matched == {
        "SourcePolicyId": "user_bob_own",
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": 3, "Column": 17},
        "EndPosition": {"Line": 4, "Column": 59},
    }


def test_groups_and_roles_are_asked_for_themselves(iam: Any) -> None:
    assert allowed(iam, source=arn("group/team")) == ["DescribeModel", "ListModels"]
    assert allowed(iam, source=arn("role/train")) == []
    assert allowed(iam, source=arn("role/train"), PolicyInputList=[ALLOW_ALL]) == ACTIONS


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"PolicyType": "inline"}, ["DeleteModel", "ListModels"]),
        ({"PolicyType": "user-managed"}, ["CreateModel", "DescribeModel", "ListModels"]),
        ({"PolicyType": "aws-managed"}, ["CreateModel", "DeleteModel", "DescribeModel"]),
        ({"PolicyType": "rcp"}, ACTIONS),
        ({"PolicyArn": arn("policy/managed")}, ["CreateModel", "DescribeModel", "ListModels"]),
        ({"PolicyArn": arn("policy/m?n*")}, ["CreateModel", "DescribeModel", "ListModels"]),
        ({"PolicyArn": arn("policy/*")}, ["CreateModel", "DescribeModel", "ListModels"]),
        ({"PolicyArn": arn("policy/MANAGED")}, ACTIONS),
        ({"PolicyArn": arn("policy/read*", "aws")}, ACTIONS),
        ({"PolicyArn": arn("policy/Read*", "aws")}, ["CreateModel", "DeleteModel", "DescribeModel"]),
        ({"PolicyArn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"}, ACTIONS),
        (("own", "user", "ana"), ["DeleteModel", "DescribeModel", "ListModels"]),
        (("own", "user", "*"), ["DeleteModel", "DescribeModel", "ListModels"]),
        (("own", "user", "?n?"), ["DeleteModel", "DescribeModel", "ListModels"]),
        (("own", "group", "ana"), ACTIONS),
        (("shared", "group", "te*"), ["CreateModel", "DeleteModel", "ListModels"]),
        (("shared", "user", "*"), ACTIONS),
    ],
)
def test_policies_are_left_out(iam: Any, identifier: Any, left: list[str]) -> None:
    if isinstance(identifier, tuple):
        names = ("PolicyName", "AttachmentType", "AttachmentName")
        identifier = {"InlinePolicyIdentifier": dict(zip(names, identifier, strict=True))}
    assert allowed(iam, PolicyExclusionList=[identifier]) == left


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        (
            {"PolicyArn": "policy/managed/of/some/length"},
            "policy/managed/of/some/length is not a valid ARN",
        ),
        ({"PolicyArn": arn("policy/**")}, "has more than one `*`"),
        ({"PolicyArn": "arn:aws:iam::*:policy/managed"}, "wildcards may stand in the resource name"),
        ({"PolicyArn": arn("pol*/managed")}, "wildcards may stand in the resource name"),
        ({"PolicyArn": arn("user/somebody")}, "is not the ARN of a managed policy"),
        ({"PolicyArn": arn("policy/")}, "is not the ARN of a managed policy"),
        ({"PolicyArn": "arn:aws:s3:::bucket/some-policy"}, "is not the ARN of a policy"),
    ],
)
def test_malformed_identifiers_are_refused(iam: Any, identifier: Any, message: str) -> None:
    said = refused(iam, PolicyExclusionList=[{"PolicyType": "scp"}, identifier])
    assert said.startswith("PolicyExclusionList.2: ")
    assert message in said


@pytest.mark.parametrize("name", ["a b", "a*b*", "a/b"])
def test_malformed_names_of_whom_a_policy_is_part_of_are_refused(iam: Any, name: str) -> None:
    identifier = {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": name}
    assert "PolicyExclusionList.1: " in refused(iam, PolicyExclusionList=[{"InlinePolicyIdentifier": identifier}])


def test_the_boundary_is_left_out_or_replaced(iam: Any) -> None:
    everything = {"PolicyInputList": [ALLOW_ALL]}
    own, replaced, without = (
        ask(iam, ["s3:GetObject", "ec2:RunInstances"], **everything, **more)
        for more in (
            {},
            {"PermissionsBoundaryPolicyInputList": [policy(statement(action="ec2:*"))]},
            {"PolicyExclusionList": [{"PolicyType": "permission-boundary"}]},
        )
    )
    assert [one["EvalDecision"] for one in own] == ["allowed", "implicitDeny"]
    assert [one["EvalDecision"] for one in replaced] == ["implicitDeny", "allowed"]
    assert [one["EvalDecision"] for one in without] == ["allowed", "allowed"]
    assert not any("PermissionsBoundaryDecisionDetail" in one for one in without)
    # What is given is not attached: leaving out the entity's own does not take it away.
    both = {
        "PermissionsBoundaryPolicyInputList": [policy(statement("Deny", "s3:*"), statement())],
        "PolicyExclusionList": [{"PolicyType": "permission-boundary"}],
    }
    denied = ask(iam, ["s3:GetObject"], **everything, **both)[0]
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert denied["MatchedStatements"] == []


def test_the_organization_limits_members_and_can_be_left_out(iam: Any, account: Account) -> None:
    assert account.organization is not None
    make.make_organization_policy(
        account.organization, policy(statement("Deny", "s3:*")), targets=(account,), name="no-s3"
    )
    asked = {"PolicyInputList": [ALLOW_ALL], "source": arn("role/train")}
    denied = ask(iam, ["s3:GetObject"], **asked)[0]
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert denied["MatchedStatements"] == []
    without = ask(iam, ["s3:GetObject"], PolicyExclusionList=[{"PolicyType": "scp"}], **asked)[0]
    assert without["EvalDecision"] == "allowed"
    assert "OrganizationsDecisionDetail" not in without
    Account.objects.filter(pk=account.pk).update(is_management=True)
    account.refresh_from_db()
    account.revision = type(account.revision)(int=5)
    account.save()
    manages = ask(iam, ["s3:GetObject"], **asked)[0]
    assert manages["EvalDecision"] == "allowed"
    assert manages["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}


def test_an_account_without_an_organization_tells_nothing_of_one(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    alone = make.make_account("444455556666")
    make.make_identity(alone, "role", "train")
    iam = sdk(make_caller(alone), monkeypatch)
    assert "OrganizationsDecisionDetail" not in ask(iam, source=arn("role/train", alone.number))[0]


def test_a_change_of_the_account_is_seen_at_once(iam: Any, account: Account) -> None:
    assert allowed(iam, source=arn("role/train")) == []
    role = account.identities.get(name="train")
    make.make_inline_policy(role, name="own", policy=allowing("sagemaker:CreateModel"))
    account.revision = type(account.revision)(int=7)
    account.save()
    assert allowed(iam, source=arn("role/train")) == ["CreateModel"]


def test_what_is_known_of_the_entity_is_in_the_context(iam: Any) -> None:
    text = policy(
        statement(
            resource="arn:aws:sagemaker:*:*:model/${aws:username}-*",
            Condition={"StringEquals": {"aws:PrincipalTag/team": "red", "aws:RequestedRegion": "eu-west-1"}},
        )
    )
    mine = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/ana-1"
    alone = [{"PolicyType": "inline"}]
    asked = {"PolicyInputList": [text], "ResourceArns": [mine], "PolicyExclusionList": alone}
    assert ask(iam, **asked)[0]["EvalDecision"] == "allowed"
    blue = [{"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyType": "string", "ContextKeyValues": ["blue"]}]
    assert ask(iam, ContextEntries=blue, **asked)[0]["EvalDecision"] == "implicitDeny"
    # Another caller with the same policies is another name with other tags.
    other = ask(iam, CallerArn=arn("user/bob"), **asked)[0]
    assert other["EvalDecision"] == "implicitDeny"
    bobs = {**asked, "ResourceArns": [mine.replace("ana", "bob")]}
    assert ask(iam, CallerArn=arn("user/bob"), **bobs)[0]["MissingContextValues"] == ["aws:PrincipalTag/team"]


def test_resource_policies_are_for_users(iam: Any) -> None:
    queue = f"arn:aws:sqs:eu-west-1:{NUMBER}:jobs"
    text = policy({**statement(action="sqs:*", resource=queue), "Principal": {"AWS": arn("user/ana")}})
    asked = {"actions": ["sqs:SendMessage"], "ResourceArns": [queue], "ResourcePolicy": text}
    found = ask(iam, **asked)[0]
    assert found["EvalDecision"] == "allowed"
    assert found["MatchedStatements"][0]["SourcePolicyType"] == "Resource Policy"
    said = "Invalid caller - Caller must be an IAM user in this context."
    assert refused(iam, source=arn("role/train"), **asked) == said
    assert refused(iam, source=arn("group/team"), **asked) == said
    as_ana = ask(iam, source=arn("role/train"), CallerArn=arn("user/ana"), **asked)[0]
    assert as_ana["EvalDecision"] == "allowed"


KEY = f"arn:aws:kms:eu-west-1:{NUMBER}:key/1"


def test_trust_policies_and_key_policies_are_not_fetched(iam: Any) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html"""
    abroad = "arn:aws:iam::999999999999:role/there"
    asked = {"actions": ["sts:AssumeRole", "kms:Decrypt"], "ResourceArns": [arn("role/train"), KEY, abroad]}
    for result in ask(iam, PolicyInputList=[ALLOW_ALL], PermissionsBoundaryPolicyInputList=[ALLOW_ALL], **asked):
        decided = result["ResourceSpecificResults"]
        assert [one["EvalResourceDecision"] for one in decided] == ["allowed", "allowed", "implicitDeny"]
        for one in decided[:2]:
            assert [it["SourcePolicyId"] for it in one["MatchedStatements"]] == ["PolicyInputList.1"]
    for result in ask(iam, **asked):
        assert result["EvalDecision"] == "implicitDeny"
        assert result["MatchedStatements"] == []


def test_policies_that_are_too_long_to_be_kept_are_compiled_once(iam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[int] = []

    def counting(stack: PolicyStack, keys: Any) -> CompiledStack:
        compiled.append(deciding.statements_in(stack))
        return compile_stack(stack, keys)

    monkeypatch.setattr(deciding, "compile_stack", counting)
    long = policy(*(statement(action=f"s3:Get{number}") for number in range(1_001)))
    actions = ["sts:AssumeRole", "sts:TagSession", "kms:Decrypt", "sagemaker:CreateModel", "sagemaker:ListModels"]
    iam.simulate_custom_policy(
        PolicyInputList=[long, ALLOW_ALL], ActionNames=actions, ResourceArns=[arn("role/train"), KEY, MODEL]
    )
    assert sorted(compiled) == [1_002, 1_003]  # as they are, and with the decision left to the account


def test_without_a_resource_the_callers_policies_decide_about_assuming(iam: Any) -> None:
    (result,) = ask(iam, actions=["sts:AssumeRole"], PolicyInputList=[ALLOW_ALL])
    assert (result["EvalDecision"], len(result["MatchedStatements"])) == ("allowed", 1)
    custom = iam.simulate_custom_policy(PolicyInputList=[ALLOW_ALL], ActionNames=["sts:AssumeRole", "sts:TagSession"])
    assert [one["EvalDecision"] for one in custom["EvaluationResults"]] == ["allowed", "allowed"]


def test_an_action_without_resources_is_decided_on_the_star(iam: Any) -> None:
    models = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/"
    narrow = json.dumps({"Statement": {"Effect": "Allow", "Action": "sagemaker:*", "Resource": f"{models}*"}})
    asked = {"ActionNames": ["sagemaker:ListModels", "sagemaker:DeleteModel"], "ResourceArns": [f"{models}m"]}
    listing, deleting = iam.simulate_custom_policy(PolicyInputList=[narrow], **asked)["EvaluationResults"]
    assert (listing["EvalDecision"], deleting["EvalDecision"]) == ("implicitDeny", "allowed")
    (one,) = listing["ResourceSpecificResults"]
    assert (one["EvalResourceName"], listing["EvalResourceName"]) == (f"{models}m", "*")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("user/nobody", "The user with name nobody cannot be found."),
        ("role/path/nobody", "The role with name nobody cannot be found."),
        ("group/nobody", "The group with name nobody cannot be found."),
        ("user/other/ana", "The user with name ana cannot be found."),
    ],
)
def test_who_is_not_there_is_no_such_entity(iam: Any, source: str, message: str) -> None:
    assert refused(iam, "NoSuchEntityException", source=arn(source)) == message


def test_other_accounts_have_nobody(iam: Any) -> None:
    other = make.make_account("999999999999")
    make.make_identity(other, "user", "ana")
    said = "The user with name ana cannot be found."
    assert refused(iam, "NoSuchEntityException", source=arn("user/ana", "999999999999")) == said
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_context_keys_for_principal_policy(PolicySourceArn=arn("user/ana", "999999999999"))


@pytest.mark.parametrize(
    "source", ["arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:assumed-role/train/session"]
)
def test_sessions_and_root_users_have_no_policies_to_simulate(iam: Any, source: str) -> None:
    said = f"Invalid Entity Arn: {source} does not clearly define entity type and name."
    assert refused(iam, source=source) == said


def test_a_policy_that_could_not_be_read_is_never_passed_over(iam: Any, account: Account) -> None:
    bob = make.make_identity(account, "user", "bob")
    make.make_inline_policy(bob, name="own", policy=allowing("sagemaker:CreateModel"))
    make.make_inline_policy(bob, name="broken", policy='{"Statement": []')
    with pytest.raises(iam.exceptions.PolicyEvaluationException) as caught:
        ask(iam, source=bob.arn)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert caught.value.response["Error"]["Message"] == (f"The policies of {bob.arn} cannot be evaluated: broken.")
    broken = {"PolicyName": "broken", "AttachmentType": "user", "AttachmentName": "bob"}
    asked = {"source": bob.arn, "PolicyExclusionList": [{"InlinePolicyIdentifier": broken}]}
    assert ask(iam, **asked)[0]["EvalDecision"] == "allowed"
    bob.gaps = ["the group `x` is not in the export"]
    bob.save()
    account.revision = type(account.revision)(int=9)
    account.save()
    with pytest.raises(iam.exceptions.PolicyEvaluationException, match="the group `x` is not in the export"):
        ask(iam, **asked)


def test_pages_and_markers(iam: Any) -> None:
    actions = [f"sagemaker:Describe{number}" for number in range(7)]
    pages = list(
        iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=arn("user/ana"), ActionNames=actions, PaginationConfig={"PageSize": 3}
        )
    )
    assert [one["EvalActionName"] for page in pages for one in page["EvaluationResults"]] == actions
    assert [len(page["EvaluationResults"]) for page in pages] == [3, 3, 1]
    assert "Invalid Marker" in refused(iam, source=arn("role/train"), actions=actions, Marker=pages[0]["Marker"])


def test_who_has_no_role_in_the_account_learns_nothing(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    iam = sdk(make_caller(account, role=None), monkeypatch)
    with pytest.raises(ClientError, match="AccessDenied"):
        ask(iam)


def test_context_keys_of_an_entity(iam: Any, account: Account) -> None:
    text = policy(
        statement(
            action="dynamodb:*",
            resource="arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}",
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "2015-08-16T12:00:00Z"},
                "StringLike": {"s3:prefix": ["${AWS:UserName}/*", "${aws:PrincipalTag/team, 'none'}"]},
            },
        )
    )
    of_text = ["aws:username", "aws:CurrentTime", "s3:prefix", "aws:PrincipalTag/team"]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[text])["ContextKeyNames"] == of_text
    plain = text.replace("2012-10-17", "2008-10-17")
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[plain])["ContextKeyNames"]
    assert keys == ["aws:CurrentTime", "s3:prefix"]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[ALLOW_ALL])["ContextKeyNames"] == []
    edge = make.make_managed_policy(
        account, "keyed", policy(statement(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    )
    carl = make.make_identity(account, "user", "carl", boundary=edge)
    group = make.make_identity(account, "group", "readers")
    make.join(carl, group)
    make.make_inline_policy(
        group, name="keyed", policy=policy(statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    )
    assert account.organization is not None
    secret = policy(statement("Deny", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    make.make_organization_policy(account.organization, secret, targets=(account,), name="secret")
    asked = iam.get_context_keys_for_principal_policy(PolicySourceArn=carl.arn, PolicyInputList=[text])
    assert asked["ContextKeyNames"] == ["aws:SourceIp", *of_text, "aws:MultiFactorAuthPresent"]
    of_group = iam.get_context_keys_for_principal_policy(PolicySourceArn=group.arn)
    assert of_group["ContextKeyNames"] == ["aws:SourceIp"]
    with pytest.raises(iam.exceptions.InvalidInputException, match=r"PolicyInputList.1: line 1, column 1"):
        iam.get_context_keys_for_custom_policy(PolicyInputList=["bad"])
