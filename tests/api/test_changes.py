"""Changes over REST: the whole way from draft to published, and what is refused on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Account, Role
from policystudio.changes.models import Change, Edit
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy
from tests import factories

ADDRESS = "/api/v1/accounts/111122223333/changes"
DELETE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"}]}


@pytest.fixture
def author(account: Account) -> SignIn:
    user = factories.make_sign_in("aron")
    factories.make_membership(user, account, Role.AUTHOR)
    return user


@pytest.fixture
def ask(author: SignIn, administrator: SignIn) -> Callable[..., Any]:
    """Ask as the author, or as the administrator, who approves."""

    def make(method: str, path: str, body: Any = None, *, match: str | None = None, by: str = "author") -> Any:
        client = Client()
        client.force_login(author if by == "author" else administrator)
        headers = {"If-Match": match} if match else {}
        sent = "" if body is None else json.dumps(body)
        return client.generic(method, f"{ADDRESS}{path}", sent, content_type="application/json", headers=headers)

    return make


@pytest.fixture
def policy(account: Account) -> ManagedPolicy:
    return factories.make_managed_policy(account, "look")


@pytest.fixture
def ana(account: Account) -> Identity:
    return factories.make_identity(account, "user", "ana")


def edits(policy: ManagedPolicy, ana: Identity) -> list[dict[str, Any]]:
    return [
        {"kind": "managed-policy", "target": policy.arn, "text": json.dumps(DELETE)},
        {"kind": "attach", "target": ana.arn, "other": policy.arn},
    ]


def test_from_draft_to_published_and_back(ask: Callable[..., Any], policy: ManagedPolicy, ana: Identity) -> None:
    made = ask("POST", "", {"title": "Let ana delete", "edits": edits(policy, ana)})
    assert made.status_code == 201
    assert [one["headline"] for one in made.json()["edits"]] == ["Edit managed policy look", "Attach look to user/ana"]
    etag = made.headers["ETag"]
    for step, by in (("propose", "author"), ("approve", "administrator"), ("publish", "administrator")):
        response = ask("POST", f"/1/{step}", {"comment": f"I {step}"}, match=etag, by=by)
        assert response.status_code == 200, response.json()
        etag = response.headers["ETag"]
    found = response.json()
    assert (found["state"], found["published_by"], found["problems"]) == ("published", "ada", [])
    assert found["edits"][0]["outcome"] == {"version": "v2"}
    assert [one["text"] for one in found["comments"]] == ["I propose", "I approve", "I publish"]
    assert ana.managed_policies.get() == policy
    back = ask("POST", "/1/roll-back")
    assert back.status_code == 201
    assert (back.json()["number"], back.json()["reverts"]) == (2, 1)
    assert {one["kind"] for one in back.json()["edits"]} == {"managed-policy", "detach"}
    listed = ask("GET", "?state=published").json()
    assert [one["number"] for one in listed["results"]] == [1]
    assert ask("GET", "?state=open").status_code == 400


def test_a_draft_is_made_whole_or_not_at_all(ask: Callable[..., Any], policy: ManagedPolicy, ana: Identity) -> None:
    wrong = [*edits(policy, ana), {"kind": "attach", "target": "ana", "other": policy.arn}]
    refused = ask("POST", "", {"title": "Let ana delete", "edits": wrong})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["place"] == "edits[2].target"
    twice = [*edits(policy, ana), {**edits(policy, ana)[0], "text": "{}"}]
    assert (
        ask("POST", "", {"title": "Let ana delete", "edits": twice}).json()["errors"][0]["place"] == "edits[2].target"
    )
    assert not Change.objects.exists()


def test_what_does_not_parse_is_named_by_edit_and_place(ask: Callable[..., Any], policy: ManagedPolicy) -> None:
    ask("POST", "", {"title": "x", "edits": [{"kind": "managed-policy", "target": policy.arn, "text": '{\n "Ver'}]})
    found = ask("GET", "/1")
    assert found.json()["problems"][0]["code"] == "syntax"
    refused = ask("POST", "/1/propose", {}, match=found.headers["ETag"])
    assert refused.status_code == 409
    fault = refused.json()["errors"][0]
    assert (fault["place"], fault["line"]) == (f"edits/{Edit.objects.get().pk}", 1)
    assert Edit.objects.get().text == '{\n "Ver'


def test_writes_name_the_version_that_they_saw(ask: Callable[..., Any], policy: ManagedPolicy) -> None:
    ask("POST", "", {"title": "x", "edits": [{"kind": "managed-policy", "target": policy.arn, "text": " {} "}]})
    edit = Edit.objects.get()
    path = f"/1/edits/{edit.pk}"
    assert ask("GET", path).headers["ETag"] == '"1"'
    assert ask("GET", path).json()["text"] == " {} "
    assert ask("PUT", path, {"text": "one"}).status_code == 428
    assert ask("PUT", path, {"text": "one"}, match='"1"').headers["ETag"] == '"2"'
    stale = ask("PUT", path, {"text": "two"}, match='"1"')
    assert stale.status_code == 412
    assert "it is at version 2, you saw version 1" in stale.json()["detail"]
    assert ask("PUT", path, {"text": "two"}, match="*").status_code == 200
    assert ask("DELETE", path, match='"1"').status_code == 412
    assert ask("PUT", "/1", {"title": "Look"}, match='"1"').status_code == 412
    assert ask("PUT", "/1", {"title": "Look"}, match=f'"{Change.objects.get().version}"').json()["title"] == "Look"
    assert ask("POST", "/1/withdraw", {}, match='"1"').status_code == 412
    assert ask("DELETE", path, match='"3"').status_code == 204
    assert ask("GET", path).status_code == 404


def test_an_edit_that_is_there_is_not_written_over_unseen(
    ask: Callable[..., Any], policy: ManagedPolicy, ana: Identity
) -> None:
    ask("POST", "", {"title": "x"})
    one = edits(policy, ana)[0]
    assert ask("POST", "/1/edits", one).status_code == 201
    assert ask("POST", "/1/edits", one).status_code == 201  # it says the same
    assert ask("POST", "/1/edits", {**one, "text": "{}"}).status_code == 412
    assert ask("POST", "/1/edits", {**one, "kind": "policy"}).status_code == 400
    assert [found["text"] for found in ask("GET", "/1/edits").json()["results"]] == [one["text"]]


def test_roles_and_states_say_why(ask: Callable[..., Any], policy: ManagedPolicy, ana: Identity) -> None:
    etag = ask("POST", "", {"title": "x", "edits": edits(policy, ana)}).headers["ETag"]
    early = ask("POST", "/1/publish", {}, match=etag, by="administrator")
    assert early.status_code == 409
    assert "only one that is approved is published" in early.json()["detail"]
    assert ask("POST", "/1/approve", {}, match=etag).status_code == 403
    assert ask("POST", "/1/comments", {"comment": " "}).status_code == 400
    assert ask("POST", "/1/comments", {"comment": "why?"}).json()["kind"] == "comment"
    for path in ("/2", "/9999999999999999999999", "/1/edits/99999999999999999999"):
        assert ask("GET", path).status_code == 404


def test_a_base_that_moved_is_named_and_taken_over(
    ask: Callable[..., Any], account: Account, policy: ManagedPolicy, ana: Identity
) -> None:
    etag = ask("POST", "", {"title": "x", "edits": edits(policy, ana)[:1]}).headers["ETag"]
    edit = Edit.objects.get()
    assert not ask("GET", f"/1/edits/{edit.pk}/merge").json()["moved"]
    policy.versions.update(document=factories.make_document("{}"))
    refused = ask("POST", "/1/propose", {}, match=etag)
    assert refused.status_code == 409
    assert "the text was changed since the edit was begun" in refused.json()["detail"]
    merge = ask("GET", f"/1/edits/{edit.pk}/merge").json()
    assert (merge["moved"], merge["possible"], merge["now"]) == (True, False, {"text": "{}"})
    path = f"/1/edits/{edit.pk}/merge"
    assert ask("POST", path, {"seen": merge["seen"], "take": "merged"}, match='"1"').status_code == 409
    assert ask("POST", path, {"seen": "0" * 64, "take": "mine"}, match='"1"').status_code == 412
    assert ask("POST", path, {"seen": merge["seen"], "take": "mine"}, match='"1"').json()["base"] == {"text": "{}"}
    assert ask("GET", "/1").json()["problems"] == []
