"""A policy's text as numbered lines with marks."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policystudio.web.policy_text import lines_of

POLICY = """{
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow"
            }
        ]
    }"""


def texts(text: str, **options: int) -> list[tuple[int, str]]:
    return [(line.number, "".join(piece.text for piece in line.pieces)) for line in lines_of(text, **options)]


def test_lines_count_from_one() -> None:
    assert texts("a\nb\r\nc\rd") == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_only_json_line_ends_end_a_line() -> None:
    assert texts("a\u2028b\x0cc\nd") == [(1, "a\u2028b\x0cc"), (2, "d")]


def test_the_indentation_of_the_export_is_left_out_and_levels_are_two_wide() -> None:
    assert texts(POLICY)[:4] == [(1, "{"), (2, '  "Version": "2012-10-17",'), (3, '  "Statement": ['), (4, "    {")]
    assert texts(POLICY)[-1] == (8, "}")


def test_an_excerpt_keeps_the_line_numbers() -> None:
    start, end = POLICY.index("{", 1), POLICY.index("}") + 1
    assert texts(POLICY, start=start, end=end) == [(4, "{"), (5, '  "Effect": "Allow"'), (6, "}")]


def test_marks_cut_lines_into_pieces_and_never_colour_the_indentation() -> None:
    start = POLICY.index('"Effect"')
    lines = lines_of(POLICY, [(start - 5, start + 8), (start + 10, start + 17)])
    assert [(piece.text, piece.marked) for piece in lines[4].pieces] == [
        ("      ", False),
        ('"Effect"', True),
        (": ", False),
        ('"Allow"', True),
    ]


def test_a_mark_may_span_lines_and_others() -> None:
    lines = lines_of("ab\ncd", [(1, 4), (1, 2)])
    assert [[(piece.text, piece.marked) for piece in line.pieces] for line in lines] == [
        [("a", False), ("b", True)],
        [("c", True), ("d", False)],
    ]


VALUES = st.recursive(st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner))


@given(
    VALUES, st.sampled_from([None, 1, 2, 4]), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=4)
)
def test_nothing_is_lost_but_indentation(value: object, indent: int | None, marks: list[tuple[int, int]]) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    shown = texts(text)
    assert ["".join(piece.text for piece in line.pieces) for line in lines_of(text, marks)] == [
        line for _, line in shown
    ]
    kept = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [line.lstrip(" \t") for _, line in shown] == [line.lstrip(" \t") for line in kept]
