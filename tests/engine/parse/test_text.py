"""Reading JSON text: values, their places, and what JSON parsers pass over in silence."""

import pytest

from policystudio.engine.parse import API_CHARACTERS, MAX_CHARACTERS, PolicyError, parse_policy, places
from policystudio.engine.parse.report import MAX_PROBLEMS
from tests.engine.parse.helpers import document, found, problems, statement


def place(text: str, *path: str | int) -> str:
    span = places(text)[path]
    return text[span.start.offset : span.end.offset]


def test_places_of_values_and_keys() -> None:
    text = '{"Statement": [{"Sid": "a"}, {"Sid": "b", "Action": ["x:y", "z:*"]}]}'
    assert place(text) == text
    assert place(text, "Statement") == text[14:-1]
    assert place(text, "Statement", "#key") == '"Statement"'
    assert place(text, "Statement", 1, "Sid") == '"b"'
    assert place(text, "Statement", 1, "Sid", "#key") == '"Sid"'
    assert place(text, "Statement", 1, "Action", 1) == '"z:*"'
    assert ("Statement", 2) not in places(text)


def test_places_count_characters_and_lines_from_one() -> None:
    text = '{\n  "é😀": ["ü",\r\n    "x"]}'
    first, second = places(text)["é😀", 0], places(text)["é😀", 1]
    assert (first.start.offset, first.start.line, first.start.column) == (11, 2, 10)
    assert (second.start.line, second.start.column, second.end.column) == (3, 5, 8)
    assert text[second.start.offset : second.end.offset] == '"x"'


def test_places_of_what_is_not_a_policy() -> None:
    assert place('{"a": 1, "b": [2,]}', "b", 0) == "2"
    assert places("") == {}
    assert places("x" * (MAX_CHARACTERS + 1)) == {}


def test_the_offset_of_a_problem_counts_characters() -> None:
    text = document(statement(Sid="né", Action="bad"))
    assert found(text) == [("action", '"bad"'), ("sid", r'"n\u00e9"')]
    text = document(statement(Resource="é", NotAction=1)).replace(r"\u00e9", "é")
    assert found(text) == [("resource", '"é"'), ("combination", "1"), ("type", "1")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Version": "2012-10-17", "Version": "2008-10-17"}', '"Version"'),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow"}}', '"Effect"'),
        (r'{"Statement": {"Effect": "Deny", "\u0045ffect": "Allow"}}', r'"\u0045ffect"'),
        ('{"Statement": {"Condition": {"Bool": {"a:b": true, "a:b": false}}}}', '"a:b"'),
    ],
)
def test_duplicate_keys_are_refused_at_the_second(text: str, expected: str) -> None:
    (duplicate,) = [problem for problem in problems(text) if problem.code == "duplicate_key"]
    assert text[duplicate.span.start.offset : duplicate.span.end.offset] == expected
    assert duplicate.span.start.offset == text.rindex(expected)
    assert "it stands already at line 1, column" in duplicate.message


def test_three_of_a_key_are_two_problems() -> None:
    assert [code for code, _ in found('{"a": 1, "a": 2, "a": 3}')].count("duplicate_key") == 2


@pytest.mark.parametrize(
    ("value", "code", "characters"),
    [
        (r'"a\u0000b"', "nul", r"\u0000"),
        ('"a\0b"', "nul", "\0"),
        (r'"\ud800"', "surrogate", r"\ud800"),
        (r'"x\udc00\ud800"', "surrogate", r"\udc00"),
        (r'"\\ud800\ud83d!"', "surrogate", r"\ud83d"),
        ('"\ud800"', "surrogate", "\ud800"),
    ],
)
def test_what_is_no_character_is_refused(value: str, code: str, characters: str) -> None:
    text = document(statement(Sid="PLACE")).replace('"PLACE"', value)
    assert (code, characters) in found(text)


def test_problems_can_be_stored_and_printed() -> None:
    text = '{"\ud800": 1, "a\\u0000": 2, "\\udfff": 3, "Sid\x07\\n": "\\ud800", "b\x85": NaN}'
    for problem in problems(text):
        str(problem).encode()
        assert str(problem).isprintable()
        assert not any("\0" in part or "\ud800" <= part <= "\udfff" for part in problem.path if isinstance(part, str))


def test_an_escaped_surrogate_pair_is_a_character() -> None:
    policy = parse_policy(document(statement(Condition={"StringEquals": {"aws:x": "😀\\ud800é"}})))
    assert policy.statements[0].conditions[0].values == ("😀\\ud800é",)


def test_a_byte_order_mark_is_refused() -> None:
    assert found("\ufeff" + document(statement())) == [("byte_order_mark", "\ufeff")]
    assert problems(document(statement()).encode("utf-16").decode("latin-1"))


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1e-400", "9" * 30, "-9223372036854775809", "1e99999999", "0." + "1" * 60]
)
def test_numbers_beyond_reason_are_refused(number: str) -> None:
    text = document(statement(Condition={"NumericEquals": {"aws:x": 0}})).replace(": 0}", f": {number}}}")
    assert found(text) == [("number", number)]


@pytest.mark.parametrize("number", ["0", "-0", "9223372036854775807", "1.5", "1E+5", "1e-5", "2.50", "-1e308"])
def test_numbers_keep_their_text(number: str) -> None:
    text = document(statement(Condition={"NumericEquals": {"aws:x": 0}})).replace(": 0}", f": {number}}}")
    assert parse_policy(text).statements[0].conditions[0].values == (number,)


@pytest.mark.parametrize("text", ["[]", '"x"', "1", "null", "true"])
def test_a_policy_is_an_object(text: str) -> None:
    (problem,) = problems(text)
    assert problem.code == "type"
    assert problem.message.startswith("a policy is a JSON object")


def test_size_is_bounded_before_anything_is_read() -> None:
    text = document(statement())
    assert parse_policy(text + " " * (MAX_CHARACTERS - len(text)))
    statements = '{"Statement":[' + ",".join(["{}"] * 1_000_000) + "]}"
    (problem,) = problems(statements)
    assert problem.code == "too_large"
    assert problem.message == "the document has 3,000,015 characters: at most 262,144 are allowed"


def test_what_a_person_sends_to_aws_has_the_limit_of_its_api() -> None:
    text = document(statement())
    padded = text + " " * (API_CHARACTERS - len(text))
    assert parse_policy(padded, max_characters=API_CHARACTERS)
    with pytest.raises(PolicyError, match="131,073 characters: at most 131,072"):
        parse_policy(padded + " ", max_characters=API_CHARACTERS)


def test_problems_are_bounded() -> None:
    assert len(problems('{"Statement":[' + ",".join(["{}"] * 50_000) + "]}")) == MAX_PROBLEMS
    assert len(problems("}" * 50_000)) == MAX_PROBLEMS
    assert len(problems("[1," * 50_000)) <= MAX_PROBLEMS
