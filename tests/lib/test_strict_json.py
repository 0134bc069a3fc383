"""JSON read strictly: what is refused, where, and what is read as it stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.lib.strict_json import (
    JsonError,
    JsonValue,
    Number,
    dumps,
    from_python,
    loads,
    pointer_to,
    write_path,
)


def problems_of(text: str | bytes) -> list[str]:
    with pytest.raises(JsonError) as caught:
        loads(text)
    return [str(problem) for problem in caught.value.problems]


class TestReading:
    def test_it_reads_every_kind_of_value(self) -> None:
        assert loads('{"a": [1, -2.50, 1e3, true, false, null, "x\\u00e9"], "b": {}}') == {
            "a": [Number("1"), Number("-2.50"), Number("1e3"), True, False, None, "xé"],
            "b": {},
        }

    def test_it_takes_bytes_in_utf_8(self) -> None:
        assert loads('"é"'.encode()) == "é"

    def test_a_pair_of_surrogates_is_a_character(self) -> None:
        assert loads('"\\ud83d\\ude00"') == "\U0001f600"

    def test_as_deep_as_allowed(self) -> None:
        assert loads("[" * 100 + "]" * 100)

    def test_brackets_in_texts_do_not_nest(self) -> None:
        assert loads(json.dumps(["[" * 500])) == ["[" * 500]


class TestPlaces:
    """Line and column of what was refused, in a text that stands on several lines."""

    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ('{"a": 1,\n "b": 2, "a": 3}', [(2, 10)]),
            ('{"a": {"x": [1, {"y": 0,\n "y": 1}]}}', [(2, 2)]),
            ('{"b": {"a": 1}, "a": 1,\n\n"a": {"a": 2}, "a": 4}', [(3, 1)]),
            ('[1,\n [2, NaN],\n {"k": -Infinity}]', [(2, 6), (3, 8)]),
            ('{"a": "}{][,:\\"",\n "b": 1e400}', [(2, 7)]),
            ('[\n"\\u0000",\n"\\ud800"]', [(2, 1), (3, 1)]),
            ("[[],{},[{}],\n1e400]", [(2, 1)]),
            ("\n" + "[" * 101 + "]" * 101, [(2, 101)]),
            ("\n" + "[" * 100_000, [(2, 101)]),
            ('{"a": 1, "a": 2, "b": 1,\n"b": 2}', [(1, 10), (2, 1)]),
        ],
    )
    def test_they_are_where_it_stands(self, text: str, places: list[tuple[int, int]]) -> None:
        with pytest.raises(JsonError) as caught:
            loads(text)
        assert [(problem.line, problem.column) for problem in caught.value.problems] == places


class TestRefusing:
    def test_a_key_that_stands_twice(self) -> None:
        assert problems_of('{"a": {"Effect": "Deny", "Effect": "Allow"}}') == [
            "`a.Effect`: the key stands twice in one object: keep one of them"
        ]

    def test_every_key_that_stands_twice(self) -> None:
        text = '[{"a": 1, "a": 2, "b": 1, "b": 2, "c": 3}, {"aws:x": 1, "aws:x": 1}]'
        assert [problem.split(":")[0] for problem in problems_of(text)] == ["`[0].a`", "`[0].b`", '`[1]["aws']

    def test_keys_that_differ_in_letter_case_are_two(self) -> None:
        assert loads('{"a": 1, "A": 2}')

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
    def test_what_is_no_number_in_json(self, text: str) -> None:
        assert problems_of(f'{{"x": {text}}}') == [f"`x`: `{text}` is not JSON: write a number or a text"]

    def test_numbers_out_of_bounds(self) -> None:
        assert problems_of("[1e400]") == ["`[0]`: the number `1e400` is out of bounds"]
        assert problems_of("9" * 5000) == ["line 1, column 1: the number has 5000 digits, at most 400 are read"]

    @pytest.mark.parametrize("depth", [101, 900, 100_000])
    @pytest.mark.parametrize("brackets", ["[]", "{}"])
    def test_what_is_nested_too_deeply(self, depth: int, brackets: str) -> None:
        opening, closing = ("[", "]") if brackets == "[]" else ('{"a":', "}")
        (problem,) = problems_of(opening * depth + "1" + closing * depth)
        assert problem.endswith("nested deeper than 100 levels")

    def test_nul_and_lone_surrogates(self) -> None:
        assert problems_of('["a\\u0000b"]') == ["`[0]`: the text has a NUL character (\\u0000) in it"]
        assert "surrogate" in problems_of('{"a\\ud800": 1}')[0]
        assert "surrogate" in problems_of('["\\uDC00"]')[0]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("", "line 1, column 1"),
            ('{"a" 1}', "line 1, column 6"),
            ('{\n  "a": 1\n  "b": 2\n}', "line 3, column 3"),
            ("[1] []", "line 1, column 5"),
            ("// note\n[]", "line 1, column 1"),
            ('["a\nb"]', "line 1, column 4"),
        ],
    )
    def test_what_is_not_json_is_told_by_line_and_column(self, text: str, place: str) -> None:
        (problem,) = problems_of(text)
        assert problem.startswith(place), problem

    def test_a_byte_order_mark(self) -> None:
        for text in ('\ufeff"é"', '\ufeff"é"'.encode()):
            assert problems_of(text) == [
                "line 1, column 1: begins with a byte order mark: save it as UTF-8 without one"
            ]

    def test_bytes_that_are_not_utf_8(self) -> None:
        assert problems_of(b'[1,\n"\xff"]') == ["line 2, column 2: not UTF-8: save the text as UTF-8"]
        assert "not UTF-8" in problems_of("[]".encode("utf-16"))[0]


class TestWriting:
    @pytest.mark.parametrize(
        "text",
        ['{"a": [1, 2.50, 1e3, -0, true, null], "é": {"x": ""}}', "[]", "{}", '"\\u0007\\n"', "0.10000000000000000001"],
    )
    def test_what_was_read_is_written_the_same(self, text: str) -> None:
        assert dumps(loads(text)) == text

    def test_it_writes_what_json_writes(self) -> None:
        value: JsonValue = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:b"], "X": None}]}
        assert dumps(value) == json.dumps(value)


class TestFromPython:
    def test_numbers_become_their_text(self) -> None:
        assert from_python({"a": [1, 2.5, True]}) == {"a": [Number("1"), Number("2.5"), True]}

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), ["a\0"], {"\ud800": 1}])
    def test_what_json_cannot_say_is_refused(self, value: object) -> None:
        with pytest.raises(JsonError):
            from_python(value)

    def test_depth_is_bounded(self) -> None:
        value: list[object] = []
        for _ in range(200):
            value = [value]
        with pytest.raises(JsonError):
            from_python(value)

    def test_other_things_are_a_mistake_of_the_program(self) -> None:
        with pytest.raises(TypeError):
            from_python({"a": object()})


def test_paths_are_written_as_a_person_would() -> None:
    assert write_path(("requests", 0, "context", "aws:SourceIp", 1)) == 'requests[0].context["aws:SourceIp"][1]'
    assert write_path((0, "a")) == "[0].a"
    assert write_path(()) == ""


@given(st.lists(st.one_of(st.integers(0, 99), st.text(min_size=1, max_size=8)), max_size=5))
def test_a_written_path_can_be_pointed_to(path: list[str | int]) -> None:
    steps = pointer_to(write_path(tuple(path))).split("/")[1:]
    assert [step.replace("~1", "/").replace("~0", "~") for step in steps] == [str(step) for step in path]
