"""The editor's page and what it asks: saving, findings, grants, shorter texts, splits."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policystudio.accounts.models import Role
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import change_begin
from policystudio.engine.lint.registry import RULES
from policystudio.web.finding_help import help_for
from tests import factories
from tests.web.conftest import Lab, allow, words_of

LOOK = "arn:aws:iam::111122223333:policy/look"
TEXT = factories.as_text(allow(["sagemaker:List*", "sagemaker:Describe*"]))


@pytest.fixture
def aron(client_of: Callable[[SignIn], Client], lab: Lab) -> Client:
    author = factories.make_sign_in("aron")
    factories.make_membership(author, lab.account, Role.AUTHOR)
    return client_of(author)


def begin(lab: Lab, kind: str = "managed-policy", target: str = LOOK, text: str = TEXT, **fields: Any) -> Edit:
    by = factories.make_sign_in()
    factories.make_membership(by, lab.account, Role.AUTHOR)
    return change_begin(account=lab.account, by=by, title="Try", kind=kind, target=target, text=text, **fields)


def address(edit: Edit, name: str = "edit") -> str:
    return reverse(f"web:{name}", args=[edit.change.account.number, edit.change.number, edit.pk])


def ask(client: Client, edit: Edit, name: str, **body: Any) -> Any:
    return client.post(address(edit, f"edit-{name}"), body, content_type="application/json")


def config_of(client: Client, edit: Edit) -> Mapping[str, Any]:
    page = client.get(address(edit)).content.decode()
    start = page.index('<script id="edit-config" type="application/json">')
    written = page[page.index(">", start) + 1 : page.index("</script>", start)]
    config: Mapping[str, Any] = json.loads(written)
    return config


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_works_without_scripts_and_gives_the_exact_text_to_those(aron: Client, lab: Lab) -> None:
    edit = begin(lab, text='{\r\n  "Version": "2012-10-17"\r\n}<script>')
    said = words_of(aron.get(address(edit)))
    assert "What shall look say?" in said
    assert "Save" in said
    config = config_of(aron, edit)
    assert config["text"] == edit.text
    assert (config["kind"], config["version"], config["open"]) == ("identity", 1, True)


def test_a_form_keeps_the_line_ends_of_the_text(aron: Client, lab: Lab) -> None:
    edit = begin(lab, text="{\n}")
    aron.post(address(edit), {"text": "{\r\n\r\n}", "version": "1"})
    edit.refresh_from_db()
    assert edit.text == "{\n\n}"
    windows = begin(lab, text="{\r\n}")
    aron.post(address(windows), {"text": "{\r\n\r\n}", "version": "1"})
    windows.refresh_from_db()
    assert windows.text == "{\r\n\r\n}"


def test_a_stale_form_shows_both_texts(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    ask(aron, edit, "save", text='{"Version": "theirs"}', version=1)
    answer = aron.post(address(edit), {"text": '{"Version": "mine"}', "version": "1"})
    assert answer.status_code == 409
    said = words_of(answer)
    assert "mine" in said
    assert "theirs" in said


def test_an_edit_without_text_has_no_editor(aron: Client, lab: Lab) -> None:
    edit = begin(lab, kind="attach", target=lab.ana.arn, other=LOOK, text="")
    assert aron.get(address(edit)).status_code == 404


def test_what_is_published_can_be_read_not_written(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    Change.objects.update(state=Change.State.REJECTED, proposed_at=edit.created_at)
    assert config_of(aron, edit)["open"] is False
    assert "can be read, not written" in words_of(aron.get(address(edit)))
    assert ask(aron, edit, "save", text="{}", version=1).status_code == 422


def test_the_page_says_when_another_text_was_published_meanwhile(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    assert "Another text was published" not in words_of(aron.get(address(edit)))
    version = lab.scientists.managed_policies.get().versions.get()
    version.document = factories.make_document(allow("s3:*"))
    version.save()
    assert "Another text was published here" in words_of(aron.get(address(edit)))


def test_a_finding_is_explained_by_its_section_of_the_documentation(aron: Client, lab: Lab) -> None:
    said = words_of(aron.get("/findings/INVALID_ACTION/"))
    assert "What does INVALID_ACTION mean?" in said
    assert "a check of AWS's policy validation" in said
    for rule in RULES.values():
        for code in rule.codes:
            found = help_for(code)
            assert found, code
            assert found.paragraphs, code
            assert not [one for one in found.paragraphs if "`" in one or "](" in one or "- <" in one[:3]], code
    assert aron.get("/findings/NO_SUCH_CODE/").status_code == 404


def test_what_the_change_makes_can_be_named_in_it(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    by = factories.make_sign_in(superuser=True)
    new = "arn:aws:iam::111122223333:role/new"
    change_begin(account=lab.account, by=by, title="", change=edit.change, kind="identity", target=new, text="{}")
    arns = dict(aron.get(config_of(aron, edit)["urls"]["known"]).json()["arns"])
    assert arns[new] == "iam:role"
    assert new not in dict(aron.get(reverse("web:known", args=[lab.account.number])).json()["arns"])


def test_the_page_needs_the_same_queries_whatever_the_change_holds(aron: Client, lab: Lab) -> None:
    edit = begin(lab, kind="inline-policy", target=lab.ana.arn, name="new", text="{}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert aron.get(address(edit)).status_code == 200
        return len(found)

    queries()
    few = queries()
    by = factories.make_sign_in(superuser=True)
    for number in range(5):
        factories.make_inline_policy(lab.ana)
        change_begin(
            account=lab.account,
            by=by,
            title="",
            change=edit.change,
            kind="inline-policy",
            target=lab.ana.arn,
            name=f"more-{number}",
            text="{}",
        )
    assert queries() == few


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_a_save_counts_the_version_and_keeps_a_text_that_does_not_parse(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    answer = ask(aron, edit, "save", text='{"Version": "2012-10-17",', version=1)
    assert answer.json()["version"] == 2
    edit.refresh_from_db()
    assert edit.text == '{"Version": "2012-10-17",'


def test_a_save_says_that_what_was_proposed_is_a_draft_again(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    assert ask(aron, edit, "save", text="{}", version=1).json()["reopened"] == ""
    Change.objects.update(state=Change.State.PROPOSED, proposed_at=edit.created_at)
    assert "is proposed. As soon as you write here it is a draft again" in words_of(aron.get(address(edit)))
    assert ask(aron, edit, "save", text="[]", version=2).json()["reopened"] == "proposed"
    assert Change.objects.get().state == Change.State.DRAFT


def test_who_comes_late_learns_what_stands_there(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    ask(aron, edit, "save", text="{}", version=1)
    answer = ask(aron, edit, "save", text="[]", version=1)
    assert answer.status_code == 409
    assert answer.json()["text"] == "{}"
    assert (answer.json()["by"], answer.json()["version"]) == ("aron", 2)
    edit.refresh_from_db()
    assert edit.text == "{}"


def test_saving_the_same_again_is_no_conflict(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    assert ask(aron, edit, "save", text="{}", version=1).json()["version"] == 2
    assert ask(aron, edit, "save", text="{}", version=1).json()["version"] == 2


def test_a_text_that_cannot_be_stored_is_refused_with_its_place(aron: Client, lab: Lab) -> None:
    answer = ask(aron, begin(lab), "save", text='{"a":\n "\0"}', version=1)
    assert answer.status_code == 422
    assert "line 2, column 3" in answer.json()["message"]


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"text": 1, "version": 1}', '{"text": "", "version": true}', "\ud800"]
)
def test_a_body_that_is_something_else_is_refused(aron: Client, lab: Lab, body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    answer = aron.post(address(begin(lab), "edit-save"), raw, content_type="application/json")
    assert answer.status_code == 400


# --- Findings, grants, shorter texts ---------------------------------------------------------------------------------


def test_findings_are_those_of_the_text_that_was_sent(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    text = factories.as_text(allow("sagemaker:DescribeModell"))
    [finding] = [one for one in ask(aron, edit, "findings", text=text).json()["findings"] if one["type"] == "ERROR"]
    assert finding["code"] == "INVALID_ACTION"
    assert text[finding["start"]["offset"] : finding["end"]["offset"]] == '"sagemaker:DescribeModell"'
    [broken] = ask(aron, edit, "findings", text="{").json()["findings"]
    assert broken["type"] == "ERROR"
    assert ask(aron, edit, "findings", text=" ").json() == {"findings": []}


def test_findings_go_by_the_kind_of_the_edit(aron: Client, lab: Lab) -> None:
    edit = begin(lab, kind="trust-policy", target=lab.trainer.arn, text=factories.as_text(factories.TRUST_SAGEMAKER))
    codes = {one["code"] for one in ask(aron, edit, "findings", text=TEXT).json()["findings"]}
    assert "MISSING_PRINCIPAL" in codes


def test_grants_say_what_the_text_lets_through_and_what_differs(aron: Client, lab: Lab) -> None:
    said = words_of(ask(aron, begin(lab), "grants", text=factories.as_text(allow("sagemaker:*"))))
    assert "Grants 460 of SageMaker's 460 actions" in said
    assert "Newly allowed, for example" in said
    same = words_of(ask(aron, begin(lab), "grants", text=TEXT))
    assert "The text is the published one." in same
    narrower = words_of(ask(aron, begin(lab), "grants", text=factories.as_text(allow("sagemaker:ListModels"))))
    assert "Newly denied, for example" in narrower
    assert "no new access" in narrower.lower()


def test_grants_of_what_is_no_policy_name_the_place(aron: Client, lab: Lab) -> None:
    answer = ask(aron, begin(lab), "grants", text='{\n "Statement": 1}')
    assert answer.status_code == 200
    assert (answer.json()["line"], answer.json()["column"] > 1) == (2, True)


def test_grants_of_a_new_policy_have_nothing_to_differ_from(aron: Client, lab: Lab) -> None:
    edit = begin(lab, target="arn:aws:iam::111122223333:policy/new")
    assert "Nothing is published yet." in words_of(ask(aron, edit, "grants", text=TEXT))


def test_grants_of_a_trust_policy_say_who_may_assume_the_role(aron: Client, lab: Lab) -> None:
    edit = begin(lab, kind="trust-policy", target=lab.trainer.arn, text="{}")
    everybody = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    said = words_of(ask(aron, edit, "grants", text=factories.as_text(everybody)))
    assert "Outsiders can assume the role, for example" in said
    assert "Newly allowed" in said
    closed = words_of(ask(aron, edit, "grants", text=factories.as_text(factories.TRUST_SAGEMAKER)))
    assert "Nobody can assume the role but those whom it names." in closed


def test_an_organization_policy_is_written_as_what_it_is(client_of: Callable[[SignIn], Client], lab: Lab) -> None:
    organization = factories.make_organization()
    lab.account.unit = organization.units.get()
    lab.account.save()
    scp = factories.make_organization_policy(organization, targets=(lab.account.unit,))
    root = factories.make_sign_in(superuser=True)
    client = client_of(root)
    for target, kind, said in (
        (scp.policy_id, "scp", "of SageMaker's 460 actions through"),
        ("new:walls", "rcp", "AWS applies resource control policies to no action of SageMaker"),
    ):
        edit = change_begin(
            account=lab.account,
            by=root,
            title="Try",
            kind="organization-policy",
            target=target,
            text="{}",
            data={"kind": kind, "name": "walls"},
        )
        config = config_of(client, edit)
        assert (config["kind"], config["quota"]["most"]) == (kind, {"scp": 10_240, "rcp": 5_120}[kind])
        assert config["quota"]["white_space"]
        assert "What shall walls say?" in words_of(client.get(address(edit)))
        everyone = {"Principal": "*", "Effect": "Deny"} if kind == "rcp" else {}
        text = factories.as_text(allow("sagemaker:List*", **everyone))
        assert said in words_of(ask(client, edit, "grants", text=text))
        assert ask(client, edit, "save", text=text, version=1).json()["version"] == 2


def test_a_shorter_text_says_the_same(aron: Client, lab: Lab) -> None:
    text = factories.as_text(allow(["sagemaker:List*", "sagemaker:ListModels"]))
    answer = ask(aron, begin(lab), "shorter", text=text).json()
    assert answer["proved"]
    assert "ListModels" not in answer["text"]
    assert answer["done"]
    assert ask(aron, begin(lab), "shorter", text="{").status_code == 422


# --- Quotas and splits -----------------------------------------------------------------------------------------------


def test_inline_policies_count_together_as_the_change_leaves_them(aron: Client, lab: Lab) -> None:
    edit = begin(lab, kind="inline-policy", target=lab.ana.arn, name="new", text="{}")
    before = config_of(aron, edit)["quota"]
    assert before["most"] == 2_048
    assert before["others"] > 200
    by = factories.make_sign_in(superuser=True)
    for kind, name, text in (("inline-policy-delete", "dev-models", ""), ("inline-policy", "delete-with-mfa", "{ }")):
        change_begin(
            account=lab.account,
            by=by,
            title="",
            change=edit.change,
            kind=kind,
            target=lab.ana.arn,
            name=name,
            text=text,
        )
    assert config_of(aron, edit)["quota"]["others"] == 2


@pytest.mark.parametrize(("kind", "most"), [("managed-policy", 6_144), ("trust-policy", 8_192)])
def test_the_quota_is_that_of_the_kind(aron: Client, lab: Lab, kind: str, most: int) -> None:
    target = LOOK if kind == "managed-policy" else lab.trainer.arn
    quota = config_of(aron, begin(lab, kind=kind, target=target, text="{}"))["quota"]
    assert (quota["most"], quota["white_space"]) == (most, False)


def long_text() -> str:
    statements = [
        {
            "Effect": "Allow",
            "Action": "sagemaker:InvokeEndpoint",
            "Resource": f"arn:aws:sagemaker:*:*:endpoint/e-{n:04}",
        }
        for n in range(80)
    ]
    return factories.as_text({"Version": "2012-10-17", "Statement": statements})


def test_a_split_is_shown_taken_over_and_taken_back(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    text = long_text()
    shown = ask(aron, edit, "split", text=text, version=1).json()
    assert shown["names"] == ["look-2"]
    assert shown["bearers"] == [lab.scientists.arn]
    assert edit.change.edits.count() == 1
    ask(aron, edit, "save", text=text, version=1)
    taken = ask(aron, edit, "split", text=text, version=2, take=True).json()
    assert taken["text"] == shown["texts"][0]
    kinds = sorted(edit.change.edits.values_list("kind", "target", "other"))
    assert kinds == [
        ("attach", lab.scientists.arn, f"{LOOK}-2"),
        ("managed-policy", LOOK, ""),
        ("managed-policy", f"{LOOK}-2", ""),
    ]
    back = ask(aron, edit, "split", text=text, version=taken["version"], back=True).json()
    assert back["text"] == text
    assert edit.change.edits.count() == 1


def test_a_split_of_a_boundary_is_refused(aron: Client, lab: Lab) -> None:
    edit = begin(lab, target="arn:aws:iam::111122223333:policy/limit")
    answer = ask(aron, edit, "split", text=long_text(), version=1)
    assert answer.status_code == 422
    assert "permissions boundary" in answer.json()["message"]


def test_a_split_by_who_comes_late_is_no_split(aron: Client, lab: Lab) -> None:
    edit = begin(lab)
    ask(aron, edit, "save", text="{}", version=1)
    answer = ask(aron, edit, "split", text=long_text(), version=1, take=True)
    assert answer.status_code == 409
    assert edit.change.edits.count() == 1
