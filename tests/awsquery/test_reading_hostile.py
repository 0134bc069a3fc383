"""Whatever is asked of the reading operations, the answer is XML, and never that something broke inside."""

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from policystudio.accounts.models import Account
from policystudio.awsquery import auth
from policystudio.awsquery.shapes import service
from tests import factories
from tests.awsquery.test_reading_refusals import NAMES, READING
from tests.support.aws_account import AWS, EDGE, ML, make_told_account
from tests.support.aws_calls import make_caller, sdk

pytestmark = pytest.mark.django_db

#: Values that fit somewhere, and values that fit nowhere.
VALUES = st.one_of(
    st.sampled_from(
        [
            *(*NAMES.values(), EDGE, ML, AWS, "1", "2", "1000", "true", "false", "All", "Local", "AWS", "User", "Role"),
            *("PermissionsBoundary", "PermissionsPolicy", "/", "/eng/", "v2", "", " ", "0", "-1", "1e3", "９", "null"),
            *("arn:aws:iam::aws:policy/", "arn:aws:iam::111122223333:policy/../x", "x" * 400, "%", "*", "'", "\\", "é"),
        ]
    ),
    st.text(max_size=40),
)


@pytest.fixture
def markers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Markers that were given for other questions."""
    account = make_told_account()
    iam = sdk(make_caller(account), monkeypatch)
    asked = [iam.list_users, iam.list_policies, iam.list_roles, iam.get_account_authorization_details]
    return [call(MaxItems=1)["Marker"] for call in asked]


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_parameters_are_answered_or_refused(data: st.DataObject, markers: list[str]) -> None:
    name = data.draw(st.sampled_from(READING))
    shape = service("iam").operation(name).input_shape
    pairs: dict[str, Any] = {"Action": name, "Version": "2010-05-08"}
    for member in shape.members if shape else ():
        known = st.just(NAMES[member]) if member in NAMES else VALUES
        chosen = st.one_of(known, VALUES, st.sampled_from(markers)) if member != "Marker" else st.sampled_from(markers)
        if member in shape.required_members or data.draw(st.booleans()):
            pairs[f"{member}.member.1" if member == "Filter" else member] = data.draw(chosen)
    response = post(pairs)
    assert response.status_code in (200, 400, 404), response.content
    assert ET.fromstring(response.content) is not None  # noqa: S314 -- it is our own answer


def post(pairs: dict[str, str]) -> Any:
    body = urlencode(pairs, errors="surrogatepass")
    return Client().post("/aws/", body, content_type="application/x-www-form-urlencoded; charset=utf-8")


def test_one_account_is_never_seen_through_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same names in two accounts: every operation of each tells of its own."""
    mine = make_told_account()
    theirs = factories.make_account("444455556666")
    for row in mine.identities.all():
        twin = factories.make_identity(theirs, row.kind, row.name, path=row.path, unique_id=f"THEIRS{row.pk}")
        factories.make_inline_policy(twin, name="own")
        factories.attach(twin, factories.make_managed_policy(theirs, f"theirs-{row.kind}-{row.name}"))
    for account, foreign in ((mine, theirs), (theirs, mine)):
        told = everything(account, monkeypatch)
        assert account.number in told
        assert foreign.number not in told
        assert ("THEIRS" in told) == (account == theirs)


def everything(account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    """What every reading operation tells a client of the account, refusals left out."""
    caller = make_caller(account)
    monkeypatch.setattr(auth, "authenticate", lambda _request, _service: caller)
    told = []
    for name in READING:
        response = post({"Action": name, "Version": "2010-05-08", **needed(name)})
        told.append(response.content.decode() if response.status_code == 200 else "")
    assert len([one for one in told if one]) > 20
    return "".join(told)


def needed(name: str) -> dict[str, str]:
    shape = service("iam").operation(name).input_shape
    return {member: NAMES[member] for member in (shape.members if shape else ()) if member in NAMES}
