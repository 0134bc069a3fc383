"""The door of AWS's protocol: bad input and costs are answered in AWS's words, never as a failure."""

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.awsquery import auth
from policystudio.awsquery.auth import Caller
from policystudio.clients.services import client_create
from tests import factories
from tests.trust.test_bad_input import BYTES, GOOD

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
SIMULATE = "Version=2010-05-08&ActionNames.member.1=sagemaker:CreateModel"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    account: Account = factories.make_account("111122223333", "research")
    factories.attach(factories.make_identity(account, "user", "ana"), factories.make_managed_policy(account, "all"))
    made = client_create(by=None, account=account, name="pipeline", role=Role.VIEWER, now=timezone.now())
    caller = Caller(client=made, user=made.user, account=account, key_id="AKIAEXAMPLE")
    monkeypatch.setattr(auth, "authenticate", lambda *_: caller)
    return Client(raise_request_exception=False)


def code_of(response: Any) -> str:
    """The code of an error; "" for an answer."""
    root = ET.fromstring(response.content)  # noqa: S314 -- it is our own answer
    return next((element.text or "" for element in root.iter() if element.tag.endswith("}Code")), "")


def ask(client: Client, body: bytes | str) -> Any:
    return client.post("/aws/", body, content_type=FORM)


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize(
    "parameter", ["PolicyInputList.member.1", "PermissionsBoundaryPolicyInputList.member.1", "ResourcePolicy"]
)
def test_a_policy_as_a_parameter(client: Client, parameter: str, name: str) -> None:
    given = f"&{parameter}={quote(BYTES[name])}"
    if not parameter.startswith("PolicyInput"):
        given += f"&PolicyInputList.member.1={quote(GOOD)}"
    response = ask(client, f"Action=SimulateCustomPolicy&{SIMULATE}{given}")
    if code_of(response) == "MalformedQueryString":  # a status of AWS's own choice
        assert response.status_code == 404
        return
    assert response.status_code == 400, response.content[:300]
    assert code_of(response) in {"InvalidInput", "ValidationError"}


@pytest.mark.parametrize("action", ["SimulateCustomPolicy", "GetContextKeysForCustomPolicy"])
def test_a_good_policy_is_taken(client: Client, action: str) -> None:
    more = SIMULATE if action.startswith("Simulate") else "Version=2010-05-08"
    assert ask(client, f"Action={action}&{more}&PolicyInputList.member.1={quote(GOOD)}").status_code == 200


@pytest.mark.parametrize(
    "value", ["%00", "%ED%A0%80", "%FF", "%FE%FF", "%EF%BB%BF", "a" * 5000, "9" * 5000, "%", "%zz", "[" * 2000]
)
@pytest.mark.parametrize(
    "parameter", ["ActionNames.member.1", "ResourceArns.member.1", "CallerArn", "MaxItems", "Marker", "Action", "X"]
)
def test_any_other_parameter(client: Client, parameter: str, value: str) -> None:
    body = f"Action=SimulateCustomPolicy&Version=2010-05-08&PolicyInputList.member.1={quote(GOOD)}&{parameter}={value}"
    response = ask(client, body)
    assert response.status_code < 500, response.content[:300]
    assert response.headers["Content-Type"].startswith("text/xml")


def test_what_is_too_costly_is_said_so_that_nobody_asks_again(client: Client, settings: Any) -> None:
    settings.ANALYSIS_SECONDS = 0
    custom = f"Action=SimulateCustomPolicy&{SIMULATE}&PolicyInputList.member.1={quote(GOOD)}"
    stored = f"Action=SimulatePrincipalPolicy&{SIMULATE}&PolicySourceArn=arn:aws:iam::111122223333:user/ana"
    for body in (custom, stored):
        response = ask(client, body)
        assert (response.status_code, code_of(response)) == (400, "InvalidInput")
        assert b"seconds that one request may work for" in response.content
    settings.ANALYSIS_SECONDS = 600
    assert [ask(client, body).status_code for body in (custom, stored)] == [200, 200]
