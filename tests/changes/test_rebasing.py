"""When the base of an edit moved: what is offered, and that nobody takes over what they did not see."""

import json

import pytest

from policystudio.changes import services
from policystudio.changes.models import Change, Edit
from tests import factories
from tests.changes.conftest import Lab, allow
from tests.changes.steps import drafted, problems, published


def policy(**actions: str) -> str:
    statements = [{"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"} for sid, action in actions.items()]
    return factories.as_text({"Version": "2012-10-17", "Statement": statements})


def moved(lab: Lab, base: str, theirs: str, mine: str) -> Edit:
    """An edit of a policy that somebody else publishes in between."""
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": base})
    change = drafted(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": mine})
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": theirs})
    return change.edits.get()


def test_a_merge_is_offered_and_taken_over(lab: Lab) -> None:
    base, theirs = policy(One="a:1", Two="b:1"), policy(One="a:1", Two="b:2")
    edit = moved(lab, base, theirs, policy(One="a:2", Two="b:1"))
    merge = services.edit_merge(edit)
    assert merge is not None
    assert (merge.is_possible, merge.way, merge.text) == (True, "lines", policy(One="a:2", Two="b:2"))
    edit = services.edit_rebase(edit=edit, by=lab.author, expected_version=1, seen=merge.digest, text=merge.text)
    assert (edit.base, edit.version, services.edit_merge(edit)) == ({"text": theirs}, 2, None)
    assert not problems(edit.change)


def test_a_conflict_names_what_both_changed_and_the_author_decides(lab: Lab) -> None:
    edit = moved(lab, policy(One="a:1"), policy(One="a:2"), policy(One="a:3"))
    merge = services.edit_merge(edit)
    assert merge is not None
    assert (merge.is_possible, [one.what for one in merge.conflicts]) == (False, ["the statement `One`"])
    assert (json.loads(merge.conflicts[0].theirs)["Action"], merge.text) == ("a:2", edit.text)
    kept = services.edit_rebase(edit=edit, by=lab.author, expected_version=1, seen=merge.digest)
    assert (kept.text, kept.base) == (policy(One="a:3"), {"text": policy(One="a:2")})


def test_tags_are_merged_key_by_key(lab: Lab) -> None:
    lab.ana.tags = {"a": "1", "b": "1"}
    lab.ana.save()
    change = drafted(lab, {"kind": "tags", "target": lab.ana.arn, "data": {"tags": {"a": "2", "b": "1"}}})
    lab.ana.tags = {"a": "1", "b": "1", "c": "3"}
    lab.ana.save()
    merge = services.edit_merge(change.edits.get())
    assert merge is not None
    assert (merge.is_possible, merge.data) == (True, {"tags": {"a": "2", "b": "1", "c": "3"}})
    lab.ana.tags = {"a": "9", "b": "1"}
    lab.ana.save()
    merge = services.edit_merge(change.edits.get())
    assert merge is not None
    assert [(one.what, one.theirs, one.mine) for one in merge.conflicts] == [("the tag `a`", "9", "2")]


def test_where_one_side_has_nothing_there_is_nothing_to_merge(lab: Lab) -> None:
    change = drafted(lab, {"kind": "inline-policy", "target": lab.ana.arn, "name": "x", "text": allow("a:1")})
    factories.make_inline_policy(lab.ana, allow("a:2"), "x")
    merge = services.edit_merge(change.edits.get())
    assert merge is not None
    assert (merge.is_possible, merge.now, merge.conflicts) == (False, {"text": allow("a:2")}, ())


def test_nobody_takes_over_what_they_did_not_see(lab: Lab) -> None:
    edit = moved(lab, policy(One="a:1"), policy(One="a:2"), policy(One="a:3"))
    merge = services.edit_merge(edit)
    assert merge is not None
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": policy(One="a:4")})
    with pytest.raises(services.StaleError, match="changed again"):
        services.edit_rebase(edit=edit, by=lab.author, expected_version=1, seen=merge.digest)
    now = services.edit_merge(edit)
    assert now is not None
    with pytest.raises(services.StaleError, match="you saw version 9"):
        services.edit_rebase(edit=edit, by=lab.author, expected_version=9, seen=now.digest)


def test_taking_over_a_merge_takes_an_approval_back(lab: Lab) -> None:
    edit = moved(lab, policy(One="a:1"), policy(One="a:2"), policy(One="a:3"))
    services.edit_rebase(
        edit=edit, by=lab.author, expected_version=1, seen=services.base_digest({"text": policy(One="a:2")})
    )
    services.change_propose(change=edit.change, by=lab.author)
    services.change_approve(change=edit.change, by=lab.approver)
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": policy(One="a:4")})
    edit.refresh_from_db()
    merge = services.edit_merge(edit)
    assert merge is not None
    services.edit_rebase(edit=edit, by=lab.author, expected_version=edit.version, seen=merge.digest)
    assert Change.objects.get(pk=edit.change_id).state == "draft"
