"""One account: identity policies, boundaries, session policies, and what follows from who asks."""

import pytest

from policystudio.engine.authorize import authorize, owner_account, principal_facts
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Layer, LayerVerdict, Verdict
from policystudio.engine.request import PolicyStack, Principal, Request
from tests.engine.asking import (
    ACCOUNT,
    ALLOWED_AS_ROOT,
    ALLOWED_BY_IDENTITY,
    ANONYMOUS,
    BOB,
    CREATE,
    FEDERATED,
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
    no_allow_in,
)
from tests.engine.documents import allow, deny, named


class TestOneAccount:
    def test_nothing_is_allowed_by_default(self) -> None:
        assert answer(ask(BOB)) == no_allow_in("identity_policies")

    @pytest.mark.parametrize("caller", [BOB, ROLE, SESSION])
    def test_an_identity_policy_allows(self, caller: Principal) -> None:
        assert answer(ask(caller, identity=[allow("sagemaker:*")])) == ALLOWED_BY_IDENTITY

    def test_an_explicit_deny_wins(self) -> None:
        assert answer(ask(BOB, identity=[allow(), deny(CREATE)])) == deny_in("identity_policies")

    def test_a_deny_that_does_not_match_changes_nothing(self) -> None:
        statement = deny(CREATE, Condition={"StringEquals": {"aws:RequestTag/team": "ml"}})
        assert answer(ask(BOB, identity=[allow(), statement])) == ALLOWED_BY_IDENTITY

    def test_an_action_without_a_resource_type_needs_a_star(self) -> None:
        listing = "sagemaker:ListModels"
        assert answer(ask(BOB, listing, "*", identity=[allow(listing)])) == ALLOWED_BY_IDENTITY
        patterns = allow(listing, ["arn:aws:sagemaker:*:*:model/*", "arn:aws:sagemaker:*:*:*"])
        assert answer(ask(BOB, listing, "*", identity=[patterns])) == no_allow_in("identity_policies")

    def test_variables_read_the_facts_of_the_caller(self) -> None:
        own = [allow(Resource="arn:aws:sagemaker:*:*:model/${aws:username}-*")]
        assert answer(ask(BOB, resource=MODEL.replace("m1", "bob-1"), identity=own)) == ALLOWED_BY_IDENTITY
        assert answer(ask(BOB, resource=MODEL.replace("m1", "eve-1"), identity=own))[0] == "implicitDeny"
        assert answer(ask(ROLE, resource=MODEL.replace("m1", "bob-1"), identity=own))[0] == "implicitDeny"

    def test_the_verdict_of_every_layer_is_told(self) -> None:
        decision = ask(BOB, identity=[allow()], boundary=[allow("s3:*")], scp=[[[allow()]], [[deny("s3:*")]]])
        assert decision.layers == {
            Layer.SERVICE_CONTROL: LayerVerdict.IMPLICIT_DENY,
            Layer.RESOURCE_CONTROL: LayerVerdict.NOT_APPLICABLE,
            Layer.VPC_ENDPOINT: LayerVerdict.NOT_APPLICABLE,
            Layer.RESOURCE: LayerVerdict.NOT_APPLICABLE,
            Layer.IDENTITY: LayerVerdict.ALLOWED,
            Layer.BOUNDARY: LayerVerdict.IMPLICIT_DENY,
            Layer.SESSION: LayerVerdict.NOT_APPLICABLE,
        }
        assert answer(decision) == no_allow_in("service_control_policies")

    def test_matched_statements_and_missing_keys_are_told(self) -> None:
        tag = {"StringEquals": {"aws:RequestTag/b": "1"}}
        decision = ask(BOB, identity=[allow(), allow(Condition=tag), deny(Condition=tag)], boundary=[allow("s3:*")])
        assert [(trace.policy, trace.statement.index) for trace in decision.matched] == [("identity", 0)]
        assert len(decision.traces) == 4
        assert decision.missing_context_keys == ("aws:RequestTag/b",)

    def test_missing_keys_are_sorted_and_told_once(self) -> None:
        first = allow(Condition={"Null": {"aws:RequestTag/b": "false", "aws:RequestTag/a": "false"}})
        second = allow(Condition={"Null": {"AWS:requesttag/B": "false"}})
        decision = ask(BOB, identity=[first, second])
        assert decision.missing_context_keys == ("aws:RequestTag/a", "aws:RequestTag/b")


class TestBoundary:
    def test_it_limits(self) -> None:
        assert answer(ask(BOB, identity=[allow()], boundary=[allow("s3:*")])) == no_allow_in("permissions_boundary")

    def test_it_never_grants(self) -> None:
        assert answer(ask(BOB, boundary=[allow()])) == no_allow_in("identity_policies")

    def test_both_together_allow(self) -> None:
        assert answer(ask(BOB, identity=[allow()], boundary=[allow("sagemaker:*")])) == ALLOWED_BY_IDENTITY

    def test_its_deny_is_explicit(self) -> None:
        assert answer(ask(BOB, identity=[allow()], boundary=[allow(), deny()])) == deny_in("permissions_boundary")

    def test_the_root_user_has_none(self) -> None:
        assert answer(ask(ROOT, boundary=[deny()])) == ALLOWED_AS_ROOT


class TestSessionPolicies:
    def test_a_role_session_without_one_has_what_its_role_has(self) -> None:
        assert answer(ask(SESSION, identity=[allow()])) == ALLOWED_BY_IDENTITY
        assert answer(ask(SESSION, identity=[allow()], session=[])) == ALLOWED_BY_IDENTITY

    def test_one_limits(self) -> None:
        decision = ask(SESSION, identity=[allow()], session=[[allow("s3:*")]])
        assert answer(decision) == no_allow_in("session_policies")

    def test_one_of_several_is_enough(self) -> None:
        decision = ask(SESSION, identity=[allow()], session=[[allow("s3:*")], [allow(CREATE)]])
        assert answer(decision) == ALLOWED_BY_IDENTITY

    def test_it_never_grants(self) -> None:
        assert answer(ask(SESSION, session=[[allow()]])) == no_allow_in("identity_policies")

    def test_its_deny_is_explicit(self) -> None:
        assert answer(ask(SESSION, identity=[allow()], session=[[allow(), deny()]])) == deny_in("session_policies")

    def test_a_federated_user_needs_one(self) -> None:
        assert answer(ask(FEDERATED, identity=[allow()])) == ("implicitDeny", "no_session_policy_passed")
        assert answer(ask(FEDERATED, identity=[allow()], session=[[allow()]])) == ALLOWED_BY_IDENTITY
        decision = ask(FEDERATED, identity=[allow()], session=[[allow("s3:*")]])
        assert answer(decision) == no_allow_in("session_policies")

    def test_a_user_has_no_session(self) -> None:
        assert answer(ask(BOB, identity=[allow()], session=[[deny()]])) == ALLOWED_BY_IDENTITY


class TestRootUser:
    def test_it_is_allowed_by_default(self) -> None:
        assert answer(ask(ROOT)) == ALLOWED_AS_ROOT

    def test_service_control_policies_restrict_it(self) -> None:
        assert answer(ask(ROOT, scp=[[[allow()]], [[deny("sagemaker:*")]]])) == deny_in("service_control_policies")
        assert answer(ask(ROOT, scp=[[[allow("s3:*")]]])) == no_allow_in("service_control_policies")

    def test_resource_control_and_resource_policies_restrict_it(self) -> None:
        assert answer(ask(ROOT, rcp=[[[deny(Principal="*")]]])) == deny_in("resource_control_policies")
        assert answer(ask(ROOT, resource_policy=[deny(Principal="*")])) == deny_in("resource_policy")

    def test_identity_policies_do_not_concern_it(self) -> None:
        decision = ask(ROOT, identity=[deny()])
        assert answer(decision) == ALLOWED_AS_ROOT
        assert decision.layers[Layer.IDENTITY] is LayerVerdict.NOT_APPLICABLE
        assert decision.traces == ()


class TestFacts:
    @pytest.mark.parametrize(
        ("caller", "expected"),
        [
            (
                ROOT,
                {
                    "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:root",
                    "aws:principalaccount": ACCOUNT,
                    "aws:principaltype": "Account",
                    "aws:principalisawsservice": "false",
                    "aws:userid": ACCOUNT,
                },
            ),
            (
                BOB,
                {
                    "aws:principalarn": BOB.arn,
                    "aws:principalaccount": ACCOUNT,
                    "aws:principaltype": "User",
                    "aws:principalisawsservice": "false",
                    "aws:username": "bob",
                },
            ),
            (
                SESSION,
                {
                    "aws:principalarn": ROLE.arn,
                    "aws:principalaccount": ACCOUNT,
                    "aws:principaltype": "AssumedRole",
                    "aws:principalisawsservice": "false",
                },
            ),
            (
                FEDERATED,
                {
                    "aws:principalarn": FEDERATED.arn,
                    "aws:principalaccount": ACCOUNT,
                    "aws:principaltype": "FederatedUser",
                    "aws:principalisawsservice": "false",
                    "aws:userid": f"{ACCOUNT}:carol",
                },
            ),
            (SERVICE, {"aws:principalisawsservice": "true", "aws:principalservicename": "sagemaker.amazonaws.com"}),
            (
                ANONYMOUS,
                {"aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous", "aws:userid": "anonymous"},
            ),
            (Principal.parse("accounts.google.com"), {}),
            (Principal.parse(f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"), {}),
        ],
    )
    def test_of_each_kind_of_caller(self, caller: Principal, expected: dict[str, str]) -> None:
        facts = {key: value for key, (value,) in principal_facts(caller, OTHER).items()}
        assert facts.pop("aws:resourceaccount") == OTHER
        assert facts == expected

    def test_without_an_owner_there_is_no_resource_account(self) -> None:
        assert "aws:resourceaccount" not in principal_facts(SERVICE, "")

    def test_the_root_arn_as_a_value_means_the_root_user_only(self) -> None:
        root_alone = [allow(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ROOT.arn}})]
        assert answer(ask(BOB, resource_policy=root_alone)) == no_allow_in("identity_policies")
        assert ask(ROOT, resource=OTHER_MODEL, resource_policy=root_alone).verdict is Verdict.ALLOWED

    def test_the_request_knows_better(self) -> None:
        own = [allow(Condition={"StringEquals": {"aws:username": "bob"}})]
        assert answer(ask(BOB, identity=own)) == ALLOWED_BY_IDENTITY
        assert answer(ask(BOB, identity=own, context={"aws:UserName": "eve"}))[0] == "implicitDeny"
        absent = ask(BOB, identity=own, context={"aws:username": []})
        assert answer(absent) == no_allow_in("identity_policies")
        assert absent.missing_context_keys == ("aws:username",)

    def test_nothing_else_is_invented(self) -> None:
        keys = ["aws:CurrentTime", "aws:RequestedRegion", "aws:PrincipalOrgID", "aws:PrincipalTag/x", "aws:userid"]
        decision = ask(BOB, identity=[allow(Condition={"Null": dict.fromkeys(keys, "true")})])
        assert answer(decision) == ALLOWED_BY_IDENTITY
        assert decision.missing_context_keys == tuple(sorted(keys))

    @pytest.mark.parametrize(
        ("resource", "given", "expected"),
        [
            (OTHER_MODEL, "", OTHER),
            (OTHER_MODEL, ACCOUNT, ACCOUNT),
            ("arn:aws:s3:::bucket", "", ACCOUNT),
            ("arn:aws:sagemaker:eu-west-1:aws:hub/SageMakerPublicHub", "", ACCOUNT),
            ("*", "", ACCOUNT),
            ("*", OTHER, OTHER),
            ("not an arn", "", ACCOUNT),
        ],
    )
    def test_the_owner_of_a_resource(self, resource: str, given: str, expected: str) -> None:
        assert owner_account(Request(BOB, CREATE, resource, resource_account=given)) == expected


def test_a_deny_is_told_from_the_first_layer_that_has_one() -> None:
    decision = ask(BOB, identity=[deny()], boundary=[deny()], scp=[[[deny()]]])
    assert answer(decision) == deny_in("service_control_policies")
    assert decision.layers[Layer.BOUNDARY] is LayerVerdict.EXPLICIT_DENY


def test_several_identity_policies_are_one_layer() -> None:
    stack = PolicyStack(identity_policies=(named("a", allow("s3:*")), named("b", allow(CREATE))))
    decision = authorize(stack, Request(BOB, CREATE, MODEL), load_condition_keys())
    assert answer(decision) == ALLOWED_BY_IDENTITY
    assert [trace.policy for trace in decision.matched] == ["b"]
