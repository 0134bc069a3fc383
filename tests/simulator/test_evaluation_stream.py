"""Objects cut out of a stream: JSON Lines, one over many lines, an array; what is broken spoils only itself."""

import io
import json

import pytest

from policystudio.simulator import evaluation_stream
from policystudio.simulator.evaluation_stream import records


def cut(text: str | bytes) -> list[tuple[int, int, str]]:
    """(line, column, text) of each record; a fault stands as the text behind an exclamation mark."""
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return [
        (one.line, one.column, f"!{one.fault}" if one.fault else one.text.decode().strip()) for one in records(stream)
    ]


def test_nothing_holds_nothing() -> None:
    assert cut("") == cut("\n \r\n\t\n") == cut("[]") == cut(" [ \n ] \n") == []


def test_json_lines_are_a_record_each_and_blank_lines_count() -> None:
    assert cut('{"a": 1}\n\n{"b": "}"}\r\n  {"c": [2]}') == [
        (1, 1, '{"a": 1}'),
        (3, 1, '{"b": "}"}'),
        (4, 1, '{"c": [2]}'),
    ]


def test_an_object_may_reach_over_many_lines_and_others_may_follow() -> None:
    text = json.dumps({"a": [1, {"b": 'x\\"{'}], "c": {}}, indent=2)
    assert cut(f"{text}\n{text}\n") == [(1, 1, text), (1 + text.count("\n") + 1, 1, text)]


def test_lines_inside_an_object_keep_their_numbers() -> None:
    [(_, _, text)] = cut('{\n\n\n"a": 1\n}')
    assert text.splitlines()[3] == '"a": 1'


def test_an_array_is_a_record_for_each_element() -> None:
    assert cut('[{"a": [1, 2]}, {"b": "],"}]') == [(1, 2, '{"a": [1, 2]}'), (1, 17, '{"b": "],"}')]
    assert cut('[\n  {"a": 1},\n\n  {\n"b": 2}\n]\n') == [(2, 3, '{"a": 1}'), (4, 3, '{\n"b": 2}')]


def test_what_is_no_object_is_handed_on_for_the_decoder_to_refuse() -> None:
    assert cut('nonsense\n{"a": 1}\n}\n"text"\n') == [
        (1, 1, "nonsense"),
        (2, 1, '{"a": 1}'),
        (3, 1, "}"),
        (4, 1, '"text"'),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": 1',
        '{"a": 1,',
        '{"a":',
        '{"a": [1, ',
        '{"a": {',
        '{"a": "x',
        '{"a": "x\\',
        '{"a": 1]',
        '{"a": {"b": 1}',
        '{"a": 1, "b"',
    ],
)
def test_a_line_that_breaks_off_spoils_only_itself(broken: str) -> None:
    whole = ['{"b": 2}', '{"c": 3}', '{"d": 4}']
    found = cut("\n".join(['{"first": 0}', broken, *whole]))
    assert [text for _, _, text in found] == ['{"first": 0}', broken.strip(), *whole]
    assert [line for line, _, _ in found] == [1, 2, 3, 4, 5]
    assert [text for _, _, text in cut("\n".join([broken, *whole]))] == [broken.strip(), *whole]
    assert [text for _, _, text in cut("\n".join([*whole, broken]))] == [*whole, broken.strip()]


def test_a_spread_object_that_is_broken_is_one_record() -> None:
    text = '{\n "a": 1\n "b": [1, 2}\n}\n'
    found = cut(text + '{"c": 3}\n')
    assert found[0] == (1, 1, '{\n "a": 1\n "b": [1, 2}')
    assert found[-1] == (5, 1, '{"c": 3}')


def test_lists_of_objects_at_the_beginning_of_lines_belong_to_the_object_around_them() -> None:
    text = '{"requests": [\n{"a": 1},\n{"b": 2}\n]}'
    assert cut(f'{text}\n{{"c": 3}}') == [(1, 1, text), (5, 1, '{"c": 3}')]


def test_a_broken_element_spoils_only_its_line() -> None:
    assert cut('[\n{"a": "x},\n{"b": 2}\n]') == [(2, 1, '{"a": "x},'), (3, 1, '{"b": 2}')]
    assert cut('[{"a": 1}},{"b": 2}]') == [(1, 2, '{"a": 1}},{"b": 2}]')]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"a": 1}', "not closed"),
        ("[", "not closed"),
        ('[{"a": 1}] {"b": 2}', "nothing may stand behind"),
    ],
)
def test_an_array_that_ends_badly_is_told(text: str, fault: str) -> None:
    assert fault in cut(text)[-1][2]
    assert cut(text)[-1][2].startswith("!")


def test_a_comma_too_many_leaves_an_empty_element_for_the_decoder_to_refuse() -> None:
    assert cut('[{"a": 1},]') == [(1, 2, '{"a": 1}'), (1, 11, "")]


def test_lines_may_follow_an_array() -> None:
    assert cut('[{"a": 1}]\n{"b": 2}\n') == [(1, 2, '{"a": 1}'), (2, 1, '{"b": 2}')]
    assert cut('[{"a": 1}\n{"b": 2}\n')[-1] == (2, 1, '{"b": 2}')


@pytest.mark.parametrize("text", ['{"a": "%s"}\n', '[{"a": "%s"}\n]\n', '{\n"a": "%s"}\n'])
def test_a_record_over_the_limit_is_refused_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(evaluation_stream, "RECORD_LIMIT", 50)
    found = cut((text % ("x" * 200)) + '{"b": 2}\n')
    assert any(fault.startswith("!the ") and "larger than" in fault for _, _, fault in found)
    assert found[-1][2] == '{"b": 2}'


def test_any_cut_of_good_lines_gives_them_back() -> None:
    whole = [json.dumps({"n": number, "text": '}{"][\\"', "list": [{}, []]}) for number in range(50)]
    assert [text for _, _, text in cut("\n".join(whole))] == whole
    assert [text for _, _, text in cut("[" + ",".join(whole) + "]")] == whole
    assert [text for _, _, text in cut("[\n" + ",\n".join(whole) + "\n]")] == whole
