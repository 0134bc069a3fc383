"""Terraform: what is written, and every way of writing a policy that is read."""

import json
from typing import Any

import pytest
from hypothesis import given

from policystudio.interchange.collecting import Reading
from policystudio.interchange.edits import Change, Edit, Known
from policystudio.interchange.reading import read
from policystudio.interchange.terraform import escaped, write_terraform
from policystudio.interchange.values import ReadError
from tests.interchange.samples import (
    ANN,
    BEN,
    CHANGE,
    EDITS,
    KNOWN,
    NEW,
    NUMBER,
    OLD,
    OWN,
    TEXTS,
    TRAINER,
    TRUST,
    arn,
)
from tests.interchange.test_round_trips import setting

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def reading(text: str, values: dict[str, str] | None = None, region: str = "") -> Reading:
    return read(text.encode(), setting(values, region), filename="main.tf")


def policy(expression: str, rest: str = "", **values: str) -> Any:
    """The document of a policy whose document is an expression."""
    found = reading(f'resource "aws_iam_policy" "p" {{\n name = "p"\n policy = {expression}\n}}\n{rest}', values)
    assert found.left_out == []
    return json.loads(found.found[0].edit.text)


def file_of(*edits: Edit, known: Known = KNOWN) -> dict[str, Any]:
    return json.loads(write_terraform(Change("", edits, known)).text)


# --- What is written -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.kind} {edit.target}")
def test_every_edit_is_in_the_file_or_told(edit: Edit) -> None:
    written = write_terraform(Change("t", (edit,), KNOWN))
    assert ("resource" in json.loads(written.text)) != bool(written.notes)


def test_what_exists_is_imported_and_nothing_else_of_it_is_touched() -> None:
    file = file_of(
        Edit("managed-policy", OLD, text=OWN),
        Edit("boundary", ANN, other=""),
        Edit("trust-policy", TRAINER, text=TRUST),
        Edit("inline-policy", TRAINER, "extra", text=OWN),
    )
    assert file["terraform"] == {"required_version": ">= 1.5.0"}
    assert file["import"] == [
        {"to": "aws_iam_policy.old", "id": OLD},
        {"to": "aws_iam_user.ann", "id": "ann"},
        {"to": "aws_iam_role.trainer", "id": "trainer"},
        {"to": "aws_iam_role_policy.trainer_extra", "id": "trainer:extra"},
    ]
    resources = file["resource"]
    assert resources["aws_iam_policy"]["old"]["lifecycle"] == {"ignore_changes": ["description", "tags", "tags_all"]}
    ann = resources["aws_iam_user"]["ann"]
    assert ann["permissions_boundary"] is None
    assert ann["lifecycle"] == {"ignore_changes": ["force_destroy", "tags", "tags_all"]}
    assert resources["aws_iam_role"]["trainer"]["lifecycle"]["ignore_changes"] == [
        "description",
        "force_detach_policies",
        "max_session_duration",
        "permissions_boundary",
        "tags",
        "tags_all",
    ]


def test_new_things_refer_to_each_other_so_that_they_are_made_in_order() -> None:
    file = file_of(Edit("identity", BEN), Edit("managed-policy", NEW, text=OWN), Edit("attach", BEN, other=NEW))
    assert "import" not in file
    assert file["resource"]["aws_iam_user_policy_attachment"]["ben_new"] == {
        "user": "${aws_iam_user.ben.name}",
        "policy_arn": "${aws_iam_policy.new.arn}",
    }


def test_variables_of_policies_are_none_of_terraform() -> None:
    body = file_of(Edit("managed-policy", NEW, text=OWN))["resource"]["aws_iam_policy"]["new"]
    assert "/$${aws:username}-*" in body["policy"]
    assert "%%{ $HOME" in body["policy"]


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("${a}", "$${a}"),
        ("%{a}", "%%{a}"),
        ("$$ 5% {}", "$$ 5% {}"),
        ("$${a}", '${"$"}${"$"}{a}'),
        ("$%{a}", '${"$"}${"%"}{a}'),
    ],
)
def test_escapes(text: str, template: str) -> None:
    assert escaped(text) == template


@given(text=TEXTS)
def test_what_is_escaped_begins_no_expression_but_of_a_sign(text: str) -> None:
    rest = escaped(text).replace('${"$"}', "").replace('${"%"}', "").replace("$${", "").replace("%%{", "")
    assert "${" not in rest
    assert "%{" not in rest


def test_what_terraform_cannot_say_is_named_in_one_note() -> None:
    (note,) = write_terraform(CHANGE).notes
    assert note.startswith("Terraform removes only what it manages. Not in this file are managed-policy-delete `arn:")
    assert sum(f"{edit.kind} `" in note for edit in EDITS if edit.kind.endswith(("delete", "detach", "group"))) == 7


def test_a_note_names_twenty_and_counts_the_rest() -> None:
    edits = tuple(Edit("detach", arn(f"user/u{number}"), other=OLD) for number in range(25))
    (note,) = write_terraform(Change("", edits, KNOWN)).notes
    assert "user/u19`" in note
    assert "user/u20`" not in note
    assert "; and 5 more. " in note


# --- What is read ----------------------------------------------------------------------------------------------------


def test_an_object_becomes_a_document() -> None:
    assert (
        policy(
            'jsonencode({Version = "2012-10-17", Statement = [{"Effect": "Allow", Action = "s3:*", Resource = "*"}]})'
        )
        == ALLOW
    )


def test_a_heredoc_is_taken_as_it_stands() -> None:
    text = '{"Resource": "arn:aws:s3:::b/$${aws:username}",\n  "n": "a\\\\b\\u00e9 %%{x}"}\n'
    (found,) = reading(f'resource "aws_iam_policy" "p" {{\n name = "p"\n policy = <<EOF\n{text}EOF\n}}\n').found
    assert found.edit.text == text.replace("$${", "${").replace("%%{", "%{")


def test_an_indented_heredoc_loses_its_margin() -> None:
    (found,) = reading(
        'resource "aws_iam_policy" "p" {\n name = "p"\n policy = <<-EOF\n    {\n      "a": 1\n    }\n  EOF\n}\n'
    ).found
    assert found.edit.text == '{\n  "a": 1\n}\n'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"\\"a\\"\\t\\u00e9\\\\"', '"a"\té\\'),
        ('"$${aws:username}"', "${aws:username}"),
        ('"${"$"}${"{"}x}"', "${x}"),
        ('"${local.a}-${var.b}"', "va-vb"),
        ("local.list[1]", "y"),
        ("local.map.k", "mv"),
        ('local.map["k"]', "mv"),
        ('join(",", local.list)', "x,y"),
        ('format("%s/%d%%", local.a, 3)', "va/3%"),
        ('concat(local.list, ["z"])', ["x", "y", "z"]),
        ("[for x in local.list : x]", None),
        ("merge({a = 1}, {b = true, c = null})", {"a": 1, "b": True, "c": None}),
        ("1.5e3", 1500.0),
        ("-2", -2),
        ("(local.a)", "va"),
        ("data.aws_caller_identity.me.account_id", NUMBER),
        ('"arn:${data.aws_partition.p.partition}:x:${data.aws_region.r.name}"', "arn:aws:x:eu-west-1"),
        ("data.aws_partition.p.dns_suffix", "amazonaws.com"),
        ("aws_s3_bucket.b.arn", "arn:aws:s3:::bucket-va"),
        ("aws_iam_role.r.arn", arn("role/p/r")),
        ("aws_iam_role.r.name", "r"),
        ("aws_iam_policy.unnamed.arn", arn("policy/unnamed")),
        ("data.aws_iam_role.known.arn", TRAINER),
        ("jsondecode(jsonencode({a = [1]}))", {"a": [1]}),
        ("{ for = 1, in = 2, (local.a) = 3 }", {"for": 1, "in": 2, "va": 3}),
    ],
)
def test_expressions(expression: str, value: Any) -> None:
    rest = """
variable "b" { default = "vb" }
locals {
  a = "va"
  list = ["x", "y"]
  map = { k = "mv" }
}
resource "aws_s3_bucket" "b" { bucket = "bucket-${local.a}" }
resource "aws_iam_role" "r" {
  name = "r"
  path = "/p/"
  assume_role_policy = "{}"
}
resource "aws_iam_policy" "unnamed" { policy = "{}" }
data "aws_iam_role" "known" { name = "trainer" }
"""
    text = f'resource "aws_iam_policy" "p" {{\n name = "p"\n policy = jsonencode({{ v = {expression} }})\n}}\n{rest}'
    found = next(one for one in reading(text, region="eu-west-1").found if one.edit.target == arn("policy/p"))
    if value is None:
        assert [one.name for one in found.unknown] == [expression]
    else:
        assert found.unknown == ()
        assert json.loads(found.edit.text)["v"] == value


BLOCK = """
data "aws_iam_policy_document" "d" {
  policy_id = "id"
  source_policy_documents = [jsonencode({Statement = [{Sid = "a", Effect = "Deny"}, {Effect = "Deny", Action = "*"}]})]
  statement {
    sid         = "a"
    actions     = ["s3:GetObject", "s3:PutObject"]
    not_resources = ["arn:aws:s3:::b/&{aws:username}"]
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/t"
      values   = ["x", "&{aws:y}"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["z"]
    }
  }
  statement {
    effect = "Deny"
    not_actions = ["*"]
    resources = ["*"]
    principals {
      type = "AWS"
      identifiers = ["1", "2"]
    }
    principals {
      type = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    not_principals {
      type = "*"
      identifiers = ["*"]
    }
  }
}
"""


def test_a_document_block_makes_the_document_that_terraform_makes() -> None:
    assert policy("data.aws_iam_policy_document.d.json", BLOCK) == {
        "Version": "2012-10-17",
        "Id": "id",
        "Statement": [
            {
                "Sid": "a",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "NotResource": "arn:aws:s3:::b/${aws:username}",
                "Condition": {"StringLike": {"aws:PrincipalTag/t": ["x", "${aws:y}"], "s3:prefix": "z"}},
            },
            {"Effect": "Deny", "Action": "*"},
            {
                "Effect": "Deny",
                "Principal": {"AWS": ["1", "2"], "Service": "sagemaker.amazonaws.com"},
                "NotAction": "*",
                "Resource": "*",
            },
            {"Effect": "Allow", "NotPrincipal": "*", "Action": "sts:AssumeRole"},
        ],
    }


def test_what_is_merged_in_gives_its_id_and_raises_the_version() -> None:
    block = """
data "aws_iam_policy_document" "d" {
  version = "2008-10-17"
  source_policy_documents = [<<EOF
{"Version": "2012-10-17", "Id": "theirs", "Statement": {"Sid": "a", "Effect": "Deny"}}
EOF
  ]
  override_policy_documents = [jsonencode({Statement = [{Sid = "a", Effect = "Allow"}]})]
}
"""
    assert policy("data.aws_iam_policy_document.d.json", block) == {
        "Version": "2012-10-17",
        "Id": "theirs",
        "Statement": [{"Sid": "a", "Effect": "Allow"}],
    }


@pytest.mark.parametrize(
    "inside",
    [
        'dynamic "statement" {\n for_each = var.x\n content {}\n }',
        'statement {\n actions = ["*"]\n for_each = []\n }',
        'statement {\n dynamic "condition" {\n for_each = []\n content {}\n }\n }',
        "source_policy_documents = [var.other]",
        "statement {\n principals {\n type = var.x\n identifiers = []\n }\n }",
        "anything = 1",
    ],
)
def test_a_document_block_that_is_not_understood_is_left_out(inside: str) -> None:
    found = reading(
        'resource "aws_iam_policy" "p" {\n name = "p"\n policy = data.aws_iam_policy_document.d.json\n}\n'
        f'data "aws_iam_policy_document" "d" {{\n {inside}\n}}\n'
    )
    assert found.found == []
    assert found.left_out[0].why.startswith("its document is `")


EVERYTHING = """
resource "aws_iam_user" "u" {
  name = "ben"
  path = "/team/"
  permissions_boundary = aws_iam_policy.p.arn
  tags = { a = "1" }
}
resource "aws_iam_group" "g" { name = "crew" }
resource "aws_iam_role" "r" {
  name = "runner"
  assume_role_policy = "{}"
  managed_policy_arns = ["arn:aws:iam::aws:policy/A", aws_iam_policy.p.arn]
  inline_policy {
    name = "i"
    policy = "{}"
  }
  inline_policy {}
}
resource "aws_iam_policy" "p" {
  name = "p"
  description = "P"
  policy = "{}"
  tags = { b = "2" }
}
resource "aws_iam_role_policy" "a" {
  name = "a"
  role = aws_iam_role.r.id
  policy = "{}"
}
resource "aws_iam_user_policy" "own" {
  user = "ann"
  policy = "{}"
}
resource "aws_iam_group_policy_attachment" "b" {
  group = aws_iam_group.g.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_policy_attachment" "c" {
  name = "c"
  users = ["ann"]
  roles = [aws_iam_role.r.name]
  policy_arn = "arn:aws:iam::aws:policy/C"
}
resource "aws_iam_user_group_membership" "d" {
  user = aws_iam_user.u.name
  groups = [aws_iam_group.g.name, "team"]
}
resource "aws_iam_group_membership" "e" {
  name = "e"
  users = ["ann"]
  group = "crew"
}
resource "aws_organizations_policy" "s" {
  name = "fence"
  content = "{}"
}
resource "aws_organizations_policy" "known" {
  name = "guard"
  content = "{}"
  type = "SERVICE_CONTROL_POLICY"
}
resource "aws_organizations_policy" "t" {
  name = "tags"
  content = "{}"
  type = "TAG_POLICY"
}
resource "aws_organizations_policy_attachment" "f" {
  policy_id = aws_organizations_policy.s.id
  target_id = "ou-ab12-11111111"
}
resource "aws_iam_access_key" "k" { user = "ann" }
resource "aws_instance" "x" {}
module "m" { source = "./m" }
"""


def test_every_kind_of_resource_is_read() -> None:
    found = reading(EVERYTHING)
    runner, p, crew = arn("role/runner"), arn("policy/p"), arn("group/crew")
    assert [(one.edit.kind, one.edit.target, one.edit.name, one.edit.other) for one in found.found] == [
        ("identity", BEN, "", ""),
        ("boundary", BEN, "", p),
        ("identity", crew, "", ""),
        ("identity", runner, "", ""),
        ("attach", runner, "", "arn:aws:iam::aws:policy/A"),
        ("attach", runner, "", p),
        ("inline-policy", runner, "i", ""),
        ("managed-policy", p, "", ""),
        ("tags", p, "", ""),
        ("inline-policy", runner, "a", ""),
        ("inline-policy", ANN, "own", ""),
        ("attach", crew, "", p),
        ("attach", runner, "", "arn:aws:iam::aws:policy/C"),
        ("attach", ANN, "", "arn:aws:iam::aws:policy/C"),
        ("join-group", BEN, "", crew),
        ("join-group", BEN, "", arn("group/team")),
        ("join-group", ANN, "", crew),
        ("organization-policy", "new:fence", "", ""),
        ("organization-policy", "p-abcdefgh", "", ""),
        ("organization-attach", "new:fence", "", "ou-ab12-11111111"),
    ]
    assert [(one.origin.name, one.why) for one in found.left_out] == [
        ("aws_iam_policy_attachment.c", "that nobody else has the policy is not taken over"),
        ("aws_iam_group_membership.e", "that nobody else is in the group is not taken over"),
        ("aws_organizations_policy.t", "TAG_POLICY decides about no request"),
        ("aws_iam_access_key.k", "aws_iam_access_key is not read"),
        ("module.m", "modules are files of their own: read them each by itself"),
    ]
    assert found.passed_over == {"aws_instance": 1}


UNKNOWN = """
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Resource = "arn:aws:s3:::${var.bucket}/*", Sid = aws_kms_key.k.id })
}
"""


def test_what_is_not_known_stands_in_the_text_by_name_and_keeps_it_from_being_json() -> None:
    (found,) = reading(UNKNOWN).found
    assert [(one.name, one.place.line) for one in found.unknown] == [("var.bucket", 4), ("aws_kms_key.k.id", 4)]
    first, rest = found.edit.text.split("\n", 1)
    assert first == (
        "Replace <var.bucket>, <aws_kms_key.k.id> below by what it means in this account, then remove this line."
    )
    assert json.loads(rest) == {"Resource": "arn:aws:s3:::<var.bucket>/*", "Sid": "<aws_kms_key.k.id>"}


def test_values_make_it_known() -> None:
    (found,) = reading(UNKNOWN.replace("aws_kms_key.k.id", '"x"'), {"bucket": "b"}).found
    assert (found.unknown, json.loads(found.edit.text)["Resource"]) == ((), "arn:aws:s3:::b/*")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("name = var.n\npolicy = \"{}\"", "its name is `var.n`, which is not known"),
        ("name = \"p\"\npolicy = file(\"p.json\")", "its document is `file(…)`, which is not known"),
        ("name = \"p\"", "its document is missing"),
        ("name = \"p\"\npolicy = [1]", "its document is no text"),
        ("name = \"a b\"\npolicy = \"{}\"", "`a b` cannot be the name of a policy"),
        ("name = \"p\"\npath = \"x\"\npolicy = \"{}\"", "`x` cannot be the path of a policy"),
        ("for_each = toset([])\nname = \"p\"\npolicy = \"{}\"", "by `for_each` it stands for none or many"),
        ("count = 0\nname = \"p\"\npolicy = \"{}\"", "by `count` it stands for none or many"),
        ("count = var.x ? 1 : 0\nname = \"p\"\npolicy = \"{}\"", "by `count` it stands for none or many"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_edit_is_left_out_with_the_reason(body: str, why: str) -> None:
    found = reading(f'\nresource "aws_iam_policy" "p" {{\n{body}\n}}\n')
    assert found.found == []
    assert found.left_out[0].why.startswith(why)
    assert found.left_out[0].origin.place.line == 2


def test_another_provider_is_told_of_whatever_the_resource_makes() -> None:
    found = reading(
        'resource "aws_iam_user" "u" {\n provider = aws.prod\n name = "u"\n permissions_boundary = "x"\n}\n'
    )
    remark = "It uses the provider `aws.prod`, which may be one of another account."
    assert [one.remarks for one in found.found] == [(remark,), (remark,)]


def test_nobody_of_that_name_is_told() -> None:
    found = reading('resource "aws_iam_role_policy" "p" {\n name = "p"\n role = "nobody"\n policy = "{}"\n}\n')
    assert found.left_out[0].why == "there is no role `nobody` in the file or in the account"


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a = {\n", "too early", 2, 1),
        ('a = "x\n', "is not expected here", 1, 6),
        ("a = 1\nb = = 2\n", "is not expected here", 2, 5),
        ("a = 1\na = 2\n", "`a` stands twice in one block", 2, 1),
        ("locals {\n a = 1\n}\nlocals {\n a = 2\n}\n", "local `a` stands twice", 5, 6),
        ('variable "a" {}\nvariable "a" {}\n', "variable `a` stands twice", 2, 1),
        ('resource "x" "y" {}\nresource "x" "y" {}\n', "resource `x.y` stands twice", 2, 1),
        ('a = "\\q"\n', "`\\q` means nothing", 1, 6),
        ('a = "\\ud800"\n', "is not a character", 1, 6),
        ("a = " + "[" * 40 + "]" * 40 + "\n", "nested more than", 1, 34),
        ("a = " + "(" * 4000 + "1" + ")" * 4000 + "\n", "nested more than", 1, 34),
        ("\n" * 300, "the file is empty", 0, 0),
        ("a = 1" + "\n" * 300 + "b = 1\n", "200 blanks", 1, 6),
        ("a = <<EOF\n${\nEOF\n", "has no `}`", 1, 5),
        ("a = <<EOF\n${1 +}\nEOF\n", "is not Terraform's syntax", 1, 5),
    ],
)
def test_what_is_no_terraform_is_refused_with_its_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ReadError) as caught:
        reading(text)
    assert message in str(caught.value)
    assert (caught.value.place.line, caught.value.place.column) == (line, column)


def doubling(expression: str) -> str:
    """Thirty locals, each of which holds the next one twice."""
    lines = [f"a{number} = {expression.replace('N', str(number + 1))}" for number in range(30)]
    return "\n".join([*lines, 'a30 = "x"', "a = local.a0"])


@pytest.mark.parametrize(
    ("locals_", "message"),
    [
        ("a = local.b\nb = local.a", "leads back to itself"),
        (doubling("[local.aN, local.aN]"), "more than"),
        (doubling('"${local.aN}${local.aN}"'), "more than"),
        ("a = " + "replace(" * 25 + '"xx"' + ', "x", "xx")' * 25, "more than"),
    ],
)  # fmt: skip
def test_circles_and_explosions_end(locals_: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        policy("local.a", f"locals {{\n{locals_}\n}}\n")


def test_json_syntax_is_read_like_the_other() -> None:
    file = {
        "//": "a comment",
        "variable": {"b": {"default": "vb"}},
        "locals": [{"a": "${var.b}"}],
        "data": {
            "aws_iam_policy_document": {
                "d": {"statement": [{"actions": ["s3:*"], "resources": ["*"]}, {"actions": ["${local.a}"]}]}
            }
        },
        "resource": [
            {"aws_iam_policy": {"p": [{"name": "p-${local.a}", "policy": "${data.aws_iam_policy_document.d.json}"}]}}
        ],
    }
    (found,) = read(json.dumps(file).encode(), setting()).found
    assert found.edit.target == arn("policy/p-vb")
    assert json.loads(found.edit.text)["Statement"] == [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "vb"},
    ]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"resource": 1}', "write an object, not a number", 1, 14),
        ('{"resource": {"aws_iam_policy": {"p": {\n"policy": "${"}}}}', "has no `}`", 2, 11),
        ('{"resource": {},\n "resource": {}}', "the key stands twice", 2, 2),
        ('{"resource": {}', "delimiter", 1, 16),
    ],
)
def test_json_that_cannot_be_read_is_refused_with_its_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ReadError) as caught:
        read(text.encode(), setting())
    assert message in str(caught.value)
    assert (caught.value.place.line, caught.value.place.column) == (line, column)
