"""JSON of our own goes out and comes back without loss, and is read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.interchange.change_json import is_change, read_json, write_json
from policystudio.interchange.edits import Change, Edit
from policystudio.lib.strict_json import JsonError, loads
from tests.interchange.samples import CHANGE, KNOWN, NUMBER, TEXTS

EDITS = st.builds(
    Edit,
    kind=TEXTS.filter(bool),
    target=TEXTS.filter(bool),
    name=TEXTS,
    other=TEXTS,
    text=TEXTS,
    data=st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS, max_size=2), max_size=2),
)


def test_everything_comes_back() -> None:
    value = loads(write_json(CHANGE).text)
    assert is_change(value)
    assert read_json(value) == (NUMBER, CHANGE.title, CHANGE.description, CHANGE.edits)


@given(title=TEXTS, edits=st.lists(EDITS, max_size=3))
def test_whatever_it_says_comes_back_and_is_written_alike(title: str, edits: list[Edit]) -> None:
    written = write_json(Change(title, tuple(edits), KNOWN))
    _, read_title, _, read_edits = read_json(loads(written.text))
    assert (read_title, read_edits) == (title, tuple(edits))
    assert write_json(Change(read_title, read_edits, KNOWN)) == written


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"format": "policy-studio-change", "edits": []}', "`version`: only version 1 can be read"),
        ('{"version": 1, "edits": {}}', "`edits`: write a list of edits"),
        ('{"version": 1, "edits": [1]}', "`edits[0]`: write an object, not a number"),
        ('{"version": 1, "edits": [], "x": 1}', "`x`: this key is not known"),
        ('{"version": 1, "edits": [], "title": 1}', "`title`: write a text, not a number"),
        ('{"version": 1, "edits": [{"kind": "attach"}]}', "`edits[0]`: `target` is missing"),
        ('{"version": 1, "edits": [{"kind": "a", "target": "b", "text": 1}]}', "`edits[0].text`: write a text"),
        ('{"version": 1, "edits": [{"kind": "a", "target": "b", "data": 1}]}', "`edits[0].data`: write an object"),
        ('{"version": 1, "edits": [{"kind": "a", "target": "b", "more": 1}]}', "`edits[0].more`: this key is not"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(JsonError) as caught:
        read_json(loads(text))
    assert problem in str(caught.value)
