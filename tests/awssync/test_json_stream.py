"""The JSON reader: the same values as `json` in pieces of any size, exact texts, and every refusal with its place."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.awssync.snapshot import json_stream
from policystudio.awssync.snapshot.json_stream import JsonStream, JsonStreamError, Raw


def stream(text: str, *raw_keys: str, chunk: int = 1 << 20) -> JsonStream:
    source = io.StringIO(text, newline="")
    return JsonStream(lambda size: source.read(min(size, chunk)), frozenset(raw_keys))


def read(text: str, *raw_keys: str, chunk: int = 1 << 20) -> Any:
    one = stream(text, *raw_keys, chunk=chunk)
    value = one.value()
    assert one.peek() == ""
    return value


characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
texts = st.text(characters)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(value=values, chunk=st.integers(1, 40), indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_it_reads_what_json_reads_in_pieces_of_any_size(
    value: Any, chunk: int, indent: int | None, ascii_only: bool
) -> None:
    assert read(json.dumps(value, indent=indent, ensure_ascii=ascii_only), chunk=chunk) == value


@given(value=values, chunk=st.integers(1, 40))
def test_a_raw_value_is_the_text_as_it_stands(value: Any, chunk: int) -> None:
    written = json.dumps(value, indent=3)
    raw = read(f'{{"before": [1], "doc" :  {written} , "after": {{}}}}', "doc", chunk=chunk)["doc"]
    if value is None:
        assert raw is None
    elif isinstance(value, str):
        assert raw.is_string
        assert raw.text == value
    else:
        assert not raw.is_string
        assert raw.text == written


@given(value=st.lists(values, max_size=5), chunk=st.integers(1, 40))
def test_items_of_a_list_come_one_by_one(value: list[Any], chunk: int) -> None:
    one = stream(json.dumps({"a": value, "b": 1}), chunk=chunk)
    found: dict[str, Any] = {}
    for key in one.members():
        found[key] = [one.value() for _ in one.elements()] if key == "a" else one.value()
    assert found == {"a": value, "b": 1}


def test_a_document_keeps_equal_keys_and_odd_numbers() -> None:
    text = '{"Effect": "Deny", "Effect": "Allow", "n": 1e400, "m": 1' + "0" * 5000 + "}"
    assert read(f'{{"doc": {text}}}', "doc")["doc"] == Raw(text, False, 1, 9)


def test_places_count_lines_and_columns_from_one() -> None:
    one = stream('{\n  "list": [\n    1,\n    {"doc":\n  [2]}\n  ]\n}', "doc", chunk=3)
    places = []
    for _ in one.members():
        for _ in one.elements():
            places.append(one.place())
            last = one.value()
    assert places == [(3, 5), (4, 5)]
    assert (last["doc"].line, last["doc"].column) == (5, 3)


REFUSED = [
    ('{"a": 1, "a": 2}', 1, 10, "key `a` stands twice"),
    ('{"a": 1,}', 1, 9, "a comma stands before `}`"),
    ("[1,\n]", 2, 1, "a comma stands before `]`"),
    ('{"a" 1}', 1, 6, "`:` is expected, not `1`"),
    ("{a: 1}", 1, 2, "a key in double quotes is expected, not `a`"),
    ("{'a': 1}", 1, 2, "not `'`"),
    ("[1 2]", 1, 4, "`,` or `]` is expected, not `2`"),
    ("NaN", 1, 1, "a value is expected, not `N`"),
    ("[Infinity]", 1, 2, "a value is expected, not `I`"),
    ("-Infinity", 1, 1, "a value is expected, not `-`"),
    ("[1e400]", 1, 2, "`1e400` is out of bounds"),
    ("[" + "1" * 500 + "]", 1, 2, "the number has 500 digits"),
    ("[01]", 1, 3, "`,` or `]` is expected, not `1`"),
    ('"\\u0000"', 1, 1, "a NUL character"),
    ('"\\ud83d"', 1, 1, "half of a surrogate pair"),
    ('{"\\ud83d": 1}', 1, 2, "half of a surrogate pair"),
    ('"a\tb"', 1, 3, "write it as an escape"),
    ("[\x00]", 1, 2, "not the character U+0000"),
    ('"\\x"', 1, 2, "invalid"),
    ("// no\n1", 1, 1, "not `/`"),
    ("[1, /* no */ 2]", 1, 5, "not `/`"),
    ("\ufeff{}", 1, 1, "not the character U+FEFF"),
    ("[" * 101 + "]" * 101, 1, 101, "nested deeper than 100 levels"),
    ('{"doc": ' + "[" * 100_000, 1, 9, "nested deeper than 100 levels"),
    ('{"doc": {"a": NaN}}', 1, 9, "NaN or Infinity"),
    ('{"doc": {"a": }}', 1, 15, "a value is expected"),
    ('{"doc": {"a": "b\n"}}', 1, 17, "write it as an escape"),
    ("tru", 1, 1, "a value is expected, not `t`"),
    ('{"a": [1, {"b": "c', 1, 17, "no closing quote"),
    ('{"a": [1, {"b":', 1, 16, "not the end of the file"),
    ('{"a": 1', 1, 8, "not the end of the file"),
]


@pytest.mark.parametrize("chunk", [1, 1 << 20])
@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_it_refuses_and_names_the_place(text: str, line: int, column: int, message: str, chunk: int) -> None:
    with pytest.raises(JsonStreamError) as caught:
        read(text, "doc", chunk=max(chunk, len(text) // 50))
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": 1,}', "[1", '{"a": 1', "{a: 1}", '{"a" 1}', "1"])
def test_members_refuse_what_values_refuse(text: str) -> None:
    def read_members() -> None:
        one = stream(text)
        for _ in one.members():
            one.value()

    with pytest.raises(JsonStreamError):
        read_members()


def test_pairs_of_surrogates_are_one_character() -> None:
    assert read('"\\ud83d\\ude00"', chunk=1) == "\U0001f600"


def test_an_item_without_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_ITEM", 10_000)
    monkeypatch.setattr(json_stream, "CHUNK", 1_000)
    asked: list[int] = []

    def endless(size: int) -> str:
        asked.append(size)
        return '["' + "a" * (size - 2) if len(asked) == 1 else "a" * size

    with pytest.raises(JsonStreamError, match="no end within 10,000 characters"):
        JsonStream(endless).value()
    assert sum(asked) < 50_000
