"""Findings as people meet them: worked out by the worker, fixed as a draft, waived by keyboard alone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Studio
from tests.e2e.pages import assert_fine

FINDINGS = "/accounts/111122223333/findings/"


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    """Dana, before findings that the worker has worked out."""
    context = browser.new_context(base_url=studio.url, viewport={"width": 1440, "height": 860})
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(studio.passwords["dana"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("accounts")
    for _ in range(60):
        page.goto(FINDINGS)
        if page.locator(".found-list").count():
            break
        page.wait_for_timeout(2000)
    yield page
    context.close()


def open_finding(page: Page, code: str) -> None:
    page.goto(f"{FINDINGS}?code={code}")
    page.locator(".found-list .more").first.click()


def test_the_worker_works_them_out_and_they_say_what_to_fix_first(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("What should I fix first?")
    expect(page.locator(".answer").first).to_contain_text("Begin with")
    assert_fine(page)


@pytest.mark.parametrize("code", ["INVALID_ACTION", "STUDIO_PATH_PASS_ROLE", "STUDIO_CONFUSED_DEPUTY"])
def test_a_finding_is_fine(page: Page, code: str) -> None:
    open_finding(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\?$"))
    assert_fine(page)


def test_a_fix_becomes_a_draft_whose_change_tells_that_it_is_gone(page: Page) -> None:
    open_finding(page, "INVALID_ACTION")
    page.get_by_role("button", name="Draft this fix").click()
    page.wait_for_url("**/edits/*/")
    page.get_by_role("link", name="To change").click()
    page.wait_for_url(re.compile(r"/changes/\d+/$"))
    told = page.locator("#findings")
    expect(told).to_contain_text("is gone", timeout=60_000)
    expect(told).to_contain_text("INVALID_ACTION")


def test_a_finding_is_waived_by_keyboard(page: Page) -> None:
    open_finding(page, "STUDIO_ROLE_UNUSED")
    page.get_by_label("Reason").focus()
    page.keyboard.type("Kept for emergencies.")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Owner")).to_be_focused()
    day = datetime.now(tz=UTC).date() + timedelta(days=30)
    page.get_by_label("Until").fill(day.isoformat())
    page.get_by_role("button", name="Waive").press("Enter")
    expect(page.get_by_text("Waived until").first).to_be_visible()
    page.goto(f"{FINDINGS}?waived=yes")
    expect(page.get_by_text("Kept for emergencies.").first).to_be_visible()
    assert_fine(page)
