"""Form and JSON of the editor's page are one text: what is done in one shows in the other, and is saved."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Studio
from tests.e2e.test_editor import POLICY, RESEARCH, posted, signed_in

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Look", "Effect": "Allow", "Action": ["sagemaker:DescribeModel"], "Resource": "*"},
    {
      "Sid":   "Make",
      "Effect": "Allow",
      "Action": "sagemaker:CreateModel",
      "Resource": "*"
    }
  ]
}
"""


@pytest.fixture(scope="module")
def dana(browser: Browser, studio: Studio) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=studio.url, storage_state=json.loads(signed_in(browser, studio, "dana")))
    yield context
    context.close()


@pytest.fixture
def page(dana: BrowserContext) -> Iterator[Page]:
    """A new draft with the text, in the form; no script may fail on it."""
    complaints: list[str] = []
    page = dana.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(RESEARCH)
    fields = {"kind": "managed-policy", "target": f"{POLICY}form-{id(page)}", "text": TEXT, "title": "By form"}
    page.goto(posted(page, f"{RESEARCH}edits/new", fields))
    page.get_by_role("tab", name="Form").click()
    expect(page.locator(".pf-statement")).to_have_count(2)
    yield page
    page.close()
    assert complaints == []


def json_of(page: Page) -> str:
    return page.evaluate("ace.edit('ace').getValue()")


def test_what_is_done_in_the_form_stands_in_the_json_and_is_saved(page: Page) -> None:
    page.locator(".pf-open").first.click()
    field = page.get_by_role("combobox", name="Add an action")
    field.fill("sagemaker:list*")
    field.press("Enter")
    expected = TEXT.replace('"sagemaker:DescribeModel"]', '"sagemaker:DescribeModel", "sagemaker:list*"]')
    assert json_of(page) == expected
    expect(page.locator("#state")).to_contain_text("Saved")
    page.reload()
    expect(page.locator(".pf-sentence").first).to_contain_text("actions of Amazon SageMaker on any resource")
    assert json_of(page) == expected


def test_what_is_typed_as_json_shows_in_the_form(page: Page) -> None:
    page.get_by_role("tab", name="JSON").click()
    page.evaluate("ace.edit('ace').session.replace(ace.edit('ace').find('sagemaker:CreateModel'), 'sagemaker:Delete*')")
    page.get_by_role("tab", name="Form").click()
    expect(page.locator(".pf-sentence").nth(1)).to_contain_text("(sagemaker:Delete*) on any resource.")
    page.get_by_role("tab", name="JSON").click()
    page.evaluate("ace.edit('ace').session.replace(ace.edit('ace').find('\"Effect\"'), 'Effect')")
    page.get_by_role("tab", name="Form").click()
    page.get_by_role("button", name="Go to the place in the JSON").click()
    expect(page.get_by_role("tab", name="JSON")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("ace.edit('ace').getCursorPosition().row") == 3


def test_one_undo_goes_back_over_both_views(page: Page) -> None:
    page.get_by_role("button", name="Remove statement 1").click()
    assert "DescribeModel" not in json_of(page)
    page.get_by_role("tab", name="JSON").click()
    page.keyboard.press("Tab")
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+z")
    assert json_of(page) == TEXT
    page.get_by_role("tab", name="Form").click()
    expect(page.locator(".pf-sid")).to_have_text(["Look", "Make"])


def test_findings_stand_at_their_statement(page: Page) -> None:
    page.locator(".pf-open").nth(1).click()
    field = page.get_by_role("combobox", name="Add an action")
    field.fill("sagemaker:CreateModle")
    field.press("Enter")
    found = page.get_by_role("list", name="Findings of statement 2")
    expect(found).to_contain_text("The action sagemaker:CreateModle does not exist.")


def test_axe_finds_nothing_and_nothing_hangs_over(page: Page) -> None:
    page.locator(".pf-open").first.click()
    page.get_by_role("button", name="Choose from a service").click()
    page.get_by_role("button", name="Add a condition").click()
    for size in ({"width": 1440, "height": 900}, {"width": 360, "height": 740}):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == [], (
                size,
                scheme,
            )
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), size
