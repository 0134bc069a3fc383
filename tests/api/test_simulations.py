"""Saved simulations over REST: kept once, run again, compared, and written over by whoever saw them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from tests import factories
from tests.api.test_problems import assert_problem
from tests.web.conftest import allow

HERE = "/api/v1/accounts/111122223333/simulations"
SENT = {"name": "Who makes models", "question": {"action": ["CreateModel"], "type": ["model"], "kind": ["user"]}}


@pytest.fixture
def ada(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.fixture
def dana(account: Account) -> Any:
    return factories.make_identity(account, "user", "dana")


def test_it_is_kept_run_and_compared(api: APIClient, account: Account, dana: Any) -> None:
    made = api.post(HERE, SENT, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.content
    assert api.post(HERE, SENT, headers={"Idempotency-Key": "one"}).json() == made.json()
    mine = f"{HERE}/{made.json()['number']}"
    assert_problem(api.get(f"{mine}/compare"), 409)
    first = api.post(f"{mine}/runs").json()
    assert first["answers"]["rows"] == {dana.arn: "I"}
    assert first["decisions"] == {"implicitDeny": 1}
    factories.attach(dana, factories.make_managed_policy(account, "make", allow("sagemaker:CreateModel")))
    second = api.post(f"{mine}/runs").json()
    assert [one["number"] for one in api.get(f"{mine}/runs").json()["results"]] == [2, 1]
    read = api.get(f"{mine}/runs/2")
    assert read.json() == second
    assert api.get(f"{mine}/runs/2", headers={"If-None-Match": read["ETag"]}).status_code == 304
    told = api.get(f"{mine}/compare").json()
    assert told == api.get(f"{mine}/compare?from=1&to=2").json()
    (changed,) = told["changed"]
    assert (changed["before"]["decision"], changed["after"]["decision"]) == ("implicitDeny", "allowed")
    assert api.get(f"{mine}/compare?from=2&to=1").json()["changed"][0]["after"]["decision"] == "implicitDeny"
    for wrong, status in (("from=x", 400), ("from=1&to=9", 404), ("form=1", 400)):
        assert_problem(api.get(f"{mine}/compare?{wrong}"), status)


def test_requests_are_kept_with_what_is_tried_on_them(api: APIClient, dana: Any) -> None:
    sent = {
        "name": "If she might",
        "requests": [{"principal": dana.arn, "action": "sagemaker:ListModels", "context": {"aws:SecureTransport": []}}],
        "question": {
            "add": ['{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}']
        },
    }
    made = api.post(HERE, sent).json()
    run = api.post(f"{HERE}/{made['number']}/runs").json()
    assert [one["decision"] for one in run["answers"]["results"]] == ["allowed"]
    assert made["requests"][0]["context"] == {"aws:SecureTransport": []}


def test_it_is_renamed_and_given_up_by_whoever_saw_it(api: APIClient, ada: APIClient, dana: Any) -> None:
    made = api.post(HERE, SENT)
    mine = f"{HERE}/{made.json()['number']}"
    assert_problem(api.put(mine, {"name": "x"}), 428)
    written = api.put(mine, {"name": "Makers"}, headers={"If-Match": made["ETag"]})
    assert (written.json()["name"], written.json()["version"]) == ("Makers", 2)
    assert_problem(ada.delete(mine, headers={"If-Match": made["ETag"]}), 412)
    assert ada.delete(mine, headers={"If-Match": written["ETag"]}).status_code == 204
    assert_problem(api.get(mine), 404)


@pytest.mark.parametrize(
    ("sent", "place", "status"),
    [
        ({"name": ""}, "name", 400),
        ({"name": " "}, "name", 400),
        ({"name": "x" * 201}, "name", 400),
        ({"question": {"kind": ["robot"]}}, "question.kind", 400),
        ({"question": {"at": ["1999-01-01"]}}, "question.at", 404),
        ({"requests": [{"principal": "dana", "action": "s3:GetObject"}], "question": {}}, "requests[0].principal", 400),
    ],
)
def test_what_is_wrong_is_named(api: APIClient, dana: Any, sent: dict, place: str, status: int) -> None:
    problem = assert_problem(api.post(HERE, {**SENT, **sent}), status)
    assert problem["errors"][0]["place"] == place


def test_a_viewer_does_not_give_up_what_others_kept(api: APIClient, ada: APIClient, dana: Any) -> None:
    mine = f"{HERE}/{ada.post(HERE, SENT).json()['number']}"
    for method in (api.delete, lambda *args, **more: api.put(*args, {"name": "x"}, **more)):
        assert_problem(method(mine, headers={"If-Match": "*"}), 403)
