"""A change on its way through two browsers: its author writes and proposes, somebody else approves and publishes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Studio, running
from tests.e2e.pages import assert_fine

RESEARCH = "/accounts/111122223333/"
NEW_TEXT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:%s", "Resource": "*"}]}'


@pytest.fixture(scope="module")
def studio(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio of their own: what these tests publish would change what others see."""
    with running(tmp_path_factory.mktemp("changes")) as found:
        yield found


@pytest.fixture
def browser_of(browser: Browser, studio: Studio) -> Iterator[Callable[[str], Page]]:
    """A browser of its own for each person, who is signed in there."""
    contexts = []

    def make(name: str) -> Page:
        context = browser.new_context(base_url=studio.url, viewport={"width": 1440, "height": 860})
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in/")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(studio.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("accounts")
        return page

    yield make
    for context in contexts:
        context.close()


def begin(page: Page, policy: str, action: str) -> str:
    """A draft that gives a policy another text; answers with the address of the change."""
    page.goto(f"{RESEARCH}policies/?q={policy}")
    page.get_by_role("link", name=policy).click()
    page.get_by_role("button", name=f"Edit: {policy}").click()
    page.wait_for_url("**/edits/*/")
    page.get_by_role("tab", name="Plain text").click()
    page.get_by_label("Policy text", exact=True).fill(NEW_TEXT % action)
    expect(page.locator("#state")).to_contain_text("Saved")
    page.get_by_role("link", name="To change").click()
    page.wait_for_url(re.compile(r"/changes/\d+/$"))
    return page.url


def test_a_change_of_two_people(browser_of: Callable[[str], Page]) -> None:
    dana, eli = browser_of("dana"), browser_of("eli")
    dana.goto(f"{RESEARCH}members/")
    dana.get_by_role("button", name="Ask for a second person").click()
    expect(dana.get_by_text("approved by somebody who wrote none of its edits").first).to_be_visible()

    address = begin(eli, "sagemaker-look", "ListModels")
    expect(eli.get_by_role("heading", level=1)).to_have_text("Is “Edit managed policy sagemaker-look” safe?")
    expect(eli.locator("#decisions")).to_contain_text("takes access away from", timeout=30_000)
    expect(eli.get_by_role("table", name=re.compile("Edit managed policy"))).to_contain_text("sagemaker:ListModels")
    assert_fine(eli)
    eli.set_viewport_size({"width": 1440, "height": 860})
    eli.get_by_label("Comment").fill("Lists are enough.")
    eli.get_by_role("button", name="Propose").last.press("Enter")
    expect(eli.get_by_text("The change is proposed.")).to_be_visible()
    expect(eli.get_by_role("button", name="Approve")).to_have_count(0)

    dana.goto(f"{RESEARCH}changes/")
    expect(dana.get_by_text("one waits for you")).to_be_visible()
    dana.get_by_role("link", name="Edit managed policy sagemaker-look").first.click()
    expect(dana.get_by_text("Lists are enough.")).to_be_visible()

    # Eli writes on while dana reads: what she decides would be about something that she has not seen.
    eli.get_by_role("link", name=re.compile("Edit the text")).click()
    eli.get_by_role("tab", name="Plain text").click()
    eli.get_by_label("Policy text", exact=True).fill(NEW_TEXT % "ListEndpoints")
    expect(eli.locator("#state")).to_contain_text("Saved")
    dana.get_by_label("Comment").fill("Looks right to me.")
    dana.get_by_role("button", name="Approve").click()
    expect(dana.get_by_role("alert")).to_contain_text("It was not done.")
    expect(dana.get_by_label("Comment")).to_have_value("Looks right to me.")

    eli.goto(address)
    eli.get_by_role("button", name="Propose").first.click()
    dana.goto(address)
    expect(dana.locator("#main")).to_contain_text("sagemaker:ListEndpoints")
    dana.get_by_role("button", name="Approve").click()
    dana.get_by_role("button", name="Publish").first.click()
    expect(dana.get_by_role("heading", level=1)).to_have_text("What did “Edit managed policy sagemaker-look” change?")
    expect(dana.get_by_text(re.compile(r"Published as v\d"))).to_be_visible()

    eli.goto(address)
    eli.get_by_role("button", name="Roll back").click()
    expect(eli.get_by_text(re.compile("This draft takes change .* back"))).to_be_visible()
    expect(eli.locator("#main")).to_contain_text("sagemaker:ListEndpoints")


def test_what_moved_is_merged(browser_of: Callable[[str], Page]) -> None:
    """Two drafts of one policy: the second one is told what the first one changed, and takes it over."""
    dana, eli = browser_of("dana"), browser_of("eli")
    dana.goto(f"{RESEARCH}members/")
    if dana.get_by_role("button", name="Let writers approve").count():
        dana.get_by_role("button", name="Let writers approve").click()
    waiting = begin(eli, "vision-tuning", "ListTags")
    begin(dana, "vision-tuning", "ListApps")
    dana.get_by_role("button", name="Propose").first.click()
    dana.get_by_role("button", name="Approve").click()
    dana.get_by_role("button", name="Publish").first.click()
    eli.goto(waiting)
    expect(eli.get_by_text("the text was changed since the edit was begun").first).to_be_visible()
    eli.get_by_role("link", name=re.compile("^Merge")).click()
    expect(eli.get_by_role("heading", level=1)).to_contain_text("What became of what")
    assert_fine(eli)
    eli.get_by_role("button", name="The edit as it is").click()
    expect(eli.get_by_text("Nothing is in its way")).to_be_visible()


def test_forms_that_begin_an_edit_are_fine(browser_of: Callable[[str], Page]) -> None:
    dana = browser_of("dana")
    mira = "arn:aws:iam::111122223333:user/people/mira-halvorsen"
    for query in ("kind=identity&what=role", f"kind=tags&target={mira}", f"kind=attach&target={mira}"):
        dana.goto(f"{RESEARCH}edits/new?{query}")
        assert_fine(dana)
    dana.set_viewport_size({"width": 1440, "height": 860})
    dana.goto(f"{RESEARCH}edits/new?kind=managed-policy")
    dana.get_by_label("Name").fill("two words")
    dana.get_by_role("button", name="Write it").click()
    expect(dana.get_by_role("alert")).to_contain_text("cannot be the name of a policy")
    expect(dana.get_by_label("Name")).to_have_value("two words")
