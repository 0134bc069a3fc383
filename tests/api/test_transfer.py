"""Policies and changes in the formats of other tools, over REST."""

import json

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.services import change_begin
from tests import factories
from tests.api.test_matrix import allow
from tests.api.test_problems import assert_problem

BASE = "/api/v1/accounts/111122223333"
TEMPLATE = """
Parameters: {Bucket: {Type: String}}
Resources:
  Fresh:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: []}}
  Asked:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: !Ref Bucket}}
"""


def test_a_policy_leaves_in_a_format(api: APIClient, account: Account) -> None:
    policy = factories.make_managed_policy(account, "p", allow("sagemaker:*"))
    address = f"{BASE}/policies/{policy.pk}/export"
    assert api.get(address).json()["format"] == "policy-studio-change"
    assert json.loads(api.get(f"{address}?format=policy.json&version=v1").content) == allow("sagemaker:*")
    script = api.get(f"{address}?format=sh")
    assert (script["Content-Type"], script.content[:10]) == ("text/x-shellscript", b"#!/bin/sh\n")
    assert script["Content-Disposition"] == f'attachment; filename="policy-{policy.pk}.sh"'
    assert assert_problem(api.get(f"{address}?format=exe"), 400)["errors"][0]["place"] == "format"
    assert_problem(api.get(f"{address}?version=v9"), 404)


def test_a_change_leaves_in_a_format(api: APIClient, account: Account) -> None:
    role = factories.make_identity(account, "role", "runner")
    change_begin(account=account, by=None, title="Tag", kind="tags", target=role.arn, data={"tags": {"a": "1"}})
    address = f"{BASE}/changes/1/export"
    assert b"aws iam tag-role" in api.get(f"{address}?format=sh").content
    problem = assert_problem(api.get(f"{address}?format=cfn.json"), 422)
    assert "tags `arn:aws:iam::111122223333:role/runner`" in problem["errors"][0]["message"]
    assert_problem(api.get(f"{BASE}/changes/9/export"), 404)
    assert_problem(api.get(f"{address}?format=policy.json"), 400)


def test_a_file_becomes_a_draft(client_of, administrator, account: Account) -> None:
    api = client_of(administrator)
    address = f"{BASE}/changes/import?filename=a.yaml"
    report = api.post(f"{address}&dry_run=true", TEMPLATE, content_type="application/yaml").json()
    assert (report["change"], [item["effect"] for item in report["items"]]) == (None, ["creates", "creates"])
    assert report["items"][1]["unknown"] == [{"name": "Bucket", "line": 9, "column": 46}]
    assert not Change.objects.exists()
    made = api.post(f"{address}&title=Mine", TEMPLATE, content_type="text/plain")
    assert (made.status_code, made.json()["change"]) == (201, 1)
    assert [edit.target.rpartition("/")[2] for edit in Change.objects.get().edits.all()] == ["Fresh"]
    both = api.post(f"{address}&value=Bucket=x", TEMPLATE, content_type="text/plain").json()
    assert Change.objects.get(number=both["change"]).edits.count() == 2
    one = api.post(f"{address}&item=2", TEMPLATE, content_type="text/plain").json()
    assert Change.objects.get(number=one["change"]).edits.get().text.startswith("Replace <Bucket>")


@pytest.mark.parametrize(
    ("query", "body", "status", "place"),
    [
        ("dry_run=perhaps", TEMPLATE, 400, "dry_run"),
        ("item=x", TEMPLATE, 400, "item"),
        ("value=x", TEMPLATE, 400, "value"),
        ("value=x=1&value=x=2", TEMPLATE, 400, "value"),
        ("item=7", TEMPLATE, 422, ""),
        ("", "\nResources: ]", 400, ""),
        ("", "", 400, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    client_of, administrator, query: str, body: str, status: int, place: str
) -> None:
    answer = client_of(administrator).post(f"{BASE}/changes/import?{query}", body, content_type="text/plain")
    problem = assert_problem(answer, status)
    assert problem["errors"][0]["place"] == place
    if body.endswith("]"):
        assert problem["errors"][0]["line"] == 2
    assert not Change.objects.exists()
