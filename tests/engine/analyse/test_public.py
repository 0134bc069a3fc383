"""Which trust policies let outsiders in; every claim that one does comes with a request that is allowed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policystudio.engine.analyse.insiders import SHARED_PROVIDERS, outsider_accounts
from policystudio.engine.analyse.public import Public, no_public_access
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ACCOUNT = "111122223333"
WEB = "sts:AssumeRoleWithWebIdentity"
GITHUB = "token.actions.githubusercontent.com"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def trust(principal: Any, condition: Any = None, action: Any = "sts:AssumeRole", more: Sequence[Any] = ()) -> Policy:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement, *more]}), PolicyKind.TRUST)


def federated(provider: str) -> dict[str, str]:
    """The principal of a provider that the account has set up, or of one that is built in."""
    shared = SHARED_PROVIDERS.get(provider)
    built_in = shared is not None and shared.built_in
    return {"Federated": provider if built_in else f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"}


def asked(policy: Policy) -> Public:
    """The answer. Whoever is let in really is, by the plain evaluation, and is nobody whom the policy names."""
    found = no_public_access(policy, ACCOUNT, load_condition_keys())
    assert not found.undecided
    if found.public:
        assert found.witness is not None
        assert ACCOUNT not in found.principal
        own = NamedPolicy("own", parse_policy(json.dumps(ALLOW_ALL), PolicyKind.IDENTITY))
        stack = PolicyStack((own,), resource_policy=NamedPolicy("trust", policy))
        principal, context = Principal.parse(found.principal), Context(found.witness.context)
        request = Request(principal, found.witness.action, found.witness.resource, ACCOUNT, context)
        assert authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED
    return found


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": ["444455556666", "arn:aws:iam::777788889999:role/ci"]},
        {"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]},
    ],
)
def test_who_is_named_is_not_the_public(principal: Any) -> None:
    assert asked(trust(principal)).public is False


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [ACCOUNT, "*"]}])
def test_everyone_is_the_public(principal: Any) -> None:
    found = asked(trust(principal))
    assert found.public is True
    assert found.principal == "arn:aws:iam::999999999999:role/outsider"


CLOSED: list[Mapping[str, Any]] = [
    {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-f6g7h8i9j0"]}},
    {"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "O-A1B2C3D4E5"}},
    {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
    {"StringEquals": {"aws:PrincipalAccount": "444455556666"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}},
    {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/ci"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}},
    {"StringLike": {"aws:userid": "AROAEXAMPLEID12345678:*"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
    {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}},
    {"ArnLike": {"aws:SourceVpcArn": "arn:aws:ec2:*:444455556666:vpc/*"}},
    {"ArnLike": {"aws:SourceVpcArn": "arn:aws:ec2:us-east-1:444455556666:vpc/*"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/48"]}},
    # Only services send these, and a service is not the public.
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:*"}},
    # STS sends no key of another service.
    {"StringEquals": {"s3:prefix": "x"}},
    # Nobody can fulfil these.
    {"StringEquals": {"sts:ExternalId": "a"}, "StringNotEquals": {"sts:ExternalId": "a"}},
]


@pytest.mark.parametrize("condition", CLOSED, ids=str)
def test_conditions_that_only_insiders_fulfil_close_a_role_to_the_public(condition: Mapping[str, Any]) -> None:
    assert asked(trust("*", condition)).public is False


OPEN: list[Mapping[str, Any]] = [
    # A wildcard names nobody.
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringLike": {"aws:PrincipalAccount": "4444*"}},
    {"StringLike": {"aws:PrincipalAccount": "????55556666"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
    {"StringLike": {"aws:PrincipalArn": "*:user/ci"}},
    {"StringLike": {"aws:SourceVpce": "vpce-*"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}},
    # Whoever is not one of them.
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    # Who is in no organization has no such key.
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
    {"Null": {"aws:PrincipalOrgID": "true"}},
    # What anybody can bring along.
    {"StringEquals": {"sts:ExternalId": "no-secret-of-ours"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
    {"StringEquals": {"aws:username": "ci"}},
    {"StringLike": {"sts:RoleSessionName": "${aws:username}"}},
]


@pytest.mark.parametrize("condition", OPEN, ids=str)
def test_conditions_that_an_outsider_can_fulfil_leave_a_role_open(condition: Mapping[str, Any]) -> None:
    assert asked(trust("*", condition)).public is True


def test_one_open_statement_is_enough_and_a_deny_can_close_it() -> None:
    closed = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    again = {"Effect": "Allow", "Principal": "*", "Action": "sts:*"}
    assert asked(trust("*", closed, more=[again])).public is True
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole*", "Condition": outside}
    assert asked(trust("*", action="sts:*", more=[deny])).public is False
    assert asked(trust("*", action="sts:*", more=[{**deny, "Action": "sts:TagSession"}])).public is True


def test_tagging_a_session_alone_lets_nobody_in() -> None:
    assert asked(trust("*", action="sts:TagSession")).public is False


def test_everyone_is_those_of_the_built_in_providers_too() -> None:
    found = asked(trust("*", action=WEB))
    assert found.public is True
    assert found.principal == "cognito-identity.amazonaws.com"


def test_everyone_is_whoever_signs_in_at_a_provider_whose_claims_are_read() -> None:
    found = asked(trust("*", {"StringLike": {f"{GITHUB}:sub": "repo:*"}}, WEB))
    assert (found.public, found.principal) == (True, GITHUB)
    assert asked(trust("*", {"StringLike": {f"{GITHUB}:sub": "repo:octo/*"}}, WEB)).public is False


@pytest.mark.parametrize("provider", SHARED_PROVIDERS)
def test_a_provider_that_many_share_needs_a_condition_on_whom_it_signs_in(provider: str) -> None:
    assert asked(trust(federated(provider), action=WEB)).public is True
    for claim in SHARED_PROVIDERS[provider].controls:
        named = {"StringEquals": {f"{provider}:{claim}": "one-of-ours"}}
        assert asked(trust(federated(provider), named, WEB)).public is False, claim
        anyone = {"StringLike": {f"{provider}:{claim}": "*"}}
        assert asked(trust(federated(provider), anyone, WEB)).public is True, claim


@pytest.mark.parametrize(
    ("claims", "public"),
    [
        ({"aud": "sts.amazonaws.com"}, True),  # anybody's workflow can ask for this audience
        ({"aud": "sts.amazonaws.com", "sub": "repo:octo/app:ref:refs/heads/main"}, False),
        ({"sub": "repo:octo/app:*"}, False),
        ({"sub": "repo:octo/*"}, False),
        ({"sub": "repo:octo*"}, True),  # and octopus may be an attacker
        ({"sub": "repo:*"}, True),
        ({"sub": ["repo:octo/*", "*:ref:refs/heads/main"]}, True),
        ({"repository_owner": "octo"}, False),
        ({"ref": "refs/heads/main"}, True),
        ({"subject": "repo:octo/app:*"}, True),  # a claim that is misspelled tells nobody apart
    ],
)
def test_repositories_are_told_apart_by_their_owner(claims: Mapping[str, Any], public: bool) -> None:
    condition = {"StringLike": {f"{GITHUB}:{claim}": value for claim, value in claims.items()}}
    assert asked(trust(federated(GITHUB), condition, WEB)).public is public


def test_every_token_has_a_subject() -> None:
    condition = {"ForAllValues:StringLike": {f"{GITHUB}:sub": "repo:octo/*"}}
    assert asked(trust(federated(GITHUB), condition, WEB)).public is False


@pytest.mark.parametrize("name", ["oidc.eks.us-east-1.amazonaws.com/id/AB12", "octo.okta.com"])
def test_who_signs_in_at_a_private_provider_is_not_the_public(name: str) -> None:
    assert asked(trust(federated(name), action=WEB)).public is False


def test_saml_is_private() -> None:
    saml = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"}
    assert asked(trust(saml, action="sts:AssumeRoleWithSAML")).public is False


def test_the_partition_is_that_of_the_policy() -> None:
    china = {"AWS": ["arn:aws-cn:iam::444455556666:root", "*"]}
    assert asked(trust(china)).principal == "arn:aws-cn:iam::999999999999:role/outsider"


def test_an_outsider_has_a_number_that_the_policy_does_not_name() -> None:
    named = {"StringEquals": {"aws:PrincipalAccount": ["999999999999", "999999999998"]}}
    policy = trust("*", {"StringNotEquals": named["StringEquals"]})
    assert outsider_accounts(policy, ACCOUNT) == ["999999999997"]
    assert asked(trust("*", named)).public is False


def test_what_cannot_be_decided_is_said(monkeypatch) -> None:
    from policystudio.engine.analyse import public
    from policystudio.engine.exact.search import Doubt

    def doubtful(*_: object) -> None:
        raise Doubt("it depends on aws:SourceIdentity")

    monkeypatch.setattr(public, "search", doubtful)
    found = no_public_access(trust("*"), ACCOUNT, load_condition_keys())
    assert (found.public, found.witness) == (None, None)
    assert "aws:SourceIdentity" in found.undecided
