"""Nobody sees what is not theirs: every route by every method, as owner, lesser role, stranger, and signed out."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_cases import METHODS, Case, World, make_world
from tests.access_cases_rest import EVERY as CASES
from tests.support.shared_world import shared

pytestmark = pytest.mark.django_db

PEOPLE = {"owner": "administrator", "viewer": "viewer", "stranger": "stranger", "signed_out": ""}
#: Django's own pages of administration ask for staff by themselves: tried as one.
DJANGO_ADMIN = "admin"


world_of_module, world = shared(make_world)


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the project by its name with namespaces; one without a name fails the test."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name or entry.pattern}", entry


def ours() -> list[str]:
    return sorted({name for name, _ in routes() if not name.startswith(f"{DJANGO_ADMIN}:")})


def test_every_route_is_covered_by_a_case() -> None:
    assert set(ours()) == {case.route for case in CASES}


def signed_in(world: World, who: str) -> Client:
    client = Client()
    if PEOPLE[who]:
        client.force_login(getattr(world, PEOPLE[who]))
    return client


def address(case: Case, world: World) -> str:
    query = urlencode(case.query(world))
    return reverse(case.route, kwargs=case.arguments(world)) + (f"?{query}" if query else "")


def ask(client: Client, case: Case, world: World) -> Any:
    data = case.data(world)
    if case.json and case.method != "GET":
        return client.generic(case.method, address(case, world), as_json(data), content_type="application/json")
    send = getattr(client, case.method.lower())
    return send(address(case, world), data) if data else send(address(case, world))


def as_json(data: Any) -> bytes:
    return json.dumps(dict(data)).encode()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_answers_each_person_as_the_table_says(world: World, case: Case, who: str) -> None:
    response = ask(signed_in(world, who), case, world)
    assert response.status_code == getattr(case, who), response.content[:500]
    if response.status_code == 302 and who == "signed_out":
        assert response.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("route", ours())
def test_a_method_without_a_case_is_refused(world: World, route: str) -> None:
    """405 for the owner; nothing but refusals for the others."""
    cases = [case for case in CASES if case.route == route]
    for method in set(METHODS) - {case.method for case in cases}:
        for who in PEOPLE:
            response = signed_in(world, who).generic(method, address(cases[0], world))
            allowed = {405} if who == "owner" else {302, 401, 403, 404, 405}
            assert response.status_code in allowed, f"{method} as {who}"


@pytest.mark.parametrize("who", ["owner", "viewer", "stranger", "signed_out"])
def test_django_administration_is_for_staff_alone(world: World, who: str) -> None:
    client = signed_in(world, who)
    names = {
        name
        for name, pattern in routes()
        if name.startswith(f"{DJANGO_ADMIN}:") and pattern.name and not pattern.pattern.regex.groups
    }
    assert {"admin:index", "admin:accounts_account_changelist"} <= names
    for name in names - {"admin:login", "admin:logout", "admin:jsi18n"}:
        response = client.get(reverse(name))
        assert response.status_code == 302, name
        assert "/sign-in/" in response.headers["Location"] or "/admin/login/" in response.headers["Location"], name


def test_a_stranger_cannot_tell_an_account_from_one_that_does_not_exist(world: World) -> None:
    client = signed_in(world, "stranger")
    there = client.get(f"/accounts/{world.account.number}/")
    nowhere = client.get("/accounts/999999999999/")
    assert there.status_code == nowhere.status_code == 404
    assert without_tokens(there.content) == without_tokens(nowhere.content)


def without_tokens(page: bytes) -> bytes:
    """CSRF tokens are new in every answer."""
    return re.sub(rb"[A-Za-z0-9]{64}", b"", page)


def test_an_administrator_of_one_account_finds_nothing_of_another_under_it(world: World) -> None:
    """Rows are looked up below the account of the address, not by their key alone."""
    client = signed_in(world, "stranger")
    mine = world.stranger.memberships.get().account.number
    for name, pk in (("identities", world.user.pk), ("policies", world.policy.pk)):
        assert client.get(f"/accounts/{mine}/{name}/{pk}/").status_code == 404
    assert client.get(f"/accounts/{mine}/organization-policies/{world.organization_policy.pk}/").status_code == 404
    assert client.post(f"/accounts/{mine}/members/{world.viewer.pk}/remove/").status_code == 404
    assert world.viewer.memberships.filter(account=world.account).exists()


def test_a_viewer_who_tries_to_change_members_changes_nothing(world: World) -> None:
    client = signed_in(world, "viewer")
    client.post(f"/accounts/{world.account.number}/members/", {"user": "vic", "role": "administrator"})
    assert world.viewer.memberships.get(account=world.account).role == "viewer"


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.administrator)
    for case in CASES:
        if case.route.startswith("web:") and case.method == "POST" and case.route != "web:sign-in":
            response = client.post(address(case, world), case.data(world))
            assert response.status_code == 403, case
    assert world.viewer.memberships.filter(account=world.account).exists()
