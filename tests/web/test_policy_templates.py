"""The pages of templates: which fits, the form with its preview, drafts, and policies that are linked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.changes.models import Change
from policystudio.policies import services
from policystudio.policies.models import TemplateUse
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.link import Link
from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/"
ROLE = "arn:aws:iam::111122223333:role/trainer"
FORM = {"name-prefix": "churn-", "regions": "eu-west-1", "roles": ROLE, "buckets": "churn-data\nchurn-results"}


@pytest.fixture
def eli(client_of: Callable[[SignIn], Client], lab: Lab) -> Client:
    user = factories.make_sign_in("eli")
    factories.make_membership(user, lab.account, Role.AUTHOR)
    return client_of(user)


def link_of(lab: Lab, **more: Any) -> Link:
    parameters = {"account": lab.account.number, "partition": "aws", "buckets": ["churn-data"], **more}
    return Link(TEMPLATES["access-buckets"], 1, parameters)


def linked(lab: Lab, text: str = "") -> TemplateUse:
    """A policy that was made from a template, with another text where one is given."""
    link = link_of(lab)
    policy = factories.make_managed_policy(lab.account, "buckets", text or link.text())
    return services.template_use_set(
        account=lab.account,
        by=None,
        kind="managed-policy",
        target=policy.arn,
        text=link.text(),
        template=link.as_json(),
        now=timezone.now(),
    )


def test_all_templates_are_told_in_a_sentence(vic: Client) -> None:
    said = words_of(vic.get(f"{BASE}templates/"))
    assert "Which template fits?" in said
    assert "No policy of research was made from one yet." in said
    for template in TEMPLATES.values():
        assert template.title in said


def test_the_form_asks_for_what_is_needed_and_offers_what_there_is(vic: Client, lab: Lab) -> None:
    page = vic.get(f"{BASE}templates/data-scientist/")
    said = words_of(page)
    assert "What does the template Data scientist make?" in said
    assert "Still needed:" in said
    assert f'name="roles" value="{ROLE}"' in page.content.decode()
    assert "Make a draft" not in said
    assert vic.get(f"{BASE}templates/nothing/").status_code == 404


def test_the_preview_shows_documents_sizes_findings_and_promises(vic: Client) -> None:
    said = words_of(vic.post(f"{BASE}templates/data-scientist/preview/", FORM))
    assert "Document 1 of 3" in said
    assert "of 6144 characters" in said
    assert "No findings." in said
    assert "can start a training job" in said
    assert "cannot train outside of a VPC" in said
    assert "of SageMaker's" in said
    assert "is not so" not in said


def test_the_preview_says_what_is_wrong(vic: Client) -> None:
    said = words_of(vic.post(f"{BASE}templates/data-scientist/preview/", {**FORM, "roles": "arn:x", "tag": "team"}))
    assert "roles : arn:x is not the ARN of a role, such as" in said
    assert "tag : team must be a key and a value" in said


def test_what_a_tag_cannot_hold_is_told(vic: Client) -> None:
    asked = {"tag": "team=forecast", "roles": ROLE}
    said = words_of(vic.post(f"{BASE}templates/manage-labelling/preview/", asked))
    assert "A tag alone cannot hold these" in said
    assert "sagemaker:DescribeHumanLoop" in said


def test_the_parameters_can_stand_in_the_address(vic: Client) -> None:
    assert "Document 1 of 3" in words_of(vic.get(f"{BASE}templates/data-scientist/", FORM))


def test_a_draft_is_made(eli: Client, lab: Lab) -> None:
    asked = {**FORM, "name": "science", "attach_to": lab.ana.arn}
    response = eli.post(f"{BASE}templates/data-scientist/", asked)
    change = Change.objects.get()
    assert response["Location"] == f"{BASE}changes/{change.number}/"
    kinds = [edit.kind for edit in change.edits.all()]
    assert kinds == ["managed-policy"] * 3 + ["attach"] * 3
    assert change.edits.all()[0].data["template"]["parameters"]["buckets"] == ["churn-data", "churn-results"]


def test_a_wrong_form_comes_back_with_what_was_written(eli: Client, vic: Client, lab: Lab) -> None:
    response = eli.post(f"{BASE}templates/data-scientist/", {**FORM, "subnets": "vpc-1", "name": "look"})
    assert response.status_code == 422
    said = response.content.decode()
    assert "vpc-1 is no id of a subnet" in words_of(response)
    assert 'aria-invalid="true"' in said
    assert "churn-results" in said
    taken = eli.post(f"{BASE}templates/access-buckets/", {"buckets": "churn-data", "name": "look"})
    assert "policy/look is there already" in words_of(taken)
    assert vic.post(f"{BASE}templates/data-scientist/", FORM).status_code == 403
    assert not Change.objects.exists()


def test_a_linked_policy_says_that_it_is_in_step(vic: Client, lab: Lab) -> None:
    use = linked(lab)
    policy = lab.account.managed_policies.get(name="buckets")
    said = words_of(vic.get(f"{BASE}policies/{policy.pk}/"))
    assert "Made from a template From Access S3 buckets , version 1: ✓ in step." in said
    listed = words_of(vic.get(f"{BASE}templates/"))
    assert "1 policy of research was made from them." in listed
    assert "in step" in listed
    assert f"{BASE}policies/{policy.pk}/" in vic.get(f"{BASE}templates/").content.decode()
    assert f"?use={use.pk}" in vic.get(f"{BASE}templates/").content.decode()


def test_how_a_text_is_set_does_not_matter(vic: Client, lab: Lab) -> None:
    linked(lab, json.dumps(json.loads(link_of(lab).text()), indent=8, sort_keys=True))
    assert "✓ in step" in words_of(vic.get(f"{BASE}templates/"))


def test_a_policy_that_drifted_shows_the_difference(vic: Client, lab: Lab) -> None:
    linked(lab, '{"Version": "2012-10-17", "Statement": []}')
    policy = lab.account.managed_policies.get(name="buckets")
    page = vic.get(f"{BASE}policies/{policy.pk}/")
    assert "edited since it was made" in words_of(page)
    assert "What differs" in words_of(page)


def test_a_linked_policy_is_made_anew(eli: Client, lab: Lab) -> None:
    use = linked(lab)
    page = eli.get(f"{BASE}templates/access-buckets/?use={use.pk}")
    assert "What is buckets to be made of?" in words_of(page)
    assert "churn-data" in page.content.decode()
    same = eli.post(f"{BASE}templates/access-buckets/", {"use": use.pk, "buckets": "churn-data"})
    assert "nothing would change" in words_of(same)
    response = eli.post(f"{BASE}templates/access-buckets/", {"use": use.pk, "buckets": "price-data"})
    change = Change.objects.get()
    assert response["Location"] == f"{BASE}changes/{change.number}/"
    [edit] = change.edits.all()
    assert (edit.kind, edit.target) == ("managed-policy", use.target)
    assert "price-data" in edit.text


def test_a_link_of_another_template_or_account_is_not_found(eli: Client, lab: Lab) -> None:
    use = linked(lab)
    for address in (f"data-scientist/?use={use.pk}", "access-buckets/?use=0", "access-buckets/?use=x"):
        assert eli.get(f"{BASE}templates/{address}").status_code == 404


def test_the_trust_policy_of_a_role_tells_its_template(vic: Client, lab: Lab) -> None:
    link = Link(TEMPLATES["execution-training"], 1, {"account": lab.account.number, "buckets": ["churn-data"]})
    services.template_use_set(
        account=lab.account,
        by=None,
        kind="identity",
        target=lab.trainer.arn,
        text=link.text(trust=True),
        template=link.as_json(),
        now=timezone.now(),
    )
    said = words_of(vic.get(f"{BASE}identities/{lab.trainer.pk}/"))
    assert "From Execution role for training , version 1" in said
    assert "edited since it was made" in said
    assert "trust policy" in words_of(vic.get(f"{BASE}templates/"))
