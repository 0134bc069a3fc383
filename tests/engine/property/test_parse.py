"""Laws of reading and rendering: nothing but PolicyError, JSON exactly where JSON is, there and back again."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policystudio.engine.document import Policy, PolicyKind, Statement
from policystudio.engine.parse import PolicyError, parse_policy, places
from policystudio.engine.parse.conditions import OPERATORS
from policystudio.engine.parse.report import Report
from policystudio.engine.parse.text import read
from policystudio.engine.render import render_policy
from policystudio.engine.source import Source

KINDS = st.sampled_from(PolicyKind)
NOWHERE = Source("").span(0, 0)

# --- Texts that are almost policies ----------------------------------------------------------------------------------

SEED = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*", '
    '"Condition": {"Bool": {"aws:é": [true, -2.5e3, null, 1E+5, "\\u00e9\\n\\\\"]}}}, {}]}'
)
PIECES = [*"{}[]:,\"\\'0123eE+-. \n\t\r#/*é😀\x0b\0", "\\u0000", "\\ud800", "NaN", "//", '"Effect":', "1e999", "\ufeff"]


@st.composite
def edited(draw: st.DrawFn) -> str:
    """The seed with a few stretches cut out, doubled or replaced."""
    text = SEED
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 1, 2, 12])))
        piece = draw(st.sampled_from(["", text[start:end] * 2, *PIECES]))
        text = text[:start] + piece + text[end:]
    return text


@settings(max_examples=400, deadline=None)
@given(text=edited() | st.text(max_size=60) | st.text("{}[]:,\"'\\0eE+- ", max_size=40), kind=KINDS)
@example(text="\ud800", kind=PolicyKind.IDENTITY)
@example(text="[" * 5000, kind=PolicyKind.TRUST)
def test_no_text_raises_anything_but_policy_error(text: str, kind: PolicyKind) -> None:
    places(text)
    try:
        policy = parse_policy(text, kind)
    except PolicyError as error:
        check_problems(text, error)
    else:
        assert policy.text == text
        assert parse_policy(render_policy(policy), kind).statements


def check_problems(text: str, error: PolicyError) -> None:
    assert error.problems
    offsets = [problem.span.start.offset for problem in error.problems]
    assert offsets == sorted(offsets)
    assert all(problem.span.end.offset <= len(text) for problem in error.problems)
    assert str(error).count("\n") == len(error.problems) - 1


class Refused(Exception):
    """What the standard library would let pass."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Refused
    return dict(pairs)


def refuse(_constant: str) -> None:
    raise Refused


@settings(max_examples=600, deadline=None)
@given(text=edited())
@example(text='{"a": [1E+5, 1e+5, 1E5, 1e-5]}')
@example(text='{"a": "1E+5"}')
@example(text="[\x0c1]")
@example(text='["a\tb"]')
def test_json_is_read_exactly_where_the_standard_library_reads_it(text: str) -> None:
    report = Report(Source(text))
    value = read(report)
    try:
        expected = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, Refused):
        assert report.problems
        return
    stricter = {problem.code for problem in report.problems}
    assert stricter <= {"nul", "surrogate", "number"}
    if not stricter:
        assert value is not None
        assert plain(value) == expected


def plain(value: Any) -> Any:
    if value.type == "object":
        return {key.text: plain(member) for key, member in value.members}
    if value.type == "array":
        return [plain(item) for item in value.items]
    return value.text if value.type == "string" else json.loads(value.text)


# --- Places ----------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(value=JSON, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_a_place_holds_the_value_of_its_path(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if "\\u0000" in text:
        return
    for path, span in places(text).items():
        found = json.loads(text[span.start.offset : span.end.offset])
        if path and path[-1] == "#key":
            assert found == path[-2]
        else:
            assert found == at(value, path)
        line = text[: span.start.offset].count("\n") + 1
        assert span.start.line == line
        assert span.start.column == span.start.offset - (text.rfind("\n", 0, span.start.offset) + 1) + 1


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


# --- There and back --------------------------------------------------------------------------------------------------

NAMES = st.text("abcXYZ019", min_size=1, max_size=6)
ACTIONS = st.just("*") | st.builds("{}:{}".format, NAMES, st.text("abGetL*?", min_size=1, max_size=8))
RESOURCES = st.just("*") | st.builds("arn:aws:{}:{}".format, NAMES, st.text("ab:/*?${}.é ", max_size=10))
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(1e-300, 1e300)
KEYS = st.builds("{}:{}".format, NAMES, NAMES)
PRINCIPALS = st.just("*") | st.fixed_dictionaries(
    {"AWS": st.sampled_from(["123456789012", ["*", "arn:aws:iam::123456789012:user/x"]])},
    optional={"Service": st.just("sagemaker.amazonaws.com"), "CanonicalUser": st.just("79a5")},
)


def one_or_more(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(one_or_more(ACTIONS))
    statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(one_or_more(RESOURCES))
    if kind is PolicyKind.RESOURCE:
        negated = statement["Effect"] == "Deny" and draw(st.booleans())
        statement["NotPrincipal" if negated else "Principal"] = draw(PRINCIPALS)
        statement["Sid"] = draw(VALUES)
    operators = draw(st.lists(st.sampled_from(OPERATORS), max_size=2, unique=True))
    prefixes = st.sampled_from(["", "ForAnyValue:", "forallvalues:"])
    keys = st.dictionaries(KEYS, one_or_more(VALUES | NUMBERS) | st.just([]), max_size=2)
    block = {f"{draw(prefixes)}{operator}": draw(keys) for operator in operators}
    if block and all(len({key.lower() for key in each}) == len(each) for each in block.values()):
        statement["Condition"] = block
    return {name: statement[name] for name in draw(st.permutations(sorted(statement)))}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from([PolicyKind.IDENTITY, PolicyKind.RESOURCE]))
def test_a_rendered_policy_is_the_same_policy(data: st.DataObject, kind: PolicyKind) -> None:
    found = data.draw(st.lists(statements(kind), min_size=1, max_size=3))
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": found}), kind)
    again = parse_policy(render_policy(policy), kind)
    assert without_places(again) == without_places(policy)
    assert render_policy(again) == render_policy(policy)


def without_places(policy: Policy) -> tuple[str, str | None, list[Statement]]:
    return policy.version, policy.id, [replace(each, span=NOWHERE) for each in policy.statements]
