"""Whatever changes state through any route leaves an entry, in the same transaction; no secret is ever in one."""

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.test import Client

from policystudio.audit.models import AuditEntry
from policystudio.audit.services import recording
from tests.access_cases import Case, World, make_world
from tests.access_cases_rest import EVERY as CASES
from tests.factories import PASSWORD
from tests.support.shared_world import shared
from tests.web.test_access import ask

pytestmark = pytest.mark.django_db
world_of_module, world = shared(make_world)

#: Rows that say nothing of their own: the record itself, who is signed in and who failed to (entries tell of both), and
#: what is worked out of other rows and can be thrown away.
DERIVED = {
    *("audit.AuditEntry", "audit.AuditHead", "audit.AuditTally"),
    *("sessions.Session", "accounts.SignedInSession", "axes.AccessAttempt", "axes.AccessLog", "axes.AccessFailureLog"),
    *("findings.AccountFindings", "findings.DocumentFindings"),
}
#: What takes data out as a file.
EXPORTS = [case for case in CASES if "export" in case.route and case.method == "GET" and case.owner == 200]
#: The names under which answers over REST carry a secret.
SECRET_KEYS = {"token", "secret", "secret_access_key", "SecretAccessKey", "password"}


def told_models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy and model._meta.label not in DERIVED:
            yield model


def state() -> dict[str, list[Any]]:
    """Every row of every table that holds something of its own."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.order_by().values_list())) for model in told_models()
    }


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    return sorted(label for label in before if before[label] != after[label])


def owner_of(world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.administrator)
    return client


def ask_as_owner(case: Case, world: World, client: Client) -> Any:
    """The answer; where it wants to know what is written over, everything is."""
    response = ask(client, case, world)
    if response.status_code == 428:
        client.defaults["HTTP_IF_MATCH"] = "*"
        response = ask(client, case, world)
    return response


def secrets_in(answer: Any) -> Iterator[str]:
    """What an answer over REST shows once."""
    if isinstance(answer, list):
        for item in answer:
            yield from secrets_in(item)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            if key in SECRET_KEYS and isinstance(value, str) and len(value) >= 16:
                yield value
            yield from secrets_in(value)


def known_secrets(client: Client, response: Any) -> set[str]:
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    shown = set(secrets_in(json.loads(response.content))) if is_json and not response.streaming else set()
    shown |= {text.decode() for text in re.findall(rb"whsec_[A-Za-z0-9+/=]+", getattr(response, "content", b""))}
    cookies = {cookie.value for cookie in client.cookies.values() if len(cookie.value) >= 16}
    return {PASSWORD, settings.SECRET_KEY, *shown, *cookies}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_change_leaves_an_entry_and_no_secret(case: Case, world: World) -> None:
    client = owner_of(world)
    before, last = state(), AuditEntry.objects.count()
    response = ask_as_owner(case, world, client)
    difference = changed(before, state())
    told = AuditEntry.objects.filter(sequence__gt=last)
    assert told or not difference, f"no entry tells of the change of {difference}"
    assert response.status_code < 400 or not difference, f"refused, and yet {difference} changed"
    everything = repr(list(AuditEntry.objects.values_list()))
    assert not [secret for secret in known_secrets(client, response) if secret in everything]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_change_that_cannot_be_recorded_does_not_happen(case: Case, world: World) -> None:
    client = owner_of(world)
    before = state()
    with patch.object(recording, "_lock_head", side_effect=OSError("the record is full")):
        response = ask_as_owner(case, world, client)
    difference = changed(before, state())
    assert not difference, f"{difference} changed without an entry ({response.status_code})"


@pytest.mark.parametrize("case", EXPORTS, ids=str)
def test_what_leaves_as_a_file_is_told(case: Case, world: World) -> None:
    response = ask(owner_of(world), case, world)
    assert response.status_code == 200
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert entry.action.endswith(".exported")
    assert (entry.actor, entry.account) == ("ada", world.account.number)
    assert entry.details["format"]


def test_the_routes_that_export_are_found_by_their_names() -> None:
    """A route that takes data out under another name would not be looked at above."""
    assert len({case.route for case in EXPORTS}) >= 7
