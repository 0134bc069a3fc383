"""The lines of two texts, with what is different in them."""

from policystudio.web.text_diff import text_diff


def shown(before: str, after: str) -> list[tuple[str, int | None, int | None, str]]:
    lines = text_diff(before, after).lines
    return [(line.kind, line.before, line.after, "".join(piece.text for piece in line.pieces)) for line in lines]


def test_a_line_that_changes_stands_with_what_it_was() -> None:
    assert shown("a\nb\nc", "a\nB\nc") == [
        ("same", 1, 1, "a"),
        ("removed", 2, None, "b"),
        ("added", None, 2, "B"),
        ("same", 3, 3, "c"),
    ]


def test_what_is_different_in_a_line_is_marked() -> None:
    lines = text_diff('x\n"Action": "s3:GetObject"\n', 'x\n"Action": "s3:PutObject"\n').lines
    marked = [piece.text for line in lines for piece in line.pieces if piece.marked]
    assert marked == ["Ge", "Pu"]


def test_lines_far_from_a_change_are_left_out() -> None:
    before = "\n".join(map(str, range(20)))
    lines = shown(before, before.replace("10", "x"))
    assert [line[3] for line in lines] == [
        "7 lines are the same",
        *("7", "8", "9", "10", "x", "11", "12", "13"),
        "6 lines are the same",
    ]


def test_policies_in_one_line_are_given_breaks() -> None:
    diff = text_diff('{"Version":"2012-10-17","Statement":[]}', '{"Version":"2008-10-17","Statement":[]}')
    assert diff.spread
    assert (diff.added, diff.removed) == (1, 1)
    assert shown("{x", "{y") == [("removed", 1, None, "{x"), ("added", None, 1, "{y")]  # no JSON: as they are


def test_what_indents_both_texts_is_left_out() -> None:
    assert [line[3] for line in shown("{\n        a\n    }", "{\n        b\n    }")] == ["{", "    a", "    b", "}"]


def test_new_removed_and_equal_texts() -> None:
    assert shown("", "a\nb") == [("added", None, 1, "a"), ("added", None, 2, "b")]
    assert shown("a\nb", "") == [("removed", 1, None, "a"), ("removed", 2, None, "b")]
    assert shown("a\nb", "a\nb") == []


def test_a_new_text_is_shown_as_it_is_written() -> None:
    text = '{"Version": "2012-10-17",\n    "Statement": []}'
    for diff in (text_diff("", text), text_diff(text, "")):
        assert not diff.spread
        assert [line.pieces[0].text for line in diff.lines] == text.replace("    ", "").split("\n")


def test_a_key_that_stands_twice_is_not_lost_by_line_breaks() -> None:
    diff = text_diff("", '{"Effect": "Deny", "Effect": "Allow"}')
    assert not diff.spread
    assert "Deny" in diff.lines[0].pieces[0].text
