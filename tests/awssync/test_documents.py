"""Policy documents in exports: the exact text, however it was encoded, and each distinct one parsed once."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.awssync.snapshot import Place, Report
from policystudio.awssync.snapshot import documents as documents_module
from policystudio.awssync.snapshot.documents import Documents, document_text
from policystudio.awssync.snapshot.json_stream import Raw
from policystudio.engine.document import PolicyKind
from tests.support.exports import ALLOW, told

PRETTY = json.dumps(ALLOW, indent=2)


def raw(text: str, *, is_string: bool = True) -> Raw:
    return Raw(text, is_string, 7, 3)


@pytest.mark.parametrize("text", [PRETTY, json.dumps(ALLOW), " \n" + PRETTY + "\n", '{"Id": "100% sure", "a": "%7B"}'])
def test_a_document_is_kept_exactly_however_it_was_encoded(text: str) -> None:
    for encoded in (text, quote(text), quote(text, safe=""), quote_plus(text)):
        assert document_text(raw(encoded)) == text
    assert document_text(raw(text, is_string=False)) == text


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text('%+ ä7B{}"\\', max_size=9)))
def test_any_object_survives_percent_encoding(value: dict[str, str]) -> None:
    text = json.dumps(value)
    assert document_text(raw(quote(text))) == text


@pytest.mark.parametrize("text", ["", "no json", "100%", "%ZZ", "%FF%FE", "%00", "true", "%7B%00%7D"])
def test_what_is_no_document_stays_as_it_is(text: str) -> None:
    assert document_text(raw(text)) == text


def test_a_broken_document_is_decoded_so_that_its_problem_has_a_place() -> None:
    assert document_text(raw(quote('{"Version": '))) == '{"Version": '


def test_a_text_is_parsed_once_and_reported_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report()
    documents = Documents(report)
    calls: list[str] = []
    read = documents_module.read_document

    def counted(text: str, kind: PolicyKind) -> tuple[list[dict[str, str | int]] | None, str | None]:
        calls.append(text)
        return read(text, kind)

    monkeypatch.setattr(documents_module, "read_document", counted)
    first = documents.add(raw("{"), PolicyKind.IDENTITY, Place("a"), "arn:one")
    second = documents.add(raw("{"), PolicyKind.IDENTITY, Place("b"), "arn:two")
    trust = documents.add(raw("{"), PolicyKind.TRUST, Place("c"), "arn:three")
    assert first == second != trust
    assert calls == ["{", "{"]
    assert {(path, subject) for _, path, subject in told(report)} == {
        ("a", "arn:one"),
        ("b", "arn:two"),
        ("c", "arn:three"),
    }
    assert report.findings[0].place == Place("a", 7, 3)


def test_a_missing_document_is_kept_as_one_that_does_not_parse() -> None:
    report = Report()
    documents = Documents(report)
    digest = documents.add(None, PolicyKind.TRUST, Place("a"), "arn:one")
    assert documents.by_digest[digest].text == ""
    assert documents.by_digest[digest].problems
    assert told(report) == [("document_missing", "a", "arn:one")]


def test_equal_keys_are_a_problem_of_the_document() -> None:
    report = Report()
    text = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
    )
    documents = Documents(report)
    digest = documents.add(raw(text, is_string=False), PolicyKind.IDENTITY, Place("a"), "arn:one")
    assert documents.by_digest[digest].text == text
    assert documents.by_digest[digest].problems
    assert [code for code, _, _ in told(report)] == ["document_malformed"]
