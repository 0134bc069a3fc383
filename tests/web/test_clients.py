"""Pages of API clients and of one's own tokens: who sees them, and that a secret is shown once and kept nowhere."""

import configparser
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/clients/"


@pytest.fixture
def ci(lab: Lab) -> ServiceClient:
    return services.client_create(by=None, account=lab.account, name="ci", role=Role.VIEWER, now=timezone.now())


def pre(response: Any, name: str) -> str:
    """What stands in a block that is copied from."""
    found = re.search(rf'<pre [^>]*id="{name}"[^>]*>(.*?)</pre>', response.content.decode(), re.DOTALL)
    assert found, response.content.decode()[:2000]
    return unescape(found[1])


def test_the_first_line_tells_how_many_there_are(ada: Client, lab: Lab) -> None:
    assert "None: whoever asks about research is a person." in words_of(ada.get(BASE))
    made = services.client_create(by=None, account=lab.account, name="ci", role=Role.AUTHOR, now=timezone.now())
    services.access_key_issue(by=None, client=made, now=timezone.now())
    said = words_of(ada.get(BASE))
    assert "1 API client, with 1 access key and no tokens." in said
    assert "ci author 1 0 never" in said


def test_one_is_made_and_shown(ada: Client, lab: Lab) -> None:
    said = words_of(ada.post(BASE, {"name": "ci", "role": "author", "description": "the <b>pipeline"}, follow=True))
    made = ServiceClient.objects.get()
    assert (made.name, made.role, made.created_by_name) == ("ci", Role.AUTHOR, "ada")
    assert "What may ci do in research?" in said
    assert "All that an author may; nothing lets it in yet." in said
    assert "client:111122223333:ci" in said


@pytest.mark.parametrize("values", [{"name": "a b"}, {"name": ""}, {"role": "emperor"}, {"description": "x" * 257}])
def test_what_cannot_be_made_is_told_and_stays_in_the_form(ada: Client, values: dict[str, str]) -> None:
    response = ada.post(BASE, {"name": "nightly", "role": "viewer", "description": "kept", **values})
    assert response.status_code == 422
    assert not ServiceClient.objects.exists()
    assert ("kept" in response.content.decode()) == ("description" not in values)


def test_a_name_is_taken_once(ada: Client, ci: ServiceClient) -> None:
    response = ada.post(BASE, {"name": "ci", "role": "viewer"})
    assert response.status_code == 422
    assert "research has an API client `ci` already" in words_of(response)


def test_a_key_is_shown_once_with_the_lines_to_use_it(ada: Client, ci: ServiceClient) -> None:
    response = ada.post(f"{BASE}{ci.pk}/keys/", {"days": "30", "newest": ""})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    secret = pre(response, "secret-access-key")
    key = AccessKey.objects.get()
    assert selectors.secret_of(key) == secret
    credentials, config = configparser.ConfigParser(), configparser.ConfigParser()
    credentials.read_string(pre(response, "aws-credentials"))
    config.read_string(pre(response, "aws-config"))
    assert dict(credentials["policy-studio"]) == {"aws_access_key_id": key.key_id, "aws_secret_access_key": secret}
    assert config["profile policy-studio"]["endpoint_url"] == "http://testserver/aws/"
    again = ada.get(f"{BASE}{ci.pk}/")
    assert secret not in again.content.decode()
    assert key.key_id in again.content.decode()
    assert "All that a viewer may; 1 access key lets it in." in words_of(again)


def test_a_reload_of_that_page_issues_nothing(ada: Client, ci: ServiceClient) -> None:
    form = {"days": "30", "newest": ""}
    ada.post(f"{BASE}{ci.pk}/keys/", form)
    response = ada.post(f"{BASE}{ci.pk}/keys/", form)
    assert response.status_code == 409
    assert "Nothing was issued: another access key was issued to `ci` since" in words_of(response)
    assert AccessKey.objects.count() == 1
    newest = AccessKey.objects.get().key_id
    assert f'name="newest" value="{newest}"' in response.content.decode()
    assert ada.post(f"{BASE}{ci.pk}/keys/", {"days": "30", "newest": newest}).status_code == 200


def test_its_secret_address_cannot_be_asked_for(ada: Client, ci: ServiceClient) -> None:
    assert ada.get(f"{BASE}{ci.pk}/keys/").status_code == 405
    assert ada.get(f"{BASE}{ci.pk}/tokens/").status_code == 405


def test_a_token_is_shown_once(ada: Client, ci: ServiceClient) -> None:
    form = {"name": "ci", "scope": "read", "days": "7", "newest": ""}
    response = ada.post(f"{BASE}{ci.pk}/tokens/", form)
    secret = pre(response, "token")
    assert response.headers["Cache-Control"] == "no-store"
    assert ApiToken.objects.get().user == ci.user
    assert secret not in ada.get(f"{BASE}{ci.pk}/").content.decode()
    assert ada.post(f"{BASE}{ci.pk}/tokens/", form).status_code == 409
    assert ApiToken.objects.count() == 1
    asked = Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/accounts")
    assert asked.status_code == 200


def test_no_secret_is_kept_in_session_record_or_log(
    ada: Client, ci: ServiceClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        key = pre(ada.post(f"{BASE}{ci.pk}/keys/", {"days": "30"}), "secret-access-key")
        token = pre(ada.post(f"{BASE}{ci.pk}/tokens/", {"name": "x", "scope": "read", "days": "7"}), "token")
    sessions = str([session.get_decoded() for session in Session.objects.all()])
    for secret in (key, token):
        assert secret not in sessions + str(list(AuditEntry.objects.values())) + caplog.text


def test_keys_and_tokens_are_revoked(ada: Client, ci: ServiceClient) -> None:
    ada.post(f"{BASE}{ci.pk}/keys/", {"days": "30"})
    ada.post(f"{BASE}{ci.pk}/tokens/", {"name": "x", "scope": "read", "days": "7"})
    key, token = AccessKey.objects.get(), ApiToken.objects.get()
    said = words_of(ada.post(f"{BASE}{ci.pk}/keys/{key.pk}/revoke/", follow=True))
    assert f"The access key {key.key_id} lets nobody in any more." in said
    assert "Keys that let nobody in any more (1)" in said
    ada.post(f"{BASE}{ci.pk}/tokens/{token.token_key}/revoke/")
    assert not ApiToken.objects.exists()


def test_it_is_changed_disabled_and_enabled(ada: Client, ci: ServiceClient) -> None:
    seen = selectors.client_state(ci)
    ada.post(f"{BASE}{ci.pk}/", {"role": "approver", "description": "pipeline", "seen": seen})
    changed = ServiceClient.objects.get()
    assert (changed.role, changed.description) == (Role.APPROVER, "pipeline")
    stale = ada.post(f"{BASE}{ci.pk}/", {"role": "viewer", "description": "mine", "seen": seen})
    assert stale.status_code == 409
    assert "changed by somebody else" in words_of(stale)
    assert 'value="mine"' in stale.content.decode()
    assert ServiceClient.objects.get().role == Role.APPROVER
    said = words_of(ada.post(f"{BASE}{ci.pk}/switch/", {"disabled": "yes"}, follow=True))
    assert "Nothing: it is disabled." in said
    assert "Issue an access key" not in said
    assert ada.post(f"{BASE}{ci.pk}/keys/", {"days": "30"}).status_code == 422
    ada.post(f"{BASE}{ci.pk}/switch/", {"disabled": "no"})
    assert ServiceClient.objects.get().disabled_at is None


def test_lesser_roles_are_told_and_strangers_find_nothing(vic: Client, ci: ServiceClient, client_of: Any) -> None:
    stan = client_of(factories.make_sign_in("stan"))
    for method, path in (("get", ""), ("get", f"{ci.pk}/"), ("post", f"{ci.pk}/keys/"), ("post", f"{ci.pk}/switch/")):
        assert getattr(vic, method)(f"{BASE}{path}").status_code == 403
        assert getattr(stan, method)(f"{BASE}{path}").status_code == 404
    assert "API clients" not in words_of(vic.get("/accounts/111122223333/"))


def test_an_administrator_of_another_account_neither_sees_nor_touches_them(ci: ServiceClient, client_of: Any) -> None:
    stan, other = factories.make_sign_in("stan"), factories.make_account("444455556666")
    factories.make_membership(stan, other, Role.ADMINISTRATOR)
    client = client_of(stan)
    key, _ = services.access_key_issue(by=None, client=ci, now=timezone.now())
    theirs = "/accounts/444455556666/clients/"
    for base in (BASE, theirs):
        for path in ("", "switch/", "keys/", "tokens/", f"keys/{key.pk}/revoke/", "tokens/0/revoke/"):
            assert client.post(f"{base}{ci.pk}/{path}").status_code == 404
    own = services.client_create(by=None, account=other, name="own", role=Role.VIEWER, now=timezone.now())
    assert client.post(f"{theirs}{own.pk}/keys/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_client_does_not_sign_in(ci: ServiceClient) -> None:
    browser = Client()
    # Whoever administers the studio itself may have given it one.
    ci.user.set_password(factories.PASSWORD)
    ci.user.save()
    for password in ("", "!", ci.user.password, factories.PASSWORD):
        browser.post("/sign-in/", {"username": ci.user.get_username(), "password": password})
        assert "_auth_user_id" not in browser.session


# --- Your tokens -----------------------------------------------------------------------------------------------------


def test_one_makes_and_revokes_ones_own_tokens(vic: Client, viewer: SignIn, lab: Lab) -> None:
    factories.make_account("444455556666", "others")
    assert "None." in words_of(vic.get("/you/tokens/"))
    assert "others" not in words_of(vic.get("/you/tokens/"))
    form = {"name": "nightly", "scope": "read", "days": "30", "account": "111122223333", "newest": ""}
    response = vic.post("/you/tokens/", form)
    secret = pre(response, "token")
    assert response.headers["Cache-Control"] == "no-store"
    token = ApiToken.objects.get()
    assert (token.user, token.account, token.scope) == (viewer, lab.account, "read")
    assert vic.post("/you/tokens/", form).status_code == 409
    said = vic.get("/you/tokens/")
    assert "1 token of yours lets scripts in." in words_of(said)
    assert secret not in said.content.decode()
    assert vic.post("/you/tokens/", {**form, "account": "444455556666"}).status_code == 422
    assert f"nightly {token.token_key} read research" in words_of(vic.get("/you/"))
    told = vic.post(f"/you/tokens/{token.token_key}/revoke/", follow=True)
    assert "None: no script asks in your name." in words_of(told)
    assert not ApiToken.objects.exists()


def test_the_tokens_of_others_are_not_there(vic: Client, ada: Client, viewer: SignIn) -> None:
    vic.post("/you/tokens/", {"name": "nightly", "scope": "read", "days": "30"})
    token = ApiToken.objects.get()
    assert "nightly" not in words_of(ada.get("/you/tokens/")).replace("nightly-audit", "")
    assert ada.post(f"/you/tokens/{token.token_key}/revoke/").status_code == 404
    assert ApiToken.objects.exists()
