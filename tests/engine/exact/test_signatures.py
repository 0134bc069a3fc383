"""Which patterns can match together: against every text over a small alphabet."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine import globs
from policystudio.engine.exact.signatures import (
    STATE_LIMIT,
    Cover,
    Hole,
    TooLarge,
    Universe,
    _Walk,
    automaton,
    contains,
    cover,
    signatures,
)
from policystudio.engine.exact.universe import ResourceUniverse, _simple_cover
from policystudio.engine.globs import Parts, Wild

ALPHABET = "abx"
PATTERNS = st.lists(st.text("ab*?", min_size=1, max_size=4), min_size=1, max_size=3)


@settings(max_examples=150)
@given(PATTERNS)
def test_signatures_are_those_of_all_texts(texts: list[str]) -> None:
    patterns = [globs.parse(text) for text in texts]
    found = signatures(patterns, ("a", Hole.NAME))
    expected = set()
    for size in range(1, 6):
        for chars in product(ALPHABET, repeat=size):
            text = "a" + "".join(chars)
            expected.add(sum(1 << index for index, parts in enumerate(patterns) if globs.matches(parts, text)))
    assert expected <= found.keys()
    for mask, text in found.items():
        assert contains(("a", Hole.NAME), text)
        assert mask == sum(1 << index for index, parts in enumerate(patterns) if globs.matches(parts, text))


def test_too_many_states_are_given_up() -> None:
    patterns = [globs.parse(f"*{'?' * size}a{'?' * size}b*c?*?d") for size in range(1, 12)]
    with pytest.raises(TooLarge):
        signatures(patterns, (Hole.TEXT,))
    assert STATE_LIMIT <= 20_000


def test_too_many_patterns_are_given_up_however_few_their_states_are() -> None:
    patterns = [globs.parse(f"*{number}*{number * 7 % 2000}*") for number in range(2000)]
    with pytest.raises(TooLarge):
        signatures(patterns, (Hole.TEXT,))


def test_long_patterns_are_given_up_however_few_they_are() -> None:
    patterns = [globs.parse("*" + "ab" * 50_000 + "*c"), globs.parse("*" + "ba" * 50_000)]
    with pytest.raises(TooLarge):
        signatures(patterns, (Hole.TEXT,))


def test_a_pattern_with_every_character_is_given_up_too() -> None:
    every = "".join(chr(code) for code in range(0x20, 0x3000))
    with pytest.raises(TooLarge):
        signatures([globs.parse(f"*{every}*")], (Hole.TEXT,))


@settings(max_examples=300)
@given(st.text("ab/*?", min_size=1, max_size=6), st.sampled_from([Hole.NAME, Hole.TEXT]), st.text("ab", max_size=2))
def test_how_much_a_single_pattern_covers_is_what_the_walk_tells(pattern: str, hole: Hole, tail: str) -> None:
    universe = ("a/", hole, tail) if tail else ("a/", hole)
    expected = {(0,): Cover.NONE, (1,): Cover.ALL, (0, 1): Cover.SOME}
    assert (
        cover(globs.parse(pattern), universe) is expected[tuple(sorted(signatures([globs.parse(pattern)], universe)))]
    )


@pytest.mark.parametrize(
    "name", ["?" * 6000 + "*", "a?" * 20_000, "*" + "?" * 60 + "a" + "?" * 60 + "*b", "*a" * 20_000]
)
def test_whatever_a_single_pattern_looks_like_it_is_told_how_much_it_covers(name: str) -> None:
    universe = ResourceUniverse("arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}", "aws", "1" * 12)
    assert universe.cover(globs.resource_parts(globs.parse(f"arn:aws:sagemaker:*:*:model/{name}"))) is Cover.SOME


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:model/*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:mod*", Cover.ALL),
        ("arn:aws:sagemaker:*:111122223333:model/?*", Cover.ALL),
        ("arn:aws:sagemaker:*:*:model/??*", Cover.SOME),
        ("arn:aws:sagemaker:us-*:*:model/*", Cover.SOME),
        ("arn:aws:sagemaker:*:*:*/prod-*", Cover.SOME),
        ("arn:aws:sagemaker:*:*:model/a/*", Cover.NONE),
        ("arn:aws:sagemaker:*:*:model", Cover.NONE),
        ("arn:aws:sagemaker:*:999999999999:model/*", Cover.NONE),
        ("arn:aws:s3:::bucket/*", Cover.NONE),
        ("arn:aws-cn:sagemaker:*:*:*", Cover.NONE),
    ],
)
def test_how_much_of_a_type_a_pattern_covers(pattern: str, expected: Cover) -> None:
    universe = ResourceUniverse(
        "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}", "aws", "111122223333"
    )
    assert universe.cover(globs.resource_parts(globs.parse(pattern))) is expected


def test_a_chosen_region_is_the_only_one() -> None:
    template = "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}"
    universe = ResourceUniverse(template, "aws", "111122223333", "us-east-1")
    assert universe.cover(globs.resource_parts(globs.parse("arn:aws:sagemaker:us-*:*:model/*"))) is Cover.ALL
    assert universe.cover(globs.resource_parts(globs.parse("arn:aws:sagemaker:eu-*:*:model/*"))) is Cover.NONE


def test_the_pseudo_resource_is_matched_by_the_star_alone() -> None:
    universe = ResourceUniverse("*", "aws", "111122223333")
    assert universe.cover(globs.parse("*")) is Cover.ALL
    assert universe.cover(globs.resource_parts(globs.parse("arn:aws:sagemaker:*:*:*"))) is Cover.NONE


@settings(max_examples=300)
@given(st.text("ab/*", min_size=1, max_size=6), st.text("ab/", min_size=1, max_size=3))
def test_the_short_cut_for_usual_patterns_agrees_with_the_walk(pattern: str, literal: str) -> None:
    parts = globs.parse(pattern)
    short = _simple_cover(parts, (literal, Hole.NAME))
    assert short is None or short is cover(parts, (literal, Hole.NAME))


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(["a", "b:", "ab", "/", *Hole]), max_size=5).map(tuple),
    st.lists(st.sampled_from([Hole.RUN, Hole.SEGMENT_RUN]), max_size=3).map(tuple),
    st.text("ab:/", max_size=7),
)
def test_what_a_universe_contains_does_not_depend_on_how_it_is_told(
    universe: Universe, runs: Universe, text: str
) -> None:
    """With further runs that stand for nothing an automaton tells it, else a regular expression may."""
    if contains(universe, text):
        assert contains((*runs, *universe, *runs), text)
    if not contains((*universe, *runs), text):
        assert not contains(universe, text)


def test_a_universe_of_many_stars_is_no_burden() -> None:
    universe: Universe = ("arn:", *(Hole.RUN, "a") * 400, Hole.RUN)
    assert contains(universe, "arn:" + "a" * 2_000)
    assert not contains(universe, "arn:" + "a" * 399 + "b" * 2_000)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(["a", "b", "ab", "a/b", "", "ab:", "a:b"]), max_size=4),
    st.lists(st.sampled_from([(), (Wild.ANY,), (Wild.SEGMENT,)]), min_size=4, max_size=4),
    st.sampled_from(["", "a", "ab:a"]),
    st.sampled_from([hole for hole in Hole if not hole.is_single]),
)
def test_patterns_that_compare_beginnings_need_no_walk(
    heads: list[str], ends: list[Parts], head: str, hole: Hole
) -> None:
    patterns = [globs.normal((text, *end)) for text, end in zip(heads, ends, strict=False)]
    universe = (head, hole) if head else (hole,)
    found = signatures(patterns, universe)
    walked = _Walk([automaton(pattern) for pattern in patterns], universe).run()
    assert found.keys() == walked.keys()
    assert all(len(text) == len(walked[mask]) for mask, text in found.items())
    assert all(contains(universe, text) for text in found.values())
