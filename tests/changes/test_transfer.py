"""Changes and policies on their way out of an account, and files on their way into a draft."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import override_settings
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit.models import AuditEntry
from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.changes.transfer import (
    Effect,
    arrival_import,
    arrival_of,
    as_change,
    as_identity,
    as_inline_policy,
    as_managed_policy,
    as_organization_policy,
    as_trust_policy,
    written_as,
)
from policystudio.identities.models import InlinePolicy
from policystudio.interchange.values import ReadError
from policystudio.policies.models import PolicyVersion
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def account() -> Account:
    organization = factories.make_organization()
    root = organization.units.get()
    account = factories.make_account(NUMBER, "research", unit=root, read_at=timezone.now())
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def keys(edits: Any) -> list[tuple[str, str, str]]:
    return [(edit.kind, edit.target.rpartition(":")[2], edit.name or edit.other.rpartition(":")[2]) for edit in edits]


# --- Out -------------------------------------------------------------------------------------------------------------


def test_a_managed_policy_leaves_with_whom_it_is_attached_to(account: Account) -> None:
    policy = factories.make_managed_policy(account, "p", path="/ml/", tags={"a": "1"}, description="P")
    older = PolicyVersion.objects.create(policy=policy, version_id="v2", document=factories.make_document(DENY))
    user = factories.make_identity(account, "user", "ann")
    factories.make_identity(account, "role", "runner", boundary=policy)
    factories.attach(user, policy)
    change = as_managed_policy(policy, older)
    assert keys(change.edits) == [
        ("managed-policy", "policy/ml/p", ""),
        ("tags", "policy/ml/p", ""),
        ("attach", "user/ann", "policy/ml/p"),
        ("boundary", "role/runner", "policy/ml/p"),
    ]
    assert change.edits[0].data == {"path": "/ml/", "name": "p", "description": "P"}
    assert change.known.policies[policy.arn].versions == ("v2",)
    assert written_as(change, "policy.json")[1].text == older.document.text == change.edits[0].text
    assert "create-policy-version" in written_as(change, "sh")[1].text


def test_what_aws_manages_leaves_only_with_its_attachments(account: Account) -> None:
    policy = factories.make_managed_policy(account, "Read", aws=True)
    factories.attach(factories.make_identity(account, "user", "ann"), policy)
    change = as_managed_policy(policy, policy.versions.get())
    assert [edit.kind for edit in change.edits] == ["attach"]
    assert written_as(change, "policy.json")[1].text == policy.versions.get().document.text


def test_parts_of_an_identity_leave_by_themselves_or_together(account: Account) -> None:
    role = factories.make_identity(account, "role", "runner", tags={"a": "1"})
    inline = factories.make_inline_policy(role, name="own")
    policy = factories.make_managed_policy(account, "p")
    factories.attach(role, policy)
    assert keys(as_inline_policy(role, "own").edits) == [("inline-policy", "role/runner", "own")]
    assert as_inline_policy(role, "own").document == inline.document.text
    assert keys(as_trust_policy(role).edits) == [("trust-policy", "role/runner", "")]
    assert keys(as_identity(account, role.arn).edits) == [
        ("trust-policy", "role/runner", ""),
        ("tags", "role/runner", ""),
        ("inline-policy", "role/runner", "own"),
        ("attach", "role/runner", "policy/p"),
    ]
    with pytest.raises(InlinePolicy.DoesNotExist):
        as_inline_policy(role, "other")


def test_an_organization_policy_leaves_with_the_places_above_the_account_alone(account: Account) -> None:
    assert account.unit is not None
    organization = account.unit.organization
    elsewhere = factories.make_account(unit=account.unit)
    policy = factories.make_organization_policy(organization, name="guard", targets=(account.unit, elsewhere))
    change = as_organization_policy(account, policy)
    assert keys(change.edits) == [
        ("organization-policy", policy.policy_id, ""),
        ("organization-attach", policy.policy_id, account.unit.unit_id),
    ]
    for ending in ("json", "sh", "tf.json", "cfn.json"):
        assert elsewhere.number not in written_as(change, ending)[1].text


def draft(account: Account, *edits: dict[str, Any]) -> Change:
    change = services.change_create(account=account, by=None, title="A change", description="Why.")
    for edit in edits:
        services.edit_put(change=change, by=None, expected_version=None, **edit)
    return Change.objects.select_related("account__unit__organization").get(pk=change.pk)


def test_a_change_leaves_for_the_account_as_it_is(account: Account) -> None:
    policy = factories.make_managed_policy(account, "p")
    new = f"arn:aws:iam::{NUMBER}:policy/new"
    text = json.dumps(factories.ALLOW_ALL)
    change = draft(
        account,
        {"kind": "managed-policy", "target": policy.arn, "text": text},
        {"kind": "managed-policy", "target": new, "text": text},
    )
    out = as_change(change)
    assert (out.title, out.description, list(out.known.policies)) == ("A change", "Why.", [policy.arn])
    script = written_as(out, "sh")[1].text
    assert ("create-policy-version" in script, "create-policy --policy-name new" in script) == (True, True)


def test_a_published_change_leaves_for_the_account_as_it_was(account: Account) -> None:
    user = factories.make_identity(account, "user", "ann")
    gone = factories.make_identity(account, "user", "gone")
    factories.make_inline_policy(gone, name="own")
    new = f"arn:aws:iam::{NUMBER}:policy/new"
    change = draft(
        account,
        {"kind": "managed-policy", "target": new, "text": json.dumps(DENY)},
        {"kind": "attach", "target": user.arn, "other": new},
        {"kind": "identity-delete", "target": gone.arn},
    )
    before = written_as(as_change(change), "sh")[1].text
    change = services.change_propose(change=change, by=None, expected_version=change.version)
    change = services.change_approve(change=change, by=None, expected_version=change.version)
    change = services.change_publish(change=change, by=None, expected_version=change.version)
    assert change.state == Change.State.PUBLISHED
    assert written_as(as_change(change), "sh")[1].text == before
    assert "create-policy --policy-name new" in before
    assert "delete-user-policy --user-name gone --policy-name own" in before
    assert "import" not in json.loads(written_as(as_change(change), "tf.json")[1].text)


# --- In --------------------------------------------------------------------------------------------------------------

FILE = """
resource "aws_iam_policy" "a" {
  name = "a"
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "*", Resource = "*"}]})
}
resource "aws_iam_policy" "b" {
  name = "b"
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Deny", Action = "*", Resource = "*"}]})
}
resource "aws_iam_policy" "c" {
  name = "c"
  policy = jsonencode({Version = "2012-10-17", Statement = [{Effect = "Deny", Action = "*", Resource = var.r}]})
}
resource "aws_iam_role" "runner" {
  name = "runner"
  tags = { a = "2" }
  assume_role_policy = jsonencode({Statement = []})
}
resource "aws_iam_user_policy_attachment" "x" {
  user = "ann"
  policy_arn = aws_iam_policy.c.arn
}
resource "aws_iam_user_policy" "y" {
  name = "y"
  user = "nobody"
  policy = "{}"
}
resource "aws_iam_policy" "taken" {
  name = "TAKEN"
  policy = "{}"
}
"""


@pytest.fixture
def peopled(account: Account) -> Account:
    factories.make_managed_policy(account, "a")
    factories.make_managed_policy(account, "b")
    factories.make_managed_policy(account, "taken", path="/elsewhere/")
    factories.make_identity(account, "role", "runner", tags={"a": "1"})
    factories.make_identity(account, "user", "ann", path="/x/")
    return account


def test_a_file_says_what_it_would_create_or_change(peopled: Account) -> None:
    arrival = arrival_of(peopled, FILE.encode(), filename="infra/main.tf")
    assert arrival.title == "Import of main.tf"
    assert [(item.edit.kind, item.edit.target.rpartition(":")[2], item.effect) for item in arrival.items] == [
        ("managed-policy", "policy/a", Effect.SAME),
        ("managed-policy", "policy/b", Effect.CHANGES),
        ("managed-policy", "policy/c", Effect.CREATES),
        ("trust-policy", "role/runner", Effect.CHANGES),
        ("tags", "role/runner", Effect.CHANGES),
        ("managed-policy", "policy/TAKEN", Effect.REFUSED),
        ("attach", "user/x/ann", Effect.CREATES),
    ]
    assert "`arn:aws:iam::111122223333:policy/elsewhere/taken`" in arrival.items[5].problem
    assert arrival.whole == [2, 4, 5, 7]
    assert [left.why for left in arrival.left_out] == ["there is no user `nobody` in the file or in the account"]
    assert not Change.objects.exists()


def test_what_is_chosen_becomes_a_draft(peopled: Account) -> None:
    author = factories.make_sign_in("ada")
    factories.make_membership(author, peopled, Role.AUTHOR)
    arrival = arrival_of(peopled, FILE.encode(), filename="main.tf", values={"r": "arn:aws:s3:::b"})
    change = arrival_import(arrival=arrival, by=author, numbers=[3, 7])
    assert (change.title, change.state, change.author) == ("Import of main.tf", "draft", author)
    assert keys(change.edits.all()) == [
        ("managed-policy", "policy/c", ""),
        ("attach", "user/x/ann", "policy/c"),
    ]
    assert json.loads(change.edits.all()[0].text)["Statement"][0]["Resource"] == "arn:aws:s3:::b"
    entry = AuditEntry.objects.get(action="change.imported")
    assert entry.details == {"number": change.number, "source": "Terraform", "edits": 2}


def test_what_is_not_known_can_be_drafted_but_not_proposed(peopled: Account) -> None:
    arrival = arrival_of(peopled, FILE.encode())
    change = arrival_import(arrival=arrival, by=None, numbers=[3], title="Mine")
    assert (change.title, change.edits.get().text.splitlines()[0]) == (
        "Mine",
        "Replace <var.r> below by what it means in this account, then remove this line.",
    )
    with pytest.raises(services.ChangeRefusedError):
        services.change_propose(change=change, by=None, expected_version=change.version)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [([], "nothing is chosen"), ([9], "there is no 9"), ([1], "the account says so already"), ([6], "of that name")],
)
def test_what_cannot_be_imported_is_refused_and_nothing_is_written(
    numbers: list[int], message: str, peopled: Account
) -> None:
    with pytest.raises(services.EditError, match=message):
        arrival_import(arrival=arrival_of(peopled, FILE.encode()), by=None, numbers=[*numbers])
    assert not Change.objects.exists()


def test_a_viewer_imports_nothing(peopled: Account) -> None:
    viewer = factories.make_sign_in("vic")
    factories.make_membership(viewer, peopled, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        arrival_import(arrival=arrival_of(peopled, FILE.encode()), by=viewer, numbers=[2])
    assert not Change.objects.exists()


def test_organization_policies_need_the_role_everywhere_and_none_is_imported_without(account: Account) -> None:
    factories.make_account(unit=account.unit)
    author = factories.make_sign_in("ada")
    factories.make_membership(author, account, Role.ADMINISTRATOR)
    file = json.dumps(
        {"Resources": {"P": {"Type": "AWS::Organizations::Policy", "Properties": {"Name": "n", "Content": DENY}}}}
    )
    arrival = arrival_of(account, file.encode())
    assert [item.effect for item in arrival.items] == [Effect.CREATES]
    with pytest.raises(PermissionDenied):
        arrival_import(arrival=arrival, by=author, numbers=[1])
    assert not Change.objects.exists()


def test_a_change_that_left_comes_back(account: Account) -> None:
    user = factories.make_identity(account, "user", "ann", boundary=factories.make_managed_policy(account, "b"))
    factories.make_inline_policy(user, name="own")
    first = draft(
        account,
        {"kind": "identity", "target": f"arn:aws:iam::{NUMBER}:group/g"},
        {"kind": "join-group", "target": user.arn, "other": f"arn:aws:iam::{NUMBER}:group/g"},
        {"kind": "boundary", "target": user.arn, "other": ""},
        {"kind": "inline-policy-delete", "target": user.arn, "name": "own"},
        {"kind": "tags", "target": user.arn, "data": {"tags": {"a": "1"}}},
    )
    file = written_as(as_change(first), "json")[1].text
    arrival = arrival_of(account, file.encode())
    effects = [Effect.CREATES, Effect.CREATES, Effect.REMOVES, Effect.REMOVES, Effect.CHANGES]
    assert [item.effect for item in arrival.items] == effects
    second = arrival_import(arrival=arrival, by=None, numbers=arrival.whole)
    assert (second.title, second.description) == (first.title, first.description)
    assert services.content_digest(second.edits.all()) == services.content_digest(first.edits.all())


def test_a_change_of_another_account_is_refused(account: Account) -> None:
    other = factories.make_account()
    file = written_as(as_change(draft(other)), "json")[1].text
    with pytest.raises(ReadError, match="a change of the account"):
        arrival_of(account, file.encode())


@override_settings(TEMPLATE_LIMIT=100)
def test_a_file_that_is_too_large_is_refused(account: Account) -> None:
    with pytest.raises(ReadError, match="101 bytes, at most 100"):
        arrival_of(account, b" " * 101)
