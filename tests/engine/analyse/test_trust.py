"""What changes of trust policies change; every request is allowed on one side and not on the other."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policystudio.engine.analyse.comparison import Comparison
from policystudio.engine.analyse.public import ALLOW_ALL
from policystudio.engine.analyse.trust import Around, Entrance, compare_trust
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ACCOUNT = "111122223333"
ROOT, OTHER = f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::444455556666:root"
CI = "arn:aws:iam::444455556666:role/ci"
GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
SUB = "token.actions.githubusercontent.com:sub"
WEB = "sts:AssumeRoleWithWebIdentity"


def allow(
    principal: Any, condition: Any = None, action: Any = "sts:AssumeRole", effect: str = "Allow"
) -> dict[str, Any]:
    found = {"Effect": effect, "Principal": principal, "Action": action}
    return {**found, "Condition": condition} if condition else found


def github(operator: str, subject: str) -> dict[str, Any]:
    return allow(GITHUB, {operator: {SUB: subject}}, WEB)


def named(pattern: str) -> dict[str, Any]:
    return {"ArnLike": {"aws:PrincipalArn": pattern}}


def trust(*statements: Mapping[str, Any]) -> Policy:
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), PolicyKind.TRUST)


def compared(before: Policy, after: Policy) -> Comparison:
    found = compare_trust(before, after, ACCOUNT, load_condition_keys())
    assert not found.undecided
    for change in found.changes:
        for witness, allowing, other in (
            (change.newly_allowed, after, before),
            (change.newly_denied, before, after),
        ):
            if witness is not None:
                assert decision(allowing, witness) is Verdict.ALLOWED
                assert decision(other, witness) is not Verdict.ALLOWED
    return found


def decision(policy: Policy, witness: Any) -> Verdict:
    assert isinstance(witness, Entrance)
    principal = Principal.parse(witness.principal)
    request = Request(principal, witness.action, witness.resource, ACCOUNT, Context(witness.context))
    own = (ALLOW_ALL,) if principal.account else ()
    stack = PolicyStack(own, resource_policy=NamedPolicy("trust", policy))
    return authorize(stack, request, load_condition_keys()).verdict


def claims(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[bool | None, bool | None]:
    found = compared(trust(*before), trust(*after))
    return found.no_new_access, found.no_lost_access


ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (allow({"AWS": ROOT}), allow({"AWS": ACCOUNT}), (True, True)),
        (allow({"AWS": ROOT}), allow({"AWS": [ROOT, OTHER]}), (False, True)),
        (allow({"AWS": OTHER}), allow({"AWS": CI}), (True, False)),
        (allow({"AWS": CI}), allow({"AWS": OTHER}), (False, True)),
        (allow({"AWS": ROOT}), allow({"AWS": OTHER}), (False, False)),
        (allow({"AWS": ROOT}), allow({"AWS": ROOT}, MFA), (True, False)),
        (allow("*", ORG), allow("*"), (False, True)),
        (allow("*"), allow("*", ORG), (True, False)),
        (allow({"AWS": OTHER}), allow("*", ORG), (False, False)),
        (allow("*"), allow({"AWS": "*"}), (True, True)),
        # Everybody is whoever signs in with the provider whose claims are read.
        (allow({"AWS": ROOT}), allow("*", {"StringLike": {SUB: "repo:octo/*"}}, WEB), (False, False)),
        (allow({"Service": "lambda.amazonaws.com"}), allow({"Service": "ec2.amazonaws.com"}), (False, False)),
        (
            allow({"Service": "sagemaker.amazonaws.com"}),
            allow({"Service": "sagemaker.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
            (True, False),
        ),
        (github("StringLike", "repo:octo/app:*"), github("StringLike", "repo:octo/*"), (False, True)),
        (github("StringLike", "repo:octo/*"), github("StringEquals", "repo:octo/app:x"), (True, False)),
        # Whoever is meant by a condition on the ARN instead of the Principal.
        (allow({"AWS": CI}), allow({"AWS": OTHER}, named("arn:aws:iam::444455556666:role/ci*")), (False, True)),
        (allow({"AWS": OTHER}), allow("*", named("arn:aws:iam::444455556666:role/*")), (True, False)),
        (allow("*", {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}), allow({"AWS": OTHER}), (True, True)),
        (allow({"AWS": ROOT}), allow({"AWS": ROOT}, None, ["sts:AssumeRole", "sts:TagSession"]), (False, True)),
    ],
    ids=str,
)
def test_claims_are_decided_with_somebody_for_each(before: Any, after: Any, expected: tuple[bool, bool]) -> None:
    assert claims([before], [after]) == expected


def test_a_deny_takes_access_away() -> None:
    deny = allow({"AWS": CI}, effect="Deny", action="sts:*")
    found = compared(trust(allow({"AWS": OTHER})), trust(allow({"AWS": OTHER}), deny))
    assert (found.no_new_access, found.no_lost_access) == (True, False)
    assert isinstance(found.newly_denied, Entrance)
    assert found.newly_denied.principal == CI
    assert [(change.action, change.resource_type) for change in found.changes] == [("sts:AssumeRole", "role")]


def test_who_is_found_by_a_pattern_has_a_name_that_fits() -> None:
    admins = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin-*"}}
    found = compared(trust(allow({"AWS": ROOT})), trust(allow("*", admins)))
    assert isinstance(found.newly_allowed, Entrance)
    assert ":role/admin-" in found.newly_allowed.principal
    assert ACCOUNT not in found.newly_allowed.principal


def test_services_and_providers_are_named() -> None:
    found = compared(trust(allow({"AWS": ROOT})), trust(allow({"Service": "lambda.amazonaws.com"})))
    assert isinstance(found.newly_allowed, Entrance)
    assert found.newly_allowed.principal == "lambda.amazonaws.com"
    saml = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"}
    signed = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    found = compared(trust(allow({"AWS": ROOT})), trust(allow(saml, signed, "sts:AssumeRoleWithSAML")))
    assert isinstance(found.newly_allowed, Entrance)
    assert found.newly_allowed.principal == saml["Federated"]
    assert found.newly_allowed.context == {"SAML:aud": ("https://signin.aws.amazon.com/saml",)}


def test_what_cannot_be_decided_is_said(monkeypatch) -> None:
    from policystudio.engine.analyse import trust as module
    from policystudio.engine.exact.search import Doubt

    def doubtful(*_: object) -> None:
        raise Doubt("it depends on aws:SourceIdentity")

    monkeypatch.setattr(module, "search", doubtful)
    found = compare_trust(trust(allow({"AWS": ROOT})), trust(allow({"AWS": OTHER})), ACCOUNT, load_condition_keys())
    assert (found.no_new_access, found.no_lost_access) == (None, None)
    assert found.undecided == "it depends on aws:SourceIdentity"


# Resource control policies around the role.

FENCED = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
FULL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
OURS = {ACCOUNT: {"aws:principalorgid": ("o-ours",)}, "": {"aws:resourceorgid": ("o-ours",)}}
NOT_OURS = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}


def level(*statements: Mapping[str, Any]) -> tuple[NamedPolicy, ...]:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return (NamedPolicy("rcp", parse_policy(text, PolicyKind.RESOURCE_CONTROL)),)


def fenced(policy: Policy, *statements: Mapping[str, Any], role: str = "", back: bool = False) -> Comparison:
    """What changes when resource control policies come (or, ``back``, go) around a role."""
    sides = (level(FULL),), (level(FULL), level(FULL, *statements))
    around = Around(role, *(sides[::-1] if back else sides), OURS)
    found = compare_trust(policy, policy, ACCOUNT, load_condition_keys(), around)
    for change in found.changes:
        for witness, side in ((change.newly_allowed, around.after), (change.newly_denied, around.before)):
            if isinstance(witness, Entrance):
                caller = Principal.parse(witness.principal)
                request = Request(caller, witness.action, witness.resource, ACCOUNT, Context(witness.context))
                own = (ALLOW_ALL,) if caller.account else ()
                trusted = NamedPolicy("trust policy", policy, witness.resource)
                stack = PolicyStack(own, resource_control_policies=side, resource_policy=trusted)
                assert authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED
    return found


def test_a_fence_of_the_organization_keeps_out_others_and_not_its_own() -> None:
    deny = {**FENCED, "Condition": NOT_OURS}
    found = fenced(trust(allow({"AWS": [ROOT, OTHER]})), deny)
    assert (found.no_new_access, found.no_lost_access) == (True, False)
    assert isinstance(found.newly_denied, Entrance)
    assert found.newly_denied.principal.split(":")[4] == "444455556666"
    assert [change.action for change in found.changes] == ["sts:AssumeRole"]
    for unmoved in (trust(allow({"AWS": ROOT})), trust(allow({"Service": "sagemaker.amazonaws.com"}))):
        same = fenced(unmoved, deny)
        assert (same.no_new_access, same.no_lost_access, same.changes) == (True, True, ())


def test_a_fence_that_goes_lets_in_again_whom_the_trust_policy_names() -> None:
    found = fenced(trust(allow({"AWS": CI})), FENCED, back=True)
    assert (found.no_new_access, found.no_lost_access) == (False, True)
    assert isinstance(found.newly_allowed, Entrance)
    assert found.newly_allowed.principal == CI
    assert fenced(trust(allow({"AWS": CI}, effect="Deny")), FENCED, back=True).no_new_access


def test_a_fence_around_one_role_is_none_around_another() -> None:
    mine, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("mine", "other"))
    deny = {**FENCED, "Resource": mine}
    assert fenced(trust(allow({"AWS": CI})), deny, role=mine).no_lost_access is False
    assert fenced(trust(allow({"AWS": CI})), deny, role=other).no_lost_access


def test_service_linked_roles_are_spared_and_a_level_without_an_allow_lets_nobody_in() -> None:
    linked = "arn:aws:iam::444455556666:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    assert fenced(trust(allow({"AWS": linked})), FENCED).no_lost_access
    around = Around("", (level(FULL),), (level(FENCED | {"Condition": {"Null": {"aws:PrincipalArn": "true"}}}),), OURS)
    policy = trust(allow({"AWS": CI}))
    assert compare_trust(policy, policy, ACCOUNT, load_condition_keys(), around).no_lost_access is False
