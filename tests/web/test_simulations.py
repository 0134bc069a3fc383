"""Saved simulations in the browser: kept from the simulator, run again, compared, renamed, given up."""

import pytest
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.simulator.models import Simulation
from policystudio.simulator.saved_questions import SavedRequest, saved_question
from policystudio.simulator.services import simulation_create
from tests import factories
from tests.web.conftest import allow, words_of

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
LIST = f"/accounts/{NUMBER}/simulations/"
ONE = f"{LIST}1/"
SENT = {"name": "Who <b>makes</b> models", "query": "?kind=user&type=model&action=CreateModel"}


@pytest.fixture
def account() -> Account:
    return factories.make_account(NUMBER, "research")


@pytest.fixture
def vic(client: Client, account: Account) -> Client:
    """A viewer."""
    factories.make_identity(account, "user", "ana")
    person = factories.make_sign_in("vic")
    factories.make_membership(person, account, "viewer")
    client.force_login(person)
    return client


def test_an_empty_list_says_what_to_do(vic: Client) -> None:
    page = vic.get(LIST)
    assert "None is saved yet." in words_of(page)
    assert f"/accounts/{NUMBER}/simulator/" in page.content.decode()


def test_the_simulator_saves_what_it_shows(vic: Client) -> None:
    shown = vic.get(f"/accounts/{NUMBER}/simulator/?kind=user&type=model").content.decode()
    assert f'action="{LIST}"' in shown
    assert 'name="query" value="kind=user&amp;type=model"' in shown
    page = vic.post(LIST, SENT, follow=True)
    assert page.redirect_chain == [(ONE, 302)]
    assert "It was run once" in words_of(page)
    assert "<b>makes</b>" not in page.content.decode()
    assert Simulation.objects.get().question == {"kind": ["user"], "action": ["CreateModel"], "type": ["model"]}
    assert "Who <b>makes</b> models" in words_of(vic.get(LIST))


def test_what_changed_stands_first_with_its_reasons(vic: Client, account: Account) -> None:
    vic.post(LIST, SENT)
    assert "the account is the same" in words_of(vic.post(f"{ONE}run/", follow=True))
    policy = factories.make_managed_policy(account, "make-models", allow("sagemaker:CreateModel"))
    factories.attach(account.identities.get(name="ana"), policy)
    page = words_of(vic.post(f"{ONE}run/", follow=True))
    assert "1 decision changed from run 2 to run 3." in page
    assert "By make-models" in page
    assert "Nothing changed from run 1 to run 2" in words_of(vic.get(f"{ONE}?from=1&to=2"))
    assert vic.get(f"{ONE}?from=7&to=2").status_code == 404


def test_what_is_not_understood_is_said_and_nothing_is_lost(vic: Client) -> None:
    for wrong in ({"name": " "}, {"query": "?kind=robot"}, {"query": "?at=1999-01-01"}):
        page = vic.post(LIST, {**SENT, **wrong})
        assert page.status_code == 422
        assert "Not saved" in words_of(page)
        assert 'name="query"' in page.content.decode()
    assert not Simulation.objects.exists()


def test_it_is_renamed_and_given_up(vic: Client) -> None:
    vic.post(LIST, SENT)
    assert vic.post(f"{ONE}rename/", {"name": "Makers", "version": "7"}).status_code == 409
    assert vic.post(f"{ONE}rename/", {"name": " ", "version": "1"}).status_code == 422
    assert "Makers" in words_of(vic.post(f"{ONE}rename/", {"name": "Makers", "version": "1"}, follow=True))
    assert vic.post(f"{ONE}remove/", {"version": "1"}).status_code == 409
    assert "Given up: Makers." in words_of(vic.post(f"{ONE}remove/", {"version": "2"}, follow=True))
    assert vic.get(ONE).status_code == 404


def test_a_viewer_is_not_offered_what_others_kept(vic: Client, account: Account) -> None:
    factories.make_simulation(account)
    page = vic.get(ONE).content.decode()
    assert "rename/" not in page
    assert "remove/" not in page
    assert "run/" in page


def test_a_simulation_of_requests_shows_them(vic: Client, account: Account) -> None:
    request = SavedRequest(account.identities.get().arn, "sagemaker:ListModels", "*", {"aws:SourceVpc": []})
    asked = saved_question({"exclude": ["boundary"]}, [request])
    simulation_create(account=account, by=None, name="Lists", asked=asked, now=timezone.now())
    page = vic.post(f"{ONE}run/", follow=True)
    assert "1 implicit deny" in words_of(page)
    told = page.content.decode().replace("<wbr>", "")
    assert "sagemaker:ListModels" in told
    assert "aws:SourceVpc" in told
