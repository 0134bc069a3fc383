"""Documents that were damaged at random: there is an answer to each, and its places lie in the text."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import lint

DOCUMENTS = [
    json.loads(answer["document_text"])
    for answer in json.loads((Path(__file__).parent.parent / "data" / "access_analyzer_answers.json").read_text())
]
VALUES: list[Any] = [
    None,
    5,
    True,
    [],
    {},
    "",
    "*",
    "${",
    "a:b",
    "arn:",
    "arn:::::",
    ["*", 5],
    {"AWS": 5},
    "\ud83d\ude00",
]
KEYS = ["Principal", "NotPrincipal", "NotAction", "NotResource", "Sid", "aws:SourceIp", "NullIfExists", ""]


def damaged(value: Any, random: Random) -> Any:
    """The value with some of its parts and names replaced."""
    if random.random() < 0.06:
        return random.choice(VALUES)
    if isinstance(value, dict):
        return {
            key if random.random() > 0.04 else random.choice(KEYS): damaged(member, random)
            for key, member in value.items()
        }
    return [damaged(item, random) for item in value[:8]] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", PolicyKind)
@pytest.mark.parametrize("seed", range(5))
def test_there_is_an_answer_to_every_document(kind: PolicyKind, seed: int) -> None:
    random = Random(seed)
    for document in DOCUMENTS:
        text = json.dumps(damaged(document, random), ensure_ascii=False)
        if random.random() < 0.2:
            place = random.randrange(len(text) + 1)
            text = text[:place] + random.choice('{}[]",:\\\0') + text[place:]
        for finding in lint(text, kind):
            assert finding.places
            assert all(0 <= place.start <= place.end <= len(text) for place in finding.places)
