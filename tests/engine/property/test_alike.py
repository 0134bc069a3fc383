"""Principals that are told to be alike are: a change of policies changes the same for each of them."""

import json
import os
import random
from collections.abc import Hashable
from typing import Any

import pytest

from policystudio.engine.analyse.alike import Likeness
from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, Effective
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack, Principal

PAIRS = int(os.environ.get("PROPERTY_ALIKE", "50"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
KEYS = load_condition_keys()
NUMBER = "111122223333"
#: Names that are parts of patterns, of each other, or of themselves, and names that are not.
NAMES = (
    "ana",
    "anna",
    "bob",
    "dev",
    "dev-1",
    "dev-dev",
    "a",
    "o",
    "prod",
    "device",
    "user0001",
    "user0002",
    "x-dev",
    "od",
)
TEAMS = ("ml", "vision", "dev")
RESOURCES = (
    "*",
    "arn:aws:sagemaker:*:*:model/${aws:username}-*",
    "arn:aws:sagemaker:*:*:model/${aws:username}",
    "arn:aws:sagemaker:*:*:*/${aws:username}-*",
    "arn:aws:sagemaker:*:*:*/*-${aws:username}",
    "arn:aws:sagemaker:*:*:model/${aws:username}*",
    "arn:aws:sagemaker:*:*:model/team-${aws:username}-*",
    "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/team}-${aws:username}-*",
    "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/team}-*",
    "arn:aws:sagemaker:*:*:model/dev-*",
    "arn:aws:sagemaker:*:*:*/*dev*",
    "arn:aws:sagemaker:*:*:*/prod",
    "arn:aws:sagemaker:*:*:model/a*",
    "arn:aws:sagemaker:*:*:model/*-",
    "arn:aws:sagemaker:*:*:model/dev-?",
    "arn:aws:sagemaker:*:*:user-profile/*/${aws:username}",
    "arn:aws:s3:::home/${aws:username}/*",
    "arn:aws:s3:::ml-${aws:username}/*",
    "arn:aws:s3:::*/dev/*",
    "arn:aws:s3:::home/a*",
)
ACTIONS = ("sagemaker:DeleteModel", "sagemaker:*Model", "s3:GetObject", "*", "sagemaker:DescribeUserProfile", "s3:*")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"StringLike": {"aws:username": ["dev*", "user*"]}},
    {"StringNotEquals": {"aws:username": "ana"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/dev*"}},
    {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
    {"StringEquals": {"aws:ResourceTag/owner": ["dev", "ana"]}},
    {"StringLike": {"aws:ResourceTag/owner": "d*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}},
    {"StringEquals": {"aws:PrincipalTag/team": ["ml", "dev"]}},
    {"Null": {"aws:ResourceTag/owner": "true"}},
)


def statements(dice: random.Random, most: int) -> list[dict[str, Any]]:
    found = []
    for _ in range(dice.randint(1, most)):
        condition = dice.choice(CONDITIONS)
        found.append(
            {
                "Effect": dice.choice(("Allow", "Allow", "Deny")),
                "Action": dice.choice(ACTIONS),
                "Resource": dice.sample(RESOURCES, dice.randint(1, 2)),
                **({"Condition": condition} if condition else {}),
            }
        )
    return found


def named(number: int, items: list[dict[str, Any]]) -> NamedPolicy:
    return NamedPolicy(f"p{number}", parse_policy(json.dumps({"Version": "2012-10-17", "Statement": items})))


def effective(name: str, team: str, policies: tuple[NamedPolicy, ...], boundary: NamedPolicy | None) -> Effective:
    arn = f"arn:aws:iam::{NUMBER}:user/{name}"
    known: dict[str, tuple[str, ...]] = {
        "aws:username": (name,),
        "aws:principalarn": (arn,),
        "aws:resourceaccount": (NUMBER,),
        "aws:principalaccount": (NUMBER,),
        **({"aws:principaltag/team": (team,)} if team else {}),
    }
    stack = PolicyStack(policies, permissions_boundary=boundary)
    return Effective(stack, Facts(known, ("aws:principaltag/",)), Principal.parse(arn))


def told(comparison: Comparison) -> Hashable:
    """What a comparison says without its requests."""
    return (
        comparison.no_new_access,
        comparison.no_lost_access,
        frozenset(
            (one.action, one.resource_type, one.newly_allowed is not None, one.newly_denied is not None)
            for one in comparison.changes
        ),
    )


@pytest.mark.parametrize("batch", range(5))
def test_a_change_changes_the_same_for_whoever_is_alike(batch: int) -> None:
    grouped = 0
    for number in range(batch, PAIRS, 5):
        dice = random.Random(SEED + number)
        before = statements(dice, 3)
        after = [*before[dice.randint(0, 1) :], *statements(dice, 2)]
        rest = [named(2, statements(dice, 2))] if dice.random() < 0.5 else []
        boundary = named(3, statements(dice, 2)) if dice.random() < 0.3 else None
        sides = [(named(1, before), *rest), (named(1, after), *rest)]
        likeness, groups = Likeness(KEYS), dict[Hashable, tuple[str, Hashable]]()
        for name in dice.sample(NAMES, 7):
            team = dice.choice((*TEAMS, ""))
            pair = [effective(name, team, policies, boundary) for policies in sides]
            found = told(compare(*pair))
            key = likeness.key(*pair)
            who, expected = groups.setdefault(key, (name, found))
            grouped += who != name
            assert found == expected, f"seed {SEED + number}: {who} and {name} are not alike"
    assert grouped


def test_names_that_nothing_can_be_mistaken_for_are_alike() -> None:
    before, after = (
        named(1, [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]),
        named(
            1,
            [
                {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": "sagemaker:*Model",
                    "Resource": "arn:aws:sagemaker:*:*:model/${aws:username}-*",
                    "Condition": {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
                },
                {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "arn:aws:sagemaker:*:*:*/prod-*"},
            ],
        ),
    )
    likeness = Likeness(KEYS)

    def key(name: str) -> Hashable:
        return likeness.key(*(effective(name, "", (side,), None) for side in (before, after)))

    assert len({key(name) for name in ("ana", "ben.smith", "user-0001", "x_1", "dev-prod")}) == 1
    assert key("prod") != key("ana")
    assert key("prod-1") != key("ana")
