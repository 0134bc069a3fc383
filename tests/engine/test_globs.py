"""Wildcards: parsing, ARN segments, and three ways to match that agree with brute force."""

from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.engine import globs
from policystudio.engine.globs import Parts, Wild

PATTERNS = st.text("ab*?:", max_size=8)
TEXTS = st.text("ab:", max_size=8)


def brute_force(parts: Parts, text: str) -> bool:
    """Match by trying everything."""

    @cache
    def rest(part: int, place: int) -> bool:
        if part == len(parts):
            return place == len(text)
        wanted = parts[part]
        if isinstance(wanted, str):
            return text.startswith(wanted, place) and rest(part + 1, place + len(wanted))
        if wanted is Wild.ONE:
            return place < len(text) and rest(part + 1, place + 1)
        ends = range(place, len(text) + 1)
        return any(rest(part + 1, end) for end in ends if wanted is Wild.ANY or ":" not in text[place:end])

    return rest(0, 0)


@given(PATTERNS, TEXTS)
def test_matching_agrees_with_brute_force(pattern: str, text: str) -> None:
    parts = globs.parse(pattern)
    assert globs.matches(parts, text) == brute_force(parts, text)


@given(st.lists(st.sampled_from(["a", "b", ":", *Wild]), max_size=7), TEXTS)
def test_stars_within_a_segment_agree_with_brute_force(pieces: list[str | Wild], text: str) -> None:
    parts = globs.normal(pieces)
    assert globs.matches(parts, text) == brute_force(parts, text)


SIX = [st.lists(st.sampled_from(["a", "b", *Wild]), max_size=3) for _ in range(6)]


@given(st.tuples(*SIX), st.tuples(*[st.text("ab", max_size=3)] * 6), st.text("ab:", max_size=2))
def test_arns_agree_with_brute_force_with_and_without_more_colons(
    segments: tuple[list[str | Wild], ...], texts: tuple[str, ...], more: str
) -> None:
    pieces = [piece for segment in segments for piece in (":", *segment)]
    parts = globs.normal(pieces[1:])
    text = ":".join(texts) + more
    assert globs.matches(parts, text) == brute_force(parts, text)


def test_every_text_up_to_a_length_over_a_small_alphabet() -> None:
    patterns = ["".join(chars) for size in range(5) for chars in product("a*?", repeat=size)]
    texts = ["".join(chars) for size in range(5) for chars in product("ab", repeat=size)]
    for pattern in patterns:
        parts = globs.parse(pattern)
        assert [globs.matches(parts, text) for text in texts] == [brute_force(parts, text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("arn:aws:sagemaker:us-*:1:model/*", "arn:aws:sagemaker:us-east-1:1:model/a/b", True),
        ("arn:aws:sagemaker:*", "arn:aws:sagemaker:us-east-1:1:model/m", True),
        ("arn:aws:sagemaker", "arn:aws:sagemaker:us-east-1:1:model/m", True),
        ("arn:aws:logs:*:*:log-group:x", "arn:aws:logs:us-east-1:1:other:log-group:x", True),
        ("arn:aws:logs:u*1:1:x", "arn:aws:logs:us:1:1:x", False),
        ("arn:aws:sagemaker:*:*:model/m?", "arn:aws:sagemaker:us-east-1:1:model/m", False),
        ("*", "*", True),
        ("arn:aws:sagemaker:*:*:*", "*", False),
        ("arn:aws:sagemaker:*:*:Model/m", "arn:aws:sagemaker:us-east-1:1:model/m", False),
    ],
)
def test_arn_patterns(pattern: str, text: str, expected: bool) -> None:
    assert globs.matches(globs.resource_parts(globs.parse(pattern)), text) is expected


def test_normal_form_joins_literals_and_stars() -> None:
    assert globs.normal(["a", "", "b", Wild.SEGMENT, Wild.ANY, Wild.ONE]) == ("ab", Wild.ANY, Wild.ONE)


def test_segments_are_cut_only_where_there_are_five_colons() -> None:
    five = globs.split_segments(globs.resource_parts(globs.parse("arn:aws:sagemaker:*:1:model/a*")))
    assert five == (("arn",), ("aws",), ("sagemaker",), (Wild.ANY,), ("1",), ("model/a", Wild.ANY))
    assert globs.split_segments(globs.parse("arn:aws:logs:*:1:log-group:x")) is None
    assert globs.split_segments(globs.parse("*")) is None
