"""The pages Accounts and Account with its sections."""

from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Account
from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/"


def test_somebody_without_accounts_is_told_what_to_do(client: Client, db: None) -> None:
    client.force_login(factories.make_sign_in())
    said = words_of(client.get("/accounts/"))
    assert "No account is here for you yet." in said
    assert "aws iam get-account-authorization-details" in said


def test_each_account_has_a_row_with_what_is_in_it(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get("/accounts/"))
    assert "1 account with 3 identities." in said
    assert "research 1111 2222 3333 none known 1 1 1 3 – – just now by ada viewer" in said


def test_an_account_that_was_never_read_is_named(ada: Client, administrator: SignIn) -> None:
    factories.make_membership(administrator, factories.make_account("222233334444", "new"), "viewer")
    assert "Never read: new." in words_of(ada.get("/accounts/"))


def test_the_overview_says_what_is_in_the_account(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(BASE))
    assert "1 user, 1 group and 1 role with 3 managed policies; no SageMaker resources are known." in said
    assert "The account is in no organization that is known here." in said


def test_the_overview_answers_what_people_ask_first(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(BASE))
    assert "Run training jobs 2 – role/trainer and root user" in said
    assert "Create models 1 1 root user and user/ana" in said


def test_the_overview_tells_what_is_not_known(vic: Client, lab: Lab) -> None:
    lab.ana.gaps = ["the group `ghosts` is not in the export"]
    lab.ana.save()
    factories.make_managed_policy(lab.account, "lost", None)
    said = words_of(vic.get(BASE))
    assert "user/ana : the group `ghosts` is not in the export" in said
    assert "The document of lost is not in the export" in said


def test_users_are_listed_with_groups_policies_and_tags(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}users/"))
    assert "1 user." in said
    assert "ana /people/ scientists delete-with-mfa inline , dev-models inline none team = ml" in said


def test_groups_are_listed_with_members(vic: Client, lab: Lab) -> None:
    factories.make_identity(lab.account, "group", "nobody")
    said = words_of(vic.get(f"{BASE}groups/"))
    assert "2 groups: 1 without any policy and 1 without members." in said
    assert "scientists ana look" in said


def test_roles_are_listed_with_their_boundary_and_last_use(vic: Client, lab: Lab) -> None:
    lab.trainer.last_used = {"LastUsedDate": "2020-01-01T00:00:00+00:00", "Region": "eu-west-1"}
    lab.trainer.save()
    said = words_of(vic.get(f"{BASE}roles/"))
    assert "1 role: 1 with a permissions boundary." in said
    assert "trainer everything limit none" in said
    assert 'datetime="2020-01-01T00:00:00Z"' in vic.get(f"{BASE}roles/").content.decode()


def test_a_role_tells_what_it_is_for_and_who_hands_it_out(vic: Client, lab: Lab) -> None:
    lab.trainer.description, lab.trainer.max_session_duration = "trains <models>", 7200
    lab.trainer.save()
    factories.make_instance_profile(lab.trainer, "on-machines")
    said = words_of(vic.get(f"{BASE}identities/{lab.trainer.pk}/"))
    assert "Description trains <models> Longest session 7200 seconds Instance profiles on-machines" in said


def test_policies_are_listed_with_their_use(vic: Client, lab: Lab) -> None:
    factories.make_managed_policy(lab.account, "AmazonSageMakerReadOnly", aws=True)
    said = words_of(vic.get(f"{BASE}policies/"))
    assert "3 policies of the account and 1 of AWS. Nobody has 1 of them." in said
    assert "limit the account – 1 v1" in said
    assert "look the account 1 – v1" in said


def test_resources_are_listed_and_filtered_by_type(vic: Client, lab: Lab) -> None:
    factories.make_resource(lab.account, "model", "churn", tags={"team": "ml"}, creator=lab.ana)
    factories.make_resource(lab.account, "endpoint", "churn-live")
    said = words_of(vic.get(f"{BASE}resources/"))
    assert "2 resources of 2 types: 1 endpoint and 1 model." in said
    assert "user/ana" in said
    said = words_of(vic.get(f"{BASE}resources/?type=endpoint"))
    assert "churn-live" in said
    assert "user/ana" not in said


def test_organization_policies_are_shown_level_by_level(vic: Client, lab: Lab) -> None:
    organization = factories.make_organization(name="Example")
    root = organization.units.get()
    unit = factories.make_unit(root, "Workloads")
    Account.objects.filter(pk=lab.account.pk).update(unit=unit)
    policy = factories.make_organization_policy(organization, name="FullAWSAccess", targets=(root, unit))
    said = words_of(vic.get(f"{BASE}organization/"))
    assert "1 service control policy and no resource control policies of Example, attached at 3 levels" in said
    assert "Root root of the organization FullAWSAccess" in said
    assert "research this account none: nothing is allowed at this level" in said
    page = words_of(vic.get(f"{BASE}organization-policies/{policy.pk}/"))
    assert "1 statement allows. A service control policy, attached to Root and Workloads above research." in page


def test_lists_are_searched(vic: Client, lab: Lab) -> None:
    factories.make_identity(lab.account, "user", "bo")
    said = words_of(vic.get(f"{BASE}users/?q=AN"))
    assert "ana" in said
    assert " bo " not in said
    assert "Nothing here has “zed” in its name or path." in words_of(vic.get(f"{BASE}users/?q=zed"))
    assert vic.get(f"{BASE}users/?q=%00").status_code == 200


def test_lists_come_in_pages(vic: Client, lab: Lab) -> None:
    for number in range(60):
        factories.make_identity(lab.account, "user", f"user-{number:02}")
    first = words_of(vic.get(f"{BASE}users/?q=user-"))
    assert "1–50 of 60" in first
    assert "51–60 of 60" in words_of(vic.get(f"{BASE}users/?q=user-&page=2"))
    assert "51–60 of 60" in words_of(vic.get(f"{BASE}users/?q=user-&page=99"))


def test_there_are_no_other_sections(vic: Client, lab: Lab) -> None:
    assert vic.get(f"{BASE}secrets/").status_code == 404


def test_numbers_that_are_none_are_not_found(vic: Client, lab: Lab) -> None:
    for number in ("1", "11112222333x", "%00", "１１１１２２２２３３３３"):
        assert vic.get(f"/accounts/{number}/").status_code == 404
    assert vic.get(f"{BASE}identities/{10**30}/").status_code == 404
    assert vic.get(f"{BASE}policies/{10**30}/").status_code == 404
