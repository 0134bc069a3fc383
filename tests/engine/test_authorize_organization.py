"""Service control, resource control and VPC endpoint policies."""

from dataclasses import replace

import pytest

from policystudio.engine.decision import Layer, LayerVerdict
from policystudio.engine.request import Principal
from tests.engine.asking import (
    ACCOUNT,
    ALLOWED_AS_ROOT,
    ALLOWED_BY_IDENTITY,
    ALLOWED_BY_RESOURCE,
    ANONYMOUS,
    BOB,
    CREATE,
    FULL,
    LINKED,
    OTHER,
    OTHER_MODEL,
    ROLE,
    ROOT,
    SERVICE,
    answer,
    ask,
    deny_in,
    for_aws,
    no_allow_in,
    trusts,
)
from tests.engine.documents import allow, deny


class TestServiceControlPolicies:
    def test_every_level_must_allow(self) -> None:
        scp = [[[allow()]], [[allow("sagemaker:*")]], [[allow("s3:*")]]]
        decision = ask(BOB, identity=[allow()], scp=scp)
        assert answer(decision) == no_allow_in("service_control_policies")
        assert answer(ask(BOB, identity=[allow()], scp=scp[:2])) == ALLOWED_BY_IDENTITY

    def test_one_policy_of_a_level_is_enough(self) -> None:
        scp = [[[allow("s3:*")], [allow("sagemaker:*")]]]
        assert answer(ask(BOB, identity=[allow()], scp=scp)) == ALLOWED_BY_IDENTITY

    def test_a_deny_at_any_level_denies(self) -> None:
        scp = [[[allow()]], [[allow()], [deny(CREATE)]], [[allow()]]]
        decision = ask(BOB, identity=[allow()], scp=scp)
        assert answer(decision) == deny_in("service_control_policies")
        assert [trace.level for trace in decision.traces if trace.layer is Layer.SERVICE_CONTROL] == [0, 1, 1, 2]

    def test_a_level_without_policies_allows_nothing(self) -> None:
        decision = ask(BOB, identity=[allow()], scp=[[[allow()]], []])
        assert answer(decision) == no_allow_in("service_control_policies")

    def test_no_level_at_all_restricts_nothing(self) -> None:
        decision = ask(BOB, identity=[allow()], scp=[], rcp=[])
        assert answer(decision) == ALLOWED_BY_IDENTITY
        assert decision.layers[Layer.SERVICE_CONTROL] is LayerVerdict.ALLOWED

    def test_they_never_grant(self) -> None:
        assert answer(ask(BOB, scp=[[[allow()]]])) == no_allow_in("identity_policies")

    def test_no_organization_restricts_nothing(self) -> None:
        assert ask(BOB, identity=[allow()]).layers[Layer.SERVICE_CONTROL] is LayerVerdict.NOT_APPLICABLE

    def test_conditions_and_not_elements_count(self) -> None:
        outside = deny(
            None,
            NotAction=["iam:*"],
            Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-3"]}},
        )
        scp = [[[allow(), outside]]]
        inside = {"aws:RequestedRegion": "eu-west-3"}
        assert answer(ask(BOB, identity=[allow()], scp=scp, context=inside)) == ALLOWED_BY_IDENTITY
        elsewhere = ask(BOB, identity=[allow()], scp=scp, context={"aws:RequestedRegion": "us-east-1"})
        assert answer(elsewhere) == deny_in("service_control_policies")
        unknown = ask(BOB, identity=[allow()], scp=scp)
        assert answer(unknown) == deny_in("service_control_policies")
        assert unknown.missing_context_keys == ("aws:RequestedRegion",)

    @pytest.mark.parametrize("caller", [replace(BOB, in_management_account=True), LINKED])
    def test_they_spare_the_management_account_and_service_linked_roles(self, caller: Principal) -> None:
        decision = ask(caller, identity=[allow()], scp=[[[deny()]]])
        assert answer(decision) == ALLOWED_BY_IDENTITY
        assert decision.layers[Layer.SERVICE_CONTROL] is LayerVerdict.NOT_APPLICABLE

    def test_they_spare_the_root_user_of_the_management_account(self) -> None:
        assert answer(ask(replace(ROOT, in_management_account=True), scp=[[[deny()]]])) == ALLOWED_AS_ROOT

    @pytest.mark.parametrize("caller", [SERVICE, ANONYMOUS])
    def test_they_do_not_concern_who_is_of_no_account(self, caller: Principal) -> None:
        assert answer(ask(caller, resource_policy=[allow(Principal="*")], scp=[[[deny()]]])) == ALLOWED_BY_RESOURCE

    def test_they_restrict_across_accounts(self) -> None:
        decision = ask(BOB, resource=OTHER_MODEL, identity=[allow()], resource_policy=for_aws("*"), scp=[[[deny()]]])
        assert answer(decision) == deny_in("service_control_policies")


class TestResourceControlPolicies:
    def test_they_concern_whoever_calls(self) -> None:
        rcp = [[FULL, [deny("sagemaker:*", Principal="*")]]]
        assert answer(ask(BOB, identity=[allow()], rcp=rcp)) == deny_in("resource_control_policies")
        for caller in (SERVICE, ANONYMOUS, ROOT):
            assert answer(ask(caller, resource_policy=FULL, rcp=rcp)) == deny_in("resource_control_policies")
        foreign = ask(BOB, resource=OTHER_MODEL, identity=[allow()], resource_policy=FULL, rcp=rcp)
        assert answer(foreign) == deny_in("resource_control_policies")

    def test_every_level_must_allow(self) -> None:
        decision = ask(BOB, identity=[allow()], rcp=[[FULL], [[allow("s3:*", Principal="*")]]])
        assert answer(decision) == no_allow_in("resource_control_policies")

    def test_they_spare_service_linked_roles(self) -> None:
        assert answer(ask(LINKED, identity=[allow()], rcp=[[[deny(Principal="*")]]])) == ALLOWED_BY_IDENTITY

    def test_they_spare_resources_of_the_management_account(self) -> None:
        rcp = [[[deny(Principal="*")]]]
        manager = replace(BOB, in_management_account=True)
        assert answer(ask(manager, identity=[allow()], rcp=rcp)) == ALLOWED_BY_IDENTITY
        told = ask(SERVICE, resource_policy=FULL, rcp=rcp, resource_in_management_account=True)
        assert answer(told) == ALLOWED_BY_RESOURCE

    def test_a_principal_of_the_management_account_is_not_spared_elsewhere(self) -> None:
        manager = replace(BOB, in_management_account=True)
        decision = ask(
            manager, resource=OTHER_MODEL, identity=[allow()], resource_policy=FULL, rcp=[[[deny(Principal="*")]]]
        )
        assert answer(decision) == deny_in("resource_control_policies")

    def test_one_can_block_assuming_a_role(self) -> None:
        rcp = [
            [
                FULL,
                [deny("sts:AssumeRole", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalAccount": OTHER}})],
            ]
        ]
        decision = ask(BOB, "sts:AssumeRole", ROLE.arn, trust=trusts(AWS=BOB.arn), rcp=rcp)
        assert answer(decision) == deny_in("resource_control_policies")


class TestVpcEndpointPolicy:
    def test_absent_it_is_full_access(self) -> None:
        assert ask(BOB, identity=[allow()]).layers[Layer.VPC_ENDPOINT] is LayerVerdict.NOT_APPLICABLE

    def test_it_must_allow_the_caller(self) -> None:
        assert answer(ask(BOB, identity=[allow()], endpoint=for_aws(ACCOUNT))) == ALLOWED_BY_IDENTITY
        decision = ask(BOB, identity=[allow()], endpoint=for_aws(OTHER))
        assert answer(decision) == no_allow_in("vpc_endpoint_policy")

    def test_it_must_allow_action_resource_and_conditions(self) -> None:
        for statement in (
            allow("s3:*", Principal="*"),
            allow(Resource=OTHER_MODEL, Principal="*"),
            allow(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ):
            assert answer(ask(BOB, identity=[allow()], endpoint=[statement])) == no_allow_in("vpc_endpoint_policy")

    def test_it_never_grants(self) -> None:
        assert answer(ask(BOB, endpoint=FULL)) == no_allow_in("identity_policies")

    def test_its_deny_is_explicit(self) -> None:
        decision = ask(BOB, identity=[allow()], endpoint=[*FULL, deny(Principal="*")])
        assert answer(decision) == deny_in("vpc_endpoint_policy")

    def test_it_limits_whom_a_resource_policy_names_directly(self) -> None:
        decision = ask(BOB, resource_policy=for_aws(BOB.arn), endpoint=for_aws(OTHER))
        assert answer(decision) == no_allow_in("vpc_endpoint_policy")
