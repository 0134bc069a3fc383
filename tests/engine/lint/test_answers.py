"""What AWS's ValidatePolicy answered, to its own policies and in its documentation: the same codes, types, places."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Origin
from policystudio.engine.lint.registry import lint
from policystudio.engine.source import Source

DATA = Path(__file__).parent.parent / "data"
ANSWERS: list[dict[str, Any]] = [
    *json.loads((DATA / "access_analyzer_answers.json").read_text(encoding="utf-8")),
    *json.loads((DATA / "access_analyzer_examples.json").read_text(encoding="utf-8")),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.get("policy", answer.get("name")) for answer in ANSWERS])
def test_the_findings_are_those_of_aws(answer: dict[str, Any]) -> None:
    source = Source(answer["document_text"])
    kind = PolicyKind(answer.get("type", "identity"))
    ours = [
        (finding.code, str(finding.type), finding.as_json(source)["locations"])
        for finding in lint(answer["document_text"], kind)
        if finding.source is Origin.AWS
    ]
    aws = [(finding["code"], finding["type"], finding["locations"]) for finding in answer["findings"]]
    assert Counter(map(_hashable, ours)) == Counter(map(_hashable, aws))


def _hashable(finding: Any) -> str:
    return json.dumps(finding, sort_keys=True)
