"""All rules together: separate codes, each with its section in the documentation and its tests."""

import json
from pathlib import Path

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.registry import RULES, lint
from policystudio.engine.lint.rule import Rule
from tests.engine.lint.helpers import allow, policy, when

ROOT = Path(__file__).parent.parent.parent.parent
#: INVALID_SERVICE is about an ARN's service and about a condition key's.
SHARED = {"INVALID_SERVICE"}


def test_a_code_belongs_to_one_rule() -> None:
    codes = [code for rule in RULES.values() for code in rule.codes if code not in SHARED]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_codes_of_the_studio_cannot_be_mistaken_for_those_of_aws(rule: Rule) -> None:
    assert all(code.startswith("STUDIO_") == (rule.source is Origin.STUDIO) for code in rule.codes)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_test_file(name: str) -> None:
    assert (Path(__file__).parent / "rules" / f"test_{name}.py").exists()


def test_findings_come_in_the_order_of_the_text() -> None:
    text = policy(allow("s3:NoSuchAction", Sid=""), allow(["s3:Get*", "s3:GetObject"]))
    assert [finding.code for finding in lint(text)] == ["INVALID_ACTION", "EMPTY_SID_VALUE", "REDUNDANT_ACTION"]


def test_a_finding_says_where_it_stands_in_lines_from_1_and_columns_from_0() -> None:
    from policystudio.engine.source import Source

    text = json.dumps(json.loads(policy(allow("s3:NoSuchAction"))), indent=2)
    found = next(finding for finding in lint(text) if finding.code == "INVALID_ACTION").as_json(Source(text))
    assert found["path"] == [{"value": "Statement"}, {"index": 0}, {"value": "Action"}]
    assert (found["start"]["line"], found["start"]["column"]) == (6, 16)
    assert text[found["start"]["offset"] : found["end"]["offset"]] == '"s3:NoSuchAction"'
    assert (found["type"], found["source"]) == ("ERROR", "aws")


@pytest.mark.parametrize("kind", PolicyKind)
@pytest.mark.parametrize(
    "text", ["", "null", "[]", "5", '"x"', "{", "{}", '{"Statement": [5, null, {"Condition": {"x": 5}}]}', "\ud800"]
)
def test_whatever_the_text_there_is_an_answer(text: str, kind: PolicyKind) -> None:
    assert any(finding.type is FindingType.ERROR for finding in lint(text, kind))


def test_documents_that_cannot_be_parsed_strictly_are_looked_at_all_the_same() -> None:
    text = when("StringEquals", "aws:TagKeys", "x", Action=[5, "s3:NoSuchAction"])
    codes = {finding.code for finding in lint(text)}
    assert {"DATA_TYPE_MISMATCH", "INVALID_ACTION", "MISSING_QUALIFIER"} <= codes


def test_what_iam_refuses_is_said_once() -> None:
    text = policy(allow("iam:GetRole", Sid="no spaces please"))
    assert [finding.code for finding in lint(text)] == ["UNSUPPORTED_SID"]
    trust = policy({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:Get*", "Resource": "*"})
    assert [finding.code for finding in lint(trust, PolicyKind.TRUST)] == [
        "UNSUPPORTED_ACTION_IN_POLICY",
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
    ]
