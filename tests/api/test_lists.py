"""Accounts, users, groups, roles, policies, versions and resources: what they show, filter and hide."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.policies.models import PolicyVersion
from tests import factories
from tests.api.test_problems import assert_problem

ML_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


@pytest.fixture
def here(account: Account) -> str:
    return f"/api/v1/accounts/{account.number}"


def test_only_accounts_with_a_role_are_listed(api: APIClient, account: Account) -> None:
    factories.make_account()
    page = api.get("/api/v1/accounts").json()
    assert page["count"] == 1
    assert page["results"] == [
        {
            "number": "111122223333",
            "name": "research",
            "partition": "aws",
            "is_management": False,
            "organization": None,
            "unit": None,
            "role": "viewer",
            "needs_second_person": False,
            "needs_second_factor": False,
            "read_at": None,
            "read_by": "",
        }
    ]


def test_a_superuser_administers_every_account(client_of: Callable[[Any], APIClient], account: Account) -> None:
    root = client_of(factories.make_sign_in("root", superuser=True))
    assert [row["role"] for row in root.get("/api/v1/accounts").json()["results"]] == ["administrator"]
    assert root.get(f"/api/v1/accounts/{account.number}").json()["role"] == "administrator"


def test_an_account_tells_its_organization_and_counts(api: APIClient, account: Account, here: str) -> None:
    organization = factories.make_organization(name="Example")
    account.unit = factories.make_unit(organization.units.get(), "Machine learning")
    account.save()
    for kind in ("user", "user", "role"):
        factories.make_identity(account, kind)
    shown = api.get(here).json()
    assert shown["organization"] == {"id": organization.org_id, "name": "Example"}
    assert shown["unit"]["name"] == "Machine learning"
    assert shown["identities"] == {"user": 2, "group": 0, "role": 1}


def test_pages_follow_each_other_and_leave_nobody_out(api: APIClient, account: Account, here: str) -> None:
    for number in range(5):
        factories.make_identity(account, "user", f"user{number}")
    address: str | None = f"{here}/users?limit=2"
    found = []
    while address:
        page = api.get(address).json()
        assert page["count"] == 5
        found += [row["name"] for row in page["results"]]
        address = page["next"]
    assert found == [f"user{number}" for number in range(5)]
    assert_problem(api.get(f"{here}/users?limit=2&offset=2"), 400)


def test_addresses_are_understood_with_and_without_a_slash_at_the_end(api: APIClient, here: str) -> None:
    for address in ("/api/v1/accounts", here, f"{here}/users"):
        assert api.get(address).status_code == api.get(f"{address}/").status_code == 200


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_each_kind_has_a_list_of_its_own(api: APIClient, account: Account, here: str, kind: str) -> None:
    for other in ("user", "group", "role"):
        factories.make_identity(account, other, f"a-{other}")
    factories.make_identity(factories.make_account(), kind, "elsewhere")
    assert names(api.get(f"{here}/{kind}s")) == [f"a-{kind}"]
    assert api.get(f"{here}/{kind}s/A-{kind.upper()}").json()["name"] == f"a-{kind}"
    assert_problem(api.get(f"{here}/{kind}s/elsewhere"), 404)


def test_identities_are_filtered(api: APIClient, account: Account, here: str) -> None:
    factories.make_identity(account, "user", "dana", path="/ml/", tags={"team": "ml", "1": "one", "odd": 'a"b'})
    factories.make_identity(account, "user", "erin", path="/ops/", tags={"team": "ops"})
    expected = {
        "search=DAN": ["dana"],
        "search=/ops": ["erin"],
        "search=%25": [],
        "path=/ml/": ["dana"],
        "tag=team": ["dana", "erin"],
        "tag=team=ml": ["dana"],
        "tag=1=one": ["dana"],
        "tag=1": ["dana"],
        "tag=none": [],
        "tag=odd=a%22b": ["dana"],
        "tag=te%22am": [],
        "tag=$.team": [],
        "tag==": [],
        "tag=team&search=erin": ["erin"],
        "search=": ["dana", "erin"],
    }
    assert {query: names(api.get(f"{here}/users?{query}")) for query in expected} == expected


def test_a_user_shows_all_that_gives_it_permissions(api: APIClient, account: Account, here: str) -> None:
    policy = factories.make_managed_policy(account, "ml", ML_ONLY)
    boundary = factories.make_managed_policy(account, "edge")
    user = factories.make_identity(account, "user", "dana", boundary=boundary, tags={"team": "ml"}, gaps=["a gap"])
    group = factories.make_identity(account, "group", "scientists")
    factories.attach(user, policy)
    factories.join(user, group)
    factories.make_inline_policy(user, ML_ONLY, "own")
    shown = api.get(f"{here}/users/dana").json()
    assert shown["tags"] == {"team": "ml"}
    assert shown["permissions_boundary"] == boundary.arn
    assert shown["groups"] == ["scientists"]
    assert shown["attached_policies"] == [{"id": policy.pk, "arn": policy.arn, "name": "ml"}]
    assert shown["inline_policies"][0]["name"] == "own"
    assert shown["inline_policies"][0]["document"]["text"] == factories.as_text(ML_ONLY)
    assert shown["gaps"] == ["a gap"]
    assert api.get(f"{here}/groups/scientists").json()["members"] == ["dana"]


def test_a_role_shows_its_trust_policy(api: APIClient, account: Account, here: str) -> None:
    factories.make_identity(account, "role", "execution", last_used={"Region": "eu-west-1"})
    shown = api.get(f"{here}/roles/execution").json()
    assert shown["trust_policy"]["text"] == factories.as_text(factories.TRUST_SAGEMAKER)
    assert shown["trust_policy"]["problems"] is None
    assert shown["service_linked"] is False
    assert shown["last_used"] == {"Region": "eu-west-1"}
    assert (shown["description"], shown["max_session_duration"], shown["instance_profiles"]) == ("", None, [])


def test_a_role_shows_its_description_longest_session_and_instance_profiles(
    api: APIClient, account: Account, here: str
) -> None:
    role = factories.make_identity(account, "role", "job", description="runs jobs", max_session_duration=7200)
    profiles = [factories.make_instance_profile(role, name) for name in ("b", "a")]
    shown = api.get(f"{here}/roles/job").json()
    assert (shown["description"], shown["max_session_duration"]) == ("runs jobs", 7200)
    assert shown["instance_profiles"] == [profiles[1].arn, profiles[0].arn]


def test_policies_and_their_versions(api: APIClient, account: Account, here: str) -> None:
    policy = factories.make_managed_policy(account, "ml", ML_ONLY, tags={"owner": "dana"})
    document = factories.make_document(factories.ALLOW_ALL)
    PolicyVersion.objects.create(policy=policy, version_id="v2", document=document)
    factories.make_managed_policy(account, "AmazonSageMakerReadOnly", None, aws=True)
    listed = api.get(f"{here}/policies").json()["results"]
    assert [(row["name"], row["is_aws_managed"], row["default_version"]) for row in listed] == [
        ("ml", False, "v1"),
        ("AmazonSageMakerReadOnly", True, None),
    ]
    assert names(api.get(f"{here}/policies?is_aws_managed=false")) == ["ml"]
    assert names(api.get(f"{here}/policies?tag=owner=dana")) == ["ml"]
    assert names(api.get(f"{here}/policies?arn={policy.arn}")) == ["ml"]
    assert api.get(f"{here}/policies/{policy.pk}").json()["arn"] == policy.arn
    versions = api.get(f"{here}/policies/{policy.pk}/versions").json()
    assert [(one["version_id"], one["is_default"]) for one in versions["results"]] == [("v1", True), ("v2", False)]
    assert api.get(f"{here}/policies/{policy.pk}/versions/v2").json()["document"]["text"] == document.text


def test_a_document_that_cannot_be_read_says_why(api: APIClient, account: Account, here: str) -> None:
    policy = factories.make_managed_policy(account, "broken", '{"Statement": 1}')
    document = policy.versions.get().document
    document.problems = [{"message": "no", "line": 1, "column": 15}]
    document.save()
    shown = api.get(f"{here}/policies/{policy.pk}/versions/v1").json()["document"]
    assert shown["problems"] == [{"message": "no", "line": 1, "column": 15}]


@pytest.mark.parametrize("rest", ["policies/{}", "policies/{}/versions", "policies/{}/versions/v1"])
def test_a_policy_of_another_account_is_not_found(api: APIClient, account: Account, here: str, rest: str) -> None:
    elsewhere = factories.make_managed_policy(factories.make_account())
    for number in (elsewhere.pk, 999_999, 10**30):
        assert_problem(api.get(f"{here}/{rest.format(number)}"), 404)
    own = factories.make_managed_policy(account)
    assert_problem(api.get(f"{here}/policies/{own.pk}/versions/v9"), 404)


def test_resources_are_filtered(api: APIClient, account: Account, here: str) -> None:
    creator = factories.make_identity(account, "user", "dana")
    factories.make_resource(account, "model", "churn", creator=creator, tags={"team": "ml"})
    factories.make_resource(account, "endpoint", "churn-live", region="eu-west-1")
    shown = api.get(f"{here}/resources?type=model").json()["results"]
    assert [(row["name"], row["creator"], row["tags"]) for row in shown] == [("churn", creator.arn, {"team": "ml"})]
    assert names(api.get(f"{here}/resources?region=eu-west-1")) == ["churn-live"]
    assert names(api.get(f"{here}/resources?tag=team=ml")) == ["churn"]
    assert names(api.get(f"{here}/resources?search=LIVE")) == ["churn-live"]
    assert names(api.get(f"{here}/resources?creator={creator.arn}")) == ["churn"]


def test_a_list_costs_as_many_queries_however_long_it_is(
    api: APIClient, account: Account, here: str, django_assert_max_num_queries
) -> None:
    boundary = factories.make_managed_policy(account)
    for _ in range(10):
        factories.make_identity(account, "user", boundary=boundary)
        factories.make_managed_policy(account)
    api.get(f"{here}/groups")  # the first request of a session keeps when it was seen
    with django_assert_max_num_queries(7):
        api.get(f"{here}/users")
    with django_assert_max_num_queries(8):
        api.get(f"{here}/policies")


def test_a_value_that_no_filter_understands_is_refused(api: APIClient, here: str) -> None:
    problem = assert_problem(api.get(f"{here}/policies?is_aws_managed=maybe&limit=x"), 400)
    assert problem["errors"][0]["in"] == "query"


@pytest.mark.parametrize(
    "rest",
    ["", "/users", "/groups", "/roles", "/policies", "/resources", "/matrix", "/users/dana", "/policies/1/versions"],
)
def test_strangers_find_nothing(
    client_of: Callable[[Any], APIClient], stranger: SignIn, account: Account, here: str, rest: str
) -> None:
    factories.make_identity(account, "user", "dana")
    assert_problem(client_of(stranger).get(here + rest), 404)
    assert_problem(APIClient().get(here + rest), 401)
