"""A document as several: each within the quota, together the same, with the statements as they were written."""

import json
from typing import Any

import pytest

from policystudio.engine.analyse.split import CannotSplit, says_the_same, size_of, split
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy


def document(*statements: dict[str, Any], indent: int | None = 2) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=indent)


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


MODELS = [allow("sagemaker:CreateModel", f"arn:aws:sagemaker:*:*:model/team-{number:03}-*") for number in range(12)]
DENY = {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"}


def test_each_part_keeps_to_the_quota_and_all_together_say_the_same() -> None:
    policy = parse_policy(document(*MODELS, DENY))
    found = split(policy, 600)
    assert len(found.texts) > 1
    assert all(size_of(text) <= 600 for text in found.texts)
    assert found.proved
    assert not found.cut
    statements = [one for text in found.texts for one in json.loads(text)["Statement"]]
    assert sorted(map(json.dumps, statements)) == sorted(map(json.dumps, [*MODELS, DENY]))


def test_statements_keep_their_text() -> None:
    text = document(*MODELS).replace('"Effect": "Allow"', '"Effect"  :  "\\u0041llow"', 1)
    found = split(parse_policy(text), 600)
    assert '"Effect"  :  "\\u0041llow"' in found.texts[0]


def test_what_fits_is_one_part() -> None:
    assert len(split(parse_policy(document(*MODELS)), 6_144).texts) == 1


def test_a_statement_that_is_too_long_shares_out_its_longer_list() -> None:
    resources = [f"arn:aws:sagemaker:eu-west-1:111122223333:model/{number:04}" for number in range(40)]
    policy = parse_policy(document(allow(["sagemaker:DeleteModel"], resources, Sid="Models")))
    found = split(policy, 700)
    assert found.cut == (0,)
    assert found.proved
    assert all(size_of(text) <= 700 for text in found.texts)
    sids = [one["Sid"] for text in found.texts for one in json.loads(text)["Statement"]]
    assert sids == ["Models", *(f"Models{number}" for number in range(2, len(sids) + 1))]
    listed = [one["Resource"] for text in found.texts for one in json.loads(text)["Statement"]]
    assert [arn for part in listed for arn in ([part] if isinstance(part, str) else part)] == resources


def test_a_lone_statement_is_shared_out_as_well() -> None:
    actions = [f"s3:Get{number:03}*" for number in range(60)]
    text = json.dumps({"Statement": allow(actions)})
    found = split(parse_policy(text), 300)
    assert len(found.texts) > 2
    assert all("Version" not in text for text in found.texts)


def test_what_cannot_be_shared_out_is_refused() -> None:
    names = [f"s3:Get{number:03}*" for number in range(60)]
    statement = {"Effect": "Deny", "NotAction": names, "Resource": "*"}
    with pytest.raises(CannotSplit, match="statement 1 alone is too long"):
        split(parse_policy(document(statement)), 300)
    with pytest.raises(CannotSplit, match="even with its longest list"):
        split(parse_policy(document(allow([f"s3:{'x' * 400}", "s3:Get*"]))), 300)


def test_a_trust_policy_stands_alone() -> None:
    text = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}})
    with pytest.raises(CannotSplit, match="stands alone"):
        split(parse_policy(text, PolicyKind.TRUST), 2_048)


def test_parts_that_say_something_else_are_told_apart() -> None:
    policy = parse_policy(document(*MODELS[:2]))
    assert says_the_same(policy, [document(MODELS[0]), document(MODELS[1])]) is True
    assert says_the_same(policy, [document(MODELS[0])]) is False
    assert says_the_same(policy, [document(*MODELS[:3])]) is False
    assert says_the_same(policy, ["{}"]) is False
    assert says_the_same(policy, [document(MODELS[0]), document(MODELS[1])], budget=1) is None
