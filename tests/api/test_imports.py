"""Imports over REST: send a file in any of its forms, watch the job, cancel it."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.awssync import services
from policystudio.awssync.models import ImportJob
from policystudio.identities.models import Identity
from tests import factories
from tests.api.test_problems import assert_problem
from tests.support import exports

EXPORT = json.dumps({"UserDetailList": [exports.user("ann")]}).encode()


@pytest.fixture
def sender(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.fixture
def run(django_capture_on_commit_callbacks) -> Callable[[Any], None]:
    """What the worker does with a job."""

    def run(response: Any) -> None:
        assert response.status_code == 202, response.content
        services.import_run(job_id=response.json()["id"])

    return run


def send(client: APIClient, body: bytes = EXPORT, query: str = "", media_type: str = "application/json") -> Any:
    return client.post(f"/api/v1/imports{query}", body, content_type=media_type)


def test_the_export_is_the_body(sender: APIClient, run: Callable[[Any], None]) -> None:
    response = send(sender, query="?name=Research%20lab")
    made = response.json()
    assert (made["state"], made["name"], made["created_by"]) == ("queued", "Research lab", "ada")
    assert made["size"] == len(EXPORT)
    assert response["Location"].endswith(f"/api/v1/imports/{made['id']}")
    run(response)
    seen = sender.get(response["Location"]).json()
    assert (seen["state"], seen["error"]) == ("succeeded", "")
    assert seen["progress"]["done"] == seen["progress"]["total"]
    assert seen["report"]
    assert Identity.objects.get(name="ann").account.number == "111122223333"
    assert Account.objects.get(number="111122223333").name == "Research lab"


def test_the_export_is_a_field_of_a_form(sender: APIClient, run: Callable[[Any], None]) -> None:
    upload = SimpleUploadedFile("details.json", EXPORT, "application/json")
    response = sender.post("/api/v1/imports", {"file": upload, "name": "Lab"}, format="multipart")
    assert response.json()["filename"] == "details.json"
    run(response)
    assert Identity.objects.filter(name="ann").exists()


def test_the_export_may_be_packed(sender: APIClient, run: Callable[[Any], None]) -> None:
    run(send(sender, gzip.compress(EXPORT), media_type="application/gzip"))
    assert Identity.objects.filter(name="ann").exists()


def test_a_file_that_is_no_export_fails_and_says_why(sender: APIClient, run: Callable[[Any], None]) -> None:
    response = send(sender, b'{"UserDetailList": [{"a": 1, "a": 2}]}')
    run(response)
    seen = sender.get(response["Location"]).json()
    assert seen["state"] == "failed"
    assert seen["error"]
    assert not Identity.objects.exists()


def test_a_waiting_import_is_cancelled(sender: APIClient) -> None:
    address = f"/api/v1/imports/{send(sender).json()['id']}"
    assert sender.post(f"{address}/cancel").json()["state"] == "cancelled"
    assert sender.get(address).json()["state"] == "cancelled"
    assert sender.post(f"{address}/cancel").json()["state"] == "cancelled"


def test_imports_are_listed_by_state(sender: APIClient) -> None:
    first = send(sender).json()["id"]
    second = send(sender).json()["id"]
    sender.post(f"/api/v1/imports/{first}/cancel")
    assert [row["id"] for row in sender.get("/api/v1/imports").json()["results"]] == [second, first]
    assert [row["id"] for row in sender.get("/api/v1/imports?state=cancelled").json()["results"]] == [first]


def test_nobody_sees_or_cancels_the_import_of_another(
    sender: APIClient, api: APIClient, client_of: Callable[[Any], APIClient]
) -> None:
    address = f"/api/v1/imports/{send(sender).json()['id']}"
    assert api.get("/api/v1/imports").json()["count"] == 0
    assert_problem(api.get(address), 404)
    assert_problem(api.post(f"{address}/cancel"), 404)
    assert ImportJob.objects.get().state == "queued"
    root = client_of(factories.make_sign_in("root", superuser=True))
    assert root.get(address).status_code == 200


def test_someone_who_does_not_administer_the_account_changes_nothing(
    api: APIClient, account: Account, run: Callable[[Any], None]
) -> None:
    response = send(api)
    run(response)
    assert api.get(response["Location"]).json()["state"] == "failed"
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("body", "query", "place"),
    [
        (b"", "", "file"),
        (EXPORT, "?name=" + "x" * 129, "name"),
        (EXPORT, "?organization=example", "organization"),
        (EXPORT, "?nmae=x", "nmae"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(sender: APIClient, body: bytes, query: str, place: str) -> None:
    problem = assert_problem(send(sender, body, query), 400)
    assert {error["place"] for error in problem["errors"]} == {place}
    assert not ImportJob.objects.exists()


def test_a_form_without_a_file_is_refused(sender: APIClient) -> None:
    for form in ({"name": "Lab"}, {"file": "text"}):
        problem = assert_problem(sender.post("/api/v1/imports", form, format="multipart"), 400)
        assert problem["errors"][0]["place"] == "file"


def test_another_media_type_is_415(sender: APIClient) -> None:
    assert_problem(send(sender, media_type="text/xml"), 415)


def test_uploads_have_a_limit_of_their_own(sender: APIClient, settings) -> None:
    settings.BODY_LIMIT = 10
    assert send(sender).status_code == 202
    too_long = sender.generic("POST", "/api/v1/imports", EXPORT, CONTENT_LENGTH=str(settings.UPLOAD_LIMIT + 1))
    assert_problem(too_long, 413)
    assert_problem(sender.post("/api/v1/evaluate", b" " * 11, content_type="application/json"), 413)
