"""Account exports into rows: everything arrives, the same again changes nothing, a changed one exactly what differs."""

import copy
import json
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policystudio.accounts.models import Account, Membership, Role
from policystudio.audit.models import AuditEntry
from policystudio.audit.services import verify
from policystudio.awssync.services import ImportCancelledError, ImportRefusedError, Progress
from policystudio.awssync.snapshot import Report
from policystudio.history.models import RecordedDocument
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion
from tests.factories import make_account, make_membership, make_organization, make_sign_in
from tests.support.account_rows import snapshot
from tests.support.exports import (
    ALLOW,
    DENY,
    NOW,
    NUMBER,
    OTHER,
    REAL,
    TRUST,
    arn,
    attached,
    changed,
    export,
    full,
    group,
    inline,
    item,
    policy,
    role,
    run,
    told,
    user,
    version,
)

pytestmark = pytest.mark.django_db

TABLES = (
    *(Account, Membership, Document, ManagedPolicy, PolicyVersion),
    *(Identity, InlinePolicy, PolicyAttachment, GroupMembership),
)


# --- The first time ----------------------------------------------------------------------------------------------


def test_the_real_export_arrives_whole() -> None:
    report = run(REAL.read_bytes(), name="sandbox")
    data = json.loads(REAL.read_text())
    account = Account.objects.get()
    assert (account.number, account.name, account.partition) == ("012345678901", "sandbox", "aws")
    assert (account.read_at, account.read_by) == (NOW, "command line")
    assert set(Identity.objects.values_list("arn", flat=True)) == {
        one["Arn"] for key in ("UserDetailList", "GroupDetailList", "RoleDetailList") for one in data[key]
    }
    assert ManagedPolicy.objects.count() == len(data["Policies"])
    assert ManagedPolicy.objects.filter(is_aws_managed=True).count() == 30
    assert PolicyVersion.objects.count() == sum(len(one["PolicyVersionList"]) for one in data["Policies"])
    assert PolicyVersion.objects.filter(is_default=True).count() == len(data["Policies"])
    assert set(GroupMembership.objects.values_list("user__name", "group__name")) == {
        ("obama", "admin"),
        ("userwithlotsofpermissions", "admin"),
        ("biden", "biden"),
    }
    assert Document.objects.exclude(problems=None).count() == 0
    assert all(json.loads(text) for text in Document.objects.values_list("text", flat=True))
    assert report.findings == []
    assert report.accounts[0].counts["policy"]["added"] == 32


def test_one_of_everything_arrives() -> None:
    run(full())
    ann = Identity.objects.get(name="ann")
    assert ann.tags == {"team": "ml"}
    assert [one.name for one in ann.groups.all()] == ["team"]
    assert [one.name for one in ann.managed_policies.all()] == ["ml"]
    bob = Identity.objects.select_related("boundary").get(name="bob")
    assert bob.boundary is not None
    assert bob.boundary.name == "edge"
    job = Identity.objects.select_related("trust_document").get(name="job")
    assert job.trust_document is not None
    assert json.loads(job.trust_document.text) == TRUST
    assert set(InlinePolicy.objects.filter(identity=job).values_list("name", flat=True)) == {"own", "other"}
    versions = PolicyVersion.objects.filter(policy__name="ml").values_list("version_id", "is_default")
    assert set(versions) == {("v2", True), ("v1", False)}
    assert Document.objects.count() == 3  # Allow, Deny and the trust policy, each once
    assert Account.objects.get().name == NUMBER


def test_a_merged_file_goes_into_each_account() -> None:
    merged = {key: full()[key] + full(number=OTHER)[key] for key in full()}
    report = run(merged)
    assert [one.number for one in report.accounts] == [NUMBER, OTHER]
    for number in (NUMBER, OTHER):
        assert Identity.objects.filter(account__number=number).count() == 4
        assert ManagedPolicy.objects.filter(account__number=number).count() == 3
        attachments = PolicyAttachment.objects.filter(identity__account__number=number)
        assert set(attachments.values_list("policy__account__number", flat=True)) == {number}
    assert report.findings == []


def test_pages_arrive_like_one_answer() -> None:
    run(full())
    expected = snapshot()
    Account.objects.all().delete()
    Document.objects.all().delete()
    pages = [{key: value} for key, value in full().items()]
    random.Random(7).shuffle(pages)
    run("\n".join(map(json.dumps, pages)))
    found = snapshot()
    # How a document is indented is kept as well, and differs here.
    for tables in (expected, found):
        del tables["documents"]
        for table in ("versions", "inline", "bearings"):
            tables[table] = {
                tuple(json.dumps(json.loads(cell)) if str(cell).startswith("{") else cell for cell in row)
                for row in tables[table]
            }
    assert found == expected


def test_a_name_is_for_one_account_alone() -> None:
    merged = {key: full()[key] + full(number=OTHER)[key] for key in full()}
    with pytest.raises(ImportRefusedError, match="this file has 2"):
        run(merged, name="research")
    assert not Account.objects.exists()


@pytest.mark.parametrize("name", ["a\nb", "x" * 129, "\0"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ImportRefusedError, match="one line of at most 128"):
        run(full(), name=name)


# --- Again -------------------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing_and_says_so() -> None:
    for content in (REAL.read_bytes(), full()):
        assert run(content).is_changed
        before = snapshot()
        keys = {table: set(table._default_manager.values_list("pk", flat=True)) for table in TABLES}
        report = run(content)
        assert not report.is_changed
        assert changed(report) == []
        assert snapshot() == before
        assert {table: set(table._default_manager.values_list("pk", flat=True)) for table in TABLES} == keys


def test_the_same_again_writes_no_row_but_the_account_and_the_record() -> None:
    run(full())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        run(full())
    written = {
        query["sql"].split('"')[1]
        for query in queries.captured_queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    }
    assert written == {"accounts_account", "audit_auditentry", "audit_audithead"}


CHANGES: dict[str, tuple[Any, list[tuple[str, str, str, tuple[str, ...]]]]] = {
    "a user's tags": (
        lambda one: item(one, "ann").update(Tags=[{"Key": "team", "Value": "ops"}]),
        [("updated", "user", "ann", ("tags",))],
    ),
    "an inline policy": (
        lambda one: item(one, "ann").update(UserPolicyList=inline(own=DENY)),
        [("updated", "user", "ann", ("inline policies",))],
    ),
    "an inline policy less": (
        lambda one: item(one, "job").update(RolePolicyList=inline(own=ALLOW)),
        [("updated", "role", "job", ("inline policies",))],
    ),
    "another trust policy": (
        lambda one: item(one, "job").update(AssumeRolePolicyDocument=json.dumps(TRUST)),
        [("updated", "role", "job", ("trust policy",))],
    ),
    "no attached policy": (
        lambda one: item(one, "team").update(AttachedManagedPolicies=[]),
        [("updated", "group", "team", ("attached policies",))],
    ),
    "another attached policy": (
        lambda one: item(one, "ann").update(AttachedManagedPolicies=attached(arn("policy", "edge"))),
        [("updated", "user", "ann", ("attached policies",))],
    ),
    "no group and no boundary": (
        lambda one: (item(one, "ann").update(GroupList=[]), item(one, "bob").pop("PermissionsBoundary")),
        [("updated", "user", "ann", ("groups",)), ("updated", "user", "bob", ("permissions boundary",))],
    ),
    "another default version": (
        lambda one: item(one, "ml").update(
            DefaultVersionId="v1", PolicyVersionList=[version("v1"), version("v2", DENY, default=False)]
        ),
        [("updated", "policy", "ml", ("versions",))],
    ),
    "a new version and one less": (
        lambda one: item(one, "ml").update(
            DefaultVersionId="v3", PolicyVersionList=[version("v3", ALLOW), version("v2", DENY, default=False)]
        ),
        [("updated", "policy", "ml", ("versions",))],
    ),
    "a policy's description": (
        lambda one: item(one, "edge").update(Description="the edge"),
        [("updated", "policy", "edge", ("description",))],
    ),
    "a user less": (lambda one: one["UserDetailList"].pop(1), [("removed", "user", "bob", ())]),
    "a group less": (
        lambda one: (one["GroupDetailList"].clear(), item(one, "ann").update(GroupList=[])),
        [("removed", "group", "team", ()), ("updated", "user", "ann", ("groups",))],
    ),
    "a policy less": (
        lambda one: (one["Policies"].pop(1), item(one, "bob").pop("PermissionsBoundary")),
        [("updated", "user", "bob", ("permissions boundary",)), ("removed", "policy", "edge", ())],
    ),
    "a user more": (lambda one: one["UserDetailList"].append(user("cid")), [("added", "user", "cid", ())]),
    "a user made anew": (
        lambda one: item(one, "ann").update(UserId="AIDANEW"),
        [("updated", "user", "ann", ("unique id",))],
    ),
    "a user moved and spelt anew": (
        lambda one: item(one, "bob").update(user("Bob", path="/x/")),
        [("removed", "user", "bob", ()), ("added", "user", "Bob", ())],
    ),
    "another order": (lambda one: [part.reverse() for part in one.values()], []),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_export_changes_exactly_what_differs(change: Any, expected: list[Any]) -> None:
    run(full())
    content = copy.deepcopy(full())
    change(content)
    report = run(content)
    assert sorted(changed(report)) == sorted(expected)
    found = snapshot()
    # Rows that were changed are as rows that were made from the changed export in the first place.
    Account.objects.all().delete()
    Document.objects.all().delete()
    run(content)
    assert snapshot() == found


def test_accounts_that_do_not_appear_stay_as_they_are() -> None:
    run(full())
    before = snapshot()
    run(full(number=OTHER))
    run(export(role("only", number=OTHER)))
    assert {one for one in snapshot()["attachments"] if NUMBER in one[0]} == before["attachments"]
    assert Identity.objects.filter(account__number=NUMBER).count() == 4
    assert Identity.objects.filter(account__number=OTHER).count() == 1
    assert ManagedPolicy.objects.filter(account__number=OTHER).count() == 0


def test_documents_that_nobody_has_any_more_go_unless_the_past_has_them() -> None:
    run(full())
    recorded = set(RecordedDocument.objects.values_list("document_id", flat=True))
    run(export(role("job", AssumeRolePolicyDocument=json.dumps(TRUST))))
    kept = Document.objects.exclude(pk__in=recorded)
    assert list(kept.values_list("text", flat=True)) == [json.dumps(TRUST)]
    assert Document.objects.filter(pk__in=recorded).count() == len(recorded)
    RecordedDocument.objects.all().delete()
    run(export(role("job", AssumeRolePolicyDocument=TRUST)))
    assert json.dumps(TRUST) not in Document.objects.exclude(pk__in=recorded).values_list("text", flat=True)


def test_a_truncated_export_removes_nothing() -> None:
    run(full())
    report = run(export(user("bob"), user("ann", AttachedManagedPolicies=attached(arn("policy", "ml"))), NextToken="x"))
    assert "export_truncated" in [code for code, _, _ in told(report)]
    assert Identity.objects.count() == 4
    assert ManagedPolicy.objects.count() == 3
    # What it does describe is taken over; what it only names keeps the document that is known.
    assert PolicyVersion.objects.filter(policy__name="ml").count() == 2
    assert Identity.objects.get(name="bob").boundary is None


def test_a_policy_whose_document_is_gone_says_nothing_any_more() -> None:
    run(full())
    content = full()
    content["Policies"].pop(0)
    report = run(content)
    ml = ManagedPolicy.objects.get(name="ml")
    assert not ml.versions.exists()
    assert ml.attachments.count() == 2
    assert "policy_unknown" in [code for code, _, _ in told(report)]


def test_broken_documents_are_kept_exactly() -> None:
    broken = '{"Version": "2012-10-17", "Statement": [{"Effect": "Alow"}]}'
    run(export(user(UserPolicyList=inline(own=broken)), policy(document="not json")))
    document = InlinePolicy.objects.get().document
    assert document.text == broken
    assert document.problems is not None
    assert {"code", "message", "line", "column"} == set(document.problems[0])
    assert PolicyVersion.objects.get().document.text == "not json"


# --- All or nothing ----------------------------------------------------------------------------------------------


class Cancelling(Progress):
    """Stops after so many steps of the writing."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.total = 0

    def writing(self, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.total += 1
        if self.total > self.steps:
            raise ImportCancelledError


def test_an_import_that_is_stopped_anywhere_leaves_nothing() -> None:
    run(export(user("old"), policy("old")))
    before = snapshot()
    entries = AuditEntry.objects.count()
    whole = Cancelling(1000)
    for steps in range(50):
        stopped = Cancelling(steps)
        try:
            run(full(), progress=stopped)
        except ImportCancelledError:
            assert snapshot() == before
            assert AuditEntry.objects.count() == entries
        else:
            break
    assert 3 < steps < 49
    assert whole.total == 0
    assert verify() == []


def test_what_finish_raises_undoes_everything() -> None:
    def finish(report: Report) -> None:
        assert report.is_changed
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(full(), finish=finish)
    assert not Account.objects.exists()
    assert not Document.objects.exists()


def test_a_refused_file_changes_nothing() -> None:
    run(full())
    before = snapshot()
    with pytest.raises(ImportRefusedError, match="line 1, column"):
        run(json.dumps(full())[:-20])
    assert snapshot() == before


# --- Who may -----------------------------------------------------------------------------------------------------


def test_who_imports_a_new_account_becomes_its_administrator() -> None:
    dana = make_sign_in("dana")
    run(full(), by=dana)
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    assert Account.objects.get().read_by == "dana"
    run(full(), by=dana)
    assert Membership.objects.count() == 1


def test_an_owner_is_named_on_the_command_line() -> None:
    dana = make_sign_in("dana")
    run(full(), owner=dana)
    assert list(Membership.objects.values_list("user__username", "role")) == [("dana", "administrator")]
    Membership.objects.update(role="viewer")
    run(full(), owner=dana)
    assert Membership.objects.get().role == "administrator"


@pytest.mark.parametrize("role_there", [None, Role.VIEWER, Role.AUTHOR, Role.APPROVER])
def test_only_administrators_import_into_an_account_that_is_there(role_there: Role | None) -> None:
    account = make_account(NUMBER, "secret name")
    vic = make_sign_in("vic")
    if role_there:
        make_membership(vic, account, role_there)
    merged = {key: full()[key] + full(number=OTHER)[key] for key in full()}
    with pytest.raises(ImportRefusedError, match=f"account {NUMBER} cannot be imported") as caught:
        run(merged, by=vic)
    assert "secret" not in str(caught.value)
    assert not Identity.objects.exists()
    assert not Account.objects.filter(number=OTHER).exists()
    account.refresh_from_db()
    assert account.read_at is None


def test_administrators_and_superusers_import_into_an_account_that_is_there() -> None:
    account = make_account(NUMBER)
    dana = make_sign_in("dana")
    make_membership(dana, account, Role.ADMINISTRATOR)
    assert run(full(), by=dana).is_changed
    assert not run(full(), by=make_sign_in(superuser=True)).is_changed
    assert Membership.objects.count() == 1


def test_the_record_says_who_imported_what() -> None:
    run(full(), by=make_sign_in("dana"), name="research")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == ("dana", "account.imported", NUMBER)
    assert entry.details["created"] is True
    assert entry.details["counts"]["user"]["added"] == 2


# --- Organizations and names -------------------------------------------------------------------------------------


def test_accounts_join_an_organization_at_its_root() -> None:
    organization = make_organization(master_account_number=NUMBER)
    run(full(), organization=organization.org_id)
    account = Account.objects.get()
    assert account.unit == organization.units.get()
    assert account.is_management
    assert not run(full(), organization=organization.org_id).is_changed


def test_an_account_that_is_in_the_organization_stays_where_it_is() -> None:
    from tests.factories import make_unit

    organization = make_organization()
    unit = make_unit(organization.units.get())
    make_account(NUMBER, "research", unit=unit)
    run(full(), organization=organization.org_id)
    account = Account.objects.get()
    assert account.unit == unit
    assert account.name == "research"


def test_an_organization_of_others_is_not_known() -> None:
    """Whoever joined it would see its policies."""
    organization = make_organization()
    dana = make_sign_in("dana")
    for org_id in (organization.org_id, "o-unknown123"):
        with pytest.raises(ImportRefusedError, match=f"`{org_id}` is not an organization that is known here"):
            run(full(), by=dana, organization=org_id)
    assert not Account.objects.exists()
    make_membership(dana, make_account(unit=organization.units.get()))
    run(full(), by=dana, organization=organization.org_id)
    run(full(number=OTHER), by=make_sign_in(superuser=True), organization=organization.org_id)
    assert organization.units.get().accounts.count() == 3


def test_a_management_account_that_joins_another_organization_manages_it_no_more() -> None:
    organization = make_organization(master_account_number=NUMBER)
    run(full(), organization=organization.org_id)
    report = run(full(), organization=make_organization().org_id)
    assert report.accounts[0].moved
    assert not Account.objects.get().is_management


@pytest.mark.parametrize("org_id", ["o-unknown123", "nonsense", "o-'; drop"])
def test_an_organization_that_is_not_known_is_refused(org_id: str) -> None:
    with pytest.raises(ImportRefusedError, match="organization"):
        run(full(), organization=org_id)
    assert not Account.objects.exists()


def test_a_name_may_change() -> None:
    run(full(), name="one")
    report = run(full(), name="two")
    assert Account.objects.get().name == "two"
    assert report.is_changed
    assert report.accounts[0].renamed
    assert not run(full()).is_changed
    assert Account.objects.get().name == "two"


# --- Many --------------------------------------------------------------------------------------------------------


def queries_for(identities: int) -> int:
    content = export(
        *(user(f"u{n}", number=OTHER, GroupList=["team"], UserPolicyList=inline(own=ALLOW)) for n in range(identities)),
        group("team", number=OTHER),
    )
    with CaptureQueriesContext(connection) as queries:
        run(content)
    return len(queries)


def test_queries_do_not_grow_with_every_identity() -> None:
    few = queries_for(20)
    many = queries_for(300)
    assert many - few < 40


ODD_TEXTS = ["\\u0000", "\\ud800", "\\udfff\\ud800", "\\u001b[31m", "\\u2028"]


@pytest.mark.parametrize("odd", ODD_TEXTS)
@pytest.mark.parametrize(
    "template",
    [
        '{"Version": "2012-10-17", "Statement": [{"Effect": "%s", "Action": "*", "Resource": "*"}]}',
        '{"Version": "2012-10-17", "Statement": [{"Sid": "%s", "Effect": "Allow", "Action": "a:%s", "Resource": "*"}]}',
        '{"%s": 1, "%s": 2}',
    ],
)
def test_escapes_in_documents_are_kept_and_reported(template: str, odd: str) -> None:
    text = template.replace("%s", odd)
    content = json.dumps(export(user(UserPolicyList=inline(own="HERE", other=text)))).replace('"HERE"', text)
    report = run(content)
    assert set(Document.objects.values_list("text", flat=True)) == {text}
    assert json.dumps(report.as_json(), ensure_ascii=False).encode()
    assert not run(content).is_changed
