"""An account's export, imported and downloaded by AWS's SDK, says what it said; imported again it changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.handlers import json_decode_policies
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import policystudio.awssync
from policystudio.accounts.models import Account
from tests import factories
from tests.awssync.test_account_import_laws import accounts
from tests.support import exports
from tests.support.account_details import modelled
from tests.support.account_rows import snapshot
from tests.support.aws_calls import make_caller, make_client, sdk
from tests.support.exports import ALLOW, DENY, arn, attached, group, inline, policy, role, user, version

pytestmark = pytest.mark.django_db

DEMO = Path(policystudio.awssync.__file__).parent / "demo"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def odd() -> dict[str, Any]:
    """What AWS's own export could hold, at the borders of what is allowed."""
    spaced = (
        '{\n\t"Version":"2012-10-17",\r\n "Statement": [{"Effect":"Allow","Action":"*", "Resource":"*",\n'
        ' "Condition":{"StringEquals":{"aws:PrincipalTag/a":"*+%20é\u2028"}}}]}'
    )
    tags = [{"Key": "Ünïcode key:/", "Value": ""}, {"Key": "k", "Value": "<&>\"'"}]
    used = {"LastUsedDate": "2026-01-02T03:04:05+00:00", "Region": "us-east-1"}
    return exports.export(
        user("ann+x=y,z.@-_", path="/!~/a.b/", Tags=tags,
             UserPolicyList=inline(**{"in-line": spaced, "_": json.dumps(ALLOW)}), GroupList=["Team"]),
        group("Team", path="/x/", GroupPolicyList=inline(p=DENY),
              AttachedManagedPolicies=attached(arn("policy", "ml"))),
        group("a" * 128, GroupId="AGPA" + "X" * 124),
        role("job", RoleLastUsed=used, PermissionsBoundary={"PermissionsBoundaryArn": arn("policy", "edge")},
             Tags=[{"Key": "k", "Value": "v" * 256}]),
        role("AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/"),
        policy("ml", Description="what it is for: <b>&amp;", DefaultVersionId="v12",
               PolicyVersionList=[version("v12", spaced), version("v2", DENY, default=False)]),
        policy("edge"),
        policy("ReadOnlyAccess", number="aws", PolicyVersionList=[version("v143")], DefaultVersionId="v143"),
    )  # fmt: skip


EXPORTS = {
    "real": lambda: json.loads(exports.REAL.read_text()),
    "full": exports.full,
    "odd": odd,
    **{path.stem: lambda path=path: json.loads(path.read_text()) for path in DEMO.glob("*-*.json")},
    **{name: lambda name=name: json.loads((DEMO / f"{name}.json").read_text()) for name in ("research", "production")},
}


def download(iam: Any, size: int = 100) -> dict[str, Any]:
    """All pages, put together as the AWS CLI does."""
    paginator = iam.get_paginator("get_account_authorization_details")
    whole = paginator.paginate(PaginationConfig={"PageSize": size}).build_full_result()
    return {key: whole[key] for key in LISTS}


def as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, default=lambda moment: moment.isoformat())


@pytest.mark.parametrize("name", EXPORTS)
def test_what_was_imported_is_what_is_downloaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = EXPORTS[name]()
    exports.run(content)
    account = Account.objects.get()
    iam = sdk(make_caller(account), monkeypatch)
    found = download(iam)
    assert modelled(found) == modelled(content)
    # The SDK reads documents and writes them anew: their white space is gone, and nothing else is.
    report = exports.run(as_json(found))
    assert [one.code for one in report.findings] == []
    rows = snapshot()
    assert download(iam, 7) == found
    assert not exports.run(as_json(found)).is_changed
    assert snapshot() == rows


def test_documents_come_as_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the percent-encoded text, as the API gives it, loses nothing at all."""
    exports.run(odd())
    rows = snapshot()
    sdk(make_caller(Account.objects.get()), monkeypatch)
    iam = make_client()
    iam.meta.events.unregister("after-call.iam", json_decode_policies)
    found = download(iam)
    assert "%0A%09%22Version%22" in found["UserDetailList"][0]["UserPolicyList"][1]["PolicyDocument"]
    assert not exports.run(as_json(found)).is_changed
    assert snapshot() == rows


@pytest.mark.parametrize("text", ["", "{", "no json: 100 % <b>", "50%25+", '{"Version": "2012-10-17",}', "[1", "%7B"])
def test_a_document_that_does_not_parse_stays_as_it_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    exports.run(exports.export(user("ann")))
    account = Account.objects.get()
    factories.make_inline_policy(account.identities.get(), text, "broken")
    found = download(sdk(make_caller(account), monkeypatch))
    exports.run(as_json(found))
    assert account.identities.get().inline_policies.get().document.text == text


def test_what_was_made_here_has_an_id_to_tell_it_by_and_keeps_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tools tell users and policies apart by id; what AWS gave none must not become one with others."""
    exports.run(exports.full())
    account = Account.objects.get()
    for name in ("new", "newer"):
        made = factories.make_identity(account, "user", name, created_at=exports.NOW)
        policy_made = {"created_at": exports.NOW, "updated_at": exports.NOW}
        factories.attach(made, factories.make_managed_policy(account, f"for-{name}", **policy_made))
    rows = snapshot()
    found = download(sdk(make_caller(account), monkeypatch))
    ids = [one["UserId"] for one in found["UserDetailList"]] + [one["PolicyId"] for one in found["Policies"]]
    assert len(set(ids)) == len(ids)
    assert all(16 <= len(one) <= 128 and one.startswith("STUDIO") for one in ids if one not in KNOWN_IDS)
    assert sum(one.startswith("STUDIO") for one in ids) == 4
    exports.run(as_json(found))
    after = snapshot()
    assert (after["identities"], after["policies"]) == (rows["identities"], rows["policies"])


#: The ids of ``exports.full()``.
KNOWN_IDS = {"IDANN", "IDBOB", "ANPAML", "ANPAEDGE", "ANPAAMAZONSAGEMAKERREADONLY"}


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=accounts, size=st.sampled_from([1, 2, 3, 1000]))
def test_whatever_was_imported_its_download_is_stable(content: dict[str, Any], size: int) -> None:
    """Policies and groups that are only named, and documents that do not parse, among it."""
    Account.objects.all().delete()
    exports.run(content)
    account = Account.objects.get()
    with pytest.MonkeyPatch.context() as patch:
        iam = sdk(make_caller(account), patch)
        found = download(iam, size)
        assert modelled(found) == modelled(download(iam))
        exports.run(as_json(found))
        assert download(iam) == found
        assert not exports.run(as_json(found)).is_changed
