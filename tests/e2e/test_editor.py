"""The editor as people use it: by keyboard alone, over a lost connection, two at a time, on a phone, in the dark."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.conftest import Studio

RESEARCH = "/accounts/111122223333/"
POLICY = "arn:aws:iam::111122223333:policy/"
TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sagemaker:DescribeModell",
      "Resource": "*"
    }
  ]
}
"""
_numbers = itertools.count(1)
Open = Callable[..., Page]


def signed_in(browser: Browser, studio: Studio, name: str) -> str:
    context = browser.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(studio.passwords[name])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("accounts")
    state = json.dumps(context.storage_state())
    context.close()
    return state


@pytest.fixture(scope="module")
def dana(browser: Browser, studio: Studio) -> str:
    return signed_in(browser, studio, "dana")


@pytest.fixture(scope="module")
def vic(browser: Browser, studio: Studio, dana: str) -> str:
    """Vic, whom dana has made an author."""
    context = browser.new_context(base_url=studio.url, storage_state=json.loads(dana))
    page = context.new_page()
    page.goto(f"{RESEARCH}members/")
    posted(page, f"{RESEARCH}members/", {"user": "vic", "role": "author"})
    context.close()
    return signed_in(browser, studio, "vic")


def posted(page: Page, path: str, form: dict[str, str]) -> str:
    """Posts a form as the page's user does; answers with the address that it leads to."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    answer = page.request.post(path, form={"csrfmiddlewaretoken": token, **form}, headers={"Referer": page.url})
    assert answer.ok, answer.text()
    return answer.url


@pytest.fixture
def opened(browser: Browser, studio: Studio) -> Iterator[Open]:
    """Opens a page as somebody; at the end no script may have failed, and nothing been blocked."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def make(state: str, path: str = RESEARCH, **options: Any) -> Page:
        size = options.pop("viewport", {"width": 1440, "height": 900})
        context = browser.new_context(
            base_url=studio.url, storage_state=json.loads(state), viewport=size, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    # Lost connections and conflicts are what the tests are about; a browser counts them as errors.
    assert [one for one in complaints if not re.search(r"status of (409|422) |net::ERR_", one)] == []


def draft(page: Page, text: str = TEXT, **fields: str) -> str:
    """Begins a draft and opens its editor; answers with its address."""
    form = {"kind": "managed-policy", "target": f"{POLICY}e2e-{next(_numbers)}", "text": text, "title": "Try", **fields}
    address = posted(page, f"{RESEARCH}edits/new", form)
    if "\r" in text:  # in a form line ends mean nothing, in what the editor saves they do
        csrf = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
        headers = {"X-CSRFToken": csrf, "Referer": page.url}
        assert page.request.post(f"{address}save", data={"text": text, "version": 1}, headers=headers).ok
    edit(page, address)
    return address


def edit(page: Page, address: str) -> None:
    """Opens an editor and waits until it can complete."""
    page.goto(address)
    expect(page.locator("#findings-said")).not_to_have_text("Not looked at yet.")
    page.wait_for_function("() => ace.edit('ace').completers?.some(({ id }) => id === 'policy')")


def text_of(page: Page) -> str:
    return str(page.evaluate("ace.edit('ace').getValue()"))


def write_anew(page: Page) -> None:
    """Puts the cursor into the text by keyboard and removes all of it."""
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")


def popup(page: Page) -> Any:
    return page.locator(".ace_autocomplete:visible .ace_line").first


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_a_policy_is_written_by_keyboard_alone(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page)
    write_anew(page)
    keys = page.keyboard
    keys.press("Control+Space")
    expect(popup(page)).to_contain_text("Policy with one Allow statement")
    keys.press("Enter")
    expect(popup(page)).to_contain_text("sagemaker:")
    keys.type("sage", delay=40)
    keys.press("Enter")
    expect(popup(page)).to_contain_text("sagemaker:")
    keys.type("DescribeTrainingJo", delay=40)
    expect(popup(page)).to_contain_text("sagemaker:DescribeTrainingJob")
    keys.press("Enter")
    statement = json.loads(text_of(page))["Statement"][0]
    assert statement == {"Effect": "Allow", "Action": ["sagemaker:DescribeTrainingJob"], "Resource": "*"}
    expect(page.locator("#findings-said")).to_have_text("None.")
    keys.press("Control+s")
    expect(page.locator("#state")).to_contain_text("Saved")
    expect(page.locator("#grants")).to_contain_text("Grants 1 of SageMaker's 460 actions")


def test_tab_leaves_after_escape_and_never_traps(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page)
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ace_text-input"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#ace')") is None
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "tab-json"


def test_findings_are_marked_listed_and_gone_to(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page)
    expect(page.locator("#findings-said")).to_contain_text("1 error")
    expect(page.locator("#ace .found-error")).to_have_count(1)
    expect(page.locator("#ace .ace_gutter-cell.ace_error")).to_have_text("6")
    expect(page.get_by_role("button", name="Line 6, column 17")).to_be_visible()
    with page.expect_popup() as explained:
        page.get_by_role("link", name="INVALID_ACTION").click()
    expect(explained.value.get_by_role("heading", level=1)).to_have_text("What does INVALID_ACTION mean?")
    assert_axe_finds_nothing(explained.value)
    explained.value.close()
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("F8")
    assert page.evaluate("ace.edit('ace').getSelectedText()") == '"sagemaker:DescribeModell"'
    page.keyboard.type('"sagemaker:DescribeModel', delay=20)
    expect(page.locator("#findings-said")).to_have_text("None.")
    expect(page.locator("#ace .found-error")).to_have_count(0)


def test_a_text_that_is_no_policy_keeps_the_last_answer_and_names_the_place(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page, TEXT.replace("Modell", "Model"))
    expect(page.locator("#grants")).to_contain_text("Grants 1 of")
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("x")
    expect(page.locator("#live-old")).to_contain_text("Of an earlier text. Now: line 11, column 1")
    expect(page.locator("#grants")).to_contain_text("Grants 1 of")
    expect(page.locator("#grants")).to_have_class(re.compile("old"))
    page.keyboard.press("Backspace")
    expect(page.locator("#live-old")).to_be_hidden()


def test_the_plain_field_and_json_are_one_text_with_one_undo(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page)
    page.keyboard.press("Alt+3")
    field = page.get_by_label("Policy text", exact=True)
    expect(field).to_be_focused()
    field.fill(TEXT.replace("Modell", "Model"))
    page.keyboard.press("Alt+1")
    expect(page.get_by_role("tab", name="JSON")).to_have_attribute("aria-selected", "true")
    assert text_of(page) == TEXT.replace("Modell", "Model")
    page.get_by_role("button", name="Undo").click()
    assert text_of(page) == TEXT


def test_the_whole_text_is_formatted_shortened_and_put_back(opened: Open, dana: str) -> None:
    page = opened(dana)
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":"*"}]}'
    )
    draft(page, text)
    page.get_by_role("button", name="Format").click()
    assert text_of(page) == json.dumps(json.loads(text), indent=2)
    page.get_by_role("button", name="Remove white space").click()
    assert text_of(page) == text
    page.get_by_role("button", name="Shorten").click()
    expect(page.locator("#proposal")).to_contain_text("It was proved that both allow and deny the same.")
    page.get_by_role("button", name="Take it over").click()
    assert "s3:GetObject" not in text_of(page)
    page.get_by_role("button", name="Undo").click()
    assert text_of(page) == text


def test_a_text_above_the_quota_is_split_in_policies(opened: Open, dana: str) -> None:
    page = opened(dana)
    arns = [f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint/team-{number:04}" for number in range(150)]
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": arns}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)
    address = draft(page, text)
    expect(page.locator("#size-said")).to_contain_text("too many")
    page.get_by_role("button", name="Split").click()
    expect(page.locator("#proposal")).to_contain_text("2 policies, each within the quota.")
    page.get_by_role("button", name="Split", exact=True).click()
    expect(page.locator("#proposal")).to_contain_text("the change now also makes")
    expect(page.locator("#size-said")).to_contain_text("left")
    page.get_by_role("button", name="Undo the split").click()
    expect(page.locator("#size-said")).to_contain_text("too many")
    edit(page, address)
    assert text_of(page) == text


# --- Nothing is lost -------------------------------------------------------------------------------------------------


def unreachable(route: Route) -> None:
    route.abort()


def test_what_was_written_is_there_after_a_reload(opened: Open, dana: str) -> None:
    page = opened(dana)
    address = draft(page)
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n")
    written = text_of(page)
    page.reload()
    edit(page, address)
    assert text_of(page) == written
    expect(page.locator("#state")).to_contain_text("Saved")


def test_a_lost_connection_loses_nothing(opened: Open, dana: str) -> None:
    page = opened(dana)
    address = draft(page)
    page.context.set_offline(True)
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n")
    expect(page.locator("#state")).to_have_text("Not saved: no connection, kept in this browser")
    page.context.set_offline(False)
    expect(page.locator("#state")).to_contain_text("Saved")
    other = opened(dana)
    edit(other, address)
    assert text_of(other) == text_of(page)


def test_what_never_reached_the_server_comes_back_with_a_notice(opened: Open, dana: str) -> None:
    page = opened(dana)
    address = draft(page)
    page.route("**/save", unreachable)
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n")
    written = text_of(page)
    expect(page.locator("#state")).to_contain_text("kept in this browser")
    edit(page, address)
    assert text_of(page) == written
    expect(page.locator("#restored")).to_contain_text("had not reached the server")
    page.unroute("**/save")
    page.get_by_role("button", name="Discard it").click()
    assert text_of(page) == TEXT
    expect(page.locator("#state")).to_contain_text("Saved")
    edit(page, address)
    assert text_of(page) == TEXT
    expect(page.locator("#restored")).to_be_hidden()


def test_who_was_signed_out_signs_in_elsewhere_and_goes_on(opened: Open, studio: Studio, dana: str) -> None:
    page = opened(dana)
    draft(page)
    page.context.clear_cookies(name="sessionid")
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n")
    expect(page.locator("#state")).to_contain_text("Not saved: you are signed out")
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.get_by_label("User name").fill("dana")
    other.get_by_label("Password").fill(studio.passwords["dana"])
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("accounts")
    page.keyboard.press("Control+s")
    expect(page.locator("#state")).to_contain_text(re.compile("^Saved"))


def test_a_text_whose_change_is_withdrawn_begins_another_draft(opened: Open, dana: str) -> None:
    page = opened(dana)
    address = draft(page)
    other = opened(dana, address.split("edits/")[0])
    other.get_by_role("button", name="Withdraw").first.click()
    expect(other.locator("#main")).to_contain_text("ithdrawn")
    page.evaluate("ace.edit('ace').focus()")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n")
    written = text_of(page)
    expect(page.locator("#restored")).to_contain_text("Your text is not lost")
    page.goto(address)
    expect(page.locator("#restored")).to_contain_text("did not reach the server before the change was closed")
    page.get_by_role("button", name="Begin a new draft with it").click()
    expect(page).not_to_have_url(re.compile(re.escape(address)))
    expect(page.locator("#findings-said")).not_to_have_text("Not looked at yet.")
    assert text_of(page) == written


def test_findings_are_gone_to_in_the_plain_field_whatever_ends_its_lines(opened: Open, dana: str) -> None:
    page = opened(dana)
    text = TEXT.replace("\n", "\r\n").replace('"Resource": "*"', '"Resource": "arn:aws:s3:::x", "Resourc": "*"')
    draft(page, text)
    assert text_of(page) == text
    page.keyboard.press("Alt+3")
    field = page.get_by_label("Policy text", exact=True)
    selected = []
    for _ in range(3):
        page.keyboard.press("F8")
        selected.append(field.evaluate("(field) => field.value.slice(field.selectionStart, field.selectionEnd)"))
    assert '"Resourc"' in selected
    assert len(set(selected)) > 1
    field.press("End")
    page.keyboard.type(" ")
    assert text_of(page).count("\r\n") == text.count("\r\n")
    assert "\n" not in text_of(page).replace("\r\n", "")


def test_mixed_line_ends_stay_until_the_text_is_changed(opened: Open, dana: str) -> None:
    page = opened(dana)
    text = '{\r\n "Version": "2012-10-17",\n "Statement": []\r\n}\n'
    address = draft(page, text)
    page.keyboard.press("Control+s")
    edit(page, address)
    kept = page.evaluate("() => JSON.parse(document.getElementById('edit-config').textContent).text")
    assert kept == text


def test_replacing_a_part_in_the_plain_field_keeps_the_cursor(opened: Open, dana: str) -> None:
    page = opened(dana)
    draft(page)
    page.keyboard.press("Alt+3")
    field = page.get_by_label("Policy text", exact=True)
    at = TEXT.index("Modell")
    field.evaluate("(field, at) => field.setSelectionRange(at, at + 6)", at)
    page.keyboard.type("Endpoint")
    assert field.evaluate("(field) => field.selectionStart") == at + len("Endpoint")
    assert text_of(page) == TEXT.replace("Modell", "Endpoint")


# --- Two people ------------------------------------------------------------------------------------------------------


def both_write(opened: Open, dana: str, vic: str, mine: str, theirs: str) -> tuple[Page, Page]:
    """Dana and vic open one draft; vic saves first."""
    page = opened(dana)
    address = draft(page)
    other = opened(vic)
    edit(other, address)
    other.evaluate("(text) => ace.edit('ace').setValue(text, 1)", theirs)
    other.keyboard.press("Control+s")
    expect(other.locator("#state")).to_contain_text("Saved")
    page.evaluate("(text) => ace.edit('ace').setValue(text, 1)", mine)
    expect(page.get_by_role("heading", name="vic saved another text")).to_be_focused()
    return page, other


def test_two_who_change_different_lines_are_merged(opened: Open, dana: str, vic: str) -> None:
    mine = TEXT.replace("Modell", "Model")
    theirs = TEXT.replace('"Statement"', '"Id": "of-vic",\n  "Statement"')
    page, _ = both_write(opened, dana, vic, mine, theirs)
    page.get_by_role("button", name="Merge both").click()
    expect(page.locator("#state")).to_contain_text("Saved")
    assert text_of(page) == theirs.replace("Modell", "Model")


def test_two_who_change_the_same_line_choose_and_lose_nothing(opened: Open, dana: str, vic: str) -> None:
    mine, theirs = TEXT.replace("Modell", "Model"), TEXT.replace("Modell", "Endpoint")
    page, other = both_write(opened, dana, vic, mine, theirs)
    expect(page.get_by_role("button", name="Merge both")).to_have_count(0)
    expect(page.locator("#conflict .ace_diff").first).to_be_attached()
    assert_axe_finds_nothing(page)
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator("#state")).to_contain_text("Saved")
    assert text_of(page) == mine
    other.evaluate("(text) => ace.edit('ace').setValue(text, 1)", theirs + "\n")
    expect(other.get_by_role("heading", name="dana saved another text")).to_be_visible()
    other.get_by_role("button", name="Take dana").click()
    assert text_of(other) == mine
    other.get_by_role("button", name="Undo").click()
    assert text_of(other) == theirs + "\n"


# --- Every reader ----------------------------------------------------------------------------------------------------


def assert_axe_finds_nothing(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_axe_finds_nothing_and_nothing_hangs_over(opened: Open, dana: str, width: int, scheme: str) -> None:
    page = opened(dana, viewport={"width": width, "height": 800}, color_scheme=scheme)
    draft(page)
    expect(page.locator("#grants")).to_contain_text("Grants nothing")
    for view in ("Plain text", "Form", "JSON"):
        page.get_by_role("tab", name=view).click()
        assert_axe_finds_nothing(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_page_works_without_scripts(browser: Browser, studio: Studio, opened: Open, dana: str) -> None:
    page = opened(dana)
    address = draft(page)
    context = browser.new_context(base_url=studio.url, storage_state=json.loads(dana), java_script_enabled=False)
    plain = context.new_page()
    plain.goto(address)
    plain.get_by_label("Policy text").fill(TEXT.replace("Modell", "Model"))
    plain.get_by_role("button", name="Save").click()
    expect(plain).to_have_url(re.compile(r"/changes/\d+/$"))
    context.close()
    edit(page, address)
    assert text_of(page) == TEXT.replace("Modell", "Model")
