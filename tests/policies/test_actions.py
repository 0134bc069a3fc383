"""Which actions a document can be about: what its row keeps of it, and that nothing that matters is passed over."""

import importlib
import json
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine.document import PolicyKind
from policystudio.engine.match import action_matches
from policystudio.engine.parse import parse_policy
from policystudio.policies.models import Document
from policystudio.policies.selectors import about, may_be_about
from policystudio.policies.services import actions_of
from tests import factories

PATTERNS = st.sampled_from(
    ["*", "s3:Get*", "S3:GetObject", "sagemaker:Delete?ndpoint", "sagemaker:*", "sts:AssumeRole"]
)
ACTIONS = st.sampled_from(["s3:GetObject", "sagemaker:DeleteEndpoint", "sts:AssumeRole", "iam:PassRole"])


def document(*statements: dict[str, Any]) -> str:
    made = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": made})


def kept(*statements: dict[str, Any]) -> str:
    return actions_of(parse_policy(document(*statements), PolicyKind.IDENTITY))


def test_each_pattern_is_kept_once_in_lower_case() -> None:
    assert kept({"Action": ["s3:Get*", "sagemaker:*"]}, {"Action": "S3:GET*"}) == "s3:get*\nsagemaker:*"


def test_what_a_statement_excludes_is_kept_as_that() -> None:
    assert kept({"NotAction": ["iam:*", "Sts:*"]}) == "- iam:* sts:*"


def test_nothing_is_about_nothing_and_what_is_not_known_about_everything() -> None:
    assert not may_be_about("", ["s3:GetObject"])
    assert may_be_about(None, ["s3:GetObject"])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.lists(PATTERNS, min_size=1, max_size=3)), min_size=1, max_size=3), ACTIONS)
def test_it_is_about_exactly_the_actions_that_a_statement_matches(
    statements: list[tuple[bool, list[str]]], action: str
) -> None:
    text = kept(*({"NotAction" if negated else "Action": patterns} for negated, patterns in statements))
    matched = any(any(action_matches(one, action) for one in patterns) != negated for negated, patterns in statements)
    assert may_be_about(text, [action]) is matched


@pytest.mark.django_db
def test_the_quick_filter_passes_over_no_document_that_may_be_about_the_action() -> None:
    made = [
        {"Action": "sagemaker:DeleteEndpoint"},
        {"Action": "sagemaker:Delete*"},
        {"NotAction": "s3:GetObject"},
        {"Action": "sagemaker:Delete?ndpoint"},
        {"Action": "s3:GetObject"},
    ]
    for statement in made:
        text = document(statement)
        actions = actions_of(parse_policy(text, PolicyKind.IDENTITY))
        Document.objects.filter(pk=factories.make_document(text).pk).update(actions=actions)
    found = Document.objects.filter(about(["sagemaker:DeleteEndpoint"]))
    assert found.count() == 4
    assert all(may_be_about(one.actions, ["sagemaker:DeleteEndpoint"]) for one in found)


@pytest.mark.django_db
def test_documents_that_were_stored_before_are_read_by_the_migration() -> None:
    factories.make_document(document({"Action": "s3:GetObject"}))
    broken = factories.make_document("{")
    Document.objects.filter(pk=broken.pk).update(problems=[{"message": "no", "line": 1, "column": 1}])
    Document.objects.update(actions=None)
    importlib.import_module("policystudio.policies.migrations.0002_document_actions").fill(apps, None)
    assert dict(Document.objects.values_list("text", "actions")) == {
        document({"Action": "s3:GetObject"}): "s3:getobject",
        "{": None,
    }
