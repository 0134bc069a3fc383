"""The requests that a comparison gives set what is open, and nothing that is known."""

import json
from typing import Any

from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import effective_for
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal

ACTION = "sagemaker:CreateTrainingJob"
ANYBODY = Principal.parse("arn:aws:iam::123456789012:user/anybody")


def stack(**condition: Any) -> PolicyStack:
    statement = {"Effect": "Allow", "Action": ACTION, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": {**statement, **condition}})
    return PolicyStack((NamedPolicy("p", parse_policy(text, PolicyKind.IDENTITY)),))


def test_a_known_key_that_is_compared_with_a_free_one_is_not_set() -> None:
    after = stack(Condition={"StringNotLike": {"aws:username": "${aws:RequestTag/k}*"}})
    sides = [effective_for(one, ANYBODY, Context()) for one in (PolicyStack(()), after)]
    found = compare(*sides).newly_allowed
    assert found is not None
    assert {key.lower() for key in found.context} <= {"aws:requesttag/k"}
