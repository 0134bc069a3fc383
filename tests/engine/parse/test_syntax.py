"""What is not JSON is refused at its place, and reading goes on behind it."""

import pytest

from policystudio.engine.parse import MAX_NESTING
from policystudio.engine.parse.syntax import flaws
from tests.engine.parse.helpers import found, problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', [",", "unexpected `,` before `}`: remove it"]),
        ("[1, 2,]", [",", "unexpected `,` before `]`: remove it"]),
        ("[1 2]", ["2", "expected `,` before `2`"]),
        ('{"a": 1 "b": 2}', ['"b"', 'expected `,` before `"b"`']),
        ('{"a" 1}', ["1", "expected `:` before `1`"]),
        ('{"a": }', ["}", "expected a value before `}`"]),
        ('{"a": , "b": 1}', [",", "expected a value before `,`"]),
        ('{"a"}', ["}", "expected a value before `}`"]),
        ('{"a", "b": 1}', [",", "expected `:` and a value before `,`"]),
        ("[,1]", [",", "unexpected `,`"]),
        ('{:"a"}', [":", "unexpected `:`"]),
        ("{a: 1}", ["a", "`a` is not JSON: text stands in double quotes"]),
        ("{1: 2}", ["1", "the key `1` must stand in double quotes"]),
        ("{'a': 1}", ["'a'", "`'a'` is in single quotes: write it in double quotes"]),
        ('{"a": True}', ["True", "`True` is not JSON: text stands in double quotes"]),
        ('{"a": 01}', ["01", "`01` is not a JSON number"]),
        ('{"a": +1}', ["+1", "`+1` is not a JSON number"]),
        ('{"a": .5}', [".5", "`.5` is not a JSON number"]),
        ('{"a": 1.}', ["1.", "`1.` is not a JSON number"]),
        ('{"a": 0x1F}', ["0x1F", "`0x1F` is not a JSON number"]),
        ('{"a": NaN}', ["NaN", "`NaN` is not a JSON number"]),
        ('{"a": -Infinity}', ["-Infinity", "`-Infinity` is not a JSON number"]),
        ("{} {}", ["{}", "unexpected text behind the end of the document"]),
        ("}", ["}", "unexpected `}`: nothing to close"]),
        ('{"a": [1}', ["[", "this `[` is closed by `}`: expected `]`"]),
        ('{"a": [1]', ["{", "this `{` is never closed: put a `}` behind its contents"]),
        ("", ["", "the document is empty: a policy is a JSON object, `{…}`"]),
        (r'["\q"]', [r"\q", r"`\q` is not a JSON escape: write `\\` for a backslash"]),
        (r'["\u12"]', [r"\u", r"`\u` is not a JSON escape: write `\\` for a backslash"]),
        ('["a\tb"]', ["\t", "a control character may not stand in text: remove it, or write it as an escape"]),
        ('{"a": 1}\x0b', ["\x0b", r"unexpected character `\x0b`"]),
        ('["a, "b"]', ["b", '`b` stands behind a text: is a `"` missing before it?']),
        ("[~]", ["~", "unexpected character `~`"]),
    ],
)
def test_each_flaw_has_its_place_and_says_what_to_do(text: str, expected: list[str]) -> None:
    first = next(flaws(text))
    assert [text[first.start : first.end], first.message] == expected


@pytest.mark.parametrize(
    "text", ["// no\n{}", "{} // no", '{"a": /* no */ 1}', "{} # no", "/* never closed {}", '{"a": 1, // no\n"b": 2}']
)
def test_comments_are_refused(text: str) -> None:
    assert next(flaw.code for flaw in flaws(text)) == "comment"


@pytest.mark.parametrize("text", ['{"a": "// text", "b": "/* text */ # text"}', '{"a": [true, null, -0, 1E+5, 2e-3]}'])
def test_json_has_no_flaws(text: str) -> None:
    assert list(flaws(text)) == []


def test_many_flaws_are_found_in_one_reading() -> None:
    text = """{
  // who
  "Version": "2012-10-17"
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*",}
  ],
}"""
    assert [(problem.span.start.line, problem.span.start.column, problem.code) for problem in problems(text)] == [
        (2, 3, "comment"),
        (4, 3, "json_syntax"),
        (5, 58, "json_syntax"),
        (6, 4, "json_syntax"),
    ]


def test_what_can_be_read_beside_a_flaw_is_checked_too() -> None:
    text = '{"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*",}, {"Effect": "Deny"}], "Statment": 1}'
    assert found(text) == [
        ("effect", '"allow"'),
        ("json_syntax", ","),
        ("missing_element", '{"Effect": "Deny"}'),
        ("missing_element", '{"Effect": "Deny"}'),
        ("unknown_element", '"Statment"'),
    ]


def test_a_missing_quotation_mark_is_one_problem() -> None:
    text = '{"Statement": [\n  {"Effect": "Allow,\n  "Action": "s3:*",\n  "Resource": "*"}]}'
    (problem,) = problems(text)
    assert (problem.span.start.line, problem.span.start.column) == (2, 14)
    assert "is not closed" in problem.message


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_bounded(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    fits = opening * MAX_NESTING + "1" * (opening != "[") + closing * MAX_NESTING
    assert "nesting" not in {code for code, _ in found(fits)}
    deep = opening * 20_000 + "1" * (opening != "[") + closing * 20_000
    (nesting,) = [problem for problem in problems(deep) if problem.code == "nesting"]
    assert nesting.span.start.offset == len(opening) * MAX_NESTING
    unclosed = [problem for problem in problems(opening * 20_000) if problem.code == "nesting"]
    assert unclosed[0].span.start.offset == len(opening) * MAX_NESTING
