"""The pages of changes: what waits for whom, what stands in the way, and who may press which button."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Role
from policystudio.changes import services
from policystudio.changes.models import Change, Edit
from policystudio.policies.models import ManagedPolicy
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/changes/"
NEW = "/accounts/111122223333/edits/new"
ONE = f"{BASE}1/"


@pytest.fixture
def author(lab: Lab) -> SignIn:
    user = factories.make_sign_in("aron")
    factories.make_membership(user, lab.account, Role.AUTHOR)
    return user


@pytest.fixture
def aron(client_of: Callable[[SignIn], Client], author: SignIn) -> Client:
    return client_of(author)


def look(lab: Lab) -> ManagedPolicy:
    return lab.scientists.managed_policies.get()


def text(action: str) -> str:
    return factories.as_text(allow(action))


def begun(lab: Lab, author: SignIn, action: str = "sagemaker:DeleteModel") -> Change:
    edit = services.change_begin(
        account=lab.account,
        by=author,
        title="Look closer",
        kind="managed-policy",
        target=look(lab).arn,
        text=text(action),
    )
    return edit.change


def step(client: Client, name: str, **data: Any) -> Any:
    return client.post(f"{ONE}steps/{name}/", {"version": Change.objects.get().version, **data})


def test_an_account_without_changes_says_how_one_begins(aron: Client, vic: Client) -> None:
    assert "A change begins on the page of what it changes" in words_of(aron.get(BASE))
    assert "Authors of the account draft changes" in words_of(vic.get(BASE))


def test_what_waits_for_the_reader_comes_first(
    lab: Lab, author: SignIn, aron: Client, ada: Client, vic: Client
) -> None:
    begun(lab, author)
    assert "1 change; one waits for you." in words_of(aron.get(BASE))
    assert "none waits for you" in words_of(ada.get(BASE))
    step(aron, "propose")
    assert "Waiting for you 1" in words_of(ada.get(BASE))
    page = words_of(vic.get(BASE))
    assert "none waits for you" in page
    assert "Look closer proposed policy/look aron" in page
    assert "No change is draft." in words_of(vic.get(f"{BASE}?state=draft"))
    assert "1 proposed" in words_of(vic.get("/accounts/111122223333/"))


def test_a_change_shows_its_texts_and_the_buttons_that_the_reader_may_press(
    lab: Lab, author: SignIn, aron: Client, ada: Client, vic: Client
) -> None:
    begun(lab, author)
    page = aron.get(ONE)
    words = words_of(page)
    assert "Is “Look closer” safe? A draft by aron: 1 edit of policy/look. Nothing is in its way" in words
    assert "4 lines removed, 1 added" in words
    assert b"<mark>" in page.content
    assert "Propose" in words
    assert "Approve" not in words
    words = words_of(vic.get(ONE))
    assert not {"Propose", "Withdraw", "Take out", "Edit the text"} & set(words.split("  "))
    assert b"steps/" not in vic.get(ONE).content
    step(aron, "propose")
    assert b"steps/approve/" in ada.get(ONE).content
    assert b"steps/approve/" not in aron.get(ONE).content


def test_from_draft_to_published(lab: Lab, author: SignIn, aron: Client, ada: Client) -> None:
    begun(lab, author)
    assert step(aron, "propose", comment="please look").status_code == 302
    assert step(ada, "approve").status_code == 302
    assert "Approved, and not published yet" in words_of(ada.get(ONE))
    assert step(ada, "publish", comment="done").status_code == 302
    page = words_of(aron.get(ONE))
    assert "What did “Look closer” change? Published by ada: 1 edit of policy/look." in page
    assert "Published as v2" in page
    assert "aron proposed it" in page
    assert "please look" in page
    assert look(lab).versions.get(is_default=True).document.text == text("sagemaker:DeleteModel")
    assert aron.post(f"{ONE}roll-back/").headers["Location"] == f"{BASE}2/"
    assert "It takes change 1 back" in words_of(aron.get(f"{BASE}2/"))


def test_what_does_not_parse_is_refused_with_its_place_and_nothing_is_lost(
    lab: Lab, author: SignIn, aron: Client
) -> None:
    change = begun(lab, author)
    services.edit_save(edit=change.edits.get(), by=author, expected_version=1, text='{\n  "Version": ')
    response = step(aron, "propose", comment="a long thought")
    page = words_of(response)
    assert response.status_code == 422
    assert "It was not done. Edit managed policy look: line 1, column 1" in page
    assert "a long thought" in page
    assert "in its way: see below" in words_of(aron.get(ONE))
    assert change.edits.get().text == '{\n  "Version": '


def test_a_stale_form_changes_nothing_and_keeps_what_was_written(
    lab: Lab, author: SignIn, aron: Client, ada: Client
) -> None:
    change = begun(lab, author)
    step(aron, "propose")
    seen = Change.objects.get().version
    services.edit_save(edit=change.edits.get(), by=author, expected_version=1, text=text("s3:*"))
    step(aron, "propose")
    response = ada.post(f"{ONE}steps/approve/", {"version": seen, "comment": "looks good"})
    assert response.status_code == 409
    assert f"you saw version {seen}" in words_of(response)
    assert "looks good" in words_of(response)
    assert Change.objects.get().state == "proposed"


def test_a_reason_is_asked_for_where_a_change_is_rejected(lab: Lab, author: SignIn, aron: Client, ada: Client) -> None:
    begun(lab, author)
    step(aron, "propose")
    assert "say what has to be different" in words_of(step(ada, "reject"))
    assert step(ada, "reject", comment="too wide").status_code == 302
    assert "rejected" in words_of(aron.get(ONE))
    step(aron, "reopen")
    step(aron, "withdraw")
    assert Change.objects.get().state == "withdrawn"
    assert aron.post(f"{ONE}steps/explode/").status_code == 404


def test_everybody_may_comment_and_authors_describe(lab: Lab, author: SignIn, aron: Client, vic: Client) -> None:
    begun(lab, author)
    assert vic.post(f"{ONE}comments/", {"comment": "<b>why?</b>"}).status_code == 302
    assert vic.post(f"{ONE}comments/", {"comment": " "}).status_code == 422
    assert b"&lt;b&gt;why?&lt;/b&gt;" in aron.get(ONE).content
    assert aron.post(f"{ONE}describe/", {"title": "Look far", "description": "for x"}).status_code == 302
    assert aron.post(f"{ONE}describe/", {"title": ""}).status_code == 422
    stale = aron.post(f"{ONE}describe/", {"title": "Mine <b>", "description": "why so", "version": "1"})
    assert stale.status_code == 409
    page = stale.content.decode()
    # What was typed is in its fields, which are open, and the page tells what the change is called meanwhile.
    assert '<details class="describe" open>' in page
    assert 'value="Mine &lt;b&gt;"' in page
    assert "why so</textarea>" in page
    assert Change.objects.get().title == "Look far"


def test_sections_are_fragments_and_pages(lab: Lab, author: SignIn, aron: Client, vic: Client) -> None:
    begun(lab, author)
    part = vic.get(f"{ONE}decisions/", headers={"HX-Request": "true"})
    assert "DeleteModel" in words_of(part)
    assert b"<html" not in part.content
    assert b'id="verdict"' in part.content
    page = vic.get(f"{ONE}sections/quotas/")
    assert "characters of policy" in words_of(page)
    assert b"<html" in page.content
    assert vic.get(f"{ONE}sections/weather/").status_code == 404


def test_an_edit_is_taken_out(lab: Lab, author: SignIn, aron: Client) -> None:
    change = begun(lab, author)
    address = f"{ONE}edits/{change.edits.get().pk}/remove/"
    assert aron.post(address, {"version": 7}).status_code == 409
    assert aron.post(address, {"version": 1}).status_code == 302
    assert "Add one on the page of what it changes" in words_of(aron.get(ONE))


def test_a_merge_is_shown_and_taken_over(lab: Lab, author: SignIn, aron: Client) -> None:
    change = begun(lab, author)
    statements = look(lab).versions.get().document.text
    theirs = statements.replace('"Resource"', '"Sid": "Added",\n      "Resource"')
    services.change_publish(
        change=services.change_approve(
            change=services.change_propose(
                change=services.change_begin(
                    account=lab.account, by=None, title="x", kind="managed-policy", target=look(lab).arn, text=theirs
                ).change,
                by=None,
            ),
            by=None,
        ),
        by=None,
    )
    edit = change.edits.get()
    assert f"edits/{edit.pk}/merge/".encode() in aron.get(ONE).content
    address = f"{ONE}edits/{edit.pk}/merge/"
    page = words_of(aron.get(address))
    assert "What became of what “Edit managed policy look” was begun on?" in page
    merge = services.edit_merge(edit)
    assert merge is not None
    take = "merged" if merge.is_possible else "mine"
    assert aron.post(address, {"version": 1, "seen": "0" * 64, "take": take}).status_code == 409
    assert aron.post(address, {"version": 1, "seen": merge.digest, "take": take}).status_code == 302
    assert "Nothing is in its way" in words_of(aron.get(ONE))
    assert "Nothing: it stands there as it did" in words_of(aron.get(address))


# Beginning an edit.


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("kind=managed-policy", "What is the new policy called?"),
        ("kind=identity&what=role", "What is the new role called?"),
        ("kind=inline-policy&target={ana}", "What is the new inline policy of user/ana called?"),
        ("kind=attach&target={ana}", "Which policy shall user/ana have?"),
        ("kind=attach&other={look}", "Who shall have look?"),
        ("kind=boundary&target={ana}", "Which policy shall be the permissions boundary of user/ana?"),
        ("kind=join-group&target={ana}", "Which group shall user/ana be in?"),
        ("kind=join-group&other={scientists}", "Who shall be in group/scientists?"),
        ("kind=tags&target={ana}", "Which tags shall user/ana have?"),
        ("kind=organization-policy", "What is the new organization policy called?"),
    ],
)
def test_each_kind_has_its_form(lab: Lab, aron: Client, query: str, question: str) -> None:
    arns = {"ana": lab.ana.arn, "scientists": lab.scientists.arn, "look": look(lab).arn}
    page = words_of(aron.get(f"{NEW}?{query.format(**arns)}"))
    assert question in page
    assert "Nothing changes before the change is approved and published." in page
    assert aron.get(f"{NEW}?kind=detach").status_code == 404
    assert aron.get(f"{NEW}?kind=tags&target=%00").status_code == 404


def test_new_things_get_their_arn_from_name_and_path(lab: Lab, aron: Client) -> None:
    aron.post(NEW, {"kind": "managed-policy", "new_name": "new", "path": "team", "description": "for x"})
    aron.post(NEW, {"kind": "identity", "what": "role", "new_name": "run", "path": "", "change": "1"})
    aron.post(NEW, {"kind": "inline-policy", "target": lab.ana.arn, "new_name": "mine", "change": "1"})
    edits = Change.objects.get().edits.all()
    assert [(edit.kind, edit.target.rpartition(":")[2], edit.name) for edit in edits] == [
        ("managed-policy", "policy/team/new", ""),
        ("identity", "role/run", ""),
        ("inline-policy", "user/people/ana", "mine"),
    ]
    assert edits[0].data == {"name": "new", "path": "/team/", "description": "for x"}
    assert "sagemaker.amazonaws.com" in edits[1].text


def test_tags_are_written_in_rows(lab: Lab, aron: Client) -> None:
    rows = {"tag_key": ["team", "", "wave"], "tag_value": ["x = y", "", ""]}
    assert aron.post(NEW, {"kind": "tags", "target": lab.ana.arn, **rows}).headers["Location"] == ONE
    assert Edit.objects.get().data == {"tags": {"team": "x = y", "wave": ""}}
    refused = aron.post(NEW, {"kind": "tags", "target": lab.ana.arn, "tag_key": ["a", "a"], "tag_value": ["1", "2"]})
    assert refused.status_code == 422
    assert "`a` stands there twice" in refused.content.decode().replace("<code>", "`").replace("</code>", "`")
    assert refused.content.count(b'value="a"') == 2  # nothing of what was written is lost


def test_editing_goes_to_the_editor_and_back_to_the_draft_that_has_it(lab: Lab, aron: Client) -> None:
    first = aron.post(NEW, {"kind": "managed-policy", "target": look(lab).arn}).headers["Location"]
    edit = Edit.objects.get()
    assert first == f"{ONE}edits/{edit.pk}/"
    assert edit.text == look(lab).versions.get().document.text
    assert edit.change.title == "Edit managed policy look"
    assert aron.post(NEW, {"kind": "managed-policy", "target": look(lab).arn}).headers["Location"] == first


def test_a_policy_is_rolled_back_to_a_version(lab: Lab, aron: Client, vic: Client) -> None:
    policy = look(lab)
    policy.versions.create(version_id="v2", document=factories.make_document(text("s3:*")))
    page = aron.get(f"/accounts/111122223333/policies/{policy.pk}/")
    assert "Roll back to this version" in words_of(page)
    assert "Roll back" not in words_of(vic.get(f"/accounts/111122223333/policies/{policy.pk}/"))
    posted = {"kind": "managed-policy", "target": policy.arn}
    assert aron.post(NEW, {**posted, "roll_back_to": "v9"}).status_code == 404
    aron.post(NEW, {**posted, "roll_back_to": "v2"})
    assert Edit.objects.get().text == text("s3:*")


def test_what_cannot_be_begun_is_refused_with_its_field(lab: Lab, aron: Client) -> None:
    for posted, message in (
        ({"kind": "tag"}, "Kind: tag is none of"),
        ({"kind": "attach", "target": "ana"}, "Target: ana is not an ARN"),
        ({"kind": "attach", "target": lab.ana.arn, "data": "["}, "Data: this is no JSON"),
        ({"kind": "attach", "target": lab.ana.arn, "other": "\0"}, "hold no NUL"),
        ({"kind": "managed-policy", "new_name": ""}, "Name: write one"),
    ):
        response = aron.post(NEW, posted)
        assert response.status_code == 422
        assert message in words_of(response)
    assert not Change.objects.exists()


def test_entrances_are_for_authors_alone(lab: Lab, aron: Client, vic: Client) -> None:
    pages = {
        f"identities/{lab.ana.pk}/": ("Attach a policy", "Edit tags", "Add to a group", "Set boundary", "Delete"),
        f"identities/{lab.trainer.pk}/": ("New inline policy", "Edit"),
        f"policies/{look(lab).pk}/": ("Edit", "Attach to somebody", "Detach", "Delete"),
        "policies/": ("New policy",),
        "users/": ("New user",),
        "groups/": ("New group",),
        "roles/": ("New role",),
    }
    for path, labels in pages.items():
        theirs, seen = (words_of(client.get(f"/accounts/111122223333/{path}")) for client in (aron, vic))
        for label in labels:
            assert label in theirs, (path, label)
        assert "edits/new" not in vic.get(f"/accounts/111122223333/{path}").content.decode(), (path, seen)


def test_a_second_person_is_asked_for_on_the_members_page(lab: Lab, author: SignIn, ada: Client) -> None:
    address = "/accounts/111122223333/members/second-person/"
    ada.post(address, {"needed": "yes"})
    assert "A change is approved by somebody who wrote none of its edits." in words_of(
        ada.get("/accounts/111122223333/members/")
    )
    ada.post(NEW, {"kind": "attach", "target": lab.ana.arn, "other": look(lab).arn})
    step(ada, "propose")
    assert b"steps/approve/" not in ada.get(ONE).content
    assert step(ada, "approve").status_code == 403
    ada.post(address, {"needed": "no"})
    assert step(ada, "approve").status_code == 302


def test_a_policy_tells_what_it_said_before_and_goes_back(
    lab: Lab, author: SignIn, aron: Client, ada: Client, vic: Client
) -> None:
    begun(lab, author)
    for client, name in ((aron, "propose"), (ada, "approve"), (ada, "publish")):
        step(client, name)
    address = f"/accounts/111122223333/earlier/?kind=managed-policy&target={look(lab).arn}"
    page = aron.get(address)
    assert "What did policy/look say before? 2 texts recorded of it." in words_of(page)
    record = page.context["texts"][1][0].record
    assert b"roll_back_at" not in vic.get(address).content
    posted = {"kind": "managed-policy", "target": look(lab).arn, "roll_back_at": record}
    assert aron.post(NEW, {**posted, "roll_back_at": "999"}).status_code == 404
    assert aron.post(NEW, posted).headers["Location"].startswith(f"{BASE}2/edits/")
    assert "sagemaker:List*" in Edit.objects.get(change__number=2).text
    assert "Nothing was recorded of it yet." in words_of(vic.get("/accounts/111122223333/earlier/?kind=tags"))


def test_tags_and_boundaries_are_edited_again_and_none_of_two_writers_is_lost(lab: Lab, aron: Client) -> None:
    tags = {"kind": "tags", "target": lab.ana.arn, "tag_key": ["a"], "tag_value": ["1"]}
    aron.post(NEW, tags)
    edit = Edit.objects.get()
    asked = f"{NEW}?kind=tags&change=1&edit={edit.pk}"
    assert asked.replace("&", "&amp;").encode() in aron.get(ONE).content
    assert b'value="a"' in aron.get(asked).content
    again = {**tags, "tag_value": ["2"], "change": "1"}
    assert aron.post(NEW, {**again, "edit_version": "1"}).headers["Location"] == ONE
    stale = aron.post(NEW, {**again, "tag_value": ["3"], "edit_version": "1"})
    assert stale.status_code == 409
    assert "The draft has this edit already, by aron: a = 2. Below is yours" in words_of(stale)
    assert b'value="3"' in stale.content
    assert b'name="edit_version" value="2"' in stale.content
    unseen = aron.post(NEW, again | {"tag_value": ["4"]})
    assert unseen.status_code == 409
    aron.post(NEW, {**again, "tag_value": ["3"], "edit_version": "2"})
    edit.refresh_from_db()
    assert (edit.data, edit.version) == ({"tags": {"a": "3"}}, 3)
    bound = {"kind": "boundary", "target": lab.ana.arn, "change": "1"}
    aron.post(NEW, {**bound, "other": look(lab).arn})
    boundary = Edit.objects.get(kind="boundary")
    assert (
        f'value="{look(lab).arn}" selected'
        in aron.get(f"{NEW}?kind=boundary&change=1&edit={boundary.pk}").content.decode()
    )
    aron.post(NEW, {**bound, "other": "", "edit_version": "1"})
    boundary.refresh_from_db()
    assert (boundary.other, boundary.version) == ("", 2)


def test_organization_policies_are_drafted_from_their_page(lab: Lab, aron: Client, vic: Client) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    lab.account.unit = root
    lab.account.save()
    rcp = factories.make_organization_policy(organization, kind="rcp", name="outer", targets=(root,))
    address = f"/accounts/111122223333/organization-policies/{rcp.pk}/"
    for label in ("Edit", "Attach", "Detach", "Delete"):
        assert label in words_of(aron.get(address))
    assert b"edits/new" not in vic.get(address).content
    posted = {"kind": "organization-policy", "target": rcp.policy_id}
    assert "/edits/" in aron.post(NEW, posted).headers["Location"]
    edit = Edit.objects.get()
    assert (edit.text, edit.data, edit.policy_kind) == (rcp.text, {"kind": "rcp"}, "rcp")
    assert "Edit resource control policy outer" in words_of(aron.get(ONE))
    attach = f"{NEW}?kind=organization-attach&target={rcp.policy_id}"
    assert "Where shall outer be attached?" in words_of(aron.get(attach))
    for kind, more in (
        ("organization-attach", {"other": "111122223333"}),
        ("organization-detach", {"other": root.unit_id}),
    ):
        aron.post(NEW, {"kind": kind, "target": rcp.policy_id, "change": "1", **more})
    aron.post(NEW, {"kind": "organization-policy", "policy_kind": "scp", "new_name": "narrow", "change": "1"})
    assert sorted(Edit.objects.values_list("kind", flat=True)) == [
        *("organization-attach", "organization-detach"),
        *("organization-policy", "organization-policy"),
    ]
    factories.make_account(unit=root)  # of which the author knows nothing
    assert aron.post(NEW, {**posted, "change": "1", "text": "{}"}).status_code == 403
