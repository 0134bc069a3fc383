"""What AWS's ValidatePolicy answered for its own managed policies: the same codes, types, paths and spans."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.lint.finding import Origin
from policystudio.engine.lint.registry import lint
from policystudio.engine.source import Source

ANSWERS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "access_analyzer_answers.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer["policy"] for answer in ANSWERS])
def test_the_findings_are_those_of_aws(answer: dict[str, Any]) -> None:
    source = Source(answer["document_text"])
    ours = [
        (finding.code, str(finding.type), finding.as_json(source)["locations"])
        for finding in lint(answer["document_text"])
        if finding.source is Origin.AWS
    ]
    aws = [(finding["code"], finding["type"], finding["locations"]) for finding in answer["findings"]]
    assert Counter(map(_hashable, ours)) == Counter(map(_hashable, aws))


def _hashable(finding: Any) -> str:
    return json.dumps(finding, sort_keys=True)
