"""Limits of effort are asked at every step, and an answer that was given up leaves nothing half done."""

import json
from contextlib import suppress

import pytest

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.document import Policy
from policystudio.engine.effort import TooCostlyError, limited, step
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack


class Steps:
    """Counts steps, and gives up at the one that is named."""

    def __init__(self, most: int | None = None) -> None:
        self.taken, self.most = 0, most

    def __call__(self) -> None:
        self.taken += 1
        if self.most is not None and self.taken >= self.most:
            raise TooCostlyError("enough")


def test_without_a_limit_nothing_happens() -> None:
    step()


def test_the_limit_is_asked_at_each_step_and_only_inside() -> None:
    steps = Steps()
    with limited(steps):
        step()
        with limited(None):
            step()
        step()
    step()
    assert steps.taken == 2


def test_the_limit_is_gone_after_it_was_reached() -> None:
    with pytest.raises(TooCostlyError), limited(Steps(1)):
        step()
    step()


STATEMENTS = [
    {
        "Effect": "Allow",
        "Action": "sagemaker:*",
        "Resource": "*",
        "Condition": {"StringLike": {"aws:RequestTag/team": ["ml-*", "*-ml"]}},
    },
    {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "arn:aws:sagemaker:*:*:model/*${aws:username}*"},
    {
        "Effect": "Allow",
        "NotAction": "sagemaker:Create*",
        "Resource": ["arn:aws:sagemaker:*:*:*/a*", "arn:aws:sagemaker:*:*:*/*b"],
    },
]


def policies() -> list[Policy]:
    return [parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [one]})) for one in STATEMENTS]


def rows() -> list[RowInput]:
    found = policies()
    return [
        RowInput(
            PolicyStack(identity_policies=tuple(NamedPolicy(f"p{index}", found[index]) for index in picked)),
            Facts({"aws:username": (name,)}),
        )
        for name, picked in (("ana", (0, 1)), ("bo", (0, 1, 2)), ("cy", (2,)), ("di", (0, 2)), ("eve", (1, 2)))
    ]


def letters(matrix: Matrix) -> list[str]:
    return [matrix.letters(row) for row in matrix.prepare(rows())]


def fresh() -> Matrix:
    return Matrix(Space(load_sagemaker(), "aws", "111122223333", "eu-west-1"), load_condition_keys())


def test_a_matrix_that_was_given_up_at_any_step_answers_the_same_when_asked_again() -> None:
    with limited(steps := Steps()):
        expected = letters(fresh())
    assert steps.taken > 50
    interrupted = 0
    for most in {*range(1, 40), *range(40, steps.taken, max(1, steps.taken // 25))}:
        matrix = fresh()
        # What the process keeps makes it take fewer steps than the first time.
        with suppress(TooCostlyError), limited(given_up := Steps(most)):
            letters(matrix)
        interrupted += given_up.taken == most
        assert letters(matrix) == expected, most
    assert interrupted > 30
