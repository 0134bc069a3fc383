"""The search: what is called like this, in one's own accounts."""

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import Lab, words_of


@pytest.fixture
def elsewhere(db: None) -> None:
    other = factories.make_account("999988887777", "annex")
    factories.make_identity(other, "user", "anatole")
    factories.make_managed_policy(other, "anagram")
    factories.make_resource(other, "model", "anatomy")


def test_everything_with_the_name_is_found(vic: Client, lab: Lab) -> None:
    factories.make_resource(lab.account, "model", "trainer-model")
    said = words_of(vic.get("/search/?q=train"))
    assert "role/trainer research" in said
    assert "trainer-model model · research · us-east-1" in said
    assert "CreateTrainingJob who can in research" in said


def test_nothing_of_other_accounts_is_found(vic: Client, lab: Lab, elsewhere: None) -> None:
    said = words_of(vic.get("/search/?q=ana"))
    assert "user/ana research" in said
    for name in ("annex", "anatole", "anagram", "anatomy", "999988887777"):
        assert name not in said


@pytest.mark.parametrize("text", ["111122223333", "1111 2222 3333", "RESEARCH"])
def test_an_account_is_found_by_name_and_number(vic: Client, lab: Lab, text: str) -> None:
    assert "Accounts research 1111 2222 3333" in words_of(vic.get("/search/", {"q": text}))


def test_an_arn_is_found(vic: Client, lab: Lab) -> None:
    assert "user/ana" in words_of(vic.get("/search/", {"q": lab.ana.arn}))


def test_nothing_found_and_nothing_asked_say_what_to_do(vic: Client, lab: Lab) -> None:
    assert "Nothing that you may see." in words_of(vic.get("/search/?q=zed"))
    assert "Part of a name" in words_of(vic.get("/search/"))


@pytest.mark.parametrize(
    "text", ["%", "_", "\0", "'", '"><script>alert(1)</script>', "ä" * 5000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_odd_texts_are_looked_for_as_they_are(vic: Client, lab: Lab, text: str | bytes) -> None:
    response = vic.get("/search/", {"q": text})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_wildcards_of_the_database_match_themselves_alone(vic: Client, lab: Lab) -> None:
    assert "user/ana" not in words_of(vic.get("/search/", {"q": "a_a"}))
    assert "user/ana" not in words_of(vic.get("/search/", {"q": "a%a"}))
