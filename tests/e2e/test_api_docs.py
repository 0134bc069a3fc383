"""The page of the REST interface in a real browser: it shows the operations and can try them, under our CSP."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Studio


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser writes to its console as errors."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.fixture
def docs(page: Page, studio: Studio, complaints: list[str]) -> Page:
    page.goto(f"{studio.url}/sign-in/?next=/api/docs/")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(studio.passwords["dana"])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{studio.url}/api/docs/")
    return page


def scrolled_to(page: Page, operation: str) -> Locator:
    """An operation; of a long document the page draws what is in view alone, so somebody has to scroll to it."""
    expect(page.locator(".opblock").first).to_be_visible()
    found = page.locator(operation)
    for _ in range(300):
        if found.count():
            break
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(50)
    found.scroll_into_view_if_needed()
    return found


def test_it_shows_the_operations_and_breaks_no_rule(docs: Page, complaints: list[str]) -> None:
    expect(scrolled_to(docs, "#operations-matrix-matrix_get")).to_be_visible()
    assert complaints == []


def test_an_operation_can_be_tried_in_the_session(docs: Page, complaints: list[str]) -> None:
    scrolled_to(docs, "#operations-evaluate-evaluate_create").click()
    docs.get_by_role("button", name="Try it out").click()
    docs.get_by_role("button", name="Execute").click()
    answer = docs.locator("#operations-evaluate-evaluate_create .live-responses-table")
    expect(answer.get_by_text("200", exact=True).first).to_be_visible()
    expect(answer.get_by_text('"allowed"').first).to_be_visible()
    assert complaints == []


def test_it_follows_the_theme(docs: Page) -> None:
    docs.emulate_media(color_scheme="dark")
    expect(docs.locator("html")).to_have_class("dark-mode")
    docs.emulate_media(color_scheme="light")
    expect(docs.locator("html")).not_to_have_class("dark-mode")
