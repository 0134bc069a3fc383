"""Variables with long values: what they make of a text is bounded before it is built, and built in one go."""

import json

import pytest

from policystudio.engine import globs, variables
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.compile import compile_stack
from policystudio.engine.decision import Verdict
from policystudio.engine.effort import TooLongError, limited
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ANA = Principal.parse("arn:aws:iam::111122223333:user/ana")
LONG = "a" * (variables.LONGEST // 4)


def stack(resource: str, **condition: object) -> PolicyStack:
    statement = {"Effect": "Allow", "Action": "*", "Resource": resource} | (
        {"Condition": condition} if condition else {}
    )
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return PolicyStack((NamedPolicy("p", parse_policy(text)),))


def asked(value: str) -> Request:
    context = Context({"aws:requesttag/x": (value,), "aws:requesttag/y": (value,)})
    return Request(ANA, "s3:GetObject", "arn:aws:s3:::b/k", "111122223333", context)


TOO_LONG = [
    stack("*", StringLike={"aws:RequestTag/y": "${aws:RequestTag/x}" * 5}),
    stack("*", StringEquals={"aws:RequestTag/y": "${aws:RequestTag/x}" * 5}),
    stack("*", ArnLike={"aws:RequestTag/y": "arn:aws:s3:::" + "${aws:RequestTag/x}" * 5}),
    stack("arn:aws:s3:::" + "${aws:RequestTag/x}" * 5),
]


@pytest.mark.parametrize("policies", TOO_LONG)
def test_a_text_that_would_become_too_long_is_no_decision(policies: PolicyStack) -> None:
    keys = load_condition_keys()
    for decide in (lambda one: authorize(policies, one, keys), compile_stack(policies, keys).decide):
        with pytest.raises(TooLongError, match="1,000,000 characters"):
            decide(asked(LONG))
        assert decide(asked("a")).verdict in (Verdict.ALLOWED, Verdict.IMPLICIT_DENY)


def test_each_variable_is_a_step() -> None:
    steps = []
    with limited(lambda: steps.append(1)):
        variables.expand("${aws:RequestTag/x}" * 300, asked("a").context, enabled=True)
        variables.expand_literal("${aws:RequestTag/x}" * 300, asked("a").context, enabled=True)
    assert len(steps) >= 600


def test_neighbouring_literals_are_joined_and_stars_become_one() -> None:
    one, star, segment = globs.Wild.ONE, globs.Wild.ANY, globs.Wild.SEGMENT
    assert globs.normal(["a", "", "b", star, segment, "", star, one, star, "c", "d"]) == ("ab", star, one, star, "cd")
    assert globs.normal([segment, segment, "", segment]) == (segment,)
    assert globs.normal(["", ""]) == ()
