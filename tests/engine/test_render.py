"""Policies as canonical JSON."""

import json

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.render import render_policy, statement_json, to_json

SCATTERED = """{"Statement": {"Condition": {"stringequalsifexists": {"aws:y": "1", "aws:x": ["a", "b"]},
   "FORANYVALUE:StringLike": {"aws:TagKeys": []}, "Bool": {"aws:z": true}},
   "Resource": ["*"], "Principal": {"Service": ["s3.amazonaws.com"], "AWS": ["123456789012", "*"]},
   "NotAction": ["s3:*", "iam:*"], "Effect": "Deny", "Sid": ""}, "Id": "x"}"""

CANONICAL = """{
  "Version": "2008-10-17",
  "Id": "x",
  "Statement": [
    {
      "Sid": "",
      "Effect": "Deny",
      "Principal": {
        "Service": "s3.amazonaws.com",
        "AWS": [
          "123456789012",
          "*"
        ]
      },
      "NotAction": [
        "s3:*",
        "iam:*"
      ],
      "Resource": "*",
      "Condition": {
        "StringEqualsIfExists": {
          "aws:y": "1",
          "aws:x": [
            "a",
            "b"
          ]
        },
        "ForAnyValue:StringLike": {
          "aws:TagKeys": []
        },
        "Bool": {
          "aws:z": "true"
        }
      }
    }
  ]
}"""


def test_elements_stand_in_the_order_of_the_grammar_and_operators_in_awss_spelling() -> None:
    assert render_policy(parse_policy(SCATTERED, PolicyKind.RESOURCE)) == CANONICAL


def test_canonical_text_stays_as_it_is() -> None:
    assert render_policy(parse_policy(CANONICAL, PolicyKind.RESOURCE)) == CANONICAL


def test_everyone_and_not_principal() -> None:
    text = """{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "*", "NotResource": "*"}]}"""
    policy = parse_policy(text, PolicyKind.RESOURCE)
    assert [statement_json(statement) for statement in policy.statements] == json.loads(text)["Statement"]


def test_text_is_in_the_characters_of_iam() -> None:
    text = to_json({"é": ["ÿ", "東", "😀", '"\\\n']}, indent=None)
    assert text == '{"é": ["ÿ", "\\u6771", "\\ud83d\\ude00", "\\"\\\\\\n"]}'
    assert json.loads(text) == {"é": ["ÿ", "東", "😀", '"\\\n']}


def test_numbers_that_json_has_not_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(float("nan"))
