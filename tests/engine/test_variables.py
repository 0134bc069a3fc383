"""Policy variables: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.engine import globs, variables
from policystudio.engine.globs import Wild
from policystudio.engine.request import Context

BOB = Context(
    {"aws:username": "bob", "aws:PrincipalTag/team": "ml", "aws:TagKeys": ["a", "b"], "aws:PrincipalTag/empty": ""}
)


def test_a_variable_is_replaced_by_its_value() -> None:
    assert variables.expand("home/${aws:username}/*", BOB, enabled=True) == ("home/bob/", Wild.ANY)


@pytest.mark.parametrize("text", ["${aws:USERNAME}", "${AWS:UserName}", "${aws:username}"])
def test_key_names_have_no_letter_case(text: str) -> None:
    assert variables.expand_literal(text, BOB, enabled=True) == "bob"


def test_the_tag_part_of_a_key_has_no_letter_case_either() -> None:
    assert variables.expand_literal("${aws:principaltag/TEAM}", BOB, enabled=True) == "ml"


@pytest.mark.parametrize("text", ["${aws:PrincipalTag/none}", "x-${aws:PrincipalTag/none}-${aws:username}"])
def test_a_variable_without_value_leaves_nothing(text: str) -> None:
    assert variables.expand(text, BOB, enabled=True) is None
    assert variables.expand_literal(text, BOB, enabled=True) is None


def test_a_default_stands_in_for_a_missing_value() -> None:
    text = "b-${aws:PrincipalTag/none, 'company-wide'}"
    assert variables.expand_literal(text, BOB, enabled=True) == "b-company-wide"


def test_a_value_goes_before_the_default() -> None:
    assert variables.expand_literal("${aws:PrincipalTag/team, 'x'}", BOB, enabled=True) == "ml"


def test_an_empty_default_is_a_default() -> None:
    assert variables.expand_literal("a${aws:PrincipalTag/none, ''}", BOB, enabled=True) == "a"


def test_a_default_may_hold_braces_and_wildcards_as_plain_text() -> None:
    assert variables.expand("${aws:PrincipalTag/none, 'a}*'}", BOB, enabled=True) == ("a}*",)


def test_an_empty_value_counts_as_none() -> None:
    assert variables.expand_literal("${aws:PrincipalTag/empty}", BOB, enabled=True) is None
    assert variables.expand_literal("${aws:PrincipalTag/empty, 'x'}", BOB, enabled=True) == "x"


def test_several_values_cannot_be_a_variable_whatever_its_default() -> None:
    assert variables.expand_literal("${aws:TagKeys}", BOB, enabled=True) is None
    assert variables.expand_literal("${aws:TagKeys, 'x'}", BOB, enabled=True) is None


@pytest.mark.parametrize(("text", "char"), [("${*}", "*"), ("${?}", "?"), ("${$}", "$")])
def test_escapes_are_literal_characters(text: str, char: str) -> None:
    assert variables.expand(f"a{text}b", BOB, enabled=True) == (f"a{char}b",)
    assert variables.expand_literal(f"a{text}b", BOB, enabled=True) == f"a{char}b"


def test_an_escape_does_not_read_a_key_of_that_name() -> None:
    assert variables.expand_literal("${*}", Context({"*": "x"}), enabled=True) == "*"


def test_wildcards_in_a_value_are_literal() -> None:
    parts = variables.expand("${aws:username}*", Context({"aws:username": "a*?"}), enabled=True)
    assert parts == ("a*?", Wild.ANY)


def test_a_value_is_not_expanded_again() -> None:
    context = Context({"aws:username": "${aws:PrincipalTag/team}", "aws:PrincipalTag/team": "ml"})
    assert variables.expand_literal("${aws:username}", context, enabled=True) == "${aws:PrincipalTag/team}"


@pytest.mark.parametrize("text", ["${aws:username}", "${*}", "${aws:PrincipalTag/none, 'x'}"])
def test_in_the_old_version_a_variable_is_literal_text(text: str) -> None:
    assert variables.expand(text, BOB, enabled=False) == (text,)
    assert variables.expand_literal(text, BOB, enabled=False) == text


@pytest.mark.parametrize("text", ["${aws:username", "$aws:username}", "${}", "$ {aws:username}", "${aws:username, x}"])
def test_what_is_no_variable_is_ordinary_text(text: str) -> None:
    assert variables.expand_literal(text, BOB, enabled=True) == text


def test_wildcards_of_literal_operators_stay_as_they_are() -> None:
    assert variables.expand_literal("**${aws:username}??", BOB, enabled=True) == "**bob??"


def test_names_are_told_in_lower_case_and_as_written() -> None:
    text = "${aws:UserName}/${*}/${aws:PrincipalTag/Team, 'x'}/${aws:username}"
    assert variables.names(text) == {"aws:username", "aws:principaltag/team"}
    assert list(variables.written_names(text)) == ["aws:UserName", "aws:PrincipalTag/Team", "aws:username"]


@given(
    st.lists(st.sampled_from(["arn", ":", "::", "*", "?", "a/", "${aws:username}"]), max_size=12),
    st.sampled_from(["bob", "b:c:d", "e/f", "x"]),
)
def test_a_resource_is_as_if_the_values_had_been_written_in_it(pieces: list[str], value: str) -> None:
    written, colons = "", 0
    for piece in pieces:
        is_read = piece.startswith("$") and colons >= 5
        written += value if is_read else piece
        colons += 0 if piece.startswith("$") else piece.count(":")
    expected = globs.resource_parts(globs.parse(written))
    context = Context({"aws:username": value})
    assert variables.expand_resource("".join(pieces), context, enabled=True) == expected
    assert variables.expand_resource_loosely("".join(pieces), context, enabled=True) == expected
    literal = globs.resource_parts(globs.parse("".join(pieces)))
    assert variables.expand_resource("".join(pieces), context, enabled=False) == literal


def test_of_a_resource_without_a_value_nothing_is_left_or_anything() -> None:
    text = "arn:aws:s3:::home/${aws:username}/*"
    assert variables.expand_resource(text, Context(), enabled=True) is None
    assert variables.expand_resource_loosely(text, Context(), enabled=True) == (
        "arn:aws:s3:::home/",
        Wild.ANY,
        "/",
        Wild.ANY,
    )


def test_many_openings_without_end_are_read_quickly() -> None:
    text = "${a,'" * 50_000 + "${" * 50_000
    assert variables.names(text) == frozenset()


class TestResources:
    """Entries of Resource: variables count behind the fifth colon alone."""

    def matches(self, pattern: str, arn: str, enabled: bool = True) -> bool:
        parts = variables.expand_resource(pattern, BOB, enabled)
        return parts is not None and globs.matches(parts, arn)

    def test_behind_the_fifth_colon_a_variable_is_replaced(self) -> None:
        assert self.matches("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/x")

    def test_behind_later_colons_too(self) -> None:
        assert self.matches("arn:aws:logs:*:*:log-group:${aws:username}:*", "arn:aws:logs:eu-west-1:1:log-group:bob:x")

    @pytest.mark.parametrize(
        "pattern",
        [
            "arn:aws:sagemaker:${aws:username}:111122223333:model/m",
            "arn:aws:sagemaker:*:${aws:username}:model/m",
            "arn:${aws:username}:sagemaker:bob:bob:model/m",
        ],
    )
    @pytest.mark.parametrize(
        "arn",
        [
            "arn:aws:sagemaker:bob:111122223333:model/m",
            "arn:aws:sagemaker:x:bob:model/m",
            "arn:bob:sagemaker:bob:bob:model/m",
        ],
    )
    def test_before_it_a_variable_never_matches(self, pattern: str, arn: str) -> None:
        assert not self.matches(pattern, arn)

    def test_colons_of_a_key_do_not_count(self) -> None:
        assert not self.matches("arn:aws:x:${aws:username}:${aws:username}", "arn:aws:x:bob:bob")
        assert not self.matches("arn:aws:x:${aws:username}:1:${aws:username}", "arn:aws:x:bob:1:bob")

    def test_a_value_with_colons_stays_in_the_resource_part(self) -> None:
        parts = variables.expand_resource(
            "arn:aws:s3:::${aws:userid}", Context({"aws:userid": "AROA:x:y"}), enabled=True
        )
        assert parts is not None
        assert globs.matches(parts, "arn:aws:s3:::AROA:x:y")

    def test_a_star_in_a_value_is_literal(self) -> None:
        context = Context({"aws:username": "*"})
        parts = variables.expand_resource("arn:aws:s3:::${aws:username}", context, enabled=True)
        assert parts is not None
        assert globs.matches(parts, "arn:aws:s3:::*")
        assert not globs.matches(parts, "arn:aws:s3:::x")

    def test_in_the_old_version_it_is_literal_text(self) -> None:
        assert self.matches("arn:aws:s3:::${aws:username}", "arn:aws:s3:::${aws:username}", enabled=False)
        assert not self.matches("arn:aws:s3:::${aws:username}", "arn:aws:s3:::bob", enabled=False)
        assert not self.matches("arn:aws:s3:::${*}", "arn:aws:s3:::${x}", enabled=False)

    def test_read_loosely_an_unknown_variable_matches_anything(self) -> None:
        parts = variables.expand_resource_loosely("arn:aws:s3:::a/${aws:PrincipalTag/none}/z", BOB, enabled=True)
        assert globs.matches(parts, "arn:aws:s3:::a/b/c/z")
        assert not globs.matches(parts, "arn:aws:s3:::a/b/c")

    def test_read_widely_every_variable_matches_anything_whatever_its_default(self) -> None:
        text = "arn:aws:s3:::${aws:username}/${aws:PrincipalTag/team, 'none'}/${*}"
        parts = variables.expand_resource_widely(text, enabled=True)
        assert globs.matches(parts, "arn:aws:s3:::bob/ml/*")
        assert not globs.matches(parts, "arn:aws:s3:::bob/ml/x")
        literal = variables.expand_resource_widely(text, enabled=False)
        assert globs.matches(literal, text)
        assert not globs.matches(literal, "arn:aws:s3:::bob/ml/*")
