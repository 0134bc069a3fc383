"""Idempotency-Key: what is sent twice is made once, also by two at the same time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.api.idempotency import KEPT_FOR, LOST_AFTER, forget_answers
from policystudio.api.models import KeptAnswer
from policystudio.awssync.models import ImportJob
from policystudio.changes.models import Change
from policystudio.clients.models import ApiToken
from tests.api.test_problems import assert_problem
from tests.support.at_once import at_once

CHANGES = "/api/v1/accounts/111122223333/changes"
BODY = {"title": "Tag the endpoints"}
KEY = {"Idempotency-Key": "7c1ce2b8"}
EXPORT = b'{"UserDetailList": []}'


@pytest.fixture
def ada(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


def test_it_is_made_once_and_answered_alike(ada: APIClient) -> None:
    first, second = (ada.post(CHANGES, BODY, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json(), first["ETag"]) == (second.json(), second["ETag"])
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Change.objects.count() == 1
    assert ada.post(f"{CHANGES}/", BODY, headers={"Idempotency-Key": '"7c1ce2b8"'}).json() == first.json()


def test_another_key_and_no_key_make_another(ada: APIClient) -> None:
    for headers in (KEY, {"Idempotency-Key": "other"}, {}, {}):
        assert ada.post(CHANGES, BODY, headers=headers).status_code == 201
    assert Change.objects.count() == 4


def test_the_same_key_for_another_body_is_409(ada: APIClient) -> None:
    ada.post(CHANGES, BODY, headers=KEY)
    problem = assert_problem(ada.post(CHANGES, {"title": "Other"}, headers=KEY), 409)
    assert problem["errors"][0]["in"] == "header"
    assert problem["errors"][0]["place"] == "Idempotency-Key"
    assert Change.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\x7f"])
def test_a_key_that_is_none_is_refused(ada: APIClient, key: str) -> None:
    assert_problem(ada.post(CHANGES, BODY, headers={"Idempotency-Key": key}), 400)
    assert not Change.objects.exists()


def test_what_was_refused_may_be_sent_better_by_the_same_key(ada: APIClient) -> None:
    assert_problem(ada.post(CHANGES, {"title": ""}, headers=KEY), 400)
    assert not KeptAnswer.objects.exists()
    assert ada.post(CHANGES, BODY, headers=KEY).status_code == 201


def test_keys_are_of_one_person_and_one_address(
    ada: APIClient, client_of: Callable[[Any], APIClient], account: Account, db: None
) -> None:
    from tests import factories

    other = factories.make_sign_in("otto")
    factories.make_membership(other, account, "author")
    made = ada.post(CHANGES, BODY, headers=KEY).json()
    assert client_of(other).post(CHANGES, BODY, headers=KEY).json()["number"] != made["number"]
    said = ada.post(f"{CHANGES}/{made['number']}/comments", {"comment": "why?"}, headers=KEY)
    assert said.status_code == 201


def test_who_lost_the_role_is_told_nothing_again(ada: APIClient, administrator: SignIn) -> None:
    ada.post(CHANGES, BODY, headers=KEY)
    administrator.memberships.all().delete()
    assert_problem(ada.post(CHANGES, BODY, headers=KEY), 404)


def test_a_secret_is_told_once(ada: APIClient) -> None:
    sent = {"name": "nightly"}
    secret = ada.post("/api/v1/tokens", sent, headers=KEY).json()["token"]
    problem = assert_problem(ada.post("/api/v1/tokens", sent, headers=KEY), 409)
    assert "told once" in problem["detail"]
    assert ApiToken.objects.count() == 1
    assert secret not in str(list(KeptAnswer.objects.values()))


def test_an_upload_is_known_again_by_its_content(ada: APIClient) -> None:
    def send(content: bytes, name: str) -> Any:
        file = SimpleUploadedFile("a.json", content, "application/json")
        return ada.post("/api/v1/imports", {"file": file, "name": name}, format="multipart", headers=KEY)

    first, second = send(EXPORT, "Lab"), send(EXPORT, "Lab")
    assert (first.status_code, second.json()["id"]) == (202, first.json()["id"])
    assert second["Location"] == first["Location"]
    assert_problem(send(EXPORT + b" ", "Lab"), 409)
    assert_problem(send(EXPORT, "Lob"), 409)
    assert ImportJob.objects.count() == 1


def test_who_only_computes_needs_no_key(api: APIClient) -> None:
    asked = {"principal": "arn:aws:iam::111122223333:user/dana", "action": "s3:ListAllMyBuckets", "resource": "*"}
    for _ in range(2):
        response = api.post("/api/v1/evaluate", {**asked, "identity_policies": []}, format="json", headers=KEY)
        assert response.status_code == 200
    assert not KeptAnswer.objects.exists()


def test_answers_are_kept_for_a_day(ada: APIClient) -> None:
    ada.post(CHANGES, BODY, headers=KEY)
    now = timezone.now()
    assert forget_answers(now) == 0
    KeptAnswer.objects.update(created_at=now - KEPT_FOR - timedelta(seconds=1))
    assert ada.post(CHANGES, BODY, headers=KEY).json()["number"] == 2
    assert forget_answers(now + KEPT_FOR + timedelta(hours=1)) == 1


def test_a_key_that_is_being_answered_is_409_until_its_request_counts_as_lost(ada: APIClient) -> None:
    ada.post(CHANGES, BODY, headers=KEY)
    KeptAnswer.objects.update(status=None)
    waiting = ada.post(CHANGES, BODY, headers=KEY)
    assert_problem(waiting, 409)
    assert int(waiting["Retry-After"]) >= 1
    KeptAnswer.objects.update(created_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
    assert ada.post(CHANGES, BODY, headers=KEY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_makes_it(client_of: Callable[[Any], APIClient], administrator: SignIn) -> None:
    clients = [client_of(administrator) for _ in range(4)]

    def send(client: APIClient) -> Callable[[], Any]:
        return lambda: client.post(CHANGES, BODY, headers=KEY)

    answers = at_once(*map(send, clients))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201
    assert set(codes) <= {201, 409}
    assert Change.objects.count() == 1
    assert {answer.json()["number"] for answer in answers if answer.status_code == 201} == {1}
