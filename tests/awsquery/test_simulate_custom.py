"""SimulateCustomPolicy by an unmodified boto3: every field of the answer, every parameter, every refusal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policystudio.engine.request import LONGEST_CONTEXT_VALUE, MOST_CONTEXT_VALUES
from tests.factories import make_account
from tests.support.aws_calls import make_caller, sdk

MODEL = "arn:aws:sagemaker:us-east-1:123456789012:model/m1"
OTHER_MODEL = "arn:aws:sagemaker:us-east-1:123456789012:model/m2"
ANA = "arn:aws:iam::111122223333:user/ana"


def statement(effect: str = "Allow", action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ALLOW_ALL = policy(statement())


@pytest.fixture
def simulate(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    account = make_account("111122223333", "research")
    # It leaves it to the studio to refuse what is no input.
    client = sdk(make_caller(account), monkeypatch)

    def ask(*policies: str, actions: Any = ("sagemaker:CreateModel",), **parameters: Any) -> Any:
        return client.simulate_custom_policy(PolicyInputList=list(policies), ActionNames=list(actions), **parameters)

    ask.client = client  # type: ignore[attr-defined]  # the exceptions are the client's
    return ask


def refused(simulate: Any, *policies: str, **parameters: Any) -> str:
    with pytest.raises(simulate.client.exceptions.InvalidInputException) as caught:
        simulate(*(policies or [ALLOW_ALL]), **parameters)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["Error"]["Type"] == "Sender"
    message: str = caught.value.response["Error"]["Message"]
    return message


def invalid(simulate: Any, *policies: str, **parameters: Any) -> str:
    with pytest.raises(simulate.client.exceptions.ClientError) as caught:
        simulate(*(policies or [ALLOW_ALL]), **parameters)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    message: str = caught.value.response["Error"]["Message"]
    return message


def test_an_allowed_action_with_every_field(simulate: Any) -> None:
    text = policy(statement(action=["s3:GetObject", "s3:DeleteObject"], resource="arn:aws:s3:::b/only-here/*"))
    answer = simulate(text, actions=["s3:GetObject"], ResourceArns=["arn:aws:s3:::b/only-here/x"])
    matched = [
        {
            "SourcePolicyId": "PolicyInputList.1",
            "SourcePolicyType": "IAM Policy",
            "StartPosition": {"Line": 1, "Column": 41},
            "EndPosition": {"Line": 1, "Column": len(text) - 1},
        }
    ]
    assert answer["IsTruncated"] is False
    assert "Marker" not in answer
    assert answer["EvaluationResults"] == [
        {
            "EvalActionName": "s3:GetObject",
            "EvalResourceName": "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
            "EvalDecision": "allowed",
            "MatchedStatements": matched,
            "MissingContextValues": [],
            "EvalDecisionDetails": {},
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": "arn:aws:s3:::b/only-here/x",
                    "EvalResourceDecision": "allowed",
                    "MatchedStatements": matched,
                    "MissingContextValues": [],
                }
            ],
        }
    ]


def test_without_resources_the_lone_star_is_simulated(simulate: Any) -> None:
    answer = simulate(ALLOW_ALL, actions=["sagemaker:ListModels", "SageMaker:createmodel", "nosuch:Thing"])
    assert [one["EvalActionName"] for one in answer["EvaluationResults"]] == [
        "sagemaker:ListModels",
        "SageMaker:createmodel",
        "nosuch:Thing",
    ]
    assert [one["EvalResourceName"] for one in answer["EvaluationResults"]] == [
        "*",
        "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}",
        "*",
    ]
    for one in answer["EvaluationResults"]:
        assert one["EvalDecision"] == "allowed"
        assert one.keys() == {
            "EvalActionName",
            "EvalResourceName",
            "EvalDecision",
            "MatchedStatements",
            "MissingContextValues",
        }


def test_the_most_restrictive_resource_decides_and_each_has_its_own_answer(simulate: Any) -> None:
    text = policy(statement(resource=[MODEL, OTHER_MODEL]), statement("Deny", resource=OTHER_MODEL))
    third = MODEL.replace("m1", "m3")
    result = simulate(text, ResourceArns=[MODEL, OTHER_MODEL, third])["EvaluationResults"][0]
    assert result["EvalDecision"] == "explicitDeny"
    assert [one["EvalResourceDecision"] for one in result["ResourceSpecificResults"]] == [
        "allowed",
        "explicitDeny",
        "implicitDeny",
    ]
    # Of the explicit deny the Deny statement alone; it begins on the comma behind the first statement.
    (deny,) = result["MatchedStatements"]
    assert text[deny["StartPosition"]["Column"] - 1] == ","
    assert deny["EndPosition"]["Column"] == len(text) - 1
    assert [len(one["MatchedStatements"]) for one in result["ResourceSpecificResults"]] == [1, 1, 0]
    result = simulate(text, ResourceArns=[MODEL, third])["EvaluationResults"][0]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MatchedStatements"] == []


def test_missing_context_values_are_told_for_each_resource_and_together(simulate: Any) -> None:
    text = policy(
        statement(resource=MODEL, Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        statement(resource=OTHER_MODEL, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        statement(resource="arn:aws:sagemaker:*:*:model/${aws:username}"),
    )
    result = simulate(text, ResourceArns=[MODEL, OTHER_MODEL])["EvaluationResults"][0]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:PrincipalTag/team", "aws:username", "aws:MultiFactorAuthPresent"]
    assert [one["MissingContextValues"] for one in result["ResourceSpecificResults"]] == [
        ["aws:PrincipalTag/team", "aws:username"],
        ["aws:MultiFactorAuthPresent", "aws:username"],
    ]


def test_a_caller_fills_the_keys_that_follow_from_it(simulate: Any) -> None:
    text = policy(
        statement(Condition={"StringEquals": {"aws:username": "ana"}, "ArnEquals": {"aws:PrincipalArn": ANA}})
    )
    assert simulate(text)["EvaluationResults"][0]["MissingContextValues"] == ["aws:PrincipalArn", "aws:username"]
    answered = simulate(text, CallerArn=ANA)["EvaluationResults"][0]
    assert answered["EvalDecision"] == "allowed"
    assert answered["MissingContextValues"] == []
    group = simulate(text, CallerArn="arn:aws:iam::111122223333:group/team")["EvaluationResults"][0]
    assert group["MissingContextValues"] == ["aws:PrincipalArn", "aws:username"]
    role = simulate(text, CallerArn="arn:aws:iam::111122223333:role/train")["EvaluationResults"][0]
    assert role["MissingContextValues"] == ["aws:username"]


@pytest.mark.parametrize(
    ("kind", "values", "operator", "wanted"),
    [
        ("string", ["a"], "StringEquals", "a"),
        ("stringList", ["a", "b"], "ForAllValues:StringEquals", ["a", "b", "c"]),
        ("numeric", ["5.5"], "NumericLessThan", "6"),
        ("numericList", ["1", "7"], "ForAnyValue:NumericEquals", "7"),
        ("boolean", ["true"], "Bool", "true"),
        ("booleanList", ["true", "false"], "ForAnyValue:Bool", "false"),
        ("ip", ["203.0.113.7"], "IpAddress", "203.0.113.0/24"),
        ("ipList", ["203.0.113.7", "::1"], "ForAnyValue:IpAddress", "::1"),
        ("binary", ["QmluYXJ5"], "BinaryEquals", "QmluYXJ5"),
        ("binaryList", ["QmluYXJ5", "YQ=="], "ForAnyValue:BinaryEquals", "YQ=="),
        ("date", ["2026-11-28T13:05:00Z"], "DateLessThan", "2026-12-01"),
        ("dateList", ["2026-11-28", "1"], "ForAnyValue:DateEquals", "1970-01-01T00:00:01Z"),
    ],
)
def test_context_entries_of_every_type(simulate: Any, kind: str, values: list[str], operator: str, wanted: Any) -> None:
    text = policy(statement(Condition={operator: {"custom:key": wanted}}))
    entry = {"ContextKeyName": "Custom:Key", "ContextKeyType": kind, "ContextKeyValues": values}
    assert simulate(text, ContextEntries=[entry])["EvaluationResults"][0]["EvalDecision"] == "allowed"
    # Of the same key, without a value that fits.
    other = {**entry, "ContextKeyValues": ["2" if kind.startswith(("numeric", "date")) else values[0]]}
    negated = policy(statement("Deny", Condition={operator: {"custom:key": wanted}}), statement())
    assert simulate(negated, ContextEntries=[entry])["EvaluationResults"][0]["EvalDecision"] == "explicitDeny"
    assert simulate(negated, ContextEntries=[{**other, "ContextKeyName": "other:key"}])["EvaluationResults"][0][
        "MissingContextValues"
    ] == ["custom:key"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"ContextKeyType": "numeric", "ContextKeyValues": ["five"]},
            "(a:key): `five` is no value of the type numeric",
        ),
        ({"ContextKeyType": "boolean", "ContextKeyValues": ["yes"]}, "must be true or false"),
        ({"ContextKeyType": "ip", "ContextKeyValues": ["300.1.1.1"]}, "must be an IPv4 or IPv6 address"),
        ({"ContextKeyType": "binary", "ContextKeyValues": ["?"]}, "must be base64"),
        ({"ContextKeyType": "dateList", "ContextKeyValues": ["2026-11-28", "soon"]}, "`soon` is no value of the type"),
        (
            {"ContextKeyType": "string", "ContextKeyValues": ["a", "b"]},
            "takes exactly one value, stringList takes several",
        ),
        ({"ContextKeyType": "string", "ContextKeyValues": []}, "takes exactly one value"),
        ({"ContextKeyType": "string"}, "ContextEntries.1: ContextKeyValues is missing"),
        ({"ContextKeyValues": ["a"]}, "ContextEntries.1: ContextKeyType is missing"),
    ],
)
def test_context_entries_are_read_strictly(simulate: Any, entry: dict[str, Any], message: str) -> None:
    assert message in refused(simulate, ContextEntries=[{"ContextKeyName": "a:key", **entry}])


def test_a_context_key_has_not_too_many_values_nor_too_long_ones(simulate: Any) -> None:
    longest, most = "v" * LONGEST_CONTEXT_VALUE, [str(number) for number in range(MOST_CONTEXT_VALUES)]

    def entry(kind: str, *values: str) -> dict[str, Any]:
        return {"ContextEntries": [{"ContextKeyName": "a:key", "ContextKeyType": kind, "ContextKeyValues": values}]}

    for kind, values in (("string", [longest]), ("stringList", [longest, "v"]), ("numericList", most)):
        assert simulate(ALLOW_ALL, **entry(kind, *values))["EvaluationResults"][0]["EvalDecision"] == "allowed"
    said = "ContextEntries.1 (a:key): 101 values are given, at most 100 are simulated."
    assert refused(simulate, **entry("numericList", *most, "100")) == said
    said = "ContextEntries.1 (a:key): a value has 2049 characters, at most 2048 are simulated."
    assert refused(simulate, **entry("stringList", "v", f"{longest}v")) == said
    # Before anything reads it: such a number takes long.
    assert refused(simulate, **entry("numeric", "1" * 2049)) == said


def test_a_context_key_is_given_once_by_a_name_of_its_length(simulate: Any) -> None:
    entry = {"ContextKeyName": "a:key", "ContextKeyType": "string", "ContextKeyValues": ["a"]}
    again = {**entry, "ContextKeyName": "A:KEY"}
    assert "ContextEntries.2: the context key A:KEY is given more than once" in refused(
        simulate, ContextEntries=[entry, again]
    )
    assert "'contextEntries.1.member.contextKeyName' failed to satisfy constraint: Member must have length" in invalid(
        simulate, ContextEntries=[{**entry, "ContextKeyName": "a:k"}]
    )
    assert "Member must satisfy enum value set: [string, stringList" in invalid(
        simulate, ContextEntries=[{**entry, "ContextKeyType": "arn"}]
    )


def test_a_permissions_boundary_limits_and_tells_so(simulate: Any) -> None:
    boundary = policy(statement(action="s3:*"), statement("Deny", "s3:DeleteBucket"))
    actions = ["s3:ListAllMyBuckets", "sagemaker:ListModels", "s3:DeleteBucket"]
    results = simulate(ALLOW_ALL, actions=actions, PermissionsBoundaryPolicyInputList=[boundary])["EvaluationResults"]
    assert [one["EvalDecision"] for one in results] == ["allowed", "implicitDeny", "explicitDeny"]
    assert [one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for one in results] == [
        True,
        False,
        False,
    ]
    assert [[item["SourcePolicyId"] for item in one["MatchedStatements"]] for one in results] == [
        ["PolicyInputList.1"],
        [],
        [],  # "Only statements from identity-based and resource-based policies appear here."
    ]
    both = simulate(
        policy(statement(), statement("Deny", "s3:Delete*")),
        actions=["s3:DeleteBucket"],
        PermissionsBoundaryPolicyInputList=[boundary],
    )["EvaluationResults"][0]
    assert [item["SourcePolicyId"] for item in both["MatchedStatements"]] == ["PolicyInputList.1"]
    on = simulate(
        ALLOW_ALL,
        ResourceArns=[MODEL, OTHER_MODEL],
        PermissionsBoundaryPolicyInputList=[policy(statement(resource=MODEL))],
    )["EvaluationResults"][0]
    assert on["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert [
        one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]
        for one in on["ResourceSpecificResults"]
    ] == [True, False]
    assert "takes one policy" in refused(simulate, PermissionsBoundaryPolicyInputList=[boundary, boundary])


def test_keys_that_a_boundary_alone_reads_are_not_told_as_missing(simulate: Any) -> None:
    """ "Only context keys referenced by identity-based and resource-based policies appear here." """
    boundary = policy(statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    own = policy(statement(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    for asked in ({}, {"ResourceArns": [MODEL]}):
        result = simulate(own, PermissionsBoundaryPolicyInputList=[boundary], **asked)["EvaluationResults"][0]
        assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
        for one in (result, *result.get("ResourceSpecificResults", ())):
            assert one["MissingContextValues"] == ["aws:MultiFactorAuthPresent"]


def test_every_level_of_an_organization_must_allow(simulate: Any) -> None:
    def levels(*texts: list[str]) -> list[dict[str, Any]]:
        return [{"ServiceControlPolicyInputList": list(each)} for each in texts]

    only_s3 = policy(statement(action="s3:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    region = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["eu-west-1"]}

    def ask(*texts: list[str], action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
        given = levels(*texts)
        asked = simulate(ALLOW_ALL, actions=[action], OrderedOrganizationPolicyInputList=given, **more)
        found: dict[str, Any] = asked["EvaluationResults"][0]
        return found

    passed = ask([ALLOW_ALL], [only_s3, policy(statement("Deny", "ec2:*"))], ContextEntries=[region])
    assert (passed["EvalDecision"], passed["OrganizationsDecisionDetail"]) == (
        "allowed",
        {"AllowedByOrganizations": True},
    )
    stopped = ask([ALLOW_ALL], [only_s3])
    assert stopped["EvalDecision"] == "implicitDeny"
    assert stopped["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    # Neither statements nor keys of an organization's policies are told.
    assert stopped["MissingContextValues"] == stopped["MatchedStatements"] == []
    denied = ask([ALLOW_ALL, policy(statement("Deny"))], [ALLOW_ALL], ResourceArns=["arn:aws:s3:::b/k"])
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["MatchedStatements"] == []
    assert "EvalDecisionDetails" not in denied
    assert ask([ALLOW_ALL], [])["EvalDecision"] == "implicitDeny"
    assert "OrganizationsDecisionDetail" not in ask()
    assert "length less than or equal to 7" in invalid(
        simulate, OrderedOrganizationPolicyInputList=levels(*[[ALLOW_ALL]] * 8)
    )
    assert "OrderedOrganizationPolicyInputList.2.ServiceControlPolicyInputList.1: line 1, column 1:" in refused(
        simulate, OrderedOrganizationPolicyInputList=levels([ALLOW_ALL], ["{"])
    )


QUEUE = "arn:aws:sqs:eu-west-1:111122223333:jobs"


def granting(principal: Any, effect: str = "Allow", resource: str = QUEUE) -> str:
    return policy({**statement(effect, "sqs:*", resource), "Principal": principal})


def test_a_resource_policy_of_the_same_account(simulate: Any) -> None:
    nothing = policy(statement(action="s3:*"))

    def ask(text: str, **more: Any) -> dict[str, Any]:
        asked = {"ResourcePolicy": text, "CallerArn": ANA, "ResourceArns": [QUEUE], **more}
        found: dict[str, Any] = simulate(nothing, actions=["sqs:SendMessage"], **asked)["EvaluationResults"][0]
        return found

    named = ask(granting({"AWS": ANA}))
    assert named["EvalDecision"] == "allowed"
    assert named["EvalDecisionDetails"] == {}
    (matched,) = named["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("ResourcePolicy", "Resource Policy")
    # The account alone delegates, and nothing of the caller's own allows.
    assert ask(granting({"AWS": "111122223333"}))["EvalDecision"] == "implicitDeny"
    assert ask(granting({"AWS": "arn:aws:iam::111122223333:user/bob"}))["EvalDecision"] == "implicitDeny"
    assert ask(granting("*", "Deny"))["EvalDecision"] == "explicitDeny"


def test_across_accounts_both_sides_must_allow_and_details_tell_each(simulate: Any) -> None:
    bucket = "arn:aws:s3:::theirs/x"
    theirs = policy({**statement(action="s3:*", resource=bucket), "Principal": {"AWS": ANA}})
    asked = {
        "actions": ["s3:GetObject"],
        "ResourceArns": [bucket],
        "ResourcePolicy": theirs,
        "CallerArn": ANA,
        "ResourceOwner": "arn:aws:iam::999999999999:root",
    }
    allowed = simulate(ALLOW_ALL, **asked)["EvaluationResults"][0]
    assert allowed["EvalDecision"] == "allowed"
    both = {"IAM Policy": "allowed", "Resource Policy": "allowed"}
    assert allowed["EvalDecisionDetails"] == allowed["ResourceSpecificResults"][0]["EvalDecisionDetails"] == both
    denied = simulate(policy(statement(action="ec2:*")), **asked)["EvaluationResults"][0]
    assert denied["EvalDecision"] == "implicitDeny"
    assert denied["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    bounded = simulate(ALLOW_ALL, PermissionsBoundaryPolicyInputList=[policy(statement("Deny"))], **asked)
    assert bounded["EvaluationResults"][0]["EvalDecisionDetails"] == {
        **both,
        "Permissions Boundary Policy": "explicitDeny",
    }
    levels = [{"ServiceControlPolicyInputList": [policy(statement("Deny"))]}]
    stopped = simulate(ALLOW_ALL, OrderedOrganizationPolicyInputList=levels, **asked)["EvaluationResults"][0]
    assert "EvalDecisionDetails" not in stopped
    same = simulate(ALLOW_ALL, **{**asked, "ResourceOwner": "111122223333"})["EvaluationResults"][0]
    assert same["EvalDecisionDetails"] == {}
    del asked["ResourcePolicy"]
    alone = simulate(ALLOW_ALL, **asked)["EvaluationResults"][0]
    assert alone["EvalDecision"] == "implicitDeny"
    assert alone["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"ResourcePolicy": granting("*")}, "Invalid caller - CallerArn is required"),
        (
            {"ResourcePolicy": granting("*"), "CallerArn": "arn:aws:iam::111122223333:role/train"},
            "Invalid caller - Caller must be an IAM user in this context.",
        ),
        (
            {"ResourcePolicy": granting("*"), "CallerArn": "arn:aws:iam::111122223333:group/team"},
            "Invalid caller - Caller must be an IAM user in this context.",
        ),
        (
            {"ResourcePolicy": granting("*"), "CallerArn": ANA, "ResourceArns": [MODEL]},
            f"The ResourcePolicy is not applicable to the resource {MODEL}.",
        ),
        (
            {"ResourcePolicy": granting("*"), "CallerArn": ANA, "ResourceArns": ["arn:aws:iam::111122223333:role/x"]},
            "cannot be simulated for the IAM role",
        ),
        ({"ResourcePolicy": ALLOW_ALL, "CallerArn": ANA}, "ResourcePolicy: line 1, column 41"),
        (
            {"CallerArn": "arn:aws:sts::111122223333:assumed-role/train/s"},
            "does not clearly define entity type and name",
        ),
        ({"CallerArn": "arn:aws:iam::111122223333:root"}, "does not clearly define entity type and name"),
        ({"CallerArn": "ec2.amazonaws.com"}, "Invalid ARN: ec2.amazonaws.com"),
        ({"ResourceOwner": "arn:aws:iam::111122223333:user/ana"}, "Invalid ResourceOwner"),
        ({"ResourceOwner": "nobody"}, "Invalid ResourceOwner: nobody"),
        ({"actions": ["sagemaker:*"]}, "Invalid Action Name: sagemaker:*"),
        ({"actions": ["CreateModel"]}, "Invalid Action Name: CreateModel"),
        ({"actions": []}, "at least one action"),
        ({"ResourceArns": ["model/m1"]}, "Invalid Resource ARN: model/m1"),
        ({"ResourceHandlingOption": "EC2-Classic"}, "Invalid ResourceHandlingOption: EC2-Classic"),
        (
            {"ResourceHandlingOption": "EC2-VPC-EBS"},
            "none of instance, image, security-group, network-interface",
        ),
        ({"Marker": "abc"}, "Invalid Marker"),
    ],
)
def test_what_makes_no_sense_is_refused(simulate: Any, parameters: dict[str, Any], message: str) -> None:
    assert message in refused(simulate, **parameters)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bad", "PolicyInputList.1: line 1, column 1: "),
        ("{}", "PolicyInputList.1: "),
        (granting("*"), "`Principal` is not allowed in an identity policy"),
        (policy(*[statement(action="s3")] * 5), "and 2 more"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_its_place(simulate: Any, text: str, message: str) -> None:
    assert message in refused(simulate, text)


def test_what_a_shape_does_not_allow_is_a_validation_error(simulate: Any) -> None:
    assert "'policyInputList.1.member' failed to satisfy constraint: Member must satisfy regular" in invalid(
        simulate, ALLOW_ALL.replace("Allow", "Ällow€")
    )
    assert "Value 'ab' at 'actionNames.1.member'" in invalid(simulate, actions=["ab"])
    assert "'resourceArns.1.member' failed" in invalid(simulate, ResourceArns=["arn:" + "x" * 2045])
    assert "'policyInputList.1.member'" in invalid(simulate, " " * 131_073)


EC2 = "arn:aws:ec2:eu-west-1:111122223333:"


@pytest.mark.parametrize(
    ("option", "more"),
    [
        ("EC2-VPC-InstanceStore", ()),
        ("EC2-VPC-InstanceStore-Subnet", ("subnet",)),
        ("EC2-VPC-EBS", ("volume",)),
        ("EC2-VPC-EBS-Subnet", ("subnet", "volume")),
    ],
)
def test_resource_handling_options_want_their_set_of_resources(
    simulate: Any, option: str, more: tuple[str, ...]
) -> None:
    types = ("instance", "security-group", "network-interface", *more)
    arns = [f"{EC2}{kind}/x-1" for kind in types] + ["arn:aws:ec2:eu-west-1::image/ami-1"]
    asked = {"actions": ["ec2:RunInstances"], "ResourceHandlingOption": option}
    result = simulate(ALLOW_ALL, ResourceArns=arns, **asked)["EvaluationResults"][0]
    assert result["EvalDecision"] == "allowed"
    assert len(result["ResourceSpecificResults"]) == len(arns)
    for index, arn in enumerate(arns):
        missing = "image" if "image" in arn else types[index]
        assert f"there is none of {missing}." in refused(
            simulate, ResourceArns=[one for one in arns if one != arn], **asked
        )


def test_pages_follow_each_other_by_the_paginator(simulate: Any) -> None:
    actions = [f"sagemaker:Describe{number}" for number in range(250)]
    pages = list(
        simulate.client.get_paginator("simulate_custom_policy").paginate(
            PolicyInputList=[ALLOW_ALL], ActionNames=actions
        )
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [100, 100, 50]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert [one["EvalActionName"] for page in pages for one in page["EvaluationResults"]] == actions
    sized = simulate.client.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[ALLOW_ALL], ActionNames=actions[:7], PaginationConfig={"PageSize": 3}
    )
    assert [len(page["EvaluationResults"]) for page in sized] == [3, 3, 1]


def test_a_marker_is_bound_to_its_request(simulate: Any) -> None:
    actions = ["s3:GetObject", "s3:PutObject"]
    marker = simulate(ALLOW_ALL, actions=actions, MaxItems=1)["Marker"]
    assert len(marker) <= 320
    rest = simulate(ALLOW_ALL, actions=actions, MaxItems=9, Marker=marker)
    assert [one["EvalActionName"] for one in rest["EvaluationResults"]] == ["s3:PutObject"]
    assert "with other parameters" in refused(simulate, actions=[*actions, "s3:ListBucket"], Marker=marker)
    assert "Invalid Marker" in refused(simulate, actions=actions, Marker=marker[:-1])
    assert "less than or equal to 1000" in invalid(simulate, MaxItems=1001)
    with pytest.raises(simulate.client.exceptions.ClientError, match="ValidationError"):
        simulate(ALLOW_ALL, Marker="m" * 321)


def test_the_work_of_one_request_is_bounded(simulate: Any) -> None:
    many = [f"arn:aws:s3:::b/{number}" for number in range(101)]
    actions = [f"s3:Action{number}" for number in range(100)]
    assert "100 ActionNames on 101 ResourceArns are 10100 simulations" in refused(
        simulate, actions=actions, ResourceArns=many
    )
    # So many statements at once that a page holds fewer actions than were asked for.
    wide = policy(*[statement("Deny", "s3:*")] * 1_000)
    answer = simulate(wide, actions=actions, MaxItems=1000)
    assert answer["IsTruncated"] is True
    assert 1 <= len(answer["EvaluationResults"]) < 100
    assert "1000 statements on 101 ResourceArns are too much" in refused(
        simulate, wide, actions=["s3:GetObject"], ResourceArns=many
    )
    long = policy(*[statement(resource="arn:aws:s3:::" + "b" * 900)] * 120)
    assert "characters together, at most 500000 are simulated" in refused(simulate, *[long] * 5)
