"""Drafts from templates, and linked policies that are made anew."""

from dataclasses import replace
from typing import Any

import pytest

from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.changes.services import EditError
from policystudio.identities.models import Identity
from policystudio.policies import selectors
from policystudio.policies.models import ManagedPolicy, TemplateUse
from policystudio.policies.templates import library
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.parameters import ParameterError
from tests.changes.conftest import Lab, allow
from tests.changes.steps import published

SCIENTIST, TRAINING = TEMPLATES["data-scientist"], TEMPLATES["execution-training"]
LABELLING = TEMPLATES["manage-labelling"]


def given(lab: Lab, **more: Any) -> dict[str, Any]:
    return {"account": lab.account.number, "buckets": ["churn-data"], **more}


def as_scientist(lab: Lab, **more: Any) -> dict[str, Any]:
    return given(lab, **{"roles": [lab.arn("role/trainer")], "name-prefix": "churn-", **more})


def draft(lab: Lab, template: Any = SCIENTIST, **values: Any) -> Change:
    asked = {"given": as_scientist(lab), "name": "science", **values}
    return services.template_draft(account=lab.account, by=lab.author, template=template, **asked)


def publish(lab: Lab, change: Change) -> None:
    change = services.change_propose(change=change, by=lab.author)
    services.change_publish(change=services.change_approve(change=change, by=lab.approver), by=lab.approver)


def kinds(change: Change) -> list[tuple[str, str]]:
    return [(edit.kind, edit.target.rpartition("/")[2]) for edit in change.edits.all()]


def standing(lab: Lab, name: str) -> selectors.TemplateStanding:
    use = TemplateUse.objects.get(target=lab.arn(f"policy/{name}"))
    return selectors.template_standing(use, selectors.managed_texts(lab.account, [use.target]).get(use.target))


def test_a_persona_becomes_policies_that_somebody_has(lab: Lab) -> None:
    change = draft(lab, attach_to=lab.scientists.arn)
    names = ["science", "science-2", "science-3"]
    assert kinds(change) == [("managed-policy", name) for name in names] + [("attach", "scientists")] * 3
    assert change.title == "Data scientist: science"
    publish(lab, change)
    made = ManagedPolicy.objects.filter(account=lab.account, name__startswith="science")
    assert sorted(one.name for one in made) == names
    assert Identity.objects.get(pk=lab.scientists.pk).attachments.count() == 4  # with the one that was there
    assert all(standing(lab, name).in_step for name in names)


def test_an_execution_role_is_made_with_what_it_needs(lab: Lab) -> None:
    change = draft(lab, TRAINING, given=given(lab), name="train-churn", path="/sagemaker/")
    assert kinds(change) == [("identity", "train-churn"), ("managed-policy", "train-churn"), ("attach", "train-churn")]
    publish(lab, change)
    role = Identity.objects.get(arn=lab.arn("role/sagemaker/train-churn"))
    assert role.trust_document is not None
    assert "aws:SourceAccount" in role.trust_document.text
    assert {use.kind for use in TemplateUse.objects.all()} == {"trust-policy", "managed-policy"}


def test_names_that_are_taken_or_none_are_refused(lab: Lab) -> None:
    with pytest.raises(EditError, match="policy/look` is there already"):
        draft(lab, LABELLING, name="look", given={k: v for k, v in as_scientist(lab).items() if k != "buckets"})
    for name in ("", "a b", "x" * 126):
        with pytest.raises(EditError, match="cannot be a name"):
            draft(lab, name=name)
    with pytest.raises(EditError, match="is no path"):
        draft(lab, path="sagemaker")
    with pytest.raises(ParameterError, match="roles: is needed"):
        draft(lab, given=given(lab))
    assert not Change.objects.exists()


def test_an_edited_policy_drifts_and_is_made_again(lab: Lab) -> None:
    publish(lab, draft(lab))
    made = standing(lab, "science").text
    published(lab, {"kind": "managed-policy", "target": lab.arn("policy/science"), "text": allow("s3:*")})
    found = standing(lab, "science")
    assert (found.drifted, found.newer, found.in_step, found.made) == (True, False, False, made)
    again = services.template_redraft(use=found.use, by=lab.author, template=SCIENTIST, given=found.use.parameters)
    assert kinds(again) == [("managed-policy", "science")]
    publish(lab, again)
    assert standing(lab, "science").in_step
    with pytest.raises(EditError, match="nothing would change"):
        services.template_redraft(use=found.use, by=lab.author, template=SCIENTIST, given=found.use.parameters)


def test_other_parameters_make_all_of_them_anew(lab: Lab) -> None:
    publish(lab, draft(lab, attach_to=lab.ana.arn))
    use = TemplateUse.objects.get(target=lab.arn("policy/science-2"))
    again = services.template_redraft(
        use=use, by=lab.author, template=SCIENTIST, given=as_scientist(lab, **{"name-prefix": "price-"})
    )
    assert {name for kind, name in kinds(again) if kind == "managed-policy"} == {"science", "science-2", "science-3"}
    publish(lab, again)
    texts = selectors.managed_texts(lab.account, [lab.arn(f"policy/science{end}") for end in ("", "-2", "-3")])
    assert all("churn-*" not in text and "price-*" in text for text in texts.values() if "sagemaker:Create" in text)
    assert {use.parameters["name-prefix"] for use in TemplateUse.objects.all()} == {"price-"}


def test_more_documents_are_attached_and_fewer_are_removed(lab: Lab) -> None:
    publish(lab, draft(lab, attach_to=lab.ana.arn))
    regions = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"]
    roles = [lab.arn(f"role/{'r' * 60}{number:02}") for number in range(20)]
    use = TemplateUse.objects.get(target=lab.arn("policy/science"))
    many = services.template_redraft(
        use=use, by=lab.author, template=SCIENTIST, given=as_scientist(lab, roles=roles, regions=regions, tag="a=b")
    )
    new = [name for kind, name in kinds(many) if kind == "attach"]
    assert new
    publish(lab, many)
    before = ManagedPolicy.objects.filter(name__startswith="science").count()
    assert before == 3 + len(new)
    few = services.template_redraft(use=use, by=lab.author, template=SCIENTIST, given=as_scientist(lab))
    publish(lab, few)
    assert ManagedPolicy.objects.filter(name__startswith="science").count() == 3
    assert TemplateUse.objects.count() == 3


def test_a_newer_template_is_offered(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(lab, draft(lab))
    use = TemplateUse.objects.get(target=lab.arn("policy/science"))
    newer = replace(SCIENTIST, version=SCIENTIST.version + 1)
    for module in (selectors, library):
        monkeypatch.setattr(module, "TEMPLATES", {**TEMPLATES, SCIENTIST.id: newer})
    assert standing(lab, "science").newer
    assert not standing(lab, "science").in_step
    again = services.template_redraft(use=use, by=lab.author, template=newer, given=use.parameters)
    assert {edit.data["template"]["version"] for edit in again.edits.all()} == {newer.version}


def test_what_can_no_longer_be_made_is_told(lab: Lab) -> None:
    publish(lab, draft(lab))
    use = TemplateUse.objects.get(target=lab.arn("policy/science"))
    use.template, use.version = "gone", 1
    assert selectors.template_standing(use, "x").problem == "there is no template gone any more"
    use.template, use.parameters = "data-scientist", {"account": "1"}
    assert "does not take these parameters" in selectors.template_standing(use, "x").problem
