"""The simulator's address: forms become one canonical query."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from policystudio.web.asking import Asked, Cell, read_address
from policystudio.web.packing import pack, unpack

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}'
EVERYTHING = [
    ("kind", "user"),
    ("kind", "role"),
    ("path", "/ml/"),
    ("name", "a*"),
    ("tag", "team=ml"),
    ("identity", "arn:aws:iam::111122223333:user/ana"),
    ("level", "Write"),
    ("action", "Create*"),
    ("type", "model"),
    ("region", "eu-west-1"),
    ("context", "aws:MultiFactorAuthPresent=true"),
    ("context", "sagemaker:VpcSubnets=subnet-a"),
    ("context", "sagemaker:VpcSubnets=subnet-b"),
    ("context", "!aws:SourceVpce"),
    ("exclude", "inline:ana/dev"),
    ("try", pack(POLICY)),
    ("add", "arn:aws:iam::111122223333:policy/x"),
    ("verdict", "A"),
    ("open", "model"),
    ("limit", "50"),
    ("page", "2"),
    ("why", "arn:aws:iam::111122223333:user/ana"),
    ("why_type", "model"),
    ("why_action", "sagemaker:CreateModel"),
    ("edit", "aws:SourceIp"),
]


def read(*pairs: tuple[str, str]) -> Asked:
    return read_address(QueryDict(urlencode(pairs)))


def test_an_address_is_read_and_written_without_loss() -> None:
    asked = read(*EVERYTHING)
    assert asked.problems == ()
    assert sorted(asked.pairs()) == sorted(EVERYTHING)
    assert read(*asked.pairs()) == asked


def test_an_empty_address_asks_about_everything() -> None:
    assert read() == Asked(read().question)
    assert read().query() == ""


def test_what_is_at_its_default_is_not_in_the_address() -> None:
    kinds = [("kind", kind) for kind in ("user", "group", "role", "root")]
    levels = [("level", level) for level in ("List", "Read", "Write", "Tagging")]
    empty = [(name, "") for name in ("name", "path", "tag_key", "tag_value", "action", "region", "exclude", "add")]
    assert read(*kinds, *levels, *empty, ("submitted", "1"), ("page", "1"), ("limit", "100")).pairs() == []


def test_a_tag_is_asked_for_in_two_fields() -> None:
    assert read(("tag_key", "team"), ("tag_value", "ml")).pairs() == [("tag", "team=ml")]
    assert read(("tag_key", "team"), ("tag_value", "")).pairs() == [("tag", "team")]
    assert read(("tag_key", ""), ("tag_value", "ml"), ("tag", "old=1")).pairs() == []


@pytest.mark.parametrize(
    ("fields", "pairs"),
    [
        ([("state", "unknown")], []),
        ([("state", "absent"), ("value", "x")], [("context", "!aws:SourceVpce")]),
        ([("state", "value"), ("value", "vpce-1")], [("context", "aws:SourceVpce=vpce-1")]),
    ],
)
def test_a_context_key_is_unknown_absent_or_has_a_value(
    fields: list[tuple[str, str]], pairs: list[tuple[str, str]]
) -> None:
    form = [("ctx.0.key", "aws:SourceVpce"), *((f"ctx.0.{name}", value) for name, value in fields)]
    assert read(("submitted", "1"), *form).pairs() == pairs


def test_a_boolean_key_has_its_values_as_choices() -> None:
    form = [("ctx.3.key", "aws:SecureTransport"), ("ctx.3.state", "false")]
    assert read(("submitted", "1"), *form).pairs() == [("context", "aws:SecureTransport=false")]


def test_lines_are_values() -> None:
    form = [("ctx.0.key", "sagemaker:VpcSubnets"), ("ctx.0.state", "value"), ("ctx.0.value", "a\r\nb\r\n")]
    assert dict(read(*form).question.context) == {"sagemaker:VpcSubnets": ("a", "b")}


def test_a_value_of_the_wrong_type_is_told_and_left_out() -> None:
    asked = read(("ctx.0.key", "aws:SourceIp"), ("ctx.0.state", "value"), ("ctx.0.value", "here"))
    assert asked.pairs() == []
    assert asked.problems == ("`here` cannot be a value of aws:SourceIp: 203.0.113.7 or 2001:db8::7",)


def test_a_new_key_opens_its_form() -> None:
    assert read(("submitted", "1"), ("ctx.new.key", "AWS:sourceip")).pairs() == [("edit", "aws:SourceIp")]
    assert read(("submitted", "1"), ("edit", "aws:SourceIp")).pairs() == []


def test_a_preset_sets_several_keys_and_keeps_the_others() -> None:
    asked = read(("context", "aws:SecureTransport=true"), ("preset", "access-key"))
    assert dict(asked.question.context) == {
        "aws:SecureTransport": ("true",),
        "aws:MultiFactorAuthPresent": (),
        "aws:MultiFactorAuthAge": (),
        "aws:TokenIssueTime": (),
    }


def test_a_preset_that_needs_a_value_asks_for_it() -> None:
    asked = read(("preset", "endpoint"))
    assert (asked.edit, dict(asked.question.context)) == ("aws:SourceVpce", {"aws:SourceIp": ()})


@pytest.mark.parametrize(
    "name",
    ["kind", "path", "name", "tag", "identity", "level", "action", "type", "region", "verdict"],
)
def test_each_filter_can_be_cleared(name: str) -> None:
    kept = [pair for pair in EVERYTHING if pair[0] != name and pair[0] != "page"]
    assert sorted(read(*EVERYTHING, ("clear", name)).pairs()) == sorted(kept)


def test_single_values_can_be_cleared() -> None:
    cleared = [("clear", "context:sagemaker:VpcSubnets"), ("clear", "exclude:inline:ana/dev")]
    cleared += [("clear", f"try:{pack(POLICY)}"), ("clear", "add:arn:aws:iam::111122223333:policy/x")]
    left = read(*EVERYTHING, *cleared).question
    assert not left.what_if
    assert set(left.context) == {"aws:MultiFactorAuthPresent", "aws:SourceVpce"}


def test_all_filters_can_be_cleared_at_once() -> None:
    left = read(*EVERYTHING, ("clear", "all"))
    assert left.question == read().question
    assert left.opened == ("model",)


def test_a_type_opens_and_closes_and_the_page_stays() -> None:
    assert read(("page", "3"), ("toggle", "model"), ("submitted", "1")).pairs() == [("open", "model"), ("page", "3")]
    assert read(("open", "model"), ("toggle", "model")).pairs() == []


def test_another_filter_starts_at_the_first_page() -> None:
    assert read(("page", "3"), ("name", "a"), ("submitted", "1")).page == 1


@pytest.mark.parametrize("text", ["0", "-1", "x", "٣", "9" * 40, ""])
def test_a_page_that_is_none_is_the_first(text: str) -> None:
    assert read(("page", text)).page == 1


def test_rows_of_a_page_are_bounded() -> None:
    assert read(("limit", "100000")).size == 500
    assert read(("limit", "0")).size == 1


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("kind", "robot"), "kind: `robot`"),
        (("type", "spaceship"), "type: `spaceship`"),
        (("context", "nonsense"), "context: `nonsense=`"),
        (("verdict", "Z"), "verdict: `Z`"),
        (("try", "%%%"), "the policy in the address is damaged"),
        (("name", "a\0b"), "name: a NUL character"),
        (("add", '{"Statement": ['), "add: policy 1, line 1"),
    ],
)
def test_what_is_not_understood_is_told_and_the_rest_counts(pair: tuple[str, str], said: str) -> None:
    asked = read(pair, ("region", "eu-west-1"))
    assert asked.problems[0].startswith(said)
    assert asked.pairs() == [("region", "eu-west-1")]


def test_a_why_needs_an_identity_and_a_type() -> None:
    assert read(("why", "arn"), ("why_type", "model")).cell == Cell("arn", "", "model")
    assert read(("why", "arn")).cell is None
    assert read(("why", "arn"), ("why_type", "model"), ("clear", "why")).cell is None


def test_an_added_policy_keeps_its_text() -> None:
    asked = read(("add", POLICY))
    assert [unpack(value) for name, value in asked.pairs() if name == "try"] == [POLICY]
