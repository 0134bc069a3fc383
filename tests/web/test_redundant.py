"""What has no effect, on the pages of policies and identities; minified documents."""

import json

from django.test import Client

from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/"
TWICE = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "All", "Effect": "Allow", "Action": "sagemaker:*Model", "Resource": "*"},
        {"Sid": "One", "Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"},
        {"Sid": "Guard", "Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    ],
}


def test_a_policy_shows_at_its_lines_what_has_no_effect(vic: Client, lab: Lab) -> None:
    policy = factories.make_managed_policy(lab.account, "twice", json.dumps(TWICE, indent=1))
    page = vic.get(f"{BASE}policies/{policy.pk}/")
    said = words_of(page)
    assert "What has no effect 1" in said
    assert "Statement 2 ( One , lines 10-15) adds nothing: statement 1 ( All , lines 4-9) allows all of it." in said
    assert "Statement 3 ( Guard )" in said
    text = page.content.decode()
    assert '<a href="#L10">Lines 10–15</a>' in text
    assert "<mark>&quot;Sid&quot;: &quot;One&quot;,</mark>" in text


def test_where_everything_has_an_effect_it_says_so(vic: Client, lab: Lab) -> None:
    policy = lab.scientists.managed_policies.get()
    assert "Nothing: each statement, action, resource and condition changes what is allowed." in words_of(
        vic.get(f"{BASE}policies/{policy.pk}/")
    )


def test_an_organization_policy_shows_it_too(vic: Client, lab: Lab) -> None:
    organization = factories.make_organization()
    lab.account.unit = organization.units.get()
    lab.account.save()
    scp = factories.make_organization_policy(
        organization, json.dumps({"Statement": [TWICE["Statement"][2]] * 2}, indent=1), targets=(lab.account.unit,)
    )
    said = words_of(vic.get(f"{BASE}organization-policies/{scp.pk}/"))
    assert "Statement 2 ( Guard , lines 9-14) adds nothing: statement 1 ( Guard , lines 3-8) denies all of it." in said


def test_a_minified_document_is_shown_and_can_be_downloaded(vic: Client, lab: Lab) -> None:
    policy = factories.make_managed_policy(lab.account, "twice", json.dumps(TWICE, indent=1))
    path = f"{BASE}policies/{policy.pk}/minified/"
    said = words_of(vic.get(path))
    assert "How short can twice be?" in said
    assert "Proved by comparison" in said
    file = vic.get(f"{path}?download")
    assert file["Content-Disposition"] == 'attachment; filename="twice.min.json"'
    assert [one["Sid"] for one in json.loads(file.content)["Statement"]] == ["All", "Guard"]
    assert vic.get(f"{path}?version=v9").status_code == 404
    lost = factories.make_managed_policy(lab.account, "lost", None)
    assert vic.get(f"{BASE}policies/{lost.pk}/minified/").status_code == 404


def test_an_identity_shows_what_does_nothing_for_it(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow(["sagemaker:ListModels", "sagemaker:StopPipelineExecution"]), "extra")
    page = vic.get(f"{BASE}identities/{lab.ana.pk}/redundant/")
    said = words_of(page)
    assert "What has no effect for user/ana?" in said
    assert "1 thing in 1 of its 4 policies: without it the same is allowed." in said
    assert "sagemaker:ListModels in Action of statement 1 of extra" in said
    assert f"{BASE}identities/{lab.ana.pk}/#extra-L" in page.content.decode()
    assert (
        f'href="{BASE}identities/{lab.ana.pk}/redundant/"'
        in vic.get(f"{BASE}identities/{lab.ana.pk}/").content.decode()
    )


def test_what_comes_through_a_group_leads_to_it(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.scientists, allow("sagemaker:ListModels"), "again")
    page = vic.get(f"{BASE}identities/{lab.ana.pk}/redundant/")
    assert "inline, through group scientists" in words_of(page)
    assert f"{BASE}identities/{lab.scientists.pk}/#again-L" in page.content.decode()


def test_what_is_not_known_is_said(vic: Client, lab: Lab) -> None:
    factories.attach(lab.ana, factories.make_managed_policy(lab.account, "lost", None))
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/redundant/"))
    assert "Not everything about its policies is known (lost)." in said
    assert vic.get(f"{BASE}identities/999999/redundant/").status_code == 404
