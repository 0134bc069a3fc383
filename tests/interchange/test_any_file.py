"""Whatever the file is, it is read or refused with a place; nothing else happens."""

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.interchange.reading import read
from policystudio.interchange.values import ReadError
from tests.interchange.test_cloudformation_read import EVERYTHING as TEMPLATE
from tests.interchange.test_round_trips import setting
from tests.interchange.test_terraform import EVERYTHING as MODULE

PIECES = [
    *(
        'resource "aws_iam_policy" "p" {',
        'data "aws_iam_policy_document" "d" {',
        "locals {",
        'variable "v" {',
        "}",
        "\n",
    ),
    *(
        "name = ",
        "policy = ",
        '"',
        "${",
        "$${",
        "%{",
        "jsonencode(",
        ")",
        "[",
        "]",
        "{",
        ",",
        "=",
        "<<EOF\n",
        "\nEOF\n",
    ),
    *("var.v", "local.a", "data.aws_iam_policy_document.d.json", "aws_iam_policy.p.arn", "a", "1", "-", "*", "\\", "#"),
    *(
        "Resources:",
        "Type: AWS::IAM::Role",
        "Properties:",
        "!Sub ",
        "!Ref ",
        "!GetAtt ",
        "!Join ",
        "!Select ",
        "- ",
        "  ",
    ),
    *(
        "Fn::Sub: ",
        "&a ",
        "*a",
        "<<: ",
        "|",
        ">",
        "'",
        ": ",
        "? ",
        "---\n",
        "!!binary ",
        "\t",
        "~",
        "null",
        "é",
        "\u2028",
    ),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "x", "${var.a}", "${local.a}", "AWS::Region", "A.Arn"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("Ref", "Fn::Sub", "Fn::Join", "Fn::GetAtt", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::If"),
                    *(
                        "Type",
                        "Properties",
                        "PolicyDocument",
                        "PolicyName",
                        "RoleName",
                        "Roles",
                        "Users",
                        "Policies",
                        "Tags",
                    ),
                    *(
                        "name",
                        "policy",
                        "role",
                        "statement",
                        "principals",
                        "tags",
                        "default",
                        "count",
                        "provider",
                        "A",
                        "p",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        *("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"),
        *("AWS::IAM::GroupPolicy", "AWS::Organizations::Policy", "AWS::S3::Bucket"),
    ]
)
TERRAFORM_KINDS = st.sampled_from(
    [
        *("aws_iam_policy", "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy_attachment", "aws_s3_bucket"),
        *("aws_iam_user_group_membership", "aws_organizations_policy", "aws_organizations_policy_attachment"),
    ]
)


def try_to_read(content: bytes, filename: str = "") -> None:
    with suppress(ReadError):
        read(content, setting(), filename=filename)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30), filename=st.sampled_from(["a.tf", "a.yaml", "a"]))
def test_any_row_of_pieces(pieces: list[str], filename: str) -> None:
    try_to_read("".join(pieces).encode(), filename)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(content: bytes) -> None:
    try_to_read(content)


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(0, 3000),
    gone=st.integers(0, 40),
    put=st.sampled_from(PIECES),
    text=st.sampled_from([MODULE, TEMPLATE]),
)
def test_files_with_a_piece_exchanged(at: int, gone: int, put: str, text: str) -> None:
    at %= len(text)
    try_to_read((text[:at] + put + text[at + gone :]).encode(), "a.tf" if text is MODULE else "a.yaml")


@settings(max_examples=200, deadline=None)
@given(
    resources=st.dictionaries(st.sampled_from("ABC"), st.tuples(KINDS, VALUES), max_size=3),
    parameters=VALUES,
    mappings=VALUES,
)
def test_any_template(resources: dict[str, tuple[str, object]], parameters: object, mappings: object) -> None:
    made = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in resources.items()}
    try_to_read(json.dumps({"Resources": made, "Parameters": parameters, "Mappings": mappings}).encode())


@settings(max_examples=200, deadline=None)
@given(
    resources=st.dictionaries(TERRAFORM_KINDS, st.dictionaries(st.sampled_from("pq"), VALUES, max_size=2), max_size=3),
    local=VALUES,
    document=VALUES,
)
def test_any_module(resources: dict[str, object], local: object, document: object) -> None:
    data = {"aws_iam_policy_document": {"d": document}}
    file = {"resource": resources, "locals": {"a": local}, "data": data, "variable": {"a": {"default": local}}}
    try_to_read(json.dumps(file).encode())
