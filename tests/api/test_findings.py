"""Findings and waivers over REST: pages by cursor, filters, and every refusal with its place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.findings.models import Waiver
from policystudio.findings.services import findings_work_now
from tests import factories
from tests.web.conftest import allow

PAGE = "/api/v1/accounts/111122223333/findings"
WAIVERS = "/api/v1/accounts/111122223333/waivers"


@pytest.fixture
def ada(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.fixture
def worked(account: Account) -> Account:
    for number in range(3):
        factories.make_managed_policy(account, f"typo{number}", allow(f"sagemaker:ListModel{'l' * (number + 1)}"))
    factories.make_managed_policy(account, "wide", allow("*:List*"))
    findings_work_now(account=account, now=timezone.now())
    return account


def until(days: int = 5) -> str:
    return (timezone.now().date() + timedelta(days=days)).isoformat()


def test_it_comes_in_pages_and_every_finding_once(ada: APIClient, worked: Account) -> None:
    seen, address = [], f"{PAGE}?limit=2"
    while address is not None:
        answer = ada.get(address).json()
        assert len(answer["results"]) <= 2
        assert answer["worked_at"]
        assert answer["current"] is True
        seen += [one["id"] for one in answer["results"]]
        address = answer["next"]
    whole = [one["id"] for one in ada.get(PAGE).json()["results"]]
    assert seen == whole
    assert len(set(seen)) == len(seen) >= 4


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"code": "INVALID_ACTION"}, ["typo0", "typo1", "typo2"]),
        ({"type": "ERROR"}, ["typo0", "typo1", "typo2"]),
        ({"policy": "arn:aws:iam::111122223333:policy/typo1"}, ["typo1"]),
        ({"type": "ERROR", "waived": "yes"}, []),
        ({"type": "ERROR", "aws_managed": "yes"}, []),
    ],
)
def test_it_filters(ada: APIClient, worked: Account, query: dict, labels: list) -> None:
    assert [one["label"] for one in ada.get(PAGE, query).json()["results"]] == labels


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"type": "BAD"}, "type"),
        ({"waived": "maybe"}, "waived"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "1~CODE~x"}, "cursor"),
        ({"kind": "x"}, "kind"),
    ],
)
def test_what_it_does_not_understand_is_refused(ada: APIClient, worked: Account, query: dict, place: str) -> None:
    response = ada.get(PAGE, query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["place"] == place


def test_a_finding_is_waived_and_its_waiver_ended(ada: APIClient, worked: Account) -> None:
    pk = ada.get(PAGE, {"code": "INVALID_ACTION"}).json()["results"][0]["id"]
    sent = {"finding": pk, "reason": "Known", "until": until()}
    response = ada.post(WAIVERS, sent)
    assert response.status_code == 201, response.content
    assert response.json()["owner"] == "ada"
    assert [one["waiver"]["id"] for one in ada.get(PAGE, {"waived": "yes"}).json()["results"]] == [
        response.json()["id"]
    ]
    mine = f"{WAIVERS}/{response.json()['id']}"
    assert ada.delete(mine).status_code == 428
    assert ada.delete(mine, headers={"If-Match": '"0000"'}).status_code == 412
    assert ada.delete(mine, headers={"If-Match": response["ETag"]}).status_code == 204
    assert ada.get(WAIVERS).json() == {"count": 0, "next": None, "results": []}
    assert ada.get(PAGE, {"waived": "yes"}).json()["results"] == []


def test_a_waiver_is_written_over_by_whoever_saw_it_alone(ada: APIClient, worked: Account) -> None:
    made = ada.post(WAIVERS, {"code": "INVALID_ACTION", "reason": "Known", "until": until()})
    mine, again = f"{WAIVERS}/{made.json()['id']}", {"reason": "Still known", "until": until(7)}
    assert ada.put(mine, again).status_code == 428
    written = ada.put(mine, again, headers={"If-Match": made["ETag"]})
    assert (written.status_code, written.json()["reason"]) == (200, "Still known")
    assert ada.put(mine, again, headers={"If-Match": made["ETag"]}).status_code == 412
    read = ada.get(mine)
    assert (read["ETag"], read.json()["until"]) == (written["ETag"], until(7))
    assert ada.get(mine, headers={"If-None-Match": read["ETag"]}).status_code == 304
    wrong = ada.put(mine, {**again, "until": "2020-01-01"}, headers={"If-Match": "*"})
    assert wrong.json()["errors"][0]["place"] == "until"


def test_one_finding(ada: APIClient, worked: Account) -> None:
    first = ada.get(PAGE).json()["results"][0]
    assert ada.get(f"{PAGE}/{first['id']}").json() == first
    assert ada.get(f"{PAGE}/999999").status_code == ada.get(f"{PAGE}/{10**30}").status_code == 404


@pytest.mark.parametrize(
    ("sent", "place", "status"),
    [
        ({}, "finding", 400),
        ({"finding": 1, "code": "INVALID_ACTION"}, "finding", 400),
        ({"finding": 10**18}, "finding", 404),
        ({"code": "NO_SUCH"}, "code", 404),
        ({"code": "INVALID_ACTION", "until": "2020-01-01"}, "until", 409),
        ({"code": "INVALID_ACTION", "until": until(400)}, "until", 409),
        ({"code": "INVALID_ACTION", "owner": "nobody"}, "owner", 404),
        ({"code": "INVALID_ACTION", "owner": "stan"}, "owner", 404),
        ({"code": "INVALID_ACTION", "reason": ""}, "reason", 400),
    ],
)
def test_what_is_wrong_with_a_waiver_is_named(
    ada: APIClient, worked: Account, sent: dict, place: str, status: int
) -> None:
    factories.make_sign_in("stan")
    body = {"reason": "Known", "until": until(), **sent}
    response = ada.post(WAIVERS, body)
    assert response.status_code == status
    assert response.json()["errors"][0]["place"] == place
    assert not Waiver.objects.exists()
