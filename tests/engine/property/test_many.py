"""One change compared for many principals at once says of each what comparing it alone says, with its own requests."""

import json
import os
import random
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pytest

from policystudio.engine.analyse.comparison import Comparison, Effective, Witness
from policystudio.engine.analyse.many import Many
from policystudio.engine.analyse.settled import compare_known
from policystudio.engine.authorize import TRUST_ACTIONS, authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

PAIRS = int(os.environ.get("PROPERTY_MANY", "40"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
KEYS = load_condition_keys()
CELLS = {(column.action, column.resource_type) for column in load_sagemaker().columns()}
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
ACTIONS = (
    "sagemaker:DeleteModel",
    "sagemaker:*Model",
    "s3:GetObject",
    "iam:PassRole",
    "sagemaker:DescribeUserProfile",
    "s3:*",
)
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
    """What a comparison says of SageMaker's cells and of other services, without its requests."""
    return frozenset(
        (one.action, one.resource_type, one.newly_allowed is not None, one.newly_denied is not None)
        for one in comparison.changes
        if not one.action.startswith("sagemaker:") or (one.action, one.resource_type) in CELLS
    )


def confirmed(pair: list[Effective], witness: Witness | None, *, new: bool) -> bool:
    """Whether the plain decisions are what a request is said to show."""
    if witness is None or witness.action.lower() in TRUST_ACTIONS:  # a role's own policy must allow it, too
        return True
    allowed = []
    for side in pair:
        known = {key: values for key, values in side.facts.known.items() if key not in witness.context}
        assert side.principal is not None
        request = Request(
            side.principal, witness.action, witness.resource, NUMBER, Context({**known, **witness.context})
        )
        allowed.append(authorize(side.stack, request, KEYS).verdict is Verdict.ALLOWED)
    return allowed == [not new, new]


@pytest.mark.parametrize("batch", range(5))
def test_many_compared_at_once_are_told_what_each_is_told_alone(batch: int) -> None:
    grouped = 0
    for number in range(batch, PAIRS, 5):
        dice = random.Random(SEED + number)
        before = statements(dice, 3)
        after = [*before[dice.randint(0, 1) :], *statements(dice, 2)]
        rest = [named(2, statements(dice, 2))] if dice.random() < 0.5 else []
        boundary = named(3, statements(dice, 2)) if dice.random() < 0.3 else None
        without = dice.random() < 0.2
        sides = [(named(1, before), *rest), (named(1, after), *rest)]
        pairs = []
        for name in dice.sample(NAMES, 6):
            team, other = dice.choice((*TEAMS, "")), dice.choice((*TEAMS, ""))
            retagged = other if dice.random() < 0.2 else team
            pairs.append(
                [
                    effective(name, team, sides[0], None if without else boundary),
                    effective(name, retagged, sides[1], boundary),
                ]
            )
        many = Many([(one, other) for one, other in pairs], KEYS)
        groups: dict[Hashable, Hashable] = {}
        for place, pair in enumerate(pairs):
            said = f"seed {SEED + number}, pair {place}"
            alone, together = compare_known(pair[0], pair[1], KEYS, cells=True), many.comparison(place)
            # Where a tag that changes is weighed against a free key, the whole is undecided alone, here a part of it.
            assert alone.undecided or told(together) == told(alone), said
            for change in together.changes:
                assert confirmed(pair, change.newly_allowed, new=True), f"{said}: {change.newly_allowed}"
                assert confirmed(pair, change.newly_denied, new=False), f"{said}: {change.newly_denied}"
            grouped += many.alike(place) in groups
            assert groups.setdefault(many.alike(place), told(together)) == told(together), said
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
    everyone = ("ana", "ben.smith", "user-0001", "x_1", "dev-prod", "prod", "prod-1")
    many = Many(
        [(effective(name, "", (before,), None), effective(name, "", (after,), None)) for name in everyone], KEYS
    )
    deciding = [many.deciding(place) for place in range(len(everyone))]
    assert len(set(deciding[:5])) == 1
    assert deciding[5] != deciding[0] != deciding[6]
    for place, name in enumerate(everyone[:5]):
        witness = many.comparison(place).newly_allowed
        assert witness is not None
        assert f"/{name}-" in witness.resource


def letters_of(side: Effective) -> dict[tuple[str, str], str]:
    """The letters of one side as the matrix tells them."""
    matrix = Matrix(Space(load_sagemaker(), "aws", NUMBER), KEYS)
    (prepared,) = matrix.prepare([RowInput(side.stack, side.facts)])
    columns = ((column.action, column.resource_type) for column in matrix.space.columns)
    return dict(zip(columns, matrix.letters(prepared), strict=True))


@pytest.mark.parametrize("batch", range(5))
def test_those_with_policies_of_their_own_borrow_requests_of_others_and_keep_their_own_letters(batch: int) -> None:
    """Each has other policies, boundaries and levels besides: what one request shows of all must hold for each."""
    for number in range(batch, PAIRS, 5):
        dice = random.Random(SEED + 5_000 + number)
        before = statements(dice, 3)
        shared = named(1, before), named(1, [*before[dice.randint(0, 1) :], *statements(dice, 2)])
        others = [named(10 + place, statements(dice, 2)) for place in range(4)]
        pairs = []
        for name in dice.sample(NAMES, 8):
            own = tuple(dice.sample(others, dice.randint(0, 3)))
            boundary = dice.choice([*others, *[None] * 4])
            levels = ((dice.choice(others),),) if dice.random() < 0.2 else None
            team = dice.choice((*TEAMS, ""))
            sides = [effective(name, team, (policy, *own), boundary) for policy in shared]
            pairs.append([replace(side, stack=replace(side.stack, service_control_policies=levels)) for side in sides])
        many = Many([(one, other) for one, other in pairs], KEYS)
        for place in range(len(pairs)):
            many.settle(place)
        groups = {place: (parts, letters) for same, parts, letters in many.groups() for place in same}
        for place, pair in enumerate(pairs):
            said = f"seed {SEED + 5_000 + number}, pair {place}"
            alone, together = compare_known(pair[0], pair[1], KEYS, cells=True), many.comparison(place)
            assert told(together) == told(alone), said
            assert (together.no_new_access, together.no_lost_access) == (alone.no_new_access, alone.no_lost_access)
            for change in together.changes:
                assert confirmed(pair, change.newly_allowed, new=True), f"{said}: {change.newly_allowed}"
                assert confirmed(pair, change.newly_denied, new=False), f"{said}: {change.newly_denied}"
            assert groups[place] == (many.parts(place), many.letters(place)), said
            wanted = [letters_of(side) for side in pair]
            for part, both in zip(*groups[place], strict=True):
                for action, kind, *_ in part.rows if both else ():
                    assert both == wanted[0][action, kind] + wanted[1][action, kind], f"{said}: {action} {kind}"


def test_actions_that_the_catalogue_does_not_know_are_told_of_for_those_who_name_them_alone() -> None:
    nothing = named(1, [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
    wide = named(1, [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}])
    naming = named(2, [{"Effect": "Deny", "Action": "sagemaker:InventThings", "Resource": "arn:aws:sagemaker:*:*:a/*"}])
    many = Many(
        [
            (effective("ana", "", (nothing, *more), None), effective("ana", "", (wide, *more), None))
            for more in ((), (naming,))
        ],
        KEYS,
    )
    gained = [{one.action for one in many.comparison(place).changes} for place in range(2)]
    assert gained[1] - gained[0] == {"sagemaker:InventThings"}
    assert "sagemaker:DeleteModel" in gained[0]
