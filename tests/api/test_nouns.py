"""Attachments, the root user, search, why, former texts, drafts from templates, splits, jobs, settings over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from tests import factories
from tests.api.test_problems import assert_problem
from tests.factories import as_text
from tests.web.conftest import allow
from tests.web.test_edit import long_text

HERE = "/api/v1/accounts/111122223333"
ANY = {"If-Match": "*"}


@pytest.fixture
def ada(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.fixture
def dana(account: Account) -> Any:
    """A user in a group, with a policy, a boundary, and a policy through the group."""
    edge = factories.make_managed_policy(account, "edge", allow("sagemaker:*"))
    user = factories.make_identity(account, "user", "dana", boundary=edge)
    group = factories.make_identity(account, "group", "scientists")
    factories.join(user, group)
    factories.attach(user, factories.make_managed_policy(account, "look", allow("sagemaker:ListModels")))
    factories.attach(group, factories.make_managed_policy(account, "make", allow("sagemaker:CreateModel")))
    return user


def test_who_has_what(api: APIClient, account: Account, dana: Any) -> None:
    policies = {policy.name: policy for policy in account.managed_policies.all()}
    found = api.get(f"{HERE}/attachments?identity={dana.arn}").json()["results"]
    look = policies["look"]
    assert found == [{"identity": dana.arn, "kind": "user", "policy": look.arn, "policy_id": look.pk}]
    assert api.get(f"{HERE}/attachments").json()["count"] == 2
    assert api.get(f"{HERE}/attachments?policy={policies['make'].arn}").json()["results"][0]["kind"] == "group"
    edge = policies["edge"]
    assert api.get(f"{HERE}/boundaries").json()["results"] == [
        {"identity": dana.arn, "kind": "user", "policy": edge.arn, "policy_id": edge.pk}
    ]
    group = account.identities.get(kind="group")
    assert api.get(f"{HERE}/group-memberships").json()["results"] == [{"user": dana.arn, "group": group.arn}]


def test_why_tells_layers_statements_and_requests(api: APIClient, dana: Any) -> None:
    asked = f"{HERE}/why?identity={dana.arn}&action=sagemaker:CreateModel&type=model"
    found = api.get(asked).json()
    assert found["letter"] in "ASC"
    assert {layer["layer"] for layer in found["layers"]} >= {"identity_policies", "permissions_boundary"}
    (statement,) = [one for one in found["statements"] if one["policy"].endswith("make")]
    assert statement["through"].endswith("group/scientists")
    assert statement["effect"] == "Allow"
    assert found["allowed"]["decision"] == "allowed"
    without = api.get(f"{asked}&exclude={statement['arn']}").json()
    assert without["verdict"] == "implicitDeny"
    nobody = "&identity=arn:aws:iam::111122223333:user/x"
    faults = (("&at=never", "at", 400), ("&type=endpoint", "action", 404), (nobody, "identity", 404))
    for wrong, place, status in faults:
        assert assert_problem(api.get(asked + wrong), status)["errors"][0]["place"] == place
    assert assert_problem(api.get(f"{HERE}/why"), 400)["errors"][0]["place"] == "identity"


def test_the_root_user(api: APIClient, account: Account) -> None:
    found = api.get(f"{HERE}/root").json()
    assert (found["arn"], found["limited_by"]) == ("arn:aws:iam::111122223333:root", None)
    assert found["what_can"]["kind"] == "root"


def test_search_looks_in_ones_own_accounts_alone(api: APIClient, dana: Any) -> None:
    factories.make_identity(factories.make_account(), "user", "dana")
    found = api.get("/api/v1/search?text=DANA").json()
    assert [one["arn"] for one in found["identities"]] == [dana.arn]
    assert found["cut"] is False
    assert "sagemaker:CreateModel" in api.get("/api/v1/search?text=createmodel").json()["actions"]
    assert_problem(api.get("/api/v1/search?text=%20"), 400)


def test_a_policy_said_something_else_before(ada: APIClient, account: Account, dana: Any) -> None:
    policy = account.managed_policies.get(name="look")
    for action in ("sagemaker:ListEndpoints", "sagemaker:List*"):
        edits = [{"kind": "managed-policy", "target": policy.arn, "text": as_text(allow(action))}]
        number = ada.post(f"{HERE}/changes", {"title": "Look wider", "edits": edits}).json()["number"]
        for step in ("propose", "approve", "publish"):
            assert ada.post(f"{HERE}/changes/{number}/{step}", {}, headers=ANY).status_code == 200
    asked = f"{HERE}/earlier?kind=managed-policy&target={policy.arn}"
    texts = [one["text"] for one in ada.get(asked).json()["results"]]
    assert texts[0] == as_text(allow("sagemaker:List*"))
    assert len(texts) == 2
    page = ada.get(f"{asked}&limit=1").json()
    assert [one["text"] for one in ada.get(page["next"]).json()["results"]] == texts[1:]
    assert assert_problem(ada.get(f"{HERE}/earlier?kind=x"), 400)["errors"][0]["place"] == "kind"


def test_a_template_becomes_a_draft(ada: APIClient, account: Account) -> None:
    sent = {"template": "execution-training", "name": "train", "parameters": {"buckets": ["churn-data"]}}
    made = ada.post(f"{HERE}/template-drafts", sent)
    assert made.status_code == 201, made.content
    assert {edit["kind"] for edit in made.json()["edits"]} >= {"identity", "managed-policy", "attach"}
    for wrong, place, status in (
        ({"template": None}, "template", 400),
        ({"name": None}, "name", 400),
        ({"parameters": {"buckets": [1]}}, "parameters.buckets", 400),
        ({"parameters": {}}, "parameters.buckets", 409),
        ({"use": 1}, "template", 400),
    ):
        body = {name: value for name, value in {**sent, **wrong}.items() if value is not None}
        problem = assert_problem(ada.post(f"{HERE}/template-drafts", body), status)
        assert place in {error["place"] for error in problem["errors"]}, problem
    assert_problem(ada.post(f"{HERE}/template-drafts", {"use": 1, "parameters": {}}), 404)
    assert Change.objects.count() == 1


def test_a_long_policy_is_split_and_made_one_again(ada: APIClient, account: Account, dana: Any) -> None:
    policy = account.managed_policies.get(name="look")
    edits = [{"kind": "managed-policy", "target": policy.arn, "text": long_text()}]
    made = ada.post(f"{HERE}/changes", {"title": "Long", "edits": edits}).json()
    here = f"{HERE}/changes/{made['number']}/edits/{made['edits'][0]['id']}"
    shown = ada.get(f"{here}/split").json()
    assert len(shown["texts"]) == len(shown["names"]) + 1 >= 2
    assert shown["identities"] == [dana.arn]
    assert_problem(ada.post(f"{here}/split"), 428)
    assert_problem(ada.post(f"{here}/split", headers={"If-Match": '"7"'}), 404)
    done = ada.post(f"{here}/split", headers={"If-Match": '"1"'})
    assert done.json()["text"] == shown["texts"][0]
    assert Edit.objects.filter(change__number=made["number"]).count() == 1 + 2 * len(shown["names"])
    back = ada.post(f"{here}/unsplit", {"text": long_text()}, headers={"If-Match": done["ETag"]})
    assert back.json()["text"] == long_text()
    assert Edit.objects.filter(change__number=made["number"]).count() == 1


def test_the_findings_of_a_change(ada: APIClient, account: Account, dana: Any) -> None:
    policy = account.managed_policies.get(name="look")
    edits = [{"kind": "managed-policy", "target": policy.arn, "text": as_text(allow("sagemaker:ListModelz"))}]
    made = ada.post(f"{HERE}/changes", {"title": "Typo", "edits": edits}).json()
    found = ada.get(f"{HERE}/changes/{made['number']}/findings").json()
    assert ("INVALID_ACTION", made["edits"][0]["id"]) in {(one["code"], one["edit"]) for one in found["new"]}
    assert_problem(ada.get(f"{HERE}/changes/99/findings"), 404)


def test_codes_of_findings(api: APIClient) -> None:
    codes = {one["code"] for one in api.get("/api/v1/finding-codes?limit=1000").json()["results"]}
    assert {"INVALID_ACTION", "STUDIO_ROLE_UNUSED"} <= codes
    assert api.get("/api/v1/finding-codes/STUDIO_ROLE_UNUSED").json()["remedy"]
    assert_problem(api.get("/api/v1/finding-codes/NOTHING"), 404)


def test_jobs_are_imports_and_findings(ada: APIClient, api: APIClient, account: Account) -> None:
    made = ada.post("/api/v1/imports", b'{"UserDetailList": []}', content_type="application/json").json()["id"]
    listed = ada.get("/api/v1/jobs").json()["results"]
    assert [(one["id"], one["kind"]) for one in listed] == [(made, "import"), ("findings-111122223333", "findings")]
    assert ada.get(f"/api/v1/jobs/{made}").json() == listed[0]
    assert [one["id"] for one in ada.get("/api/v1/jobs?kind=import&state=queued").json()["results"]] == [made]
    assert_problem(api.get(f"/api/v1/jobs/{made}"), 404)
    assert [one["kind"] for one in api.get("/api/v1/jobs").json()["results"]] == ["findings"]
    for unknown in ("x", "findings-999988887777", "00000000-0000-0000-0000-000000000000"):
        assert_problem(ada.get(f"/api/v1/jobs/{unknown}"), 404)
    assert_problem(ada.get("/api/v1/jobs?state=lost"), 400)


def test_a_second_person_is_asked_for_by_whoever_saw_how_it_is(ada: APIClient, account: Account) -> None:
    read = ada.get(HERE)
    assert read.json()["needs_second_person"] is False
    assert_problem(ada.patch(HERE, {"needs_second_person": True}), 428)
    written = ada.patch(HERE, {"needs_second_person": True}, headers={"If-Match": read["ETag"]})
    assert written.json()["needs_second_person"] is True
    assert_problem(ada.patch(HERE, {"needs_second_person": False}, headers={"If-Match": read["ETag"]}), 412)
    assert ada.get(HERE, headers={"If-None-Match": written["ETag"]}).status_code == 304
    assert_problem(ada.patch(HERE, {"needs_second_person": "perhaps"}, headers=ANY), 400)


def test_identities_leave_in_other_formats(api: APIClient, account: Account, dana: Any) -> None:
    told = api.get(f"{HERE}/users/DANA/export?format=tf.json")
    assert (told.status_code, b"aws_iam_user" in told.content) == (200, True)
    assert api.get(f"{HERE}/groups/scientists/export").json()
    assert_problem(api.get(f"{HERE}/roles/dana/export"), 404)
    assert_problem(api.get(f"{HERE}/users/dana/export?format=doc"), 400)
