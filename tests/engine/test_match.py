"""Elements of a statement: Action, Resource, Principal and their Not- forms."""

from dataclasses import replace

import pytest

from policystudio.engine.decision import Element
from policystudio.engine.document import Effect, PolicyKind, PrincipalEntry, PrincipalKind
from policystudio.engine.match import (
    Naming,
    action_matches,
    failed_element,
    is_spared,
    principal_matches,
    resource_matches,
    resource_may_match,
)
from policystudio.engine.request import Context, Principal, PrincipalType, Request
from tests.engine.documents import OLD_VERSION, Json, allow, deny, policy

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
BOB = f"arn:aws:iam::{ACCOUNT}:user/team/bob"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Analyst"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Analyst/alice"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/carol"
MODEL = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m1"
NOBODY = Context()


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("sagemaker:CreateModel", "sagemaker:CreateModel", True),
        ("SageMaker:createMODEL", "sagemaker:CreateModel", True),
        ("sagemaker:createmodel", "SAGEMAKER:CREATEMODEL", True),
        ("sagemaker:*", "sagemaker:CreateModel", True),
        ("*", "sagemaker:CreateModel", True),
        ("sagemaker:*Model", "sagemaker:CreateModel", True),
        ("sagemaker:*Model", "sagemaker:CreateModelPackage", False),
        ("sagemaker:C*M*", "sagemaker:CreateModel", True),
        ("sagemaker:Create?odel", "sagemaker:CreateModel", True),
        ("sagemaker:Create?odel", "sagemaker:Createodel", False),
        ("sagemaker:Create??", "sagemaker:CreateModel", False),
        ("sagemaker:CreateModel", "sagemaker:CreateModelPackage", False),
        ("sagemaker:*", "sagemaker-geospatial:GetTile", False),
        ("s3:GetObject", "sagemaker:GetObject", False),
        ("sagemaker:${aws:username}", "sagemaker:bob", False),
    ],
)
def test_actions(pattern: str, action: str, expected: bool) -> None:
    assert action_matches(pattern, action) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", MODEL, True),
        ("*", "*", True),
        ("**", "*", True),
        (MODEL, MODEL, True),
        (MODEL.replace("model/m1", "Model/m1"), MODEL, False),
        (f"arn:aws:sagemaker:*:{ACCOUNT}:model/*", MODEL, True),
        ("arn:aws:sagemaker:*:*:model/m?", MODEL, True),
        ("arn:aws:sagemaker:*:*:model/m?", MODEL + "2", False),
        ("arn:aws:sagemaker:*:*:*", MODEL, True),
        ("arn:aws:sagemaker:*:*:*", "*", False),
        ("?", "*", False),
        ("arn:*", "*", False),
        ("arn:aws:sagemaker:*", MODEL, True),  # a last star of a segment may cross colons; missing ones are stars
        ("arn:aws:sagemaker", MODEL, True),
        ("arn:aws:sage*:*:*:model/m1", MODEL, True),
        ("arn:aws:sagemaker:eu-*-1:*:model/m1", MODEL, True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/o", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/o", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1-test/o", False),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/o", False),
        # A star inside one of the first five segments stays in it.
        ("arn:aws:sagemaker:e*1:111122223333:model/m1", "arn:aws:sagemaker:eu:x1:111122223333:model/m1", False),
        ("arn:aws:sagemaker:*:*:model/*", "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/e", False),
        # In the request a star is an ordinary character.
        ("arn:aws:sagemaker:*:*:model/m1", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/*", False),
        ("arn:aws:sagemaker:*:*:model/*", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/*", True),
        ("arn:aws:sagemaker:*:*:model/${*}", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/*", True),
        ("arn:aws:sagemaker:*:*:model/${*}", MODEL, False),
    ],
)
def test_resources(pattern: str, resource: str, expected: bool) -> None:
    assert resource_matches(pattern, resource, NOBODY, variables_enabled=True) is expected


def test_a_resource_with_a_variable_without_value_matches_nothing() -> None:
    pattern = "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/team}*"
    assert not resource_matches(pattern, MODEL, NOBODY, variables_enabled=True)
    assert resource_may_match(pattern, MODEL, NOBODY, variables_enabled=True)
    assert resource_matches(pattern, MODEL, Context({"aws:PrincipalTag/Team": "m"}), variables_enabled=True)


def entry(kind: str, value: str = "*") -> PrincipalEntry:
    return PrincipalEntry(PrincipalKind(kind), value)


CALLERS = {
    "root": Principal.parse(ACCOUNT),
    "user": Principal.parse(BOB),
    "role": Principal.parse(ROLE),
    "session": Principal.parse(SESSION),
    "federated": Principal(PrincipalType.FEDERATED_USER_SESSION, FEDERATED, ACCOUNT, "aws", user_arn=BOB),
    "service": Principal.parse("sagemaker.amazonaws.com"),
    "provider": Principal.parse("accounts.google.com"),
    "saml": Principal.parse(f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"),
    "anonymous": Principal.parse("anonymous"),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("everyone", [entry("*"), entry("AWS", "*")])
def test_a_star_names_everybody(caller: str, everyone: PrincipalEntry) -> None:
    assert principal_matches([everyone], CALLERS[caller]) is Naming.DIRECT


@pytest.mark.parametrize("kind", ["Service", "Federated", "CanonicalUser"])
@pytest.mark.parametrize("caller", CALLERS)
def test_a_star_of_another_kind_names_nobody(caller: str, kind: str) -> None:
    assert not principal_matches([entry(kind)], CALLERS[caller])


@pytest.mark.parametrize("value", [ACCOUNT, ROOT])
@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("root", Naming.ACCOUNT),
        ("user", Naming.ACCOUNT),
        ("role", Naming.ACCOUNT),
        ("session", Naming.ACCOUNT),
        ("federated", Naming.ACCOUNT),
        ("service", Naming.NONE),
        ("provider", Naming.NONE),
        ("saml", Naming.NONE),
        ("anonymous", Naming.NONE),
    ],
)
def test_an_account_names_all_its_principals(caller: str, value: str, expected: Naming) -> None:
    assert principal_matches([entry("AWS", value)], CALLERS[caller]) is expected


@pytest.mark.parametrize(
    ("caller", "value", "expected"),
    [
        ("user", BOB, Naming.DIRECT),
        ("user", BOB.replace("bob", "Bob"), Naming.NONE),
        ("user", BOB.replace("team/", ""), Naming.NONE),
        ("user", BOB.replace(ACCOUNT, "444455556666"), Naming.NONE),
        ("user", BOB.replace("bob", "*"), Naming.NONE),
        ("user", "444455556666", Naming.NONE),
        ("user", ROOT.replace("aws", "aws-cn", 1), Naming.NONE),
        ("session", SESSION, Naming.DIRECT),
        ("session", ROLE, Naming.BEHIND_SESSION),
        ("session", SESSION.replace("alice", "bob"), Naming.NONE),
        ("session", ROLE.replace("Analyst", "analyst"), Naming.NONE),
        ("role", ROLE, Naming.BEHIND_SESSION),
        ("role", SESSION, Naming.NONE),
        ("federated", FEDERATED, Naming.DIRECT),
        ("federated", BOB, Naming.BEHIND_SESSION),
        ("federated", BOB.replace("bob", "dan"), Naming.NONE),
        ("root", BOB, Naming.NONE),
    ],
)
def test_aws_principals(caller: str, value: str, expected: Naming) -> None:
    assert principal_matches([entry("AWS", value)], CALLERS[caller]) is expected


def test_a_session_is_one_of_the_role_of_that_name_whatever_its_path() -> None:
    with_path = ROLE.replace("role/", "role/service-role/")
    assert principal_matches([entry("AWS", with_path)], CALLERS["session"]) is Naming.BEHIND_SESSION
    assert not principal_matches([entry("AWS", with_path + "2")], CALLERS["session"])
    assert not principal_matches([entry("AWS", with_path.replace("Analyst", "SeniorAnalyst"))], CALLERS["session"])
    assert not principal_matches([entry("AWS", with_path)], CALLERS["role"])


def test_a_session_whose_role_is_known_with_its_path_is_of_no_other() -> None:
    known = Principal(PrincipalType.ROLE_SESSION, SESSION, ACCOUNT, "aws", role_arn=ROLE.replace("role/", "role/a/"))
    assert principal_matches([entry("AWS", known.role_arn)], known) is Naming.BEHIND_SESSION
    assert not principal_matches([entry("AWS", ROLE.replace("role/", "role/b/"))], known)


@pytest.mark.parametrize(
    ("caller", "kind", "value", "expected"),
    [
        ("service", "Service", "sagemaker.amazonaws.com", True),
        ("service", "Service", "s3.amazonaws.com", False),
        ("service", "AWS", "sagemaker.amazonaws.com", False),
        ("provider", "Federated", "accounts.google.com", True),
        ("provider", "Federated", "graph.facebook.com", False),
        ("provider", "Service", "accounts.google.com", False),
        ("saml", "Federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta", True),
        ("saml", "AWS", f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta", False),
        ("provider", "Federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/accounts.google.com", True),
        ("provider", "Federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.accounts.google.com", False),
        ("provider", "Federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/accounts.google.com", False),
        ("user", "CanonicalUser", BOB, False),
        ("anonymous", "AWS", "anonymous", False),
    ],
)
def test_other_principals(caller: str, kind: str, value: str, expected: bool) -> None:
    assert bool(principal_matches([entry(kind, value)], CALLERS[caller])) is expected


def test_the_most_direct_of_several_ways_counts() -> None:
    entries = [entry("AWS", ACCOUNT), entry("AWS", SESSION), entry("AWS", ROLE)]
    assert principal_matches(entries, CALLERS["session"]) is Naming.DIRECT


@pytest.mark.parametrize(
    ("caller", "listed", "expected"),
    [
        ("user", [ROOT, BOB], True),
        ("user", [ACCOUNT, BOB], True),
        ("user", [BOB], False),
        ("user", [ROOT], False),
        ("session", [ROOT, ROLE, SESSION], True),
        ("session", [ROOT, ROLE], False),
        ("session", [ROOT, SESSION], False),
        ("session", [ROLE, SESSION], False),
        ("role", [ROOT, ROLE], True),
        ("role", [ROLE], False),
        ("federated", [ROOT, FEDERATED], True),
        ("federated", [FEDERATED], False),
        ("root", [ROOT], True),
        ("root", [BOB], False),
        ("anonymous", [ROOT, BOB], False),
        ("anonymous", ["*"], True),
        ("user", ["*"], True),
    ],
)
def test_not_principal_spares_whom_it_lists_with_all_that_stands_before_them(
    caller: str, listed: list[str], expected: bool
) -> None:
    assert is_spared([entry("AWS", value) for value in listed], CALLERS[caller]) is expected


def test_not_principal_spares_a_listed_service() -> None:
    assert is_spared([entry("Service", "sagemaker.amazonaws.com")], CALLERS["service"])
    assert not is_spared([entry("Service", "s3.amazonaws.com")], CALLERS["service"])


def failed(
    statement: dict[str, Json],
    *,
    kind: PolicyKind = PolicyKind.IDENTITY,
    action: str = "sagemaker:CreateModel",
    resource: str = MODEL,
    caller: str = "user",
    version: str = "2012-10-17",
    has_boundary: bool = False,
) -> Element | None:
    document = policy(statement, kind=kind, version=version)
    request = Request(CALLERS[caller], action, resource, context=Context({"aws:username": "m1"}))
    return failed_element(document, document.statements[0], request, has_boundary)


def test_a_statement_matches_where_all_elements_do() -> None:
    assert failed(allow(["s3:*", "sagemaker:Create*"], ["arn:aws:s3:::b", MODEL])) is None


def test_the_first_element_that_fails_is_told() -> None:
    assert failed(allow("s3:*", MODEL)) is Element.ACTION
    assert failed(allow("sagemaker:*", "arn:aws:s3:::b")) is Element.RESOURCE
    assert failed(allow("s3:*", "arn:aws:s3:::b")) is Element.ACTION


def test_not_action_matches_what_it_does_not_list() -> None:
    assert failed(allow(NotAction=["s3:*", "iam:*"])) is None
    assert failed(allow(NotAction=["s3:*", "sagemaker:create*"])) is Element.NOT_ACTION


def test_not_resource_matches_what_it_does_not_list() -> None:
    assert failed(deny(NotResource=["arn:aws:sagemaker:*:*:endpoint/*"])) is None
    assert failed(deny(NotResource=["arn:aws:s3:::b", MODEL])) is Element.NOT_RESOURCE
    assert failed(deny(NotResource=["arn:aws:sagemaker:*:*:model/*"]), resource="*") is None
    assert failed(deny(NotResource="*"), resource="*") is Element.NOT_RESOURCE


def test_an_entry_of_not_resource_without_value_lists_nothing() -> None:
    assert failed(deny(NotResource=["arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/t}"])) is None


def test_variables_count_in_the_new_version_alone() -> None:
    statement = allow(Resource="arn:aws:sagemaker:*:*:model/${aws:username}")
    assert failed(statement) is None
    assert failed(statement, version=OLD_VERSION) is Element.RESOURCE


def test_a_resource_policy_asks_who_calls() -> None:
    statement = allow(Principal={"AWS": BOB})
    assert failed(statement, kind=PolicyKind.RESOURCE) is None
    assert failed(statement, kind=PolicyKind.RESOURCE, caller="role") is Element.PRINCIPAL


def test_not_principal_of_a_deny_matches_all_but_those_it_spares() -> None:
    statement = deny(NotPrincipal={"AWS": [BOB, ROOT]})
    assert failed(statement, kind=PolicyKind.RESOURCE) is Element.NOT_PRINCIPAL
    assert failed(statement, kind=PolicyKind.RESOURCE, caller="role") is None
    assert failed(statement, kind=PolicyKind.RESOURCE, caller="anonymous") is None


def test_not_principal_of_an_allow_is_not_supported_and_matches_nobody() -> None:
    denying = policy(deny(NotPrincipal={"AWS": [BOB, ROOT]}), kind=PolicyKind.RESOURCE)
    allowing = replace(denying.statements[0], effect=Effect.ALLOW)
    for caller in CALLERS.values():
        assert failed_element(denying, allowing, Request(caller, "s3:x", "*"), False) is Element.NOT_PRINCIPAL


def test_a_statement_of_a_resource_policy_without_principal_is_about_nobody() -> None:
    document = policy(allow(Principal="*"), kind=PolicyKind.RESOURCE)
    nobody = replace(document.statements[0], principals=())
    assert failed_element(document, nobody, Request(CALLERS["user"], "s3:x", "*"), False) is Element.PRINCIPAL


def test_not_principal_spares_nobody_with_a_boundary() -> None:
    statement = deny(NotPrincipal={"AWS": [BOB, ROOT]})
    assert failed(statement, kind=PolicyKind.RESOURCE, has_boundary=True) is None


def test_a_trust_policy_has_no_resource_and_is_about_its_role() -> None:
    statement = allow("sts:AssumeRole", None, Principal={"AWS": ACCOUNT})
    assert failed(statement, kind=PolicyKind.TRUST, action="sts:AssumeRole", resource=ROLE) is None
    assert failed(statement, kind=PolicyKind.TRUST, action="sts:TagSession", resource=ROLE) is Element.ACTION


def test_effects_do_not_matter_to_a_match() -> None:
    assert {policy(make("s3:*")).statements[0].effect for make in (allow, deny)} == set(Effect)
    assert failed(deny("s3:*")) is failed(allow("s3:*")) is Element.ACTION
