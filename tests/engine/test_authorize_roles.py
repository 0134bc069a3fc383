"""Assuming and passing roles; KMS keys, whose policies are required as trust policies are."""

from typing import Any

import pytest

from policystudio.engine.request import Principal
from tests.engine.asking import (
    ACCOUNT,
    ALLOWED_AS_ROOT,
    ALLOWED_BY_BOTH,
    ALLOWED_BY_IDENTITY,
    ALLOWED_BY_RESOURCE,
    BOB,
    MODEL,
    OTHER,
    OTHER_MODEL,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    answer,
    ask,
    deny_in,
    for_aws,
    no_allow_in,
    trusts,
)
from tests.engine.documents import allow, deny

ASSUME = "sts:AssumeRole"
TARGET = f"arn:aws:iam::{ACCOUNT}:role/Target"
OTHER_TARGET = TARGET.replace(ACCOUNT, OTHER)


class TestAssumingRoles:
    def test_an_identity_policy_alone_is_never_enough(self) -> None:
        assert answer(ask(BOB, ASSUME, TARGET, identity=[allow()])) == no_allow_in("resource_policy")
        trust = trusts(AWS=BOB.arn.replace("bob", "eve"))
        assert answer(ask(BOB, ASSUME, TARGET, identity=[allow()], trust=trust)) == no_allow_in("resource_policy")

    @pytest.mark.parametrize(
        ("caller", "named"), [(BOB, BOB.arn), (SESSION, SESSION.arn), (SESSION, ROLE.arn), (BOB, "*"), (SESSION, "*")]
    )
    def test_a_trust_policy_that_names_the_caller_is_enough(self, caller: Principal, named: str) -> None:
        assert answer(ask(caller, ASSUME, TARGET, trust=trusts(AWS=named))) == ALLOWED_BY_RESOURCE

    @pytest.mark.parametrize("named", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
    def test_one_that_names_the_account_leaves_it_to_the_identity(self, named: str) -> None:
        trust = trusts(AWS=named)
        assert answer(ask(BOB, ASSUME, TARGET, trust=trust)) == no_allow_in("identity_policies")
        allowed = ask(BOB, ASSUME, TARGET, trust=trust, identity=[allow(ASSUME, TARGET)])
        assert answer(allowed) == ALLOWED_BY_BOTH
        bounded = ask(BOB, ASSUME, TARGET, trust=trust, identity=[allow()], boundary=[allow("s3:*")])
        assert answer(bounded) == no_allow_in("permissions_boundary")

    def test_the_role_of_a_session_leaves_its_limits(self) -> None:
        bounded = ask(SESSION, ASSUME, TARGET, trust=trusts(AWS=ROLE.arn), boundary=[allow("s3:*")])
        assert answer(bounded) == no_allow_in("permissions_boundary")
        unbounded = ask(SESSION, ASSUME, TARGET, trust=trusts(AWS=SESSION.arn), boundary=[allow("s3:*")])
        assert answer(unbounded) == ALLOWED_BY_RESOURCE

    @pytest.mark.parametrize("named", [ACCOUNT, BOB.arn, "*"])
    def test_across_accounts_both_must_allow(self, named: str) -> None:
        trust = trusts(AWS=named)
        assert answer(ask(BOB, ASSUME, OTHER_TARGET, trust=trust)) == no_allow_in("identity_policies")
        assert answer(ask(BOB, ASSUME, OTHER_TARGET, trust=trust, identity=[allow(ASSUME)])) == ALLOWED_BY_BOTH
        assert answer(ask(BOB, ASSUME, OTHER_TARGET, identity=[allow(ASSUME)])) == no_allow_in("resource_policy")

    def test_an_external_id_must_be_passed(self) -> None:
        trust = trusts({"StringEquals": {"sts:ExternalId": "secret-42"}}, AWS=ACCOUNT)
        asked: Any = {"trust": trust, "identity": [allow()]}
        missing = ask(BOB, ASSUME, OTHER_TARGET, **asked)
        assert answer(missing) == no_allow_in("resource_policy")
        assert missing.missing_context_keys == ("sts:ExternalId",)
        right = ask(BOB, ASSUME, OTHER_TARGET, **asked, context={"sts:ExternalId": "secret-42"})
        assert answer(right) == ALLOWED_BY_BOTH
        wrong = ask(BOB, ASSUME, OTHER_TARGET, **asked, context={"sts:ExternalId": "secret"})
        assert answer(wrong) == no_allow_in("resource_policy")

    @pytest.mark.parametrize("action", ["sts:TagSession", "sts:SetSourceIdentity"])
    def test_tags_and_source_identity_must_be_trusted_too(self, action: str) -> None:
        assert answer(ask(BOB, action, TARGET, trust=trusts(AWS=BOB.arn))) == no_allow_in("resource_policy")
        both = trusts(action=[ASSUME, action], AWS=BOB.arn)
        assert answer(ask(BOB, action, TARGET, trust=both)) == ALLOWED_BY_RESOURCE

    def test_a_service_needs_trust_alone(self) -> None:
        trust = trusts(Service="sagemaker.amazonaws.com")
        assert answer(ask(SERVICE, ASSUME, TARGET, trust=trust)) == ALLOWED_BY_RESOURCE
        other = ask(Principal.parse("lambda.amazonaws.com"), ASSUME, TARGET, trust=trust)
        assert answer(other) == no_allow_in("resource_policy")

    def test_a_confused_deputy_is_told_apart_by_its_source(self) -> None:
        trust = trusts(
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:*:{ACCOUNT}:*"},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
            Service="sagemaker.amazonaws.com",
        )
        own = {"aws:SourceArn": MODEL, "aws:SourceAccount": ACCOUNT}
        assert answer(ask(SERVICE, ASSUME, TARGET, trust=trust, context=own)) == ALLOWED_BY_RESOURCE
        foreign = {"aws:SourceArn": OTHER_MODEL, "aws:SourceAccount": OTHER}
        assert answer(ask(SERVICE, ASSUME, TARGET, trust=trust, context=foreign)) == no_allow_in("resource_policy")

    @pytest.mark.parametrize(
        ("provider", "action"),
        [
            (f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta", "sts:AssumeRoleWithSAML"),
            (
                f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com",
                "sts:AssumeRoleWithWebIdentity",
            ),
            ("accounts.google.com", "sts:AssumeRoleWithWebIdentity"),
        ],
    )
    def test_an_identity_provider_needs_trust_alone(self, provider: str, action: str) -> None:
        caller = Principal.parse(provider)
        trust = trusts(action=action, Federated=provider)
        assert answer(ask(caller, action, TARGET, trust=trust)) == ALLOWED_BY_RESOURCE
        assert answer(ask(caller, ASSUME, TARGET, trust=trust)) == no_allow_in("resource_policy")
        assert answer(ask(caller, action, OTHER_TARGET, trust=trust)) == ALLOWED_BY_RESOURCE
        assert answer(ask(caller, action, TARGET, trust=trusts(action=action, AWS=ACCOUNT)))[0] == "implicitDeny"
        scp = ask(caller, action, TARGET, trust=trust, scp=[[[deny()]]])
        assert answer(scp) == ALLOWED_BY_RESOURCE

    def test_a_deny_in_the_trust_policy_is_explicit(self) -> None:
        trust = [
            *trusts(AWS=BOB.arn),
            deny(ASSUME, None, Principal="*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        ]
        assert answer(ask(BOB, ASSUME, TARGET, trust=trust)) == deny_in("resource_policy")
        with_mfa = ask(BOB, ASSUME, TARGET, trust=trust, context={"aws:MultiFactorAuthPresent": "true"})
        assert answer(with_mfa) == ALLOWED_BY_RESOURCE

    def test_the_root_user_cannot_assume_roles(self) -> None:
        decision = ask(ROOT, ASSUME, TARGET, trust=trusts(AWS=ACCOUNT))
        assert answer(decision) == ("implicitDeny", "root_user_cannot_assume_roles")

    def test_service_control_policies_apply(self) -> None:
        decision = ask(BOB, ASSUME, TARGET, trust=trusts(AWS=BOB.arn), scp=[[[allow(), deny("sts:*")]]])
        assert answer(decision) == deny_in("service_control_policies")


class TestPassingRoles:
    CONDITION = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}

    def test_it_is_an_ordinary_permission_of_the_caller(self) -> None:
        granted = [allow("iam:PassRole", TARGET, Condition=self.CONDITION)]
        passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        assert answer(ask(BOB, "iam:PassRole", TARGET, identity=granted, context=passed)) == ALLOWED_BY_IDENTITY
        elsewhere = {"iam:PassedToService": "lambda.amazonaws.com"}
        decision = ask(BOB, "iam:PassRole", TARGET, identity=granted, context=elsewhere)
        assert answer(decision) == no_allow_in("identity_policies")
        assert answer(ask(BOB, "iam:PassRole", TARGET)) == no_allow_in("identity_policies")

    def test_a_role_of_another_account_cannot_be_passed(self) -> None:
        decision = ask(BOB, "IAM:passrole", OTHER_TARGET, identity=[allow()], resource_policy=for_aws("*"))
        assert answer(decision) == ("implicitDeny", "cannot_pass_role_of_another_account")


class TestKmsKeys:
    KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    def test_the_key_policy_must_allow(self) -> None:
        assert answer(ask(BOB, "kms:Decrypt", self.KEY, identity=[allow()])) == no_allow_in("resource_policy")

    def test_one_that_names_the_account_leaves_it_to_the_identity(self) -> None:
        policy = for_aws(f"arn:aws:iam::{ACCOUNT}:root")
        assert answer(ask(BOB, "kms:Decrypt", self.KEY, identity=[allow()], resource_policy=policy)) == ALLOWED_BY_BOTH
        assert answer(ask(BOB, "kms:Decrypt", self.KEY, resource_policy=policy)) == no_allow_in("identity_policies")

    def test_one_that_names_the_caller_is_enough(self) -> None:
        assert answer(ask(BOB, "kms:Decrypt", self.KEY, resource_policy=for_aws(BOB.arn))) == ALLOWED_BY_RESOURCE

    def test_even_the_root_user_needs_it(self) -> None:
        assert answer(ask(ROOT, "kms:Decrypt", self.KEY)) == no_allow_in("resource_policy")
        assert answer(ask(ROOT, "kms:Decrypt", self.KEY, resource_policy=for_aws(ACCOUNT))) == ALLOWED_AS_ROOT

    def test_aliases_and_actions_without_a_key_need_none(self) -> None:
        alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a"
        assert answer(ask(BOB, "kms:DeleteAlias", alias, identity=[allow()])) == ALLOWED_BY_IDENTITY
        assert answer(ask(BOB, "kms:ListKeys", "*", identity=[allow()])) == ALLOWED_BY_IDENTITY
