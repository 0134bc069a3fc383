"""Patterns against patterns."""

import pytest

from policystudio.engine.lint.patterns import covers, is_covered, overlap, redundant_groups


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [
        ("a*", "ab", True),
        ("a*", "a*b*", True),
        ("a*b", "a*", False),
        ("a?", "ab", True),
        ("a?", "a?", True),
        ("a?", "a*", False),
        ("a?*", "a*", False),
        ("*", "?", True),
        ("ab", "ab", True),
        ("ab", "a", False),
        ("a**", "a", True),
    ],
)
def test_covers(pattern: str, other: str, expected: bool) -> None:
    assert covers(pattern, other) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a*", "*b", True),
        ("a*", "b*", False),
        ("a?c", "ab*", True),
        ("a", "a", True),
        ("*", "", True),
        ("a?", "a", False),
    ],
)
def test_overlap(first: str, second: str, expected: bool) -> None:
    assert overlap(first, second) is expected
    assert overlap(second, first) is expected


def test_groups_are_those_of_the_widest_patterns() -> None:
    assert redundant_groups(["x", "a*", "ab*", "abc", "y*", "yz", "x"]) == [[0, 6], [1, 2, 3], [4, 5]]


def test_a_text_may_be_in_the_groups_of_two_patterns() -> None:
    assert redundant_groups(["a*", "ab", "*b"]) == [[0, 1], [1, 2]]


def test_different_texts_are_no_group() -> None:
    assert redundant_groups(["a", "b", "c*"]) == []


def test_what_of_a_group_is_needless() -> None:
    patterns = ["a*", "ab", "a*"]
    assert [is_covered(index, range(3), patterns) for index in range(3)] == [False, True, True]
