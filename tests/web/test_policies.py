"""The read view of a policy."""

from django.test import Client

from policystudio.policies.models import PolicyVersion
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/"


def test_it_says_how_much_the_policy_says_and_who_has_it(vic: Client, lab: Lab) -> None:
    policy = lab.scientists.managed_policies.get()
    said = words_of(vic.get(f"{BASE}policies/{policy.pk}/"))
    assert "What does look say?" in said
    assert "1 statement allows. The account manages it; 1 identity has it." in said
    assert "group/scientists" in said


def test_each_line_has_its_number_and_can_be_linked_to(vic: Client, lab: Lab) -> None:
    policy = lab.scientists.managed_policies.get()
    page = vic.get(f"{BASE}policies/{policy.pk}/").content.decode()
    assert '<div class="line" id="L3"><span class="ln" aria-hidden="true">3</span>' in page


def test_another_version_can_be_read(vic: Client, lab: Lab) -> None:
    policy = lab.scientists.managed_policies.get()
    old = factories.make_document(allow("sagemaker:DeleteEndpoint"))
    PolicyVersion.objects.create(policy=policy, version_id="v2", document=old)
    assert "sagemaker:DeleteEndpoint" not in words_of(vic.get(f"{BASE}policies/{policy.pk}/"))
    said = words_of(vic.get(f"{BASE}policies/{policy.pk}/?version=v2"))
    assert "sagemaker:DeleteEndpoint" in said
    assert "v2 not in force" in said
    assert vic.get(f"{BASE}policies/{policy.pk}/?version=v9").status_code == 404


def test_a_policy_without_document_says_what_to_do(vic: Client, lab: Lab) -> None:
    lost = factories.make_managed_policy(lab.account, "lost", None)
    said = words_of(vic.get(f"{BASE}policies/{lost.pk}/"))
    assert "Nothing that is known" in said
    assert "Export the account again" in said


def test_a_document_that_is_no_policy_is_shown_with_its_problems(vic: Client, lab: Lab) -> None:
    broken = factories.make_managed_policy(lab.account, "broken", '{\n "Statement": 1\n}')
    document = broken.versions.get().document
    document.problems = [{"message": "`Statement` must be an object", "line": 2, "column": 15}]
    document.save()
    said = words_of(vic.get(f"{BASE}policies/{broken.pk}/"))
    assert "It is not a valid policy" in said
    assert "Line 2, column 15 : `Statement` must be an object" in said


def test_only_organization_policies_above_the_account_are_found(vic: Client, lab: Lab) -> None:
    elsewhere = factories.make_organization_policy(factories.make_organization())
    assert vic.get(f"{BASE}organization-policies/{elsewhere.pk}/").status_code == 404
