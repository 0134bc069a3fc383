"""The steps from draft to approval: who may take them, from which state, and what takes an approval back."""

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.services import second_person_set
from policystudio.audit.models import AuditEntry
from policystudio.changes import services
from policystudio.changes.models import Change
from tests.changes.conftest import Lab, allow
from tests.changes.steps import approved, drafted

HALF = '{"Version": "2012-10-17",\n  "Statement": ['


def edit_of(lab: Lab, text: str = allow("sagemaker:*")) -> dict[str, str]:
    return {"kind": "managed-policy", "target": lab.look.arn, "text": text}


def test_a_change_is_proposed_and_approved(lab: Lab) -> None:
    change = services.change_propose(change=drafted(lab, edit_of(lab)), by=lab.author, comment="please look")
    assert (change.state, change.proposed_at is not None, change.version) == ("proposed", True, 3)
    change = services.change_approve(change=change, by=lab.approver, expected_version=3)
    assert (change.state, change.approved_digest) == ("approved", services.content_digest(change.edits.all()))
    said = list(change.comments.values_list("kind", "author_name", "text"))
    assert said == [("proposed", "aron", "please look"), ("approved", "petra", "")]
    actions = AuditEntry.objects.filter(action__startswith="change.").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == ["change.created", "change.proposed", "change.approved"]


def test_what_does_not_parse_is_not_proposed(lab: Lab) -> None:
    change = drafted(lab, edit_of(lab, HALF))
    with pytest.raises(services.ChangeRefusedError, match="Edit managed policy look: line 2, column") as caught:
        services.change_propose(change=change, by=lab.author)
    assert {problem.code for problem in caught.value.problems} == {"syntax"}
    change.refresh_from_db()
    assert (change.state, change.edits.get().text) == ("draft", HALF)


def test_an_empty_change_is_not_proposed(lab: Lab) -> None:
    with pytest.raises(services.ChangeRefusedError, match="the change has no edits: add one"):
        services.change_propose(change=drafted(lab), by=lab.author)


def test_roles(lab: Lab) -> None:
    change = drafted(lab, edit_of(lab))
    for step in (services.change_propose, services.change_withdraw):
        with pytest.raises(PermissionDenied):
            step(change=change, by=lab.viewer)
    services.change_propose(change=change, by=lab.author)
    for refused in (services.change_approve, services.change_publish):
        with pytest.raises(PermissionDenied, match="needs the role approver"):
            refused(change=change, by=lab.author)
    with pytest.raises(PermissionDenied):
        services.change_reject(change=change, by=lab.author, comment="no")
    services.comment_add(change=change, by=lab.viewer, text="I would like that")


def test_a_writer_does_not_approve_where_the_account_asks_for_two_people(lab: Lab) -> None:
    second_person_set(by=None, account=lab.account, needed=True)
    change = drafted(lab, edit_of(lab))
    services.edit_save(edit=change.edits.get(), by=lab.approver, expected_version=1, text=allow("s3:*"))
    services.edit_save(edit=change.edits.get(), by=lab.author, expected_version=2, text=allow("sagemaker:*"))
    services.change_propose(change=change, by=lab.author)
    with pytest.raises(PermissionDenied, match="asks for a second person"):  # though nothing of hers is left in it
        services.change_approve(change=change, by=lab.approver)
    second_person_set(by=None, account=lab.account, needed=False)
    services.change_approve(change=change, by=lab.approver)
    second_person_set(by=None, account=lab.account, needed=True)
    with pytest.raises(services.ChangeStateError, match="petra approved it and wrote an edit of it"):
        services.change_publish(change=change, by=lab.approver)


def test_editing_takes_an_approval_back(lab: Lab) -> None:
    change = approved(lab, edit_of(lab))
    edit = change.edits.get()
    services.edit_save(edit=edit, by=lab.author, expected_version=1, text=edit.text)  # writes nothing
    change.refresh_from_db()
    assert change.state == "approved"
    services.edit_save(edit=edit, by=lab.author, expected_version=1, text=f"{edit.text}\n")
    change.refresh_from_db()
    assert (change.state, change.approved_digest) == ("draft", "")
    with pytest.raises(services.ChangeStateError, match="the change is draft"):
        services.change_publish(change=change, by=lab.approver)
    assert change.comments.last().kind == "reopened"  # type: ignore[union-attr]  # it is there


def test_an_approval_is_of_one_content(lab: Lab) -> None:
    change = approved(lab, edit_of(lab))
    change.edits.update(text=allow("*"))  # behind the services' back
    with pytest.raises(services.ChangeStateError, match="not those that were approved"):
        services.change_publish(change=change, by=lab.approver)


def test_who_decides_must_have_seen_it_as_it_is(lab: Lab) -> None:
    change = services.change_propose(change=drafted(lab, edit_of(lab)), by=lab.author)
    seen = change.version
    services.edit_save(edit=change.edits.get(), by=lab.author, expected_version=1, text=allow("*"))
    change = services.change_propose(change=change, by=lab.author)
    with pytest.raises(services.StaleError, match=f"you saw version {seen}"):
        services.change_approve(change=change, by=lab.approver, expected_version=seen)
    assert Change.objects.get().state == "proposed"


def test_reject_reopen_and_withdraw(lab: Lab) -> None:
    change = services.change_propose(change=drafted(lab, edit_of(lab)), by=lab.author)
    with pytest.raises(services.EditError, match="comment: say what has to be different"):
        services.change_reject(change=change, by=lab.approver, comment=" ")
    change = services.change_reject(change=change, by=lab.approver, comment="too wide")
    with pytest.raises(services.ChangeStateError, match="reopen it first"):
        services.edit_save(edit=change.edits.get(), by=lab.author, expected_version=1, text="{}")
    with pytest.raises(services.ChangeStateError, match="rejected: only one that is draft"):
        services.change_propose(change=change, by=lab.author)
    change = services.change_reopen(change=change, by=lab.author)
    change = services.change_withdraw(change=change, by=lab.author, comment="not needed")
    assert change.state == "withdrawn"
    change = services.change_reopen(change=change, by=lab.author)
    assert services.change_propose(change=change, by=lab.author).state == "proposed"


def test_comments_say_something_and_are_kept(lab: Lab) -> None:
    change = drafted(lab)
    for text in (" ", "x" * 20_001, "a\0b"):
        with pytest.raises(services.EditError, match="comment: "):
            services.comment_add(change=change, by=lab.viewer, text=text)
    services.comment_add(change=change, by=lab.viewer, text=" why? ")
    assert change.comments.get().text == "why?"
    assert AuditEntry.objects.get(action="change.commented").actor == "vic"
