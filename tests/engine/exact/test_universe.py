"""The resources of a type: which patterns meet on one of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine import globs
from policystudio.engine.exact.asked import AskedUniverse
from policystudio.engine.exact.signatures import TooLarge, contains, signatures
from policystudio.engine.exact.universe import ResourceUniverse

ACCOUNT = "111122223333"
MODEL = "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}"
UNIVERSES = [
    ResourceUniverse(MODEL, "aws", ACCOUNT),
    ResourceUniverse(MODEL, "aws", ACCOUNT, "eu-west-1"),
    ResourceUniverse(MODEL.replace("model/", "space/${DomainId}/"), "aws", ACCOUNT),
    ResourceUniverse("arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", "aws", ACCOUNT),
    ResourceUniverse("*", "aws", ACCOUNT),
    AskedUniverse(f"arn:aws:sagemaker:*:{ACCOUNT}:model/a?-*", "aws", ACCOUNT, colons=False),
    AskedUniverse("arn:aws:s3:::a/*", "aws", ACCOUNT),
]
REGIONS = st.sampled_from(["*", "eu-*", "eu-west-1", "us-east-?"])
NAMES = st.sampled_from(
    ["model/*", "model/a*", "model/*b", "*/a?-*", "model/ab-c", "space/*/x*", "*", "role/*b*", "a/*c"]
)
HEADS = st.sampled_from([f"arn:aws:sagemaker:{{}}:{ACCOUNT}:", "arn:*:*:{}:*:", "arn:aws:iam:::", "arn:aws:s3:::", "*"])


@settings(max_examples=150)
@given(st.sampled_from(UNIVERSES), st.lists(st.tuples(HEADS, REGIONS, NAMES), max_size=4))
def test_part_by_part_the_same_patterns_meet_as_in_whole_arns(
    universe: ResourceUniverse, texts: list[tuple[str, str, str]]
) -> None:
    written = [head.format(region) + name for head, region, name in texts]
    patterns = [globs.resource_parts(globs.parse(text)) for text in written]
    found = universe.signatures(patterns)
    assert found.keys() == signatures(patterns, universe.joined).keys()
    for mask, text in found.items():
        assert contains(universe.joined, text)
        assert mask == sum(1 << place for place, parts in enumerate(patterns) if globs.matches(parts, text))


def test_too_many_combinations_of_parts_are_given_up() -> None:
    parts = [f"*{char}*" for char in "abcdefghijk"]
    texts = [f"arn:aws:sagemaker:{part}:{ACCOUNT}:model/{other}" for part in parts for other in parts]
    with pytest.raises(TooLarge):
        UNIVERSES[0].signatures([globs.resource_parts(globs.parse(text)) for text in texts])
