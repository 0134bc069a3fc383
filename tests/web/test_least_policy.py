"""The page that goes from use to policy."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories as make
from tests.simulator.usage.records import NUMBER, record
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db
ADDRESS = f"/accounts/{NUMBER}/least-policy/"
EVENTS = json.dumps({"Records": [record("DescribeModel", {"modelName": "<churn>"}), record("ListModels")]})


@pytest.fixture
def author(client: Client) -> Client:
    account = make.make_account(NUMBER, "research")
    make.make_inline_policy(make.make_identity(account, "user", "ana"), allow("sagemaker:*"))
    person = make.make_sign_in("ada")
    make.make_membership(person, account, "author")
    client.force_login(person)
    return client


def test_a_file_packed_by_gzip_and_a_pasted_text_give_the_same(author: Client) -> None:
    file = SimpleUploadedFile("log.json.gz", gzip.compress(EVENTS.encode()))
    uploaded = author.post(ADDRESS, {"files": file}).content.decode()
    pasted = author.post(ADDRESS, {"events": EVENTS}).content.decode()
    for page in (uploaded, pasted):
        assert "What does ana really use?" in page
        assert "sagemaker:ListModels" in page
        assert "Granted beyond that" in page
        assert 'name="kind" value="managed-policy"' in page


def test_a_viewer_is_offered_no_draft(author: Client) -> None:
    account_of = make.Account.objects.get(number=NUMBER)
    person = make.make_sign_in("vic")
    make.make_membership(person, account_of, "viewer")
    author.force_login(person)
    assert 'value="managed-policy"' not in author.post(ADDRESS, {"events": EVENTS}).content.decode()


def test_what_is_not_understood_is_told_and_kept(author: Client) -> None:
    answer = author.post(ADDRESS, {"events": '{"Records": ['})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "line 1, column 14" in page
    assert "{&quot;Records&quot;: [</textarea>" in page
    assert author.post(ADDRESS, {}).status_code == 422
