"""The pages as people use them: by mouse and by keyboard alone, in the dark; and what axe finds in them."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import MIRA, RESEARCH, SIMULATOR, assert_fine

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
    "API clients": f"{RESEARCH}clients/",
    "your tokens": "/you/tokens/",
    "your account": "/you/",
    "members of an organization": "/organizations/o-q7k2m9x4ra/members/",
    "record": f"{RESEARCH}record/",
    "record with a filter that cannot be read": f"{RESEARCH}record/?since=yesterday",
    "record where nothing is found": f"{RESEARCH}record/?actor=nobody-at-all",
    "entry": f"{RESEARCH}record/2/",
    "webhooks": f"{RESEARCH}webhooks/",
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
