"""The pages as people use them: by mouse, by keyboard alone, on a phone, in the dark; and what axe finds in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Studio

RESEARCH = "/accounts/111122223333/"
SIMULATOR = f"{RESEARCH}simulator/"
MIRA = "arn:aws:iam::111122223333:user/people/mira-halvorsen"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:444455556666:endpoint/forecast-demand"
WHO_CAN = "/accounts/444455556666/who-can/"
EXECUTION = "arn:aws:iam::111122223333:role/sagemaker/training-exec"
EVENT = {
    "eventSource": "sagemaker.amazonaws.com",
    "eventName": "DescribeTrainingJob",
    "awsRegion": "eu-west-1",
    "eventTime": "2026-11-03T09:12:44Z",
    "requestParameters": {"trainingJobName": "demand-1"},
    "userIdentity": {"type": "IAMUser", "arn": MIRA},
}
PAGES = {
    "accounts": "/accounts/",
    "account": RESEARCH,
    "users": f"{RESEARCH}users/",
    "groups": f"{RESEARCH}groups/",
    "roles": f"{RESEARCH}roles/",
    "policies": f"{RESEARCH}policies/",
    "resources": f"{RESEARCH}resources/",
    "organization": f"{RESEARCH}organization/",
    "members": f"{RESEARCH}members/",
    "root user": f"{RESEARCH}root/",
    "simulator": SIMULATOR,
    "simulator with a type open": f"{SIMULATOR}?open=training-job",
    "simulator where nobody fits": f"{SIMULATOR}?name=zed",
    "simulator with problems": f"{SIMULATOR}?region=%3F&edit=aws:SourceIp",
    "why": f"{SIMULATOR}why/?why=arn:aws:iam::111122223333:root&why_type=model&why_action=sagemaker:CreateModel",
    "summary of a type": f"{SIMULATOR}?why=arn:aws:iam::111122223333:root&why_type=model",
    "compare": f"{RESEARCH}compare/",
    "compare without policies": f"{RESEARCH}compare/?exclude=boundary&exclude=arn:aws:iam::aws:policy/ReadOnlyAccess",
    "compare one identity": f"{RESEARCH}compare/?identity=arn:aws:iam::111122223333:root&exclude=boundary",
    "changes": f"{RESEARCH}changes/",
    "import of a file": f"{RESEARCH}changes/import/",
    "expectations": f"{RESEARCH}expectations/",
    "least policy": f"{RESEARCH}least-policy/",
    "scenarios": f"{RESEARCH}scenarios/",
    "scenario": f"{RESEARCH}scenarios/?operation=CreateTrainingJob&identity={MIRA}&role={EXECUTION}",
    "scenario without a role": f"{RESEARCH}scenarios/?operation=CreateTrainingJob&identity={MIRA}",
    "scenario that cannot be asked": f"{RESEARCH}scenarios/?operation=CreateTrainingJbo&identity=mira",
    "who can": f"{WHO_CAN}?action=sagemaker:CreateEndpoint&resource={ENDPOINT}",
    "who cannot": f"{WHO_CAN}?action=sagemaker:DeleteEndpoint&resource={ENDPOINT}&verdict=EI",
    "who can without a question": WHO_CAN,
    "who can do what on a resource": f"{WHO_CAN}?resource={ENDPOINT}",
    "who can that cannot be asked": f"{WHO_CAN}?action=sagemaker:DeleteEndpiont&resource=x",
    "choosing an account": "/simulator/",
    "imports": "/imports/",
    "search": "/search/?q=train",
    "templates": f"{RESEARCH}templates/",
    "a template": f"{RESEARCH}templates/data-scientist/",
    "a template with parameters": f"{RESEARCH}templates/execution-training/?buckets=churn-data&regions=eu-west-1",
    "a template with wrong parameters": f"{RESEARCH}templates/execution-training/?buckets=s3://churn-data",
    "nothing there": "/accounts/000000000000/",
}
SIZES = {"wide": (1440, 860), "narrow": (360, 740)}


@pytest.fixture(scope="module")
def session(browser: Browser, studio: Studio) -> Iterator[str]:
    """Dana's cookies, so that not every test signs in: sign-ins are slow on purpose."""
    context = browser.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(studio.passwords["dana"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("accounts")
    yield json.dumps(context.storage_state())
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def open_page(browser: Browser, studio: Studio, session: str, complaints: list[str]) -> Iterator[object]:
    """Opens a page as dana; at the end of the test no page may have complained."""
    contexts = []

    def make(path: str, size: str = "wide", scheme: str = "light") -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=studio.url,
            storage_state=json.loads(session),
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
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
    # A browser counts every answer from 400 on as an error; those that a test asks for are none.
    assert [one for one in complaints if not re.search(r"status of (404|422) ", one)] == []


def cell(page: Page, row: str, column: int) -> Locator:
    return page.locator(f'tr[data-name="{row}"] td').nth(column)


def settled(page: Page) -> None:
    expect(page.locator("#main")).not_to_have_attribute("aria-busy", "true")


# --- Every page ------------------------------------------------------------------------------------------------------


def assert_fine(page: Page) -> None:
    """Axe finds nothing, and nothing hangs over, on both sizes and in both schemes."""
    for size, scheme in (("wide", "light"), ("wide", "dark"), ("narrow", "dark"), ("narrow", "light")):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == [], (size, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), size


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_hangs_over(open_page, name: str) -> None:
    assert_fine(open_page(PAGES[name]))


def test_from_use_to_a_draft(open_page) -> None:
    page = open_page(f"{RESEARCH}least-policy/")
    page.get_by_label("Or events, pasted").fill(json.dumps({"Records": [EVENT]}))
    page.get_by_role("button", name="Propose the least policy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What does mira-halvorsen really use?")
    expect(page.get_by_role("heading", name="Granted beyond that")).to_be_visible()
    assert_fine(page)
    page.get_by_role("button", name="Make it a draft").click()
    expect(page).to_have_url(re.compile(r"/changes/\d+/edits/\d+/$"))


def test_from_a_template_to_a_draft(open_page) -> None:
    page = open_page(f"{RESEARCH}templates/run-training-jobs/")
    made = page.get_by_role("region", name="What the template makes")
    expect(made).to_contain_text("roles: is needed")
    role = page.get_by_label(re.compile("role/sagemaker/training-exec"))
    page.locator("details.offered", has=role).locator("summary").click()
    role.check()
    page.get_by_label("Name prefix").fill("Churn")
    expect(made).to_contain_text("is no prefix: lower-case letters")
    page.get_by_label("Name prefix").fill("churn-")
    expect(made).to_contain_text("The document")
    expect(made).to_contain_text("cannot train outside of a VPC")
    assert_fine(page)
    page.get_by_label("Name of the policies").fill(f"churn-training-{uuid4().hex[:6]}")
    page.get_by_role("button", name="Make a draft").click()
    expect(page).to_have_url(re.compile(r"/changes/\d+/$"))


def test_a_policy_tells_of_the_template_that_it_was_made_from(open_page) -> None:
    page = open_page(f"{RESEARCH}templates/")
    row = page.get_by_role("row", name=re.compile("training-watchers"))
    expect(row).to_contain_text("edited since it was made")
    row.get_by_role("link", name=re.compile("^Change parameters")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is training-watchers to be made of?")
    expect(page.get_by_label("Regions")).to_have_value("eu-west-1")
    page.goto(page.url.partition("/accounts/")[0] + f"{RESEARCH}policies/?q=training-watchers")
    page.get_by_role("link", name="training-watchers", exact=True).click()
    expect(page.get_by_role("region", name="Made from a template")).to_contain_text("Watch jobs and endpoints")
    page.get_by_text("What differs: 1 line of the policy, 1 line of the template").click()
    assert_fine(page)


TEMPLATE = """
Parameters:
  Bucket: {Type: String}
Resources:
  Readers:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "sagemaker:List*", Resource: "*"}}
  Data:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "s3:*", Resource: !Ref Bucket}}
"""


def test_a_file_comes_in_as_a_draft_that_leaves_in_another_format(open_page) -> None:
    page = open_page(f"{RESEARCH}changes/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("Or its text, pasted").fill("Resources: [")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("Not read: line 2, column 1")
    assert_fine(page)
    page.get_by_label("Or its text, pasted").fill(TEMPLATE)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    expect(page.locator("table")).to_contain_text("Not known: Bucket")
    assert_fine(page)
    page.get_by_label("Values").fill("Bucket=arn:aws:s3:::data/*")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Make a draft").click()
    expect(page).to_have_url(re.compile(r"/changes/\d+/$"))
    page.get_by_role("link", name="AWS CLI commands").click()
    expect(page.locator("#taken-out")).to_contain_text("aws iam create-policy --policy-name Data")
    expect(page.locator("#taken-out")).not_to_contain_text("Readers")
    assert_fine(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#taken-out").text_content()
    page.get_by_role("link", name="Terraform").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".tf.json")


def test_an_expectation_is_written_and_what_is_wrong_is_told(open_page) -> None:
    page = open_page(f"{RESEARCH}expectations/")
    page.get_by_label("Identity", exact=True).fill(MIRA)
    page.get_by_label("Action", exact=True).fill("sagemaker:Fly")
    page.get_by_label("On", exact=True).fill("*")
    page.get_by_role("button", name="Expect this").click()
    expect(page.get_by_role("alert")).to_contain_text("no action that is known here matches")
    assert_fine(page)
    page.get_by_label("Action", exact=True).fill("sagemaker:DeleteDomain")
    page.get_by_role("button", name="Expect this").click()
    expect(page.locator(".expectations")).to_contain_text("must never be able to do sagemaker:DeleteDomain on *")
    page.get_by_role("button", name="Give up").last.click()
    expect(page.locator(".expectations")).not_to_contain_text("DeleteDomain")


def test_what_has_no_effect_is_reached_by_links(open_page) -> None:
    page = open_page(f"{RESEARCH}users/?q=luca-moretti")
    page.locator("#main").get_by_role("link", name="luca-moretti").first.click()
    page.get_by_role("link", name="What of them has no effect").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What has no effect for user/luca-moretti?")
    assert_fine(page)
    page.goto(f"{RESEARCH}policies/")
    page.locator("#main").get_by_role("link", name="labelling-manager").click()
    expect(page.get_by_role("heading", name="What has no effect")).to_be_visible()
    assert_fine(page)
    page.get_by_role("link", name="Minified").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How short can labelling-manager be?")
    assert_fine(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "labelling-manager.min.json"


def test_what_an_identity_can_do_is_read_by_keyboard(open_page) -> None:
    page = open_page(f"{RESEARCH}roles/?q=studio-forecast-exec")
    page.locator("#main").get_by_role("link", name="studio-forecast-exec").first.click()
    expect(page.locator(".answer")).to_contain_text("cannot create endpoints")
    expect(page.locator(".answer code")).to_have_text("ml-boundary")
    short = page.get_by_role("region", name="In short")
    expect(short).to_contain_text("not allowed by permissions boundary ml-boundary")
    names = short.get_by_text("actions by name").first
    expect(short.get_by_text("ListAlgorithms")).to_be_hidden()
    names.focus()
    page.keyboard.press("Enter")
    expect(short.get_by_text("ListAlgorithms")).to_be_visible()
    assert_fine(page)
    short.get_by_role("link", name="Simulator: DeleteModel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who can do what in research?")
    expect(page.locator("tbody tr[data-identity]")).to_have_count(1)


def test_every_page_has_a_title_that_is_a_question_and_an_answer_below(open_page) -> None:
    page = open_page("/accounts/")
    for name, path in PAGES.items():
        if name not in ("nothing there", "why"):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\?$"))
            expect(page.locator(".answer").first).to_have_text(re.compile(r"\."))


def test_a_scenario_is_asked_by_keyboard(open_page) -> None:
    page = open_page(f"{RESEARCH}scenarios/?operation=CreateTrainingJob")
    page.get_by_label("Who calls").focus()
    page.keyboard.type("mira-halvorsen")
    page.get_by_label("Role that it passes").fill("training-exec")
    page.get_by_label("A VPC is given").select_option("yes")
    page.get_by_label("Tags that it passes").fill("team=forecast")
    page.get_by_role("button", name="Ask").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Can user/mira-halvorsen run CreateTrainingJob with role training-exec?"
    )
    expect(page.locator(".answer")).to_contain_text("in some cases")
    assert "with=vpc" in page.url
    page.locator("summary", has_text="Show").first.press("Enter")
    expect(page.locator(".requests[open]").first).to_contain_text("Not allowed")


def test_who_can_is_asked_by_keyboard(open_page) -> None:
    page = open_page("/accounts/444455556666/resources/?q=endpoint/forecast-demand")
    page.get_by_role("link", name="Who can").nth(1).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Who can do what on endpoint/forecast-demand in eu-west-1?"
    )
    page.get_by_role("combobox", name="Action").fill("DeleteEndpoint")
    page.get_by_role("button", name="Ask").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Who can DeleteEndpoint on endpoint/forecast-demand in eu-west-1?"
    )
    expect(page.locator(".answer")).to_contain_text("role/break-glass and user/dana-okafor")
    dana = page.get_by_role("row", name="user/dana-okafor")
    expect(dana).to_contain_text("assumes break-glass with MFA of the last 900 seconds")
    dana.locator("summary").press("Enter")
    expect(dana).to_contain_text("aws:MultiFactorAuthAge = 899")
    assert_fine(page)
    page.get_by_role("link", name="explicit deny 3").press("Enter")
    expect(page.get_by_role("row", name="the root user")).to_contain_text("protect-live-models")
    page.get_by_role("row", name="the root user").get_by_role("link", name="Why").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("root user not call DeleteEndpoint on endpoint")
    )
    page.get_by_role("link", name="Who can", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who can DeleteEndpoint on endpoint/* in eu-west-1?")


# --- The way of an administrator -------------------------------------------------------------------------------------


def an_export(folder: Path) -> Path:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sagemaker:*Model", "Resource": "*"}],
    }
    user = {
        "Path": "/",
        "UserName": "cleo",
        "UserId": "AIDAEXAMPLECLEO",
        "Arn": "arn:aws:iam::222233334444:user/cleo",
        "UserPolicyList": [{"PolicyName": "models", "PolicyDocument": document}],
    }
    file = folder / "lab.json"
    file.write_text(json.dumps({"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}))
    return file


def test_an_account_is_imported_and_its_people_can_be_asked_about(open_page, tmp_path: Path) -> None:
    page = open_page("/imports/")
    page.get_by_label("Export file").set_input_files(an_export(tmp_path))
    page.get_by_label("Account name").fill("lab")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status").filter(has_text="lab is as the file says")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Simulate lab").click()
    expect(page.get_by_role("heading", name="Who can do what in lab?")).to_be_visible()
    page.get_by_role("button", name="model", exact=True).click()
    expect(page.locator('tr[data-name="user/cleo"]').get_by_role("gridcell", name="allowed", exact=True)).to_have_count(
        3
    )


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


# --- Around it -------------------------------------------------------------------------------------------------------


def test_a_slash_leads_to_the_search(open_page) -> None:
    page = open_page("/accounts/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=re.compile("^Search identities"))).to_be_focused()
    page.keyboard.type("aiko")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="user/aiko-tanaka").click()
    expect(page.get_by_role("heading", name="What can user/aiko-tanaka do in SageMaker?")).to_be_visible()


def test_lists_are_searched_as_one_types(open_page) -> None:
    page = open_page(f"{RESEARCH}users/")
    page.get_by_label("Search users").press_sequentially("aiko")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=aiko$"))


def test_colours_follow_the_system_or_the_choice(open_page) -> None:
    page = open_page("/accounts/", scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(22, 24, 27)"
    page.get_by_text("dana", exact=True).first.click()
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(ground) == "rgb(251, 251, 250)"
    page.reload()
    assert page.evaluate(ground) == "rgb(251, 251, 250)"


def test_times_are_local_with_utc_in_the_tooltip(open_page) -> None:
    page = open_page("/accounts/")
    expect(page.locator("time").first).to_have_attribute("title", re.compile(r" · \d{4}-\d\d-\d\d \d\d:\d\d UTC$"))


def test_the_squares_of_an_identity_are_walked_by_keyboard(open_page) -> None:
    page = open_page(f"{RESEARCH}root/")
    page.locator('a.v[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    status = page.locator("#status")
    expect(status).to_contain_text("notebook-instance-lifecycle-config")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Why")).to_contain_text("notebook-instance-lifecycle-config")


def test_on_a_phone_a_cell_leads_to_the_page_of_its_why(open_page) -> None:
    page = open_page(f"{SIMULATOR}?open=model&type=model&kind=user", "narrow")
    cell(page, "user/aiko-tanaka", 0).click()
    expect(page).to_have_url(re.compile("/simulator/why/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("user/aiko-tanaka")
    page.get_by_role("link", name="Show in the simulator").click()
    expect(page.get_by_role("heading", name="Who can do what in research?")).to_be_visible()
