"""Imports in the browser: upload, watch, cancel, read the report."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.awssync import services
from policystudio.awssync.models import ImportJob
from tests import factories
from tests.web.conftest import Lab, words_of

USER = {
    "Path": "/",
    "UserName": "cleo",
    "UserId": "AIDAEXAMPLE",
    "Arn": "arn:aws:iam::222233334444:user/cleo",
    "GroupList": ["ghosts"],
    "AttachedManagedPolicies": [],
}
EXPORT = {"UserDetailList": [USER], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}


def upload(client: Client, content: bytes | None = None, **fields: str) -> ImportJob:
    content = json.dumps(EXPORT).encode() if content is None else content
    file = SimpleUploadedFile("account.json", content)
    response = client.post("/imports/", {"file": file, **fields})
    assert response.status_code == 302, words_of(response)
    job = ImportJob.objects.order_by("-created_at")[0]
    assert response.headers["Location"] == f"/imports/{job.pk}/"
    return job


def run(job: ImportJob) -> ImportJob:
    services.import_run(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_the_page_says_how_to_get_the_file(ada: Client) -> None:
    said = words_of(ada.get("/imports/"))
    assert "aws iam get-account-authorization-details" in said
    assert "At most 256 MB." in said
    assert "None yet." in said


def test_an_upload_becomes_a_job_that_waits(ada: Client) -> None:
    job = upload(ada, name="lab")
    assert (job.state, job.name, job.filename) == ("queued", "lab", "account.json")
    page = ada.get(f"/imports/{job.pk}/")
    assert "It waits for a worker." in words_of(page)
    assert 'hx-trigger="every 1s"' in page.content.decode()


def test_progress_is_a_fragment_of_the_page(ada: Client) -> None:
    job = upload(ada)
    now = timezone.now()
    ImportJob.objects.filter(pk=job.pk).update(
        state="running",
        lease=job.pk,
        lease_until=now,
        phase="reading",
        progress_done=30,
        progress_total=120,
        attempts=1,
    )
    response = ada.get(f"/imports/{job.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "It is reading the file." in words_of(response)
    assert '<progress max="100" value="25"' in response.content.decode()


def test_the_end_tells_what_changed_and_what_was_not_understood(ada: Client) -> None:
    job = run(upload(ada, name="lab"))
    page = ada.get(f"/imports/{job.pk}/")
    said = words_of(page)
    assert "lab is as the file says; something changed. 1 item was not understood." in said
    assert "lab 2222 3333 4444 · new" in said
    assert "Users 1 – – –" in said.replace("User 1", "Users 1")
    assert "ghosts" in said
    assert "hx-trigger" not in page.content.decode().split('id="job"')[1]
    assert Account.objects.get(number="222233334444").memberships.get().role == "administrator"


def test_the_same_file_again_changes_nothing(ada: Client) -> None:
    run(upload(ada, name="lab"))
    job = run(upload(ada))
    assert "lab is as the file says; nothing had to change." in words_of(ada.get(f"/imports/{job.pk}/"))


def test_a_file_that_is_none_fails_with_the_place(ada: Client) -> None:
    job = run(upload(ada, b'{"UserDetailList": [}'))
    said = words_of(ada.get(f"/imports/{job.pk}/"))
    assert "It failed, and nothing was changed" in said
    assert "line 1" in said
    assert "Import again" in said


def test_an_import_can_be_cancelled(ada: Client) -> None:
    job = upload(ada)
    assert ada.post(f"/imports/{job.pk}/cancel/").headers["Location"] == f"/imports/{job.pk}/"
    assert "It was cancelled. Nothing was changed." in words_of(ada.get(f"/imports/{job.pk}/"))
    assert run(job).state == "cancelled"


def test_cancelling_what_is_done_says_so(ada: Client) -> None:
    job = run(upload(ada))
    assert "The import was done already" in words_of(ada.post(f"/imports/{job.pk}/cancel/", follow=True))


def test_a_viewer_cannot_change_the_account_by_an_import(vic: Client, lab: Lab) -> None:
    user = {**USER, "Arn": "arn:aws:iam::111122223333:user/cleo", "GroupList": []}
    job = run(upload(vic, json.dumps({**EXPORT, "UserDetailList": [user]}).encode()))
    assert job.state == "failed"
    assert "ask an administrator of the account" in words_of(vic.get(f"/imports/{job.pk}/"))
    assert lab.account.identities.count() == 3


def test_no_file_and_an_empty_file_are_refused_in_the_form(ada: Client) -> None:
    assert ada.post("/imports/", {}).status_code == 422
    response = ada.post("/imports/", {"file": SimpleUploadedFile("a.json", b"")})
    assert response.status_code == 422
    assert "empty" in words_of(response)
    assert not ImportJob.objects.exists()


def test_an_export_may_be_larger_than_a_form_and_not_larger_than_the_limit(ada: Client, monkeypatch) -> None:
    from policystudio.web.views import imports

    assert imports.imports.body_limit == settings.UPLOAD_LIMIT > settings.BODY_LIMIT
    monkeypatch.setattr(imports.imports, "body_limit", 1000)
    response = ada.post("/imports/", {"file": SimpleUploadedFile("a.json", b"x" * 2000)})
    assert response.status_code == 413


def test_imports_are_listed_newest_first_and_only_ones_own(ada: Client, vic: Client) -> None:
    run(upload(ada, name="lab"))
    assert "account.json succeeded lab" in words_of(ada.get("/imports/"))
    assert "account.json succeeded" not in words_of(vic.get("/imports/"))


def test_file_names_are_inert_text_and_never_paths(ada: Client) -> None:
    file = SimpleUploadedFile("x.json", json.dumps(EXPORT).encode())
    file.name = "..\\..\\<img src=x>.json"
    ada.post("/imports/", {"file": file})
    job = ImportJob.objects.get()
    assert Path(job.upload.path).parent == Path(settings.MEDIA_ROOT) / "imports"
    assert "<img" not in ada.get(f"/imports/{job.pk}/").content.decode()


def test_a_link_to_an_account_that_is_not_theirs_any_more_is_no_link(ada: Client, administrator: SignIn) -> None:
    job = run(upload(ada, name="lab"))
    administrator.memberships.filter(account__number="222233334444").delete()
    assert "/accounts/222233334444/" not in ada.get(f"/imports/{job.pk}/").content.decode()


def test_findings_come_in_pages_by_level(ada: Client) -> None:
    users = [
        {
            **USER,
            "UserName": f"u{number}",
            "Arn": f"arn:aws:iam::222233334444:user/u{number}",
            "GroupList": [f"g{number}"],
        }
        for number in range(120)
    ]
    job = run(upload(ada, json.dumps({**EXPORT, "UserDetailList": users}).encode()))
    said = words_of(ada.get(f"/imports/{job.pk}/?level=error&page=2"))
    assert "101–120 of 120" in said
    assert factories.PASSWORD not in said
