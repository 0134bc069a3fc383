"""Principal and NotPrincipal."""

import json

import pytest

from policystudio.engine.document import PolicyKind, PrincipalEntry, PrincipalKind
from tests.engine.parse.helpers import ROOT_OF_ACCOUNT, Json, document, found_in_one, parse_one, problems, statement

RESOURCE, TRUST, RCP = PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.RESOURCE_CONTROL


def entries(kind: PolicyKind, principal: Json) -> list[tuple[str, str]]:
    return [(entry.kind.value, entry.value) for entry in parse_one(kind, Principal=principal).statements[0].principals]


@pytest.mark.parametrize("kind", [RESOURCE, TRUST, RCP])
def test_everyone(kind: PolicyKind) -> None:
    policy = parse_one(kind, Principal="*")
    assert policy.statements[0].principals == (PrincipalEntry(PrincipalKind.EVERYONE, "*"),)
    assert entries(kind, {"AWS": "*"}) == [("AWS", "*")]


def test_several_kinds_and_names_keep_their_order() -> None:
    principal = {"Service": "sagemaker.amazonaws.com", "AWS": ["123456789012", ROOT_OF_ACCOUNT]}
    assert entries(TRUST, principal) == [
        ("Service", "sagemaker.amazonaws.com"),
        ("AWS", "123456789012"),
        ("AWS", ROOT_OF_ACCOUNT),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "123456789012",
        ROOT_OF_ACCOUNT,
        "arn:aws-cn:iam::123456789012:root",
        "arn:aws:iam::123456789012:user/bob",
        "arn:aws:iam::123456789012:user/path/to/bob",
        "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        "arn:aws:sts::123456789012:assumed-role/dev/session@example.com",
        "arn:aws:sts::123456789012:federated-user/bob",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE",
        "AIDAJQABLZS4A3QDU576Q",
        "AROADBQP57FF2AEXAMPLE",
    ],
)
def test_names_under_aws(name: str) -> None:
    assert entries(RESOURCE, {"AWS": [name]}) == [("AWS", name)]
    assert entries(TRUST, {"AWS": name}) == [("AWS", name)]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("", "is not a principal"),
        ("bob", "is not a principal: write an ARN, a 12-digit account id or `*`"),
        ("12345678901", "is not a principal"),
        ("arn:aws:iam::123456789012:role/*", "a wildcard may not be part of a principal"),
        ("arn:aws:iam::*:root", "a wildcard may not be part of a principal"),
        ("arn:aws:iam::123456789012:user/b?b", "a wildcard may not be part of a principal"),
        ("arn:aws:sts::123456789012:assumed-role/dev/*", "a wildcard may not be part of a principal"),
        ("arn:aws:iam::123456789012:group/dev", "a group is not a principal: name its users, or a role"),
        ("arn:aws:iam::1234:root", "the account of a principal has 12 digits"),
        ("arn:aws:iam::${aws:PrincipalAccount}:root", "the account of a principal has 12 digits"),
        ("arn:aws:iam::cloudfront:role/x", "the account of a principal has 12 digits"),
        ("arn:aws:sts::123456789012:assumed-role/dev", "is not an account, user, role or session"),
        ("arn:aws:iam::123456789012:role/", "is not an account, user, role or session"),
        ("arn:aws:iam::123456789012:policy/p", "is not an account, user, role or session"),
        ("arn:aws:s3::123456789012:root", "is not an account, user, role or session"),
        ("arn:aws:iam::123456789012:saml-provider/p", "write it under `Federated`"),
        ("sagemaker.amazonaws.com", "is not a principal"),
    ],
)
def test_other_names_under_aws_are_refused(name: str, part: str) -> None:
    (problem,) = problems(document(statement(TRUST, Principal={"AWS": ["*", name]})), TRUST)
    assert (problem.code, problem.path) == ("principal", ("Statement", 0, "Principal", "AWS", 1))
    assert part in problem.message


@pytest.mark.parametrize(
    "name", ["sagemaker.amazonaws.com", "logs.us-east-1.amazonaws.com", "x.aws.internal", "ec2.amazonaws.com.cn"]
)
def test_services(name: str) -> None:
    assert entries(TRUST, {"Service": name}) == [("Service", name)]


@pytest.mark.parametrize("name", ["*", "*.amazonaws.com", "sagemaker", "sage maker.amazonaws.com", "", ROOT_OF_ACCOUNT])
def test_other_services_are_refused(name: str) -> None:
    assert found_in_one(TRUST, Principal={"Service": name}) == [("principal", json.dumps(name))]


@pytest.mark.parametrize(
    "name",
    [
        "cognito-identity.amazonaws.com",
        "accounts.google.com",
        "arn:aws:iam::123456789012:saml-provider/ADFS",
        "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E",
    ],
)
def test_identity_providers_belong_to_trust_policies(name: str) -> None:
    assert entries(TRUST, {"Federated": name}) == [("Federated", name)]
    assert found_in_one(RESOURCE, Principal={"Federated": name}) == [("principal", json.dumps(name))]


@pytest.mark.parametrize(
    "name", ["*", "", "google", "arn:aws:iam::123456789012:role/x", "arn:aws:iam::123456789012:oidc-provider/*"]
)
def test_other_identity_providers_are_refused(name: str) -> None:
    assert found_in_one(TRUST, Principal={"Federated": name}) == [("principal", json.dumps(name))]


def test_canonical_users_belong_to_resource_policies() -> None:
    name = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    assert entries(RESOURCE, {"CanonicalUser": name}) == [("CanonicalUser", name)]
    assert found_in_one(TRUST, Principal={"CanonicalUser": name}) == [("principal", json.dumps(name))]
    assert found_in_one(RESOURCE, Principal={"CanonicalUser": "a b"}) == [("principal", '"a b"')]


@pytest.mark.parametrize("principal", ["**", "", "123456789012", ROOT_OF_ACCOUNT, 1, ["*"], [], True])
def test_a_principal_is_a_star_or_a_map(principal: Json) -> None:
    assert found_in_one(RESOURCE, Principal=principal) == [("principal", json.dumps(principal))]


@pytest.mark.parametrize("principal", [{}, {"AWS": []}, {"AWS": [], "Service": []}])
def test_a_principal_names_somebody(principal: Json) -> None:
    assert found_in_one(RESOURCE, Principal=principal) == [("empty", json.dumps(principal))]


def test_an_empty_list_beside_a_name_is_nobody() -> None:
    assert entries(RESOURCE, {"AWS": [], "Service": "s3.amazonaws.com"}) == [("Service", "s3.amazonaws.com")]


@pytest.mark.parametrize("name", [1, None, {}, ["x"]])
def test_a_name_is_text(name: Json) -> None:
    assert found_in_one(RESOURCE, Principal={"AWS": ["*", name]}) == [("type", json.dumps(name))]


@pytest.mark.parametrize(
    ("key", "hint"), [("aws", "did you mean `AWS`?"), ("Services", "did you mean `Service`?"), ("*", "write one of")]
)
def test_unknown_kinds(key: str, hint: str) -> None:
    (problem,) = problems(document(statement(RESOURCE, Principal={key: "123456789012"})), RESOURCE)
    assert problem.code == "principal"
    assert hint in problem.message


def test_a_resource_control_policy_is_for_everyone() -> None:
    assert found_in_one(RCP, Principal={"AWS": ROOT_OF_ACCOUNT}) == [("principal", json.dumps(ROOT_OF_ACCOUNT))]
    assert found_in_one(RCP, Principal={"Service": "*"}) == [("principal", '"*"')]
