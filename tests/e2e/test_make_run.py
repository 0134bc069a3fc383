"""What `make run` starts: it can be signed in to, and it stops as one."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Studio


@pytest.fixture
def signed_in(page: Page, studio: Studio) -> Page:
    page.goto(studio.url)
    page.locator("input[name=username]").fill("dana")
    page.locator("input[name=password]").fill(studio.passwords["dana"])
    page.get_by_role("button", name="Sign in").click()
    return page


def test_whoever_is_not_signed_in_is_asked_to(page: Page, studio: Studio) -> None:
    page.goto(studio.url)
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_the_demonstration_is_there_after_sign_in(signed_in: Page) -> None:
    for name in ("research", "production", "shared-services"):
        expect(signed_in.get_by_role("link", name=name).first).to_be_visible()


def test_no_page_breaks_the_content_security_policy(page: Page, studio: Studio) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("/sign-in/", "/api/docs/"):
        page.goto(studio.url + path)
        page.wait_for_load_state("networkidle")
    assert not [one for one in complaints if "Content Security Policy" in one]
