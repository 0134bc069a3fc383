"""Random policies: what a scenario answers agrees with concrete requests that the plain decision is asked about."""

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Verdict
from policystudio.engine.request import Context, Principal, Request
from policystudio.simulator import scenario_words as words
from policystudio.simulator.question import ListQuery
from policystudio.simulator.scenario_question import scenario_from_query
from policystudio.simulator.scenarios import Scenario, scenario
from policystudio.simulator.selectors import condition_keys, identity_stack
from tests import factories as make

pytestmark = pytest.mark.django_db

USER = "arn:aws:iam::111122223333:user/ana"
ROLE = "arn:aws:iam::111122223333:role/jobs/train"
JOB = "arn:aws:sagemaker:us-east-1:111122223333:training-job/"
ACTIONS = ["*", "sagemaker:*", "sagemaker:Create*", "sagemaker:AddTags", "iam:PassRole", "iam:*"]
RESOURCES = ["*", "arn:aws:sagemaker:*:*:training-job/dev-*", "arn:aws:iam::*:role/jobs/*", ROLE, f"{JOB}x"]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {},
    {"StringEquals": {"aws:RequestTag/team": "ml"}},
    {"Null": {"aws:RequestTag/team": "true"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"StringEquals": {"sagemaker:TaggingAction": "CreateTrainingJob"}},
    {"StringNotEquals": {"sagemaker:TaggingAction": "CreateTrainingJob"}},
    {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    {"StringNotEqualsIfExists": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Bool": {"sagemaker:NetworkIsolation": "true"}},
]
TAGS = [("without", "tags"), ("tag", "team=ml"), ("tag", "team=vision")]
ROUNDS = 60
Values = Mapping[str, tuple[str, ...]]


def statement(chance: random.Random, effect: str) -> dict[str, Any]:
    found = {"Effect": effect, "Action": chance.choice(ACTIONS), "Resource": chance.choice(RESOURCES)}
    condition = chance.choice(CONDITIONS)
    return {**found, "Condition": condition} if condition else found


def document(chance: random.Random, allows: int, denies: int) -> dict[str, Any]:
    statements = [statement(chance, "Allow") for _ in range(allows)] + [
        statement(chance, "Deny") for _ in range(denies)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def requests(tag: tuple[str, str]) -> Iterator[tuple[str, list[Request]]]:
    """For each step the concrete requests to ask about."""
    passed: dict[str, tuple[str, ...]] = {}
    if tag[0] == "tag":
        key, _, value = tag[1].partition("=")
        passed = {f"aws:RequestTag/{key}": (value,), "aws:TagKeys": (key,), f"aws:ResourceTag/{key}": (value,)}
    isolated: list[Values] = [{}, {"sagemaker:NetworkIsolation": ("true",)}, {"sagemaker:NetworkIsolation": ("false",)}]
    jobs = [f"{JOB}x", f"{JOB}dev-1", f"{JOB}other"]
    yield "sagemaker:CreateTrainingJob", list(asked("sagemaker:CreateTrainingJob", jobs, passed, isolated))
    if passed:
        known = {**passed, "sagemaker:TaggingAction": ("CreateTrainingJob",)}
        yield "sagemaker:AddTags", list(asked("sagemaker:AddTags", jobs, known, [{}]))
    service = {"iam:PassedToService": ("sagemaker.amazonaws.com",)}
    yield "iam:PassRole", list(asked("iam:PassRole", [ROLE], service, [{}]))


def asked(action: str, resources: list[str], known: Values, more: list[Values]) -> Iterator[Request]:
    mfa: list[Values] = [{}, {"aws:MultiFactorAuthPresent": ("true",)}, {"aws:MultiFactorAuthPresent": ("false",)}]
    for resource, signed_in, other in itertools.product(resources, mfa, more):
        yield Request(Principal.parse(USER), action, resource, "", Context({**known, **signed_in, **other}))


def answer(account: Account, tag: tuple[str, str]) -> Scenario:
    pairs = [("operation", "CreateTrainingJob"), ("identity", USER), ("role", ROLE), tag, ("without", "volume-key")]
    return scenario(account, scenario_from_query(ListQuery(pairs)))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_answers_agree_with_concrete_requests(seed: int) -> None:
    chance = random.Random(seed)
    account = make.make_account("111122223333", "research")
    limit = make.make_managed_policy(account, "limit", document(chance, 3, chance.choice([0, 1])))
    ana = make.make_identity(account, "user", "ana", boundary=limit if chance.random() < 0.4 else None)
    make.make_inline_policy(ana, document(chance, chance.randint(2, 5), chance.choice([0, 0, 1, 2])))
    make.make_identity(account, "role", "train", path="/jobs/")
    stack = identity_stack(account, USER)
    for tag in TAGS:
        found = answer(account, tag)
        seen = {
            action: {authorize(stack, one, condition_keys()).verdict is Verdict.ALLOWED for one in sampled}
            for action, sampled in requests(tag)
        }
        said = words.ANSWERS[found.letter]
        assert {step.need.action for step in found.steps if step.counts} == set(seen)
        if said == "yes":
            assert all(outcomes == {True} for outcomes in seen.values()), seen
        if said == "no":
            assert {False} in seen.values(), (words.answer_of(found), seen)
        if all(outcomes == {True} for outcomes in seen.values()) or {False} not in seen.values():
            assert said != "no", (words.answer_of(found), seen)
        if {False} in seen.values() and all(step.letter.value in "AEI" for step in found.steps if step.counts):
            assert said == "no", (words.answer_of(found), seen)
        if found.example is not None:
            assert said != "no"
            confirm(stack, found, tag)


def confirm(stack: Any, found: Scenario, tag: tuple[str, str]) -> None:
    """The joint example, put to the plain decision with what such a request carries besides."""
    example = found.example
    assert example is not None
    resources = dict(example.resources)
    for action, sampled in requests(tag):
        resource = resources["role" if action == "iam:PassRole" else "training-job"]
        known = {name: sampled[0].context.values_of(name) for name in sampled[0].context if "multifactor" not in name}
        if action != "iam:PassRole":
            known = {**known, **example.context}
        else:
            known = {
                **known,
                **{name: values for name, values in example.context.items() if name.startswith("aws:Multi")},
            }
        request = Request(Principal.parse(USER), action, resource, "", Context(known))
        assert authorize(stack, request, condition_keys()).verdict is Verdict.ALLOWED, (action, example)
