"""Hostile names, Sids, tags and texts in a real browser: scripts of the pages run, none of the names' does."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.access_cases import CASES, World
from tests.e2e.pages import settled
from tests.trust.test_inert_text import HOSTILE, MARK, hostile_world
from tests.web.test_access import address

pytestmark = pytest.mark.django_db(transaction=True)
#: Whatever a text of the account would run ends here.
WATCH = f"window.{MARK} = window.alert = () => {{ window.ran = true; }}"
UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true;"
MADE = (
    f"""[...document.querySelectorAll('{MARK}, img[src*="{MARK}"], [onclick], [onerror]')].map(one => one.outerHTML)"""
)


@pytest.fixture
def world(transactional_db: None) -> World:
    return hostile_world()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, world: World) -> Iterator[Page]:
    client = Client()
    client.force_login(world.administrator)
    context = browser.new_context(base_url=live_server.url)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def shown(client: Client, world: World) -> Iterator[str]:
    """The addresses of all pages that an administrator can open."""
    for case in CASES:
        if case.method == "GET" and case.owner == 200:
            path = address(case, world)
            response = client.get(path)
            is_page = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
            # A part of a page is loaded by the page that it is of.
            if is_page and b"<html" in response.content:
                yield path
            response.close()


def test_the_watch_sees_what_is_not_inert(page: Page) -> None:
    page.goto("about:blank")
    page.set_content(f"<p>{HOSTILE}</p>")
    assert page.evaluate(MADE)
    page.wait_for_function("window.ran")


def test_no_page_runs_what_a_name_says(page: Page, world: World) -> None:
    complaints: list[str] = []
    page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "response", lambda got: complaints.append(f"{page.url}: {got.url} {got.status}") if got.status >= 400 else None
    )
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    client = Client()
    client.force_login(world.administrator)
    seen = 0
    for path in dict.fromkeys(shown(client, world)):
        page.goto(path)
        page.evaluate(UNFOLD)
        if page.locator("#main").count():
            settled(page)
        assert page.evaluate(MADE) == [], path
        assert page.evaluate("window.ran") is None, path
        seen += MARK in page.content()
    assert complaints == []
    assert seen > 25, "most pages show names"
