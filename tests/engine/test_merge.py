"""Three-way merges of policy texts: what comes together, what is a conflict, and laws that hold for all texts."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine.document import PolicyKind
from policystudio.engine.merge import merge_lines, merge_policies, merge_values
from policystudio.engine.parse import parse_policy

KIND = PolicyKind.IDENTITY


def statement(sid: str, action: str = "s3:GetObject", effect: str = "Allow", resource: str = "*") -> dict[str, Any]:
    return {**({"Sid": sid} if sid else {}), "Effect": effect, "Action": action, "Resource": resource}


def text(*statements: dict[str, Any], indent: int | None = 2, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)}, indent=indent)


ONE, TWO, THREE = statement("One"), statement("Two", "s3:PutObject"), statement("Three", "s3:ListBucket")
BASE = text(ONE, TWO, THREE)


def said(merged: str | None) -> list[dict[str, Any]]:
    assert merged is not None
    parse_policy(merged, KIND)
    found = json.loads(merged)["Statement"]
    return found if isinstance(found, list) else [found]


def test_lines_that_do_not_touch_come_together() -> None:
    mine = BASE.replace("s3:GetObject", "s3:GetObjectTagging")
    theirs = BASE.replace("s3:ListBucket", "s3:ListAllMyBuckets")
    merged = merge_policies(BASE, theirs, mine, KIND)
    assert merged.way == "lines"
    assert merged.text == mine.replace("s3:ListBucket", "s3:ListAllMyBuckets")


def test_the_formatting_of_the_author_stays() -> None:
    odd = BASE.replace('"Version": "2012-10-17"', '"Version":    "2012-10-17"').replace("s3:GetObject", "s3:Get*")
    theirs = BASE.replace("s3:ListBucket", "s3:List*")
    assert merge_policies(BASE, theirs, odd, KIND).text == odd.replace("s3:ListBucket", "s3:List*")


def test_statements_come_together_where_lines_do_not() -> None:
    """One side minifies its text, the other one adds a statement and removes one."""
    mine = text(statement("One", "s3:Get*"), TWO, THREE, indent=None)
    new = statement("New", "s3:DeleteObject", "Deny")
    merged = merge_policies(BASE, text(ONE, THREE, new), mine, KIND)
    assert merged.way == "statements"
    assert said(merged.text) == [statement("One", "s3:Get*"), THREE, new]
    assert "\n" not in str(merged.text)  # as the author wrote it


def test_both_add_a_statement_at_the_end() -> None:
    a, b = statement("A", "s3:A*"), statement("B", "s3:B*")
    merged = merge_policies(BASE, text(ONE, TWO, THREE, b), text(ONE, TWO, THREE, a), KIND)
    assert merged.way == "statements"
    assert said(merged.text) == [ONE, TWO, THREE, b, a]
    assert merged.text == text(ONE, TWO, THREE, b, a)


def test_statements_without_sid_are_told_apart_by_what_they_say() -> None:
    a, b, c = (statement("", f"s3:{name}*") for name in "ABC")
    merged = merge_policies(text(a, b), text(c, a, b), text(b, indent=4), KIND)
    assert said(merged.text) == [c, b]


def test_a_lone_statement_becomes_a_list() -> None:
    base = json.dumps({"Version": "2012-10-17", "Statement": ONE})
    theirs = json.dumps({"Version": "2012-10-17", "Statement": [ONE, TWO]})
    mine = base.replace("s3:GetObject", "s3:Get*")
    assert said(merge_policies(base, theirs, mine, KIND).text) == [statement("One", "s3:Get*"), TWO]


@pytest.mark.parametrize(
    ("theirs", "mine", "what"),
    [
        (text(statement("One", "s3:Put*"), TWO, THREE), text(statement("One", "s3:Get*"), TWO, THREE), "`One`"),
        (text(TWO, THREE), text(statement("One", "s3:Get*"), TWO, THREE), "`One`"),
        (text(statement("One", "s3:Put*"), TWO, THREE), text(TWO, THREE), "`One`"),
        (
            text(ONE, TWO, THREE, statement("New", "s3:A*")),
            text(ONE, TWO, THREE, statement("New", "s3:B*")),
            "`New`",
        ),
        (text(ONE, TWO, THREE, version="2008-10-17"), text(ONE, TWO, indent=None), "the element Version"),
        (BASE.replace("One", "Uno"), '{"Version": "2012-10-17", "Statement": [', "the edit cannot be read"),
        (text(ONE), text(TWO), "do not make a policy together"),
    ],
)
def test_what_both_made_different_is_a_conflict(theirs: str, mine: str, what: str) -> None:
    merged = merge_policies(BASE, theirs, mine, KIND)
    assert merged.text is None
    assert any(what in conflict.what for conflict in merged.conflicts), merged.conflicts


def test_order_and_spelling_of_lists_are_no_change() -> None:
    many = {**ONE, "Action": ["s3:A", "s3:B"]}
    base = text(many, TWO)
    theirs = text({**ONE, "Action": ["s3:B", "s3:A"], "Resource": ["*"]}, TWO)
    mine = text({**ONE, "Action": ["s3:A", "s3:C"]}, TWO, indent=None)
    assert said(merge_policies(base, theirs, mine, KIND).text)[0]["Action"] == ["s3:A", "s3:C"]


def test_sets_of_values() -> None:
    base, theirs, mine = {"a": "1", "b": "1", "c": "1"}, {"a": "2", "b": "1", "d": "4"}, {"a": "1", "b": "3", "c": "5"}
    assert merge_values(base, theirs, mine) == ({"a": "2", "b": "3", "c": "5", "d": "4"}, ["c"])
    assert merge_values(base, base, mine) == (mine, [])
    assert merge_values(base, theirs, base) == (theirs, [])


# Laws.

lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8).map("".join)


@given(lines, lines, lines)
@settings(max_examples=300, deadline=None)
def test_a_merge_by_line_is_the_same_from_both_sides(base: str, theirs: str, mine: str) -> None:
    assert merge_lines(base, theirs, mine) == merge_lines(base, mine, theirs)
    assert merge_lines(base, base, mine) == mine
    assert merge_lines(base, theirs, base) == theirs
    assert merge_lines(base, mine, mine) == mine


SIDS = ["", "A", "B", "C", "D"]
statements = st.builds(statement, st.sampled_from(SIDS), st.sampled_from(["s3:A", "s3:B", "s3:C"]))


def is_policy(found: list[dict[str, Any]]) -> bool:
    sids = [one["Sid"] for one in found if "Sid" in one]
    return bool(found) and len(sids) == len(set(sids))


policies = st.tuples(
    st.lists(statements, min_size=1, max_size=4).filter(is_policy), st.sampled_from([None, 1, 2, 4])
).map(lambda pair: text(*pair[0], indent=pair[1]))


@given(policies, policies, policies)
@settings(max_examples=300, deadline=None)
def test_what_comes_of_a_merge_parses_and_says_what_one_side_says(base: str, theirs: str, mine: str) -> None:
    merged = merge_policies(base, theirs, mine, KIND)
    if merged.text is None:
        assert merged.conflicts
        return
    known = [*said(base), *said(theirs), *said(mine)]
    if merged.way == "statements":
        assert all(one in known for one in said(merged.text))


@given(policies, policies)
@settings(max_examples=200, deadline=None)
def test_what_one_side_alone_changed_is_taken_over(base: str, side: str) -> None:
    assert merge_policies(base, base, side, KIND).text == side
    assert merge_policies(base, side, base, KIND).text == side
    assert merge_policies(base, side, side, KIND).text == side


@given(st.permutations(["A", "B", "C", "D"]), st.sampled_from([None, 2, 4]), st.sampled_from([None, 2, 4]), st.data())
@settings(max_examples=200, deadline=None)
def test_changes_of_different_statements_always_come_together(
    sids: list[str], their_indent: int | None, my_indent: int | None, data: st.DataObject
) -> None:
    """Each statement is left, changed or removed by one side at most; whatever the formatting, both are done."""
    base = {sid: statement(sid) for sid in sids}
    theirs, mine, both = dict(base), dict(base), dict(base)
    for sid in sids[1:]:
        side = data.draw(st.sampled_from([theirs, mine]))
        what = data.draw(st.sampled_from(["keep", "change", "remove"]))
        for document in (side, both):
            if what == "change":
                document[sid] = statement(sid, "s3:PutObject")
            elif what == "remove":
                del document[sid]
    before, their_text, my_text = text(*base.values()), text(*theirs.values(), indent=their_indent), None
    my_text = text(*mine.values(), indent=my_indent)
    merged = merge_policies(before, their_text, my_text, KIND)
    assert sorted(map(json.dumps, said(merged.text))) == sorted(map(json.dumps, both.values()))
