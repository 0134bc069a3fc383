"""The pages on which policies and changes leave, and a file of another tool comes in."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from policystudio.changes.models import Change
from policystudio.policies.models import ManagedPolicy
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333"
IMPORT = f"{BASE}/changes/import/"
FILE = """
resource "aws_iam_policy" "look" {
  name   = "look"
  policy = <<EOF
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:<b>", "Resource": "*"}]}
EOF
}
resource "aws_iam_policy" "fresh" {
  name   = "fresh"
  policy = jsonencode({ Resource = var.bucket, Region = data.aws_region.here.name })
}
resource "aws_iam_user_policy" "lost" {
  user   = "nobody"
  policy = "{}"
}
resource "aws_sqs_queue" "q" {}
"""


@pytest.fixture
def look(lab: Lab) -> ManagedPolicy:
    return ManagedPolicy.objects.get(name="look")


@pytest.mark.parametrize("form", ["policy.json", "json", "sh", "tf.json", "cfn.json", "cfn.yaml"])
def test_a_policy_is_downloaded_in_every_format(form: str, vic: Client, look: ManagedPolicy) -> None:
    answer = vic.get(f"{BASE}/policies/{look.pk}/export.{form}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="111122223333-look.{form}"'
    assert "sagemaker:List*" in answer.content.decode()
    shown = vic.get(f"{BASE}/policies/{look.pk}/take-out/?format={form}&version=v1")
    assert "Download" in words_of(shown)
    assert f"export.{form}?version=v1" in shown.content.decode()


def test_the_document_leaves_exactly_as_it_is(vic: Client, look: ManagedPolicy) -> None:
    answer = vic.get(f"{BASE}/policies/{look.pk}/export.policy.json")
    assert answer.content.decode() == look.versions.get().document.text


def test_pages_lead_to_what_leaves(vic: Client, lab: Lab, look: ManagedPolicy) -> None:
    assert (
        f"/policies/{look.pk}/take-out/?format=tf.json&amp;version=v1"
        in vic.get(f"{BASE}/policies/{look.pk}/").content.decode()
    )
    page = vic.get(f"{BASE}/identities/{lab.ana.pk}/").content.decode()
    assert f"/identities/{lab.ana.pk}/take-out/?format=sh" in page
    assert f"/identities/{lab.ana.pk}/take-out/?inline=dev-models" in page


def test_parts_of_an_identity_leave(vic: Client, lab: Lab) -> None:
    ana, trainer = f"{BASE}/identities/{lab.ana.pk}", f"{BASE}/identities/{lab.trainer.pk}"
    inline = vic.get(f"{ana}/export.policy.json?inline=dev-models").content.decode()
    assert json.loads(inline) == allow("sagemaker:CreateModel", "arn:aws:sagemaker:*:*:model/dev-*")
    trust = vic.get(f"{trainer}/export.policy.json?trust=yes").content.decode()
    assert json.loads(trust) == factories.TRUST_SAGEMAKER
    assert "add-user-to-group" in vic.get(f"{ana}/export.sh").content.decode()
    for address in (
        f"{ana}/export.policy.json",
        f"{ana}/export.sh?inline=none",
        f"{ana}/export.sh?trust=yes",
        f"{ana}/export.exe",
        f"{ana}/take-out/?format=exe",
        f"{BASE}/identities/0/export.sh",
        f"{BASE}/policies/0/export.sh",
        f"{BASE}/changes/7/export.sh",
    ):
        assert vic.get(address).status_code == 404, address


def test_what_a_format_cannot_say_is_told(vic: Client, lab: Lab) -> None:
    address = f"{BASE}/identities/{lab.trainer.pk}"
    shown = vic.get(f"{address}/take-out/?format=cfn.json&trust=yes")
    assert "This cannot be said in this format." in words_of(shown)
    assert "Download" not in words_of(shown)
    file = vic.get(f"{address}/export.cfn.json?trust=yes")
    assert (file.status_code, file["Content-Type"]) == (422, "text/plain; charset=utf-8")


def posted(client: Client, **data: Any) -> Any:
    return client.post(IMPORT, data)


def test_a_file_is_shown_before_anything_is_written(ada: Client, lab: Lab) -> None:
    answer = posted(ada, file=SimpleUploadedFile("main.tf", FILE.encode()))
    words = words_of(answer)
    assert "What would main.tf change?" in words
    assert "Terraform, 2 edits: 1 new, 1 different here. Of 1 not everything is known. 1 thing left out." in words
    assert "Not known: var.bucket (line 10, column 36), data.aws_region.here.name (line 10, column 57)." in words
    assert "there is no user nobody in the file or in the account" in words
    assert "aws_sqs_queue" in words
    page = answer.content.decode()
    assert "sagemaker:&lt;b&gt;" in page
    assert 'value="1" checked' in page
    assert 'value="2" checked' not in page
    assert not Change.objects.exists()


def test_what_is_chosen_becomes_a_draft(ada: Client, lab: Lab) -> None:
    page = posted(ada, text=FILE)
    form = page.context
    answer = posted(ada, content=form["content"], chosen=["1", "2"], make="yes", title="From Terraform")
    change = Change.objects.get()
    assert answer["Location"] == f"{BASE}/changes/{change.number}/"
    assert (change.title, [edit.target.rpartition("/")[2] for edit in change.edits.all()]) == (
        "From Terraform",
        ["look", "fresh"],
    )
    assert change.edits.all()[1].text.startswith("Replace <var.bucket>, <data.aws_region.here.name> below")


def test_values_and_region_make_the_rest_known(ada: Client, lab: Lab) -> None:
    answer = posted(ada, text=FILE, values="var.bucket = data\n", region="eu-west-1")
    assert 'value="2" checked' in answer.content.decode()
    assert "Not known" not in words_of(answer)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "choose a file, or paste its text"),
        ({"text": 'resource "a" "b" {\n a = {'}, "line 2, column 7"),
        ({"text": FILE, "values": "bucket"}, "values, line 1: write name=value"),
        ({"content": "?"}, "the file was lost"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place_and_kept(
    data: dict[str, str], message: str, ada: Client, lab: Lab
) -> None:
    answer = posted(ada, **data)
    assert answer.status_code == 422
    assert message in words_of(answer)
    if "text" in data:
        assert answer.context["given"]["text"] == data["text"]


def test_nothing_chosen_makes_no_draft_and_loses_nothing(ada: Client, lab: Lab) -> None:
    answer = posted(ada, text=FILE, make="yes")
    assert answer.status_code == 422
    assert "No draft was made: nothing is chosen" in words_of(answer)
    assert answer.context["content"]


@override_settings(TEMPLATE_LIMIT=10)
def test_a_file_that_is_too_large_is_refused(ada: Client, lab: Lab) -> None:
    answer = posted(ada, file=SimpleUploadedFile("main.tf", FILE.encode()))
    assert "at most 10 are read" in words_of(answer)


def test_only_authors_are_led_to_the_import(ada: Client, vic: Client, lab: Lab) -> None:
    assert IMPORT in ada.get(f"{BASE}/changes/").content.decode()
    assert IMPORT not in vic.get(f"{BASE}/changes/").content.decode()
