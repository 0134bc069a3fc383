"""Resource policies: what an Allow buys in the same account, NotPrincipal, other accounts, services and nobody."""

from typing import Any

import pytest

from policystudio.engine.decision import Layer, Verdict
from policystudio.engine.request import Principal
from tests.engine.asking import (
    ACCOUNT,
    ALLOWED_AS_ROOT,
    ALLOWED_BY_BOTH,
    ALLOWED_BY_IDENTITY,
    ALLOWED_BY_RESOURCE,
    ANONYMOUS,
    BOB,
    FEDERATED,
    FULL,
    MODEL,
    OTHER,
    OTHER_MODEL,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    Statements,
    answer,
    ask,
    deny_in,
    for_aws,
    no_allow_in,
)
from tests.engine.documents import allow, deny

NARROWED = [allow(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE.arn}})]
ACCOUNT_NARROWED = [allow(Principal={"AWS": ACCOUNT}, Condition={"ArnEquals": {"aws:PrincipalArn": ROLE.arn}})]


class TestResourcePolicyOfTheSameAccount:
    """The table of https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html and its kin."""

    @pytest.mark.parametrize(
        ("caller", "policy", "needs_identity", "boundary_limits", "session_limits"),
        [
            (BOB, for_aws(BOB.arn), False, False, None),
            (FEDERATED, for_aws(BOB.arn), False, True, True),
            (SESSION, for_aws(ROLE.arn), False, True, True),
            (ROLE, for_aws(ROLE.arn), False, True, True),
            (SESSION, for_aws(SESSION.arn), False, False, False),
            (FEDERATED, for_aws(FEDERATED.arn), False, False, False),
            (BOB, [allow(Principal="*")], False, False, None),
            (BOB, for_aws("*"), False, False, None),
            (SESSION, for_aws("*"), False, False, False),
            (SESSION, NARROWED, False, False, False),
            (FEDERATED, for_aws("*"), False, False, False),
            (BOB, for_aws(ACCOUNT), True, True, None),
            (BOB, for_aws(f"arn:aws:iam::{ACCOUNT}:root"), True, True, None),
            (SESSION, for_aws(ACCOUNT), True, True, True),
            (SESSION, ACCOUNT_NARROWED, True, True, True),
            (FEDERATED, for_aws(ACCOUNT), True, True, True),
            (BOB, for_aws(ACCOUNT, BOB.arn), False, False, None),
        ],
    )
    def test_what_an_allow_buys(
        self,
        caller: Principal,
        policy: Statements,
        needs_identity: bool,
        boundary_limits: bool,
        session_limits: bool | None,
    ) -> None:
        everything: Any = {
            "resource_policy": policy,
            "identity": [allow()],
            "boundary": [allow()],
            "session": [[allow()]],
        }
        assert ask(caller, **everything).verdict is Verdict.ALLOWED
        without_identity = ask(caller, **{**everything, "identity": None})
        assert (without_identity.verdict is Verdict.ALLOWED) is not needs_identity
        without_boundary = ask(caller, **{**everything, "boundary": [allow("s3:*")]})
        assert (without_boundary.verdict is Verdict.ALLOWED) is not boundary_limits
        without_session = ask(caller, **{**everything, "session": [[allow("s3:*")]]})
        assert (without_session.verdict is Verdict.ALLOWED) is not bool(session_limits)

    def test_the_reasons(self) -> None:
        assert answer(ask(BOB, resource_policy=for_aws(BOB.arn))) == ALLOWED_BY_RESOURCE
        assert answer(ask(BOB, resource_policy=for_aws(BOB.arn), identity=[allow()])) == ALLOWED_BY_RESOURCE
        assert answer(ask(BOB, resource_policy=for_aws(ACCOUNT), identity=[allow()])) == ALLOWED_BY_IDENTITY
        assert answer(ask(BOB, resource_policy=for_aws(ACCOUNT))) == no_allow_in("identity_policies")
        limited = ask(SESSION, resource_policy=for_aws(ROLE.arn), boundary=[allow("s3:*")])
        assert answer(limited) == no_allow_in("permissions_boundary")

    def test_a_federated_user_named_directly_needs_no_session_policy(self) -> None:
        assert answer(ask(FEDERATED, resource_policy=for_aws(FEDERATED.arn))) == ALLOWED_BY_RESOURCE
        decision = ask(FEDERATED, resource_policy=for_aws(BOB.arn))
        assert answer(decision) == ("implicitDeny", "no_session_policy_passed")

    @pytest.mark.parametrize("layer", ["identity", "boundary", "session"])
    def test_an_explicit_deny_applies_in_every_row(self, layer: str) -> None:
        denied: Any = {layer: [[deny()]] if layer == "session" else [deny()]}
        assert ask(SESSION, resource_policy=for_aws(SESSION.arn), **denied).verdict is Verdict.EXPLICIT_DENY

    def test_organization_policies_apply_in_every_row(self) -> None:
        decision = ask(BOB, resource_policy=for_aws(BOB.arn), scp=[[[allow("s3:*")]]])
        assert answer(decision) == no_allow_in("service_control_policies")
        decision = ask(BOB, resource_policy=for_aws(BOB.arn), rcp=[[[allow("s3:*", Principal="*")]]])
        assert answer(decision) == no_allow_in("resource_control_policies")

    def test_a_policy_about_somebody_else_leaves_it_to_the_identity(self) -> None:
        policy = for_aws(BOB.arn.replace("bob", "eve"))
        assert answer(ask(BOB, resource_policy=policy, identity=[allow()])) == ALLOWED_BY_IDENTITY
        assert answer(ask(BOB, resource_policy=policy)) == no_allow_in("identity_policies")

    def test_its_deny_is_explicit(self) -> None:
        policy = [deny(Principal={"AWS": ACCOUNT})]
        assert answer(ask(BOB, resource_policy=policy, identity=[allow()])) == deny_in("resource_policy")


class TestNotPrincipal:
    LISTED = [deny(NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root", BOB.arn]})]

    def test_it_spares_whom_it_lists(self) -> None:
        assert answer(ask(BOB, resource_policy=self.LISTED, identity=[allow()])) == ALLOWED_BY_IDENTITY

    @pytest.mark.parametrize("caller", [ROLE, SESSION, Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/eve")])
    def test_it_denies_the_others(self, caller: Principal) -> None:
        assert answer(ask(caller, resource_policy=self.LISTED, identity=[allow()])) == deny_in("resource_policy")

    def test_it_denies_whoever_has_a_boundary(self) -> None:
        decision = ask(BOB, resource_policy=self.LISTED, identity=[allow()], boundary=[allow()])
        assert answer(decision) == deny_in("resource_policy")

    def test_an_endpoint_policy_is_no_resource_policy(self) -> None:
        endpoint = [allow(Principal="*"), *self.LISTED]
        assert answer(ask(BOB, endpoint=endpoint, identity=[allow()], boundary=[allow()])) == ALLOWED_BY_IDENTITY


class TestCrossAccount:
    def test_both_sides_must_allow(self) -> None:
        granted = for_aws(BOB.arn)
        assert answer(ask(BOB, resource=OTHER_MODEL, identity=[allow()])) == no_allow_in("resource_policy")
        assert answer(ask(BOB, resource=OTHER_MODEL, resource_policy=granted)) == no_allow_in("identity_policies")
        both = ask(BOB, resource=OTHER_MODEL, identity=[allow()], resource_policy=granted)
        assert answer(both) == ALLOWED_BY_BOTH

    @pytest.mark.parametrize("named", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ROLE.arn, SESSION.arn, "*"])
    def test_the_resource_policy_may_name_the_caller_in_any_way(self, named: str) -> None:
        decision = ask(SESSION, resource=OTHER_MODEL, identity=[allow()], resource_policy=for_aws(named))
        assert answer(decision) == ALLOWED_BY_BOTH

    @pytest.mark.parametrize("named", [ACCOUNT, ROLE.arn, SESSION.arn, "*"])
    def test_no_way_of_naming_replaces_what_the_own_account_must_allow(self, named: str) -> None:
        granted = for_aws(named)
        assert answer(ask(SESSION, resource=OTHER_MODEL, resource_policy=granted)) == no_allow_in("identity_policies")
        bounded = ask(
            SESSION, resource=OTHER_MODEL, resource_policy=granted, identity=[allow()], boundary=[allow("s3:*")]
        )
        assert answer(bounded) == no_allow_in("permissions_boundary")
        scoped = ask(
            SESSION, resource=OTHER_MODEL, resource_policy=granted, identity=[allow()], session=[[allow("s3:*")]]
        )
        assert answer(scoped) == no_allow_in("session_policies")

    def test_the_other_account_alone_is_not_the_caller(self) -> None:
        decision = ask(BOB, resource=OTHER_MODEL, identity=[allow()], resource_policy=for_aws(OTHER))
        assert answer(decision) == no_allow_in("resource_policy")

    def test_the_owner_may_be_told_apart_from_the_arn(self) -> None:
        bucket = "arn:aws:s3:::bucket/key"
        own = ask(BOB, "s3:GetObject", bucket, identity=[allow()])
        assert answer(own) == ALLOWED_BY_IDENTITY
        foreign = ask(BOB, "s3:GetObject", bucket, identity=[allow()], resource_account=OTHER)
        assert answer(foreign) == no_allow_in("resource_policy")

    def test_a_resource_that_aws_publishes_is_no_foreign_one(self) -> None:
        arn = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
        assert answer(ask(BOB, "iam:GetPolicy", arn, identity=[allow()])) == ALLOWED_BY_IDENTITY

    def test_the_root_user_needs_no_identity_policy(self) -> None:
        assert answer(ask(ROOT, resource=OTHER_MODEL, resource_policy=for_aws(ACCOUNT))) == ALLOWED_AS_ROOT
        assert answer(ask(ROOT, resource=OTHER_MODEL)) == no_allow_in("resource_policy")

    def test_never_across_partitions(self) -> None:
        chinese = OTHER_MODEL.replace("arn:aws:", "arn:aws-cn:")
        decision = ask(BOB, resource=chinese, identity=[allow()], resource_policy=for_aws("*"))
        assert answer(decision) == ("implicitDeny", "no_cross_partition_access")

    def test_a_deny_goes_before_that(self) -> None:
        chinese = OTHER_MODEL.replace("arn:aws:", "arn:aws-cn:")
        assert answer(ask(BOB, resource=chinese, identity=[deny()])) == deny_in("identity_policies")

    def test_a_partition_of_its_own_works_as_any(self) -> None:
        bob = Principal.parse(BOB.arn.replace("arn:aws:", "arn:aws-us-gov:"))
        model = MODEL.replace("arn:aws:", "arn:aws-us-gov:")
        assert answer(ask(bob, resource=model, identity=[allow()])) == ALLOWED_BY_IDENTITY


class TestServicesAndStrangers:
    def test_a_service_has_what_the_resource_policy_gives_it(self) -> None:
        granted = [allow(Principal={"Service": SERVICE.arn})]
        assert answer(ask(SERVICE, resource_policy=granted)) == ALLOWED_BY_RESOURCE
        assert answer(ask(SERVICE, identity=[allow()])) == no_allow_in("resource_policy")
        other = [allow(Principal={"Service": "s3.amazonaws.com"})]
        assert answer(ask(SERVICE, resource_policy=other)) == no_allow_in("resource_policy")

    def test_nothing_but_that_concerns_a_service(self) -> None:
        granted = [allow(Principal={"Service": SERVICE.arn})]
        decision = ask(SERVICE, resource_policy=granted, identity=[deny()], boundary=[deny()], session=[[deny()]])
        assert answer(decision) == ALLOWED_BY_RESOURCE
        assert {trace.layer for trace in decision.traces} == {Layer.RESOURCE}

    def test_a_service_may_work_in_any_partition(self) -> None:
        chinese = MODEL.replace("arn:aws:", "arn:aws-cn:")
        decision = ask(SERVICE, resource=chinese, resource_policy=[allow(Principal={"Service": SERVICE.arn})])
        assert answer(decision) == ALLOWED_BY_RESOURCE

    def test_nobody_has_what_a_star_gives(self) -> None:
        assert answer(ask(ANONYMOUS, resource_policy=FULL)) == ALLOWED_BY_RESOURCE
        assert answer(ask(ANONYMOUS, resource_policy=for_aws(ACCOUNT))) == no_allow_in("resource_policy")
        assert answer(ask(ANONYMOUS, identity=[allow()])) == no_allow_in("resource_policy")

    def test_nobody_has_no_principal_arn(self) -> None:
        decision = ask(ANONYMOUS, resource_policy=NARROWED)
        assert answer(decision) == no_allow_in("resource_policy")
        assert decision.missing_context_keys == ("aws:PrincipalArn",)
