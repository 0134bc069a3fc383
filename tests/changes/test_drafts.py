"""Drafts: who may write them, what an edit may say, and what happens when two write at once."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.changes import services
from policystudio.changes.models import Change, Edit
from tests import factories
from tests.changes.conftest import Lab, allow

HALF = '{"Version": "2012-10-17", "Statement": ['


def put(lab: Lab, change: Change, **values: Any) -> Edit:
    given = {"by": lab.author, "expected_version": None, "kind": "managed-policy", "target": lab.look.arn}
    return services.edit_put(change=change, **{**given, **values})


def draft(lab: Lab) -> Change:
    return services.change_create(account=lab.account, by=lab.author, title="Look closer")


def test_a_draft_is_numbered_and_recorded(lab: Lab) -> None:
    change = services.change_create(account=lab.account, by=lab.author, title="  Look\n closer ", description=" why ")
    assert (change.number, change.title, change.description) == (1, "Look closer", "why")
    assert (change.state, change.author_name, change.version) == ("draft", "aron", 1)
    assert AuditEntry.objects.filter(action="change.created", actor="aron", target="111122223333").exists()
    assert services.change_create(account=lab.account, by=None, title="Again").author_name == "command line"


def test_viewers_and_strangers_write_nothing(lab: Lab) -> None:
    change = draft(lab)
    edit = put(lab, change, text=allow("*"))
    for person in (lab.viewer, factories.make_sign_in()):
        with pytest.raises(PermissionDenied):
            services.change_create(account=lab.account, by=person, title="Mine")
        with pytest.raises(PermissionDenied):
            put(lab, change, by=person, kind="attach", target=lab.ana.arn, other=lab.look.arn)
        with pytest.raises(PermissionDenied):
            services.edit_save(edit=edit, by=person, expected_version=1, text="{}")
        with pytest.raises(PermissionDenied):
            services.edit_remove(edit=edit, by=person)
    assert change.edits.count() == 1


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "bell \a"])
def test_a_title_is_one_line(lab: Lab, title: str) -> None:
    with pytest.raises(services.EditError, match="title: write one line"):
        services.change_create(account=lab.account, by=lab.author, title=title)


def test_an_edit_remembers_what_stood_there(lab: Lab) -> None:
    change = draft(lab)
    inline = factories.make_inline_policy(lab.ana, allow("s3:*"), "buckets")
    trust = factories.as_text(factories.TRUST_SAGEMAKER)
    edits = {
        "managed-policy": ({"text": allow("*")}, {"text": allow("sagemaker:List*")}),
        "trust-policy": (
            {"target": lab.trainer.arn, "text": "{}"},
            {"text": trust},
        ),
        "inline-policy": ({"target": lab.ana.arn, "name": "buckets", "text": "{}"}, {"text": inline.document.text}),
        "boundary": ({"target": lab.ana.arn, "other": lab.look.arn}, None),
        "detach": ({"target": lab.scientists.arn, "other": lab.look.arn}, {"exists": True}),
        "attach": ({"target": lab.ana.arn, "other": lab.look.arn}, None),
        "leave-group": ({"target": lab.ana.arn, "other": lab.scientists.arn}, {"exists": True}),
        "tags": ({"target": lab.ana.arn, "data": {"tags": {"team": "x"}}}, {"tags": {}}),
        "identity": ({"target": lab.arn("user/team/new")}, None),
        "identity-delete": (
            {"target": lab.scientists.arn},
            {
                "tags": {},
                "boundary": "",
                "trust": "",
                "inline": {},
                "groups": [],
                "attached": [lab.look.arn],
                "members": [lab.ana.arn],
            },
        ),
    }
    for position, (kind, (values, base)) in enumerate(edits.items(), start=1):
        edit = put(lab, change, kind=kind, **values)
        assert (edit.base, edit.position, edit.version) == (base, position, 1), kind
    change.refresh_from_db()
    assert change.version == 1 + len(edits)
    assert list(change.writers.all()) == [lab.author]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "policy"}, "kind: `policy` is none of"),
        ({"target": "look"}, "target: `look` is not an ARN"),
        ({"target": "arn:aws:iam::999999999999:policy/look"}, "does not belong to the account"),
        ({"target": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "managed by AWS, who alone changes it"),
        ({"target": "arn:aws:iam::111122223333:user/ana"}, "is not the ARN of a policy"),
        ({"target": "arn:aws:iam::111122223333:policy/two words"}, "cannot be the name of a policy"),
        ({"kind": "inline-policy", "target": "arn:aws:iam::111122223333:user/ana"}, "name: an inline policy has one"),
        ({"name": "x"}, "name: an edit of kind managed-policy has none"),
        ({"other": "x"}, "other: an edit of kind managed-policy has none"),
        ({"kind": "attach", "target": "arn:aws:iam::111122223333:user/ana"}, "other: `` is not an ARN"),
        ({"kind": "attach", "target": "arn:aws:iam::111122223333:user/ana", "text": "x"}, "text: an edit of kind"),
        ({"text": 'a\n"\0'}, "text: line 2, column 2: a NUL"),
        ({"text": "\ud800"}, "text: line 1, column 1"),
        ({"text": "x" * 262_145}, "more than the 262,144"),
        ({"data": {"description": "x" * 1001}}, "data.description"),
        ({"data": {"template": ["\0"]}}, "data: line 1, column 1: a NUL"),
        ({"data": {"template": "x" * 200_001}}, "data: 200"),
        ({"kind": "tags", "data": {}}, "data.tags: write all tags"),
        ({"kind": "tags", "data": {"tags": {"aws:x": ""}}}, "cannot be the key of a tag"),
        ({"kind": "tags", "data": {"tags": {"a": "", "A": ""}}}, "are the same key to IAM"),
        ({"kind": "tags", "data": {"tags": {"a": 1}}}, "the value of `a` is a text"),
        ({"kind": "organization-policy", "target": "p-12345678"}, "stands in no organization"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(lab: Lab, values: dict[str, Any], message: str) -> None:
    with pytest.raises(services.EditError) as caught:
        put(lab, draft(lab), **values)
    assert message in str(caught.value)
    assert not Edit.objects.exists()


def test_what_does_not_parse_is_kept_exactly(lab: Lab) -> None:
    edit = put(lab, draft(lab), text=HALF)
    edit = services.edit_save(edit=edit, by=lab.author, expected_version=1, text=f"\ufeff{HALF}\r\n\t ")
    edit.refresh_from_db()
    assert edit.text == f"\ufeff{HALF}\r\n\t "


def test_a_stale_writer_is_shown_what_was_written(lab: Lab) -> None:
    edit = put(lab, draft(lab), text="one")
    services.edit_save(edit=edit, by=lab.approver, expected_version=1, text="two")
    with pytest.raises(services.StaleError, match="petra wrote the edit in between") as caught:
        services.edit_save(edit=edit, by=lab.author, expected_version=1, text="three")
    assert (caught.value.version, caught.value.text) == (2, "two")
    with pytest.raises(services.StaleError):
        put(lab, edit.change, text="three")
    with pytest.raises(services.StaleError):
        services.edit_remove(edit=edit, by=lab.author, expected_version=1)
    assert services.edit_save(edit=edit, by=lab.author, expected_version=1, text="two").version == 2  # says the same
    assert services.edit_save(edit=edit, by=lab.author, expected_version=2, text="three").version == 3


def test_an_edit_that_was_taken_out_is_not_brought_back_unseen(lab: Lab) -> None:
    edit = put(lab, draft(lab), text="one")
    services.edit_remove(edit=edit, by=lab.approver, expected_version=1)
    services.edit_remove(edit=edit, by=lab.approver, expected_version=1)  # already out
    with pytest.raises(services.StaleError, match="took the edit out"):
        services.edit_save(edit=edit, by=lab.author, expected_version=1, text="two")
    with pytest.raises(services.StaleError, match="took the edit out"):
        put(lab, edit.change, expected_version=1, text="two")
    assert put(lab, edit.change, text="two").version == 1


def test_a_boundary_is_set_once_and_can_be_another(lab: Lab) -> None:
    change = draft(lab)
    edit = put(lab, change, kind="boundary", target=lab.ana.arn, other=lab.look.arn)
    edit = put(lab, change, kind="boundary", target=lab.ana.arn, other="", expected_version=edit.version)
    assert (change.edits.count(), edit.other, edit.version) == (1, "", 2)


def test_organization_policies_need_the_role_in_every_account(lab: Lab) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    lab.account.unit = root
    lab.account.save()
    other = factories.make_account("222222222222", "production", unit=root)
    scp = factories.make_organization_policy(organization, targets=(root,))
    values = {"kind": "organization-policy", "target": scp.policy_id, "text": allow("*"), "data": {"kind": "scp"}}
    with pytest.raises(PermissionDenied, match="the role author in another account too"):
        put(lab, draft(lab), **values)
    factories.make_membership(lab.author, other, Role.VIEWER)
    with pytest.raises(PermissionDenied, match="in 222222222222 too"):
        put(lab, draft(lab), **values)
    other.memberships.update(role=Role.AUTHOR)
    change = draft(lab)
    assert put(lab, change, **values).base == {"text": scp.text, "name": scp.name, "description": ""}
    attach = {"kind": "organization-attach", "target": scp.policy_id}
    assert put(lab, change, **attach, other="222222222222").base is None
    assert put(lab, change, kind="organization-detach", target=scp.policy_id, other=root.unit_id).base == {
        "exists": True
    }
    with pytest.raises(services.EditError, match="is no unit and no account"):
        put(lab, change, **attach, other="333333333333")
