"""What one document lets through by itself, held against the cells that it is made of."""

import json
from typing import Any

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.simulator.document_grants import Grants, grants_of
from policystudio.simulator.selectors import catalog


def granted(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> Grants:
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind)
    return grants_of(policy, "aws", "111122223333")


def level(found: Grants, resource_type: str, name: str) -> tuple[str, int, int, int]:
    [kind] = [one for one in found.types if one.resource_type == resource_type]
    [one] = [one for one in kind.levels if one.level == name]
    return one.letter, one.always, one.partly, one.total


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_every_cell_is_counted_once() -> None:
    found = granted(allow("sagemaker:*"))
    assert sum(one.total for kind in found.types for one in kind.levels) == len(catalog().columns())
    assert found.possible == found.total == len(catalog().actions)
    assert {one.letter for kind in found.types for one in kind.levels if one.total} == {"A"}


def test_all_some_and_none_are_told_apart() -> None:
    found = granted(allow(["sagemaker:DescribeModel", "sagemaker:CreateModel"]))
    assert level(found, "model", "Read") == ("A", 1, 0, 1)
    letter, always, partly, total = level(found, "model", "Write")
    assert (letter, always, partly) == ("S", 1, 0)
    assert total > 1
    assert level(found, "model", "Tagging")[0] == "I"
    assert not next(kind for kind in found.types if kind.resource_type == "endpoint").is_touched
    assert found.possible == 2


def test_a_part_of_the_resources_and_a_condition_count_in_part() -> None:
    some = granted(allow("sagemaker:DescribeModel", "arn:aws:sagemaker:*:*:model/dev-*"))
    assert level(some, "model", "Read") == ("S", 0, 1, 1)
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    mfa = granted(allow("sagemaker:DescribeModel", Condition=condition))
    assert level(mfa, "model", "Read") == ("S", 0, 1, 1)


def test_what_is_denied_again_is_not_granted() -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:Describe*", "Resource": "*"}
    found = granted(allow("sagemaker:DescribeModel"), deny)
    assert found.possible == 0
    assert granted(allow("s3:*")).possible == 0


def test_an_organization_policy_lets_through_as_well() -> None:
    assert granted(allow("sagemaker:List*"), kind=PolicyKind.SERVICE_CONTROL).possible > 50
