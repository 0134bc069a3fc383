"""ARN patterns that somebody asks about: which ARNs they stand for, and how much of them other patterns match."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine import globs
from policystudio.engine.exact.asked import AskedUniverse
from policystudio.engine.exact.signatures import Cover, Hole, contains, cover, signatures

ACCOUNT = "111122223333"


def asked(pattern: str) -> AskedUniverse:
    return AskedUniverse(pattern, "aws", ACCOUNT, colons=":sagemaker:" not in pattern)


def words(alphabet: str, longest: int) -> list[str]:
    return ["".join(word) for length in range(longest + 1) for word in product(alphabet, repeat=length)]


@pytest.mark.parametrize(
    ("hole", "inside", "outside"),
    [
        (Hole.RUN, ["", "a", "a:b/c"], []),
        (Hole.SEGMENT_RUN, ["", "a/b"], [":", "a:b"]),
        (Hole.CHAR, ["a", ":", "/"], ["", "ab"]),
        (Hole.SEGMENT_CHAR, ["a", "/"], ["", ":", "ab"]),
    ],
)
def test_what_may_stand_in_a_hole(hole: Hole, inside: list[str], outside: list[str]) -> None:
    assert all(contains(("<", hole, ">"), f"<{text}>") for text in inside)
    assert not any(contains(("<", hole, ">"), f"<{text}>") for text in outside)


WORDS = words("ab:", 5)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("ab*?", max_size=5), min_size=1, max_size=3),
    st.lists(st.sampled_from(["a", "b", Hole.RUN, Hole.CHAR, Hole.SEGMENT_RUN, Hole.SEGMENT_CHAR]), max_size=4),
)
def test_every_combination_is_found_and_no_other(patterns: list[str], universe: list[str | Hole]) -> None:
    """Against every text of up to five characters."""
    parts = [globs.parse(pattern) for pattern in patterns]
    found = signatures(parts, tuple(universe))
    matches = [globs.matcher(part) for part in parts]

    def mask(text: str) -> int:
        return sum(1 << index for index, match in enumerate(matches) if match(text))

    assert {mask(text) for text in WORDS if contains(tuple(universe), text)} <= found.keys()
    assert all(mask(text) == key and contains(tuple(universe), text) for key, text in found.items())


@settings(max_examples=500, deadline=None)
@given(
    st.text("ab:*?", min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", ":", Hole.RUN, Hole.CHAR, Hole.SEGMENT_RUN, Hole.SEGMENT_CHAR]), max_size=4),
    st.booleans(),
)
def test_how_much_a_pattern_covers_is_what_the_walk_tells(
    pattern: str, universe: list[str | Hole], as_resource: bool
) -> None:
    parts = globs.resource_parts(globs.parse(pattern)) if as_resource else globs.parse(pattern)
    expected = {(0,): Cover.NONE, (1,): Cover.ALL, (0, 1): Cover.SOME}
    assert cover(parts, tuple(universe)) is expected[tuple(sorted(signatures([parts], tuple(universe))))]


@pytest.mark.parametrize(
    ("pattern", "question", "expected"),
    [
        ("*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:endpoint/*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:endpoint/prod-?*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.SOME),
        ("arn:aws:sagemaker:us-*:*:endpoint/*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.SOME),
        ("arn:aws:sagemaker:*:*:endpoint/dev-*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.NONE),
        ("arn:aws:sagemaker:*:*:endpoint/p?o*", "arn:aws:sagemaker:us-east-1:111122223333:endpoint/prod", Cover.ALL),
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/2026/?", Cover.ALL),
        ("arn:aws:s3:::logs/2026/??", "arn:aws:s3:::logs/2026/?", Cover.NONE),
        # The star behind `us-` may take in colons, so it reaches log groups of other Regions' names, too.
        ("arn:aws:logs:us*:1*:x", "arn:aws:logs:us:1:*", Cover.SOME),
        ("arn:aws:logs:*:1:x", "arn:aws:logs:us:2:*", Cover.SOME),
        ("*", "*", Cover.ALL),
        ("arn:aws:s3:::*", "*", Cover.NONE),
    ],
)
def test_how_much_of_what_is_asked_a_pattern_covers(pattern: str, question: str, expected: Cover) -> None:
    assert asked(question).cover(globs.resource_parts(globs.parse(pattern))) is expected


@pytest.mark.parametrize(
    ("pattern", "question", "expected"),
    [
        ("arn:aws:sagemaker:?*:*:endpoint/*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:endpoint/?*", "arn:aws:sagemaker:*:111122223333:endpoint/*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:endpoint/", "arn:aws:sagemaker:*:111122223333:endpoint/*", Cover.NONE),
        ("arn:aws:sagemaker:*:*:?*", "arn:aws:sagemaker:*:111122223333:*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:*/?*", "arn:aws:sagemaker:*:111122223333:*", Cover.SOME),
        ("arn:aws:sagemaker:*:*:endpoint/prod-?*", "arn:aws:sagemaker:*:111122223333:endpoint/prod-*", Cover.SOME),
        ("arn:aws:sagemaker:*:*:model-card/*/export-job/*", "arn:aws:sagemaker:*:1:model-card/*", Cover.SOME),
    ],
)
def test_in_regional_arns_no_part_is_empty(pattern: str, question: str, expected: Cover) -> None:
    for colons in (False, True) if expected is not Cover.NONE else (False,):
        universe = AskedUniverse(question, "aws", ACCOUNT, colons=colons, regional=True)
        assert universe.cover(globs.resource_parts(globs.parse(pattern))) is expected


def test_a_pattern_without_wildcards_is_one_resource() -> None:
    assert asked("arn:aws:s3:::logs/a").is_one
    assert asked("*").is_one
    assert not asked("arn:aws:s3:::logs/?").is_one


def test_what_takes_too_long_to_tell_is_some() -> None:
    question = asked("arn:aws:s3:::" + "*a" * 500)
    assert question.cover(globs.resource_parts(globs.parse("arn:aws:s3:::" + "*a?" * 300 + "*"))) is not Cover.ALL
