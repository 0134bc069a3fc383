"""What has no effect, case by case: which element, why, and what shows it; and what must never be reported."""

import json
from typing import Any

import pytest

from policystudio.engine.analyse.cover import Reason
from policystudio.engine.analyse.elements import Part, text_of
from policystudio.engine.analyse.shadow import Redundancy, redundant_in_document, redundant_in_stack
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack

MODELS = "arn:aws:sagemaker:*:*:model/*"
DEV = "arn:aws:sagemaker:*:*:model/dev-*"
TEAM = "aws:PrincipalTag/team"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
#: Statement from 1, element, its text, reason, and the statements from 1 that show it.
Line = tuple[int, str, str, str, tuple[int, ...]]


def allow(action: Any, resource: Any = "*", condition: Any = None, **more: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {**found, "Condition": condition} if condition else found


def deny(action: Any, resource: Any = "*", condition: Any = None) -> dict[str, Any]:
    return {**allow(action, resource, condition), "Effect": "Deny"}


def named(*statements: Any, kind: PolicyKind = PolicyKind.IDENTITY, name: str = "policy") -> NamedPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return NamedPolicy(name, parse_policy(text, kind))


def lines(found: Redundancy, *policies: NamedPolicy) -> list[Line]:
    result = []
    for one in found.findings:
        statement = policies[one.element.policy].policy.statements[one.element.statement]
        by = tuple(index + 1 for _, index in one.evidence.by)
        result.append(
            (
                one.element.statement + 1,
                one.element.part.value,
                text_of(one.element, statement),
                one.evidence.reason.value,
                by,
            )
        )
    return result


CASES: dict[str, tuple[list[Any], list[Line]]] = {
    "of two alike the later one": (
        [allow("sagemaker:*Model"), allow("sagemaker:*Model")],
        [(2, "statement", "", "covered", (1,))],
    ),
    "letter case of actions does not count": (
        [allow("sagemaker:createmodel"), allow("sagemaker:CreateModel", DEV)],
        [(2, "statement", "", "covered", (1,))],
    ),
    "a narrow copy, wherever it stands": (
        [
            allow("sagemaker:CreateModel", DEV, {"Bool": {"aws:SecureTransport": "true"}}),
            allow("sagemaker:CreateModel", MODELS),
        ],
        [(1, "statement", "", "covered", (2,))],
    ),
    "two statements together": (
        [
            allow("s3:GetObject", "arn:aws:s3:::a/*"),
            allow("s3:PutObject", "*"),
            allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/b"),
        ],
        [(3, "statement", "", "covered", (1, 2))],
    ),
    "conditions that together let everything through": (
        [
            allow("s3:GetObject", "*", {"StringEquals": {TEAM: "ml"}}),
            allow("s3:GetObject", "*", {"StringNotEquals": {TEAM: "ml"}}),
        ],
        [
            (1, "Condition", f"StringEquals {TEAM}", "covered", (2,)),
            (2, "Condition", f"StringNotEquals {TEAM}", "covered", (1,)),
        ],
    ),
    "one entry of a list": (
        [
            allow(["sagemaker:CreateModel", "sagemaker:DeleteModel"]),
            allow("sagemaker:DeleteModel", MODELS),
            deny("s3:*"),
        ],
        [(2, "statement", "", "covered", (1,))],
    ),
    "an action that another statement has": (
        [allow("sagemaker:Describe*"), allow(["sagemaker:DescribeModel", "sagemaker:CreateModel"], MODELS)],
        [(2, "Action", "sagemaker:DescribeModel", "covered", (1,))],
    ),
    "a wildcard of the same list": (
        [allow(["s3:GetObject", "s3:Get*"], ["arn:aws:s3:::a/b", "arn:aws:s3:::a/*"])],
        [(1, "Action", "s3:GetObject", "in_list", ()), (1, "Resource", "arn:aws:s3:::a/b", "in_list", ())],
    ),
    "what a deny takes away": (
        [allow(["sagemaker:CreateModel", "sagemaker:DeleteModel"], MODELS), deny("sagemaker:Create*")],
        [(1, "Action", "sagemaker:CreateModel", "denied", (2,))],
    ),
    "a resource that a deny takes away": (
        [allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]), deny("s3:*", "arn:aws:s3:::b/*")],
        [(1, "Resource", "arn:aws:s3:::b/*", "denied", (2,))],
    ),
    "a deny within a deny": (
        [allow("*"), deny("s3:*"), deny("s3:DeleteObject", "*", {"Bool": {"aws:SecureTransport": "false"}})],
        [(3, "statement", "", "covered", (2,))],
    ),
    "a deny is not judged by what the document allows": ([allow("sagemaker:List*"), deny("s3:*")], []),
    "a wildcard is more than all that it matches today": (
        [allow("sagemaker:ListModelPackageGroup*"), allow("sagemaker:ListModelPackageGroups")],
        [(2, "statement", "", "covered", (1,))],
    ),
    "an action that does not exist": (
        [allow(["sagemaker:CreateModell*", "sagemaker:DeleteModel"], MODELS)],
        [(1, "Action", "sagemaker:CreateModell*", "no_action", ())],
    ),
    "a statement of such actions alone": ([allow("sagemaker:MakeModel")], [(1, "statement", "", "no_action", ())]),
    "an action that acts on no resource": (
        [allow(["sagemaker:ListModels", "sagemaker:DeleteModel"], MODELS)],
        [(1, "Action", "sagemaker:ListModels", "no_resource", ())],
    ),
    "a resource on which no action acts": (
        [allow("sagemaker:DeleteModel", [MODELS, "arn:aws:sagemaker:*:*:endpoint/*"])],
        [(1, "Resource", "arn:aws:sagemaker:*:*:endpoint/*", "no_resource", ())],
    ),
    "a resource of another service": (
        [allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:dynamodb:*:*:table/a"])],
        [(1, "Resource", "arn:aws:dynamodb:*:*:table/a", "no_resource", ())],
    ),
    "a resource that some action of the list takes": (
        [allow(["sagemaker:DeleteModel", "sagemaker:DeleteEndpoint"], [MODELS, "arn:aws:sagemaker:*:*:endpoint/*"])],
        [],
    ),
    "a key that is never sent": (
        [allow("sagemaker:DeleteModel", MODELS, {"StringEquals": {"sagemaker:VpcSubnets": "subnet-1"}})],
        [(1, "statement", "", "never_sent", ())],
    ),
    "conditions that exclude each other": (
        [allow("s3:GetObject", "*", {"StringEquals": {TEAM: "a"}, "StringLike": {TEAM: "b*"}})],
        [(1, "statement", "", "never", ())],
    ),
    "a condition that always holds": (
        [allow("s3:GetObject", "*", {"StringLikeIfExists": {TEAM: "*"}})],
        [(1, "Condition", f"StringLikeIfExists {TEAM}", "always", ())],
    ),
    "a condition that another statement makes idle": (
        [
            allow(["s3:GetObject", "s3:PutObject"], "*", {"StringEquals": {TEAM: "ml"}}),
            deny("*", "*", {"StringNotEquals": {TEAM: "ml"}}),
        ],
        [(1, "Condition", f"StringEquals {TEAM}", "denied", (2,))],
    ),
    "a value within another one": (
        [allow("s3:GetObject", "*", {"StringLike": {TEAM: ["ml-*", "ml-dev", "ops"]}})],
        [(1, "value", "ml-dev", "in_list", ())],
    ),
    "an exception that another statement undoes": (
        [{"Effect": "Allow", "NotAction": ["iam:*", "s3:GetObject"], "Resource": "*"}, allow("s3:GetObject")],
        [(1, "NotAction", "s3:GetObject", "covered", (2,))],
    ),
    "a variable may have another value than its default": (
        [allow("sagemaker:DeleteModel", "arn:aws:sagemaker:*:*:${aws:PrincipalTag/kind, 'no-type'}/*")],
        [],
    ),
    "nothing": (
        [
            allow("sagemaker:CreateModel", DEV, {"StringEquals": {"aws:RequestTag/team": "ml"}}),
            allow("sagemaker:List*"),
        ],
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_of_a_document(name: str) -> None:
    statements, expected = CASES[name]
    policy = named(*statements)
    found = redundant_in_document(policy.policy)
    assert lines(found, policy) == expected
    assert found.complete


def test_what_a_wildcard_may_match_tomorrow_is_not_covered() -> None:
    services = ["sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints"]
    policy = named(allow(services), allow("sagemaker:ListEndpoint*"))
    assert lines(redundant_in_document(policy.policy), policy) == [(1, "statement", "", "covered", (2,))]


def test_denies_that_matter_beside_other_policies_stand_aside() -> None:
    policy = named(allow("sagemaker:*"), deny("s3:*"), deny("sagemaker:DeleteModel", MODELS))
    found = redundant_in_document(policy.policy)
    assert [one.statement + 1 for one in found.aside] == [2]
    guard = named(deny("s3:*"), deny("iam:*"))
    assert redundant_in_document(guard.policy).aside == ()


def test_without_the_catalogue_unknown_actions_count() -> None:
    policy = named(allow(["sagemaker:MakeModel", "sagemaker:DeleteModel"], MODELS))
    assert redundant_in_document(policy.policy, catalogue=False).findings == ()


def test_near_names() -> None:
    policy = named(allow(["sagemaker:CreateModell*", "sagemaker:DelteModel", "sagmaker:DeleteModel", "s3:GetObject"]))
    near = [one.evidence.near for one in redundant_in_document(policy.policy).findings]
    assert near == ["sagemaker:CreateModel*", "sagemaker:DeleteModel", "sagemaker:DeleteModel"]


def test_a_policy_that_names_principals_is_refused() -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with pytest.raises(ValueError, match="names principals"):
        redundant_in_document(named(trust, kind=PolicyKind.TRUST).policy)


def test_a_small_budget_cuts_the_search_off_and_says_so() -> None:
    policy = named(*(allow("s3:GetObject", f"arn:aws:s3:::{number}/*") for number in range(20)))
    found = redundant_in_document(policy.policy, budget=50)
    assert not found.complete
    assert redundant_in_document(policy.policy).complete


# Of an identity.


def stack(*policies: NamedPolicy, boundary: Any = None, scp: Any = None) -> PolicyStack:
    levels = None if scp is None else ((named(FULL, kind=PolicyKind.SERVICE_CONTROL, name="Full"),), tuple(scp))
    return PolicyStack(policies, boundary, service_control_policies=levels)


def of_stack(given: PolicyStack, **known: str) -> list[Line]:
    facts = Facts({key: (value,) for key, value in known.items()}, ("aws:principaltag/",))
    return lines(redundant_in_stack(given, facts), *given.identity_policies)


def test_another_policy_covers() -> None:
    wide, narrow = named(allow("sagemaker:*")), named(allow("sagemaker:CreateModel"))
    assert of_stack(stack(narrow, wide)) == [(1, "statement", "", "covered", (1,))]


def test_the_boundary_lets_nothing_through() -> None:
    policy = named(allow("sagemaker:*"), allow("s3:*"))
    boundary = named(allow("sagemaker:*"), name="only-sagemaker")
    given = stack(policy, boundary=boundary)
    found = redundant_in_stack(given, Facts({}))
    assert lines(found, policy) == [(2, "statement", "", "blocked", ())]
    assert found.findings[0].evidence.limits == ("only-sagemaker",)


def test_a_service_control_policy_lets_nothing_through() -> None:
    policy = named(allow("sagemaker:*"), allow("s3:*"))
    scp = [
        named(FULL, kind=PolicyKind.SERVICE_CONTROL, name="Full"),
        named(deny("s3:*"), kind=PolicyKind.SERVICE_CONTROL, name="no-s3"),
    ]
    found = redundant_in_stack(stack(policy, scp=scp), Facts({}))
    assert lines(found, policy) == [(2, "statement", "", "blocked", ())]
    assert found.findings[0].evidence.limits == ("no-s3",)


def test_a_deny_of_what_the_boundary_stops_anyway() -> None:
    policy = named(allow("*"), deny("s3:*"))
    boundary = named(allow("sagemaker:*"), name="only-sagemaker")
    found = redundant_in_stack(stack(policy, boundary=boundary), Facts({}))
    assert lines(found, policy) == [(2, "statement", "", "blocked", ())]
    assert found.findings[0].evidence.limits == ("only-sagemaker",)


def test_a_deny_of_nothing_that_is_allowed() -> None:
    policy = named(allow("sagemaker:*"), deny("s3:*"))
    assert of_stack(stack(policy)) == [(2, "statement", "", "not_allowed", ())]


def test_of_an_allow_and_the_deny_over_it_only_one_goes() -> None:
    policy = named(allow(["sagemaker:CreateModel", "s3:*"]), deny("sagemaker:*"))
    assert of_stack(stack(policy)) == [(1, "Action", "sagemaker:CreateModel", "denied", (2,))]


def test_what_is_known_of_the_identity_counts() -> None:
    policy = named(
        allow("s3:GetObject", "*", {"StringEquals": {TEAM: "ops"}}),
        allow("s3:PutObject", "*", {"StringEquals": {TEAM: "ml"}}),
    )
    found = of_stack(stack(policy), **{"aws:principaltag/team": "ml"})
    assert found == [
        (1, "statement", "", "never", ()),
        (2, "Condition", f"StringEquals {TEAM}", "always", ()),
    ]


def test_roles_of_other_accounts_count() -> None:
    other, own = "arn:aws:iam::999999999999:role/x", "arn:aws:iam::111122223333:role/x"
    policy = named(allow("sts:AssumeRole", [own, other]))
    found = of_stack(stack(policy), **{"aws:principalaccount": "111122223333", "aws:resourceaccount": "111122223333"})
    assert found == []


def test_with_policies_that_are_not_known_a_deny_stands() -> None:
    policy = named(allow("sagemaker:*"), deny("s3:*"))
    assert redundant_in_stack(stack(policy), Facts({}), whole=False).findings == ()


def test_reasons_and_parts_are_all_in_the_cases() -> None:
    seen = {line[3] for _, expected in CASES.values() for line in expected}
    assert {"covered", "denied", "in_list", "never", "never_sent", "always", "no_action", "no_resource"} <= seen
    assert seen <= {reason.value for reason in Reason}
    assert {line[1] for _, expected in CASES.values() for line in expected} <= {part.value for part in Part}
