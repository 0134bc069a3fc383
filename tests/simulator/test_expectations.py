"""Expectations are kept or broken exactly as requests are decided, and a breach comes with a request that shows it."""

from typing import Any

import pytest
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Expectation
from policystudio.simulator.content import Present
from policystudio.simulator.expectations import Kept, Outcome, check, worst
from tests import factories as make
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
ANA = f"arn:aws:iam::{NUMBER}:user/ana"
TRAIN = f"arn:aws:iam::{NUMBER}:role/train"
MODELS = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/"
ABROAD = {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}


@pytest.fixture(autouse=True)
def account() -> Account:
    found = make.make_account(NUMBER, "research")
    ana = make.make_identity(found, "user", "ana", tags={"team": "ml"})
    make.make_inline_policy(ana, allow("sagemaker:DescribeModel", f"{MODELS}churn-*"), "look")
    make.make_inline_policy(ana, allow("sts:AssumeRole"), "assume")
    make.make_identity(found, "user", "ben", tags={"team": "ml"})
    make.make_identity(found, "role", "train", tags={"team": "core"})
    return found


def expect(account: Account, demand: str, action: str, resource: str, **fields: Any) -> Outcome:
    who = {} if "tag_key" in fields else {"identity": ANA}
    values = {"demand": demand, "action": action, "resource": resource, **who, **fields}
    now = timezone.now()
    made = Expectation.objects.create(account=account, created_at=now, updated_at=now, updated_by_name="x", **values)
    [outcome] = check(Present(account), [made])
    return outcome


@pytest.mark.parametrize(
    ("demand", "resource", "state"),
    [
        ("must", f"{MODELS}churn-1", Kept.KEPT),
        ("must", f"{MODELS}churn-*", Kept.KEPT),
        ("must", f"{MODELS}*", Kept.BROKEN),
        ("must", f"{MODELS}other", Kept.BROKEN),
        ("never", f"{MODELS}churn-1", Kept.BROKEN),
        ("never", f"{MODELS}*", Kept.BROKEN),
        ("never", f"{MODELS}other", Kept.KEPT),
    ],
)
def test_must_is_about_all_resources_and_never_about_any(
    account: Account, demand: str, resource: str, state: Kept
) -> None:
    outcome = expect(account, demand, "sagemaker:DescribeModel", resource)
    assert outcome.state is state
    if state is Kept.BROKEN:
        [breach] = outcome.breaches
        assert breach.arn == ANA
        assert breach.witness is not None
        assert ("churn-" in breach.witness.resource) is (demand == "never")


def test_the_context_is_what_a_request_carries_and_never_leaves_the_rest_open(account: Account) -> None:
    ana = account.identities.get(name="ana")
    make.make_inline_policy(
        ana, allow("sagemaker:CreateModel", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    )
    asked = "sagemaker:CreateModel", f"{MODELS}x"
    mfa = {"aws:MultiFactorAuthPresent": ["true"]}
    assert expect(account, "must", *asked).state is Kept.BROKEN
    assert expect(account, "must", *asked, context=mfa).state is Kept.KEPT
    assert expect(account, "never", *asked).state is Kept.BROKEN
    assert expect(account, "never", *asked, context={"aws:MultiFactorAuthPresent": ["false"]}).state is Kept.KEPT
    assert expect(account, "never", *asked, context={"aws:MultiFactorAuthPresent": []}).state is Kept.KEPT


def test_the_region_of_a_resource_is_known(account: Account) -> None:
    ana = account.identities.get(name="ana")
    deny = allow("*", **ABROAD)
    deny["Statement"][0]["Effect"] = "Deny"
    make.make_inline_policy(ana, deny)
    assert expect(account, "must", "sagemaker:DescribeModel", f"{MODELS}churn-1").state is Kept.KEPT
    abroad = f"{MODELS}churn-1".replace("eu-west-1", "us-east-1")
    assert expect(account, "never", "sagemaker:DescribeModel", abroad).state is Kept.KEPT


def test_the_tags_of_a_resource_that_is_known_are_known(account: Account) -> None:
    ana = account.identities.get(name="ana")
    tagged = {"StringEquals": {"aws:ResourceTag/team": "ml"}}
    make.make_inline_policy(ana, allow("sagemaker:DeleteModel", Condition=tagged))
    make.make_resource(account, "model", "ours", region="eu-west-1", tags={"team": "ml"})
    make.make_resource(account, "model", "theirs", region="eu-west-1", tags={"team": "core"})
    assert expect(account, "must", "sagemaker:DeleteModel", f"{MODELS}ours").state is Kept.KEPT
    assert expect(account, "never", "sagemaker:DeleteModel", f"{MODELS}theirs").state is Kept.KEPT
    assert expect(account, "never", "sagemaker:DeleteModel", f"{MODELS}unknown").state is Kept.BROKEN


def test_every_identity_with_a_tag(account: Account) -> None:
    outcome = expect(account, "must", "sagemaker:DescribeModel", f"{MODELS}churn-1", tag_key="team", tag_value="ml")
    assert (outcome.state, outcome.identities) == (Kept.BROKEN, 2)
    assert [breach.name for breach in outcome.breaches] == ["user/ben"]
    assert expect(account, "never", "sagemaker:*", "*", tag_key="team", tag_value="core").state is Kept.KEPT
    anybody = expect(account, "never", "sagemaker:*", "*", tag_key="team")
    assert (anybody.state, anybody.identities) == (Kept.BROKEN, 3)
    nobody = expect(account, "must", "sagemaker:*", "*", tag_key="nothing")
    assert (nobody.state, nobody.note) == (Kept.KEPT, "no user or role has this tag")


def test_an_identity_that_is_not_there(account: Account) -> None:
    gone = f"{ANA}-2"
    assert expect(account, "must", "sagemaker:*", "*", identity=gone).state is Kept.BROKEN
    assert expect(account, "never", "sagemaker:*", "*", identity=gone).state is Kept.KEPT


def test_assuming_a_role_takes_its_trust_policy(account: Account) -> None:
    assert expect(account, "never", "sts:AssumeRole", TRAIN).state is Kept.KEPT
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{NUMBER}:root"}, "Action": "sts:AssumeRole"}
    trust = make.make_document({"Version": "2012-10-17", "Statement": [statement]}, "trust")
    account.identities.filter(name="train").update(trust_document=trust)
    assert expect(account, "never", "sts:AssumeRole", TRAIN).state is Kept.BROKEN
    assert expect(account, "must", "sts:AssumeRole", TRAIN).state is Kept.KEPT


def test_policies_that_cannot_be_read_leave_it_undecided(account: Account) -> None:
    make.make_inline_policy(account.identities.get(name="ben"), "{")
    outcome = expect(account, "never", "sagemaker:*", "*", identity=ANA.replace("ana", "ben"))
    assert outcome.state is Kept.UNDECIDED
    assert "could not be read" in outcome.breaches[0].why
    assert worst([outcome]) is Kept.UNDECIDED


def test_what_there_was_no_time_for_is_undecided(account: Account) -> None:
    now = timezone.now()
    made = Expectation(
        account=account, demand="must", identity=ANA, action="sagemaker:*", resource="*", created_at=now, updated_at=now
    )
    times = iter([0.0, 1_000.0])
    [outcome] = check(Present(account), [made], lambda: next(times))
    assert outcome.state is Kept.UNDECIDED
