"""AWS's own example policies of every kind: no check takes offence but where AWS's description of it says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Origin
from policystudio.engine.lint.registry import lint

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "documented_policies.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["name"] for example in EXAMPLES])
def test_what_is_said_of_an_example(example: dict[str, Any]) -> None:
    found = lint(json.dumps(example["document"]), PolicyKind(example["type"]))
    assert [finding.code for finding in found if finding.source is Origin.AWS] == example["codes"]
