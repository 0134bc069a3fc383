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
BEFORE = {
    "Resource": "arn:aws:sagemaker:*:*:training-job/*a",
    "Condition": {"Null": {"sagemaker:NetworkIsolation": "false"}},
}
#: The Deny names the same variable in its resource, so that the name and the tag are worked out together.
ALLOWED = {
    "Resource": "arn:aws:sagemaker:eu-*:*:*/?a",
    "Condition": {
        "StringNotLikeIfExists": {"aws:RequestTag/k": ["{$aws:username}*", "ab"]},
        "StringNotLike": {"aws:username": ["${aws:RequestTag/k, 'b'}", "a"]},
    },
}
DENIED = {
    "Effect": "Deny",
    "Resource": "arn:aws:sagemaker:eu-*:*:*/*${aws:RequestTag/k, 'a'}",
    "Condition": {"StringLike": {"aws:RequestTag/k": ["a", "*"]}},
}


def stack(*statements: dict[str, Any]) -> PolicyStack:
    written = [{"Effect": "Allow", "Action": ACTION, **one} for one in statements]
    text = json.dumps({"Version": "2012-10-17", "Statement": written})
    return PolicyStack((NamedPolicy("p", parse_policy(text, PolicyKind.IDENTITY)),))


def test_a_known_key_that_is_compared_with_a_free_one_is_not_set() -> None:
    sides = [effective_for(one, ANYBODY, Context()) for one in (stack(BEFORE), stack(ALLOWED, DENIED))]
    found = compare(*sides)
    assert found.newly_allowed is not None
    named = {key for change in found.changes if change.newly_allowed for key in change.newly_allowed.context}
    assert named <= {"aws:RequestTag/k"}
