"""The simulator's page as people use it: by mouse, by keyboard alone, on a phone."""

import re
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import expect

from tests.e2e.pages import SIMULATOR, cell, settled

# --- The grid --------------------------------------------------------------------------------------------------------


def test_a_type_opens_in_place_and_the_address_says_so(open_page) -> None:
    page = open_page(SIMULATOR)
    page.get_by_role("button", name="training-job", exact=True).click()
    expect(page.get_by_role("columnheader", name="CreateTrainingJob")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?open=training-job$"))
    page.go_back()
    expect(page.get_by_role("columnheader", name="CreateTrainingJob")).to_have_count(0)


def test_a_click_on_a_cell_opens_its_why_beside_the_grid(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=training-job&type=training-job")
    cell(page, "user/aiko-tanaka", 4).click()
    panel = page.get_by_role("complementary", name="Why")
    expect(panel.get_by_role("heading", name="CreateTrainingJob on training-job")).to_be_visible()
    expect(panel.get_by_text("Identity", exact=True)).to_be_visible()
    expect(panel.locator("mark").first).to_be_visible()
    expect(page).to_have_url(re.compile("why_action=sagemaker%3ACreateTrainingJob"))
    grid, beside = page.locator("#gridbox").bounding_box(), panel.bounding_box()
    assert grid is not None
    assert beside is not None
    assert grid["x"] + grid["width"] <= beside["x"]
    page.reload()
    expect(panel.get_by_role("heading", name="CreateTrainingJob on training-job")).to_be_visible()


def test_the_link_of_a_why_is_copied_whole(open_page) -> None:
    page = open_page(f"{SIMULATOR}?why=arn:aws:iam::111122223333:root&why_type=model&why_action=sagemaker:CreateModel")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert unquote(page.evaluate("navigator.clipboard.readText()")) == unquote(page.url)


def test_the_grid_is_walked_by_keyboard_alone(open_page) -> None:
    page = open_page(f"{SIMULATOR}?type=training-job&type=model&kind=user")
    status = page.locator("#status")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.grid') !== null"):
            break
    expect(status).to_contain_text("user/aiko-tanaka · training-job")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("user/erin-walsh · model")
    page.keyboard.press("Control+End")
    expect(status).to_contain_text("user/tomas-berg · model")
    page.keyboard.press("Control+Home")
    expect(status).to_contain_text("user/aiko-tanaka · arn:aws:iam::111122223333:user/people/aiko-tanaka")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.get_by_role("columnheader", name="CreateTrainingJob")).to_be_visible()
    settled(page)
    expect(status).to_contain_text("user/aiko-tanaka · ListTags on training-job")
    page.keyboard.press("ArrowUp")
    expect(status).to_contain_text("ListTags on training-job · X or Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ListTags on training-job")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="ListTags on training-job")).to_have_count(0)
    settled(page)
    assert page.evaluate("document.activeElement.closest('.grid') !== null")


def test_the_cursor_stays_beside_the_names_when_it_moves_far(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=training-job")
    cell(page, "user/aiko-tanaka", 0).focus()
    for key in ("End", "ArrowLeft", "PageDown", "PageDown"):
        page.keyboard.press(key)
    focused = page.locator(".grid :focus")
    expect(focused).to_be_in_viewport()
    name = page.locator(".grid tbody tr.on th").bounding_box()
    box = focused.bounding_box()
    assert name is not None
    assert box is not None
    assert name["x"] >= 0
    assert box["x"] >= name["x"] + name["width"] - 1


def test_the_keys_are_listed(open_page) -> None:
    page = open_page(SIMULATOR)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys in the grid")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys in the grid")).to_be_hidden()


# --- Filters, context, what-ifs --------------------------------------------------------------------------------------


def test_identities_are_filtered_in_a_chip(open_page) -> None:
    page = open_page(SIMULATOR)
    page.locator("#chip-identities > summary").click()
    page.get_by_label("groups", exact=True).uncheck()
    page.get_by_label("Name", exact=True).first.fill("aiko*")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr[data-identity]")).to_have_count(1)
    expect(page.locator("#chip-identities > summary")).to_have_text("Identities users, roles, root user · aiko*")
    expect(page).to_have_url(re.compile("kind=user&kind=role&kind=root&name=aiko"))
    page.get_by_role("button", name="Clear all", exact=True).click()
    expect(page).to_have_url(re.compile(r"/simulator/$"))


def test_escape_and_a_click_elsewhere_close_a_chip(open_page) -> None:
    page = open_page(SIMULATOR)
    chip = page.locator("#chip-tag")
    chip.locator("summary").click()
    expect(page.get_by_label("Tag key")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Tag key")).to_be_hidden()
    expect(chip.locator("summary")).to_be_focused()
    chip.locator("summary").click()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_label("Tag key")).to_be_hidden()


def test_a_context_key_gets_the_form_of_its_type_and_changes_the_grid(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=model&type=model&action=Describe*&name=erin")
    verdict = cell(page, "user/erin-walsh", 0)
    before = verdict.get_attribute("aria-label")
    page.locator("#chip-context > summary").click()
    page.get_by_label("Or one condition key").fill("aws:multifactorauthpresent")
    page.keyboard.press("Enter")
    page.get_by_label("true", exact=True).check()
    page.locator("#chip-ctx-0").get_by_role("button", name="Apply").click()
    expect(page.locator("#chip-ctx-0 > summary")).to_have_text("Signed in with MFA true")
    expect(page).to_have_url(re.compile("context=aws%3AMultiFactorAuthPresent%3Dtrue"))
    expect(verdict).not_to_have_attribute("aria-label", before or "")


def test_a_list_key_takes_a_value_a_line(open_page) -> None:
    page = open_page(SIMULATOR)
    page.locator("#chip-context > summary").click()
    page.get_by_label("Or one condition key").fill("sagemaker:VpcSubnets")
    page.get_by_role("button", name="Add the key").click()
    page.get_by_label("One value a line").fill("subnet-a\nsubnet-b")
    page.locator("details[open]").get_by_role("button", name="Apply").click()
    expect(page.get_by_text("subnet-a or subnet-b")).to_be_visible()


def test_a_policy_is_tried_on_and_taken_away_again(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=endpoint&type=endpoint&action=CreateEndpoint&name=aiko")
    verdict = cell(page, "user/aiko-tanaka", 0)
    expect(verdict).to_have_attribute("aria-label", "implicit deny")
    page.locator("#chip-what-if > summary").click()
    page.get_by_label("What if they had a policy that says this?").fill(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Alow", "Action": "sagemaker:*", "Resource": "*"}}'
    )
    page.get_by_role("button", name="Try this policy").click()
    expect(page.get_by_text("`Effect` must be `Allow` or `Deny`")).to_be_visible()
    field = page.get_by_label("What if they had a policy that says this?")
    field.fill(field.input_value().replace("Alow", "Allow"))
    page.get_by_role("button", name="Try this policy").click()
    expect(verdict).not_to_have_attribute("aria-label", "implicit deny")
    page.get_by_role("button", name="Take policy 1 away").click()
    expect(verdict).to_have_attribute("aria-label", "implicit deny")


def test_the_export_is_a_file_of_what_is_shown(open_page) -> None:
    page = open_page(f"{SIMULATOR}?kind=user&type=model&action=CreateModel")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "arn,kind,name,sagemaker:CreateModel on model"
    assert len(lines) == 1 + page.locator("tbody tr[data-identity]").count()


def test_on_a_phone_a_cell_leads_to_the_page_of_its_why(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=model&type=model&kind=user", "narrow")
    cell(page, "user/aiko-tanaka", 0).click()
    expect(page).to_have_url(re.compile("/simulator/why/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("user/aiko-tanaka")
    page.get_by_role("link", name="Show in the simulator").click()
    expect(page.get_by_role("heading", name="Who can do what in research?")).to_be_visible()
