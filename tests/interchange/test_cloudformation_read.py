"""CloudFormation templates, in JSON and YAML with short forms, as edits; strictly, with the place of what is wrong."""

import json
from typing import Any

import pytest

from policystudio.interchange.collecting import Reading
from policystudio.interchange.reading import read
from policystudio.interchange.values import ReadError
from tests.interchange.samples import ANN, BEN, NUMBER, TRAINER, arn
from tests.interchange.test_round_trips import setting


def reading(text: str, values: dict[str, str] | None = None, region: str = "") -> Reading:
    return read(text.encode(), setting(values, region), filename="template.yaml")


HEAD = """
Parameters:
  Bucket: {Type: String, Default: data}
  Number: {Type: Number, Default: 7}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Asked: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
Mappings:
  Keys:
    "111122223333": {Key: mapped}
Resources:
  Store:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${Bucket}-store"}
  Nameless: {Type: AWS::S3::Bucket}
  Runner:
    Type: AWS::IAM::Role
    Properties: {RoleName: runner, Path: /p/, AssumeRolePolicyDocument: {}}
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: p
      PolicyDocument:
        V: """


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("'012345678901'", "012345678901"),
        ("111122223333", 111122223333),
        ("1.50", 1.5),
        ("yes", True),
        ("~", None),
        ("${aws:username}", "${aws:username}"),
        ("!Ref AWS::AccountId", NUMBER),
        ("{Ref: 'AWS::Partition'}", "aws"),
        ("!Ref Bucket", "data"),
        ("!Ref Number", "7"),
        ("!Ref Names", ["a", "b"]),
        ("!Ref Store", "data-store"),
        ("!Ref Runner", "runner"),
        ("!Ref Policy", arn("policy/p")),
        ("!GetAtt Runner.Arn", arn("role/p/runner")),
        ("!GetAtt [Store, Arn]", "arn:aws:s3:::data-store"),
        ("{'Fn::GetAtt': [Store, Arn]}", "arn:aws:s3:::data-store"),
        ('!Sub "arn:${AWS::Partition}:s3:::${Bucket}/${!aws:username}/${Runner.Arn}"',
         f"arn:aws:s3:::data/${{aws:username}}/{arn('role/p/runner')}"),
        ('!Sub ["${a}-${Bucket}", {a: !Ref Number}]', "7-data"),
        ('!Sub "sagemaker.${AWS::Region}.${AWS::URLSuffix}"', "sagemaker.eu-west-1.amazonaws.com"),
        ('!Join [":", [a, !Ref Bucket, !Ref AWS::AccountId]]', f"a:data:{NUMBER}"),
        ('!Join [",", !Ref Names]', "a,b"),
        ("!Select [1, !Ref Names]", "b"),
        ("!Select [0, !Split ['-', x-y]]", "x"),
        ("!FindInMap [Keys, !Ref 'AWS::AccountId', Key]", "mapped"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{a: !Ref AWS::NoValue, b: c}", {"b": "c"}),
        ("!ToJsonString {a: 1}", '{\n  "a": 1\n}'),
        ("!Transform {Name: x}", ("Fn::Transform",)),
        ("!Ref Asked", ("Asked",)),
        ("!Ref Stored", ("Stored",)),
        ("!Ref Nameless", ("Nameless",)),
        ("!GetAtt Nameless.Arn", ("Nameless.Arn",)),
        ("!ImportValue x", ("Fn::ImportValue",)),
        ("!If [c, a, b]", ("Fn::If",)),
        ("!Select [9, !Ref Names]", ("Fn::Select",)),
        ("!FindInMap [Keys, x, Key]", ("Fn::FindInMap",)),
        ("!FindInMap [Keys, !Ref Asked, Key]", ("Asked",)),
        ('!Join ["", [a, !Ref Asked]]', ("Asked",)),
        ("!Join ['', !Ref Asked]", ("Asked",)),
        ('!Sub "${Asked}-${Nameless.Arn}"', ("Asked", "Nameless.Arn")),
        ('!Sub "${aws:username}"', ("aws:username",)),
        ("!Ref [a]", ("Ref",)),
    ],
)  # fmt: skip
def test_values(expression: str, value: Any) -> None:
    found = next(one for one in reading(f"{HEAD}{expression}\n", region="eu-west-1").found if "policy" in one.edit.kind)
    if isinstance(value, tuple):
        assert tuple(one.name for one in found.unknown) == value
        assert found.unknown[0].place.line == HEAD.count("\n") + 1
        assert found.edit.text.startswith(f"Replace <{value[0]}>")
    else:
        assert found.unknown == ()
        assert json.loads(found.edit.text) == {"V": value}


def test_values_and_region_of_a_person_are_taken() -> None:
    text = f"{HEAD}!Sub '${{Asked}}-${{Bucket}}-${{AWS::Region}}'\n"
    assert [one.name for one in reading(text).found[1].unknown] == ["Asked", "AWS::Region"]
    found = reading(text, {"Asked": "x", "Bucket": "y"}, "eu-west-1").found[1]
    assert json.loads(found.edit.text) == {"V": "x-y-eu-west-1"}


EVERYTHING = """
Description: About it
Resources:
  Ben:
    Type: AWS::IAM::User
    Properties:
      UserName: ben
      Path: /team/
      PermissionsBoundary: !Ref Own
      Groups: [!Ref Crew]
      Tags: [{Key: a, Value: "1"}]
  Crew: {Type: AWS::IAM::Group}
  Runner:
    Type: AWS::IAM::Role
    Condition: Wanted
    Properties:
      RoleName: runner
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [!Ref Own, !Ref Unknown]
      Policies: [{PolicyName: i, PolicyDocument: {Statement: []}}]
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: []}, Roles: [trainer, nobody]}
  A:
    Type: AWS::IAM::RolePolicy
    Properties: {PolicyName: a, RoleName: !Ref Runner, PolicyDocument: '{"a": 1}'}
  B:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: b, PolicyDocument: {}, Users: [ann, !Ref Ben], Groups: [!Ref Crew]}
  C:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: team, Users: [!Ref Ben]}
  D:
    Type: AWS::Organizations::Policy
    Properties: {Name: fence, Type: RESOURCE_CONTROL_POLICY, Content: {}, TargetIds: ["111122223333"]}
  E: {Type: AWS::IAM::AccessKey}
  F: {Type: AWS::SQS::Queue}
  Fn::ForEach::G: [x]
"""


def test_every_kind_of_resource_is_read() -> None:
    found = reading(EVERYTHING)
    runner, own, crew = arn("role/runner"), arn("policy/Own"), arn("group/Crew")
    assert (found.format, found.description) == ("CloudFormation", "About it")
    assert [(one.edit.kind, one.edit.target, one.edit.name, one.edit.other) for one in found.found] == [
        ("identity", BEN, "", ""),
        ("boundary", BEN, "", own),
        ("join-group", BEN, "", crew),
        ("identity", crew, "", ""),
        ("identity", runner, "", ""),
        ("attach", runner, "", own),
        ("inline-policy", runner, "i", ""),
        ("managed-policy", own, "", ""),
        ("attach", TRAINER, "", own),
        ("inline-policy", runner, "a", ""),
        ("inline-policy", ANN, "b", ""),
        ("inline-policy", BEN, "b", ""),
        ("inline-policy", crew, "b", ""),
        ("join-group", BEN, "", arn("group/team")),
        ("organization-policy", "new:fence", "", ""),
        ("organization-attach", "new:fence", "", NUMBER),
    ]
    assert found.found[0].edit.data == {"tags": {"a": "1"}}
    assert found.found[3].remarks == ("The file leaves the name to be made up: here it is `Crew`.",)
    assert found.found[4].remarks == ("The template makes it only under the condition `Wanted`.",)
    assert found.found[9].edit.text == '{"a": 1}'
    assert [(one.origin.name, one.why) for one in found.left_out] == [
        ("Runner", "a managed policy is `Unknown`, which is not known"),
        ("Own", "there is no role `nobody` in the file or in the account"),
        ("E", "AWS::IAM::AccessKey is not read"),
        ("Fn::ForEach::G", "Fn::ForEach::G is not read"),
    ]
    assert found.passed_over == {"AWS::SQS::Queue": 1}


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("Resources:\n  a: &x {}\n  b: *x\n", "takes no aliases", 3, 6),
        ("Resources:\n  a:\n    <<: {b: 1}\n", "takes no merges", 3, 5),
        ("Resources:\n  a: 1\n  a: 2\n", "the key `a` stands twice", 3, 3),
        ("Resources:\n  a: 012345678901\n", "in quotes", 2, 6),
        ("Resources:\n  a: 0x10\n", "in quotes", 2, 6),
        ("Resources:\n  a: 12:30\n", "in quotes", 2, 6),
        ("Resources:\n  a: .inf\n", "in quotes", 2, 6),
        ("Resources:\n  a: 1_000\n", "in quotes", 2, 6),
        ("Resources:\n  a: !!python/object:os.system {}\n", "none of CloudFormation's", 2, 6),
        ("Resources:\n  a: !!binary aGk=\n", "none of CloudFormation's", 2, 6),
        ("Resources:\n  [a]: 1\n", "a key must be a text", 2, 3),
        ("Resources: {}\n---\na: 1\n", "a second document", 2, 1),
        ("Resources: {\n", "this is not YAML", 2, 1),
        ("Resources: " + "[" * 100 + "]" * 100 + "\n", "nested more than", 1, 72),
        ("Resources: []\n", "`Resources` is no object", 1, 12),
        ("Resources: {}\nTransform: x\n", "written by another program", 2, 12),
        ("a: 1\n", "neither Terraform nor", 0, 0),
        ("just text\n", "neither Terraform nor", 0, 0),
    ],
)
def test_what_cloudformation_would_not_take_is_refused_with_its_place(
    text: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(ReadError) as caught:
        reading(text)
    assert message in str(caught.value)
    assert (caught.value.place.line, caught.value.place.column) == (line, column)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xff", "line 1, column 1: not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"a: \0", "line 1, column 4: a NUL"),
        (b"[]", "neither a change of Policy Studio"),
        (b'{"a": NaN}', "`a`: `NaN` is not JSON"),
        (b"locals { a = [" + b"1," * 200_000 + b"] }", "more than 200,000 brackets"),
        (b"${" * 6000, "more than 5,000 expressions"),
        (b'{"format": "policy-studio-change", "version": 1, "edits": [\n{"kind": 1}]}', "line 2, column 10"),
        (b"[" * 3000 + b"]" * 3000, "nested deeper"),
    ],
)
def test_files_that_are_nothing_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(content, setting())
    assert message in str(caught.value)


def test_names_that_hold_each_other_many_times_end() -> None:
    roles = [
        f'  R{n}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Sub "${{R{n + 1}}}${{R{n + 1}}}"}}}}'
        for n in range(40)
    ]
    with pytest.raises(ReadError, match=r"more than|too far"):
        reading("\n".join(["Resources:", *roles, "  R40: {Type: AWS::IAM::Role}", ""]))


def test_a_circle_of_names_ends() -> None:
    with pytest.raises(ReadError, match="leads back to itself"):
        reading("Resources:\n  A: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref A}}\n")


def test_json_has_places_too() -> None:
    template = {"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}}}
    (left,) = read(json.dumps(template, indent=1).encode(), setting()).left_out
    assert (left.origin.place.line, left.why) == (3, "its document is missing")
