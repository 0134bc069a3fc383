"""Organizations into rows: the tree, the accounts, the policies, and refusal of anything that is not understood."""

import copy
import json
from typing import Any

import pytest

from policystudio.accounts.models import (
    Account,
    Membership,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
)
from policystudio.accounts.selectors import organization_levels
from policystudio.audit.models import AuditEntry
from policystudio.awssync.services import ImportRefusedError, organization_import
from policystudio.awssync.snapshot import Report
from tests.factories import make_account, make_organization, make_sign_in
from tests.support.exports import DENY, NOW, as_file, changed, told

pytestmark = pytest.mark.django_db

ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ROOT, OUTER, INNER = "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"

ORGANIZATION: dict[str, Any] = {
    "Organization": {"Id": "o-exampleorg1", "MasterAccountId": "111111111111"},
    "Name": "Example",
    "Roots": [{"Id": ROOT, "Name": "Root"}],
    "OrganizationalUnits": [
        {"Id": INNER, "Name": "Research", "ParentId": OUTER},
        {"Id": OUTER, "Name": "ML", "ParentId": ROOT},
    ],
    "Accounts": [
        {"Id": "111111111111", "Name": "management", "ParentId": ROOT},
        {"Id": "222222222222", "Name": "research", "ParentId": INNER},
    ],
    "Policies": [
        {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": ALLOW_ALL},
        {
            "Id": "p-deny1234",
            "Name": "deny",
            "Type": "SERVICE_CONTROL_POLICY",
            "Description": "no",
            "Content": json.dumps(DENY),
        },
    ],
    "Targets": [
        *({"PolicyId": "p-FullAWSAccess", "TargetId": target} for target in (ROOT, OUTER, INNER, "222222222222")),
        {"PolicyId": "p-deny1234", "TargetId": INNER},
    ],
}


def run(content: Any = None, **options: Any) -> Report:
    return organization_import(file=as_file(content if content is not None else ORGANIZATION), now=NOW, **options)


def but(change: Any) -> dict[str, Any]:
    content = copy.deepcopy(ORGANIZATION)
    change(content)
    return content


def test_an_organization_arrives_whole() -> None:
    report = run()
    organization = Organization.objects.get()
    assert (organization.org_id, organization.name, organization.master_account_number) == (
        "o-exampleorg1",
        "Example",
        "111111111111",
    )
    parents = {one.unit_id: one.parent and one.parent.unit_id for one in OrganizationalUnit.objects.all()}
    assert parents == {ROOT: None, OUTER: ROOT, INNER: OUTER}
    accounts = {one.number: one for one in Account.objects.all()}
    assert accounts["111111111111"].is_management
    assert not accounts["222222222222"].is_management
    assert (accounts["222222222222"].name, accounts["222222222222"].read_at) == ("research", None)
    levels = organization_levels(accounts["222222222222"], "scp")
    assert levels is not None
    assert [[one.name for one in level.policies] for level in levels] == [
        ["FullAWSAccess"],
        ["FullAWSAccess"],
        ["FullAWSAccess", "deny"],
        ["FullAWSAccess"],
    ]
    assert OrganizationPolicy.objects.get(name="deny").text == json.dumps(DENY)
    assert json.loads(OrganizationPolicy.objects.get(name="FullAWSAccess").text) == ALLOW_ALL
    assert report.findings == []
    assert AuditEntry.objects.get().action == "organization.imported"


def test_the_same_again_changes_nothing() -> None:
    run()
    keys = set(OrganizationPolicyTarget.objects.values_list("pk", flat=True))
    assert not run().is_changed
    assert set(OrganizationPolicyTarget.objects.values_list("pk", flat=True)) == keys


CHANGES: list[tuple[Any, list[Any]]] = [
    (lambda one: one["Targets"].pop(), [("removed", "attachment", "p-deny1234 " + INNER, ())]),
    (
        lambda one: (one["Policies"].pop(), one["Targets"].pop()),
        [("removed", "attachment", "p-deny1234 " + INNER, ()), ("removed", "policy", "p-deny1234", ())],
    ),
    (
        lambda one: one["Policies"][1].update(Content=DENY, Description="never"),
        [("updated", "policy", "p-deny1234", ("description", "text", "digest"))],
    ),
    (
        lambda one: one["OrganizationalUnits"][0].update(ParentId=ROOT, Name="Lab"),
        [("updated", "unit", INNER, ("name", "parent"))],
    ),
    (
        lambda one: one["Accounts"][1].update(ParentId=OUTER),
        [("updated", "account", "222222222222", ("unit",))],
    ),
    (
        lambda one: (one["Accounts"].pop(), one["Targets"].pop(3)),
        [
            ("updated", "account", "222222222222", ("unit",)),
            ("removed", "attachment", "p-FullAWSAccess 222222222222", ()),
        ],
    ),
    (
        lambda one: one["Organization"].update(MasterAccountId="222222222222"),
        [
            ("updated", "account", "111111111111", ("is_management",)),
            ("updated", "account", "222222222222", ("is_management",)),
        ],
    ),
    (lambda one: one.update(Name="Other"), []),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_changed_file_changes_exactly_what_differs(change: Any, expected: list[Any]) -> None:
    run()
    report = run(but(change))
    assert report.is_changed
    assert sorted(changed(report)) == sorted(expected)
    assert not run(but(change)).is_changed


def test_a_unit_that_is_gone_goes_after_those_who_stood_in_it() -> None:
    run()
    without = but(
        lambda one: (
            one["OrganizationalUnits"].pop(0),
            one["Accounts"][1].update(ParentId=OUTER),
            one.update(Targets=[target for target in one["Targets"] if target["TargetId"] != INNER]),
        )
    )
    run(without)
    assert set(OrganizationalUnit.objects.values_list("unit_id", flat=True)) == {ROOT, OUTER}
    account = Account.objects.select_related("unit").get(number="222222222222")
    assert account.unit is not None
    assert account.unit.unit_id == OUTER


def test_another_root_may_take_over() -> None:
    run()
    run(json.loads(json.dumps(ORGANIZATION).replace("ab12", "cd34")))
    assert set(OrganizationalUnit.objects.values_list("unit_id", flat=True)) == {
        one.replace("ab12", "cd34") for one in (ROOT, OUTER, INNER)
    }
    assert Account.objects.exclude(unit=None).count() == 2
    assert Account.objects.get(is_management=True).number == "111111111111"


def test_an_account_that_is_known_keeps_what_it_has() -> None:
    account = make_account("222222222222", "222222222222", read_by="dana")
    run()
    account.refresh_from_db()
    assert (account.name, account.read_by) == ("research", "dana")


def test_the_owner_administers_the_accounts() -> None:
    make_account("222222222222")
    run(owner=make_sign_in("dana"))
    assert list(Membership.objects.values_list("account__number", "role")) == [
        ("111111111111", "administrator"),
        ("222222222222", "administrator"),
    ]


def test_documents_that_do_not_parse_are_kept_and_reported() -> None:
    report = run(but(lambda one: one["Policies"][1].update(Content='{"Statement": 7}')))
    policy = OrganizationPolicy.objects.get(name="deny")
    assert policy.text == '{"Statement": 7}'
    assert policy.problems
    assert {one[:1] + one[2:] for one in told(report)} == {("document_malformed", "deny")}


def test_white_space_counts_in_organization_policies() -> None:
    for spaces, codes in ((10_240, {"quota_exceeded"}), (9_000, set())):
        text = json.dumps(DENY) + " " * spaces
        report = run(but(lambda one, text=text: one["Policies"][1].update(Content=text)))
        assert {one[0] for one in told(report)} == codes


def test_policies_that_decide_about_no_request_are_passed_over() -> None:
    tags = {"Id": "p-tags1234", "Name": "tags", "Type": "TAG_POLICY", "Content": {"tags": {}}}
    content = but(
        lambda one: (
            one["Policies"].append(tags),
            one["Targets"].append({"PolicyId": "p-tags1234", "TargetId": ROOT}),
        )
    )
    report = run(content)
    assert [one[0] for one in told(report)] == ["type_unknown"]
    assert OrganizationPolicy.objects.count() == 2


def test_resource_control_policies_are_another_kind() -> None:
    run(but(lambda one: one["Policies"][1].update(Type="RESOURCE_CONTROL_POLICY", Content=ALLOW_ALL)))
    assert OrganizationPolicy.objects.get(name="deny").kind == "rcp"


REFUSED: list[tuple[Any, str]] = [
    ("", "one JSON object"),
    ("[]", "one JSON object"),
    ("{}", "`Organization` is missing"),
    ('{"Organization": {}, "Organization": {}}', "stands twice"),
    (json.dumps(ORGANIZATION) + "{}", "goes on behind its end"),
    (b"\xff\xfe", "UTF-16"),
    (but(lambda one: one["Organization"].update(Id="x")), "`Id` is `x`"),
    (but(lambda one: one["Organization"].update(MasterAccountId="1")), "`MasterAccountId` is `1`"),
    (but(lambda one: one["Organization"].update(MasterAccountId="333333333333")), "is not in `Accounts`"),
    (but(lambda one: one["Roots"].clear()), "exactly one root"),
    (but(lambda one: one["Roots"].append({"Id": "r-cd34", "Name": "x"})), "exactly one root"),
    (but(lambda one: one["OrganizationalUnits"][1].update(ParentId=INNER)), "leads to no root"),
    (but(lambda one: one["OrganizationalUnits"][1].update(Id="r-cd34")), "begin with `r-`"),
    (but(lambda one: one["OrganizationalUnits"].append(one["OrganizationalUnits"][0])), "stands twice"),
    (but(lambda one: one["Accounts"][1].update(Id="x")), "`Id` is `x`"),
    (but(lambda one: one["Accounts"][1].update(ParentId="ou-ab12-99999999")), "no root or unit"),
    (but(lambda one: one["Accounts"].append(one["Accounts"][1])), "stands twice"),
    (but(lambda one: one["Policies"][0].update(Id="x")), "`Id` is `x`"),
    (but(lambda one: one["Policies"][0].update(Id="p-deny1234")), "stands twice"),
    (but(lambda one: one["Policies"][0].pop("Content")), "`Content` is missing"),
    (but(lambda one: one["Targets"].append({"PolicyId": "p-unknown1", "TargetId": ROOT})), "no policy of this file"),
    (but(lambda one: one["Targets"].append({"PolicyId": "p-deny1234", "TargetId": "x"})), "no root, unit or account"),
    (but(lambda one: one.update(Targets="x")), "not a list"),
    (but(lambda one: one["Targets"].append(7)), "not an object"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED)
def test_anything_that_is_not_understood_refuses_the_file(content: Any, message: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        run(content)
    assert message in str(caught.value)
    assert not Organization.objects.exists()
    assert not Account.objects.exists()


def test_a_unit_of_another_organization_is_refused() -> None:
    make_organization().units.update(unit_id=ROOT)
    with pytest.raises(ImportRefusedError, match="belongs to another organization"):
        run()
    assert Organization.objects.count() == 1
