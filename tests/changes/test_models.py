"""What the database itself refuses of changes, edits and comments."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from policystudio.changes.models import Change, Edit
from policystudio.changes.services import change_begin, change_create
from policystudio.engine.document import PolicyKind
from tests.changes.conftest import Lab, allow

DIGEST = "0" * 64


def refused(write: Any, /, **values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(**values)


def test_states_and_what_goes_with_them(lab: Lab) -> None:
    change = change_create(account=lab.account, by=lab.author, title="Look closer")
    update = Change.objects.filter(pk=change.pk).update
    now = timezone.now()
    refused(update, state="open")
    refused(update, state="proposed")
    refused(update, state="approved", proposed_at=now)
    refused(update, approved_digest=DIGEST)
    refused(update, state="approved", proposed_at=now, approved_digest="x")
    refused(update, state="published", proposed_at=now, approved_digest=DIGEST)
    refused(update, state="published", proposed_at=now, approved_digest=DIGEST, published_at=now)
    refused(update, published_at=now)
    for values in ({"title": ""}, {"version": 0}, {"number": 0}):
        refused(update, **values)
    update(state="approved", proposed_at=now, approved_digest=DIGEST)
    update(state="published", published_at=now, published_by_name="petra")


def test_numbers_count_in_each_account(lab: Lab) -> None:
    first, second = (change_create(account=lab.account, by=lab.author, title=title) for title in ("One", "Two"))
    assert (first.number, second.number) == (1, 2)
    refused(Change.objects.filter(pk=second.pk).update, number=1)


def test_edits_name_what_their_kind_needs(lab: Lab) -> None:
    edit = change_begin(
        account=lab.account, by=lab.author, title="Look", kind="managed-policy", target=lab.look.arn, text=allow("*")
    )
    update = Edit.objects.filter(pk=edit.pk).update
    for values in (
        *({"kind": "policy"}, {"target": ""}, {"version": 0}, {"name": "x"}, {"other": "x"}),
        *({"kind": "inline-policy"}, {"kind": "attach"}, {"kind": "attach", "other": "x", "name": "x"}),
    ):
        refused(update, **values)
    update(kind="boundary")
    update(kind="inline-policy", name="x")
    update(kind="attach", name="", other="x")


def test_an_edit_is_in_a_change_once(lab: Lab) -> None:
    edit = change_begin(
        account=lab.account, by=lab.author, title="Bound", kind="boundary", target=lab.ana.arn, other=lab.look.arn
    )
    now = timezone.now()
    again = {"change": edit.change, "position": 2, "created_at": now, "updated_at": now, "updated_by_name": "aron"}
    refused(Edit.objects.create, kind="boundary", target=lab.ana.arn, other="", **again)
    Edit.objects.create(kind="attach", target=lab.ana.arn, other=lab.look.arn, **again)
    refused(Edit.objects.create, kind="attach", target=lab.ana.arn, other=lab.look.arn, **again)


def test_comments_say_something(lab: Lab) -> None:
    change = change_create(account=lab.account, by=lab.author, title="Look closer")
    said = {"author_name": "vic", "digest": DIGEST, "at": timezone.now()}
    refused(change.comments.create, kind="comment", **said)
    refused(change.comments.create, kind="praised", text="x", **said)
    refused(change.comments.create, kind="comment", text="x", **{**said, "digest": "x"})
    change.comments.create(kind="approved", **said)


def test_the_text_of_an_edit_is_read_as_its_kind_says() -> None:
    kinds = {
        ("managed-policy", "arn:aws:iam::1:policy/x"): PolicyKind.IDENTITY,
        ("inline-policy", "arn:aws:iam::1:role/x"): PolicyKind.IDENTITY,
        ("trust-policy", "arn:aws:iam::1:role/x"): PolicyKind.TRUST,
        ("identity", "arn:aws:iam::1:role/x"): PolicyKind.TRUST,
        ("identity", "arn:aws:iam::1:user/x"): None,
        ("organization-policy", "p-12345678"): PolicyKind.SERVICE_CONTROL,
        ("attach", "arn:aws:iam::1:role/x"): None,
    }
    assert {key: Edit(kind=key[0], target=key[1]).policy_kind for key in kinds} == kinds
    assert Edit(kind="organization-policy", data={"kind": "rcp"}).policy_kind is PolicyKind.RESOURCE_CONTROL
