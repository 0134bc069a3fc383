"""The form of the policy editor: what it shows of a text, what it offers, and how it is used by keyboard."""

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.form_page import (
    FIRST,
    LONE,
    POLICY,
    SECOND,
    TRUST,
    open_form,
    opened,
    set_text,
    statement,
    text_of,
    watched,
)

SIZES = ((1440, 900), (360, 740))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from watched(browser)


def test_a_lone_statement_becomes_a_list_when_another_comes(page: Page) -> None:
    open_form(page, TRUST, "trust")
    page.get_by_role("button", name="Duplicate statement 1").click()
    before, inner, after = TRUST.partition(LONE)
    assert inner
    inner = LONE.replace("\n    ", "\n        ")
    assert text_of(page) == f"{before}[\n        {inner},\n        {inner}\n    ]{after}"
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Remove statement 1").click()
    assert text_of(page) == '{\n    "Version": "2012-10-17",\n    "Statement": []\n}\n'


def test_what_it_does_not_understand_is_shown_and_kept(page: Page) -> None:
    odd = (
        '{"Version": 5, "Statement": [{"Effect": "allow", "Action": [1], "NotAction": "a:b", "Resource": {"x": 1},'
        ' "Condition": {"StringEquals": "x"}, "Principal": "*"}, "nothing"]}'
    )
    open_form(page, odd)
    found = opened(page, 1)
    shown = found.locator(".pf-odd")
    expect(shown.locator("h3")).to_have_text(["Effect", "Action", "NotAction", "Resource", "Condition", "Principal"])
    expect(shown.locator("pre").nth(3)).to_have_text('{"x": 1}')
    expect(page.locator(".policy-form > div .pf-odd").first).to_contain_text("5")
    found.get_by_label("Sid").fill("Odd")
    page.keyboard.press("Enter")
    assert text_of(page) == odd.replace('{"Effect"', '{"Sid": "Odd", "Effect"')
    expect(opened(page, 2).locator("pre")).to_have_text('"nothing"')


# --- The text is changed elsewhere -----------------------------------------------------------------------------------


def test_an_edit_of_the_json_shows_in_the_form_and_what_is_open_stays(page: Page) -> None:
    open_form(page, POLICY)
    opened(page, 3)
    set_text(
        page,
        POLICY.replace('"Statement": [', '"Statement": [\n    {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},'),
    )
    expect(page.locator(".pf-statement")).to_have_count(4)
    expect(statement(page, 1).locator(".pf-sentence")).to_have_text("Denies every action of Amazon S3 on any resource.")
    expect(page.locator('.pf-open[aria-expanded="true"] .pf-sid')).to_have_text("Models")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".pf-statement")).to_have_count(3)
    assert text_of(page) == POLICY


def test_an_edit_in_between_is_not_lost(page: Page) -> None:
    """The text changed a moment before something is done in the form, which has not looked at it again."""
    open_form(page, POLICY)
    after = POLICY.replace('"kept"', '"changed"').replace('"s3:*"', '"sqs:*"')
    up = "document.querySelector('.pf-statement:nth-child(2) .pf-acts button').click()"
    page.evaluate(f"(text) => {{ policy.text = text; {up}; }}", after)
    second = SECOND.replace("s3", "sqs")
    assert text_of(page) == after.replace(FIRST, "?").replace(second, FIRST).replace("?", second)


def test_a_text_that_does_not_parse_is_told_with_its_place(page: Page) -> None:
    broken = POLICY.replace('"Effect": "Deny",', '"Effect": "Deny"')
    open_form(page, broken)
    note = page.get_by_role("alert")
    expect(note).to_contain_text("Line 12, column 26: A comma or } is missing before this.")
    note.get_by_role("button", name="Go to the place in the JSON").click()
    assert page.evaluate("document.activeElement.selectionStart") == broken.index('"NotAction"')
    set_text(page, POLICY)
    expect(page.locator(".pf-statement")).to_have_count(3)


def test_a_policy_is_begun_where_there_is_no_text(page: Page) -> None:
    open_form(page, " \n")
    page.get_by_role("button", name="Start a policy").click()
    assert json.loads(text_of(page)) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": [], "Resource": []}],
    }


def test_what_may_only_be_read_cannot_be_changed(page: Page) -> None:
    open_form(page, POLICY, read_only=True)
    found = opened(page, 1)
    expect(found.get_by_label("Sid")).to_be_disabled()
    expect(found.get_by_role("button", name=re.compile("Remove|Duplicate|Add"))).to_have_count(0)
    found.get_by_role("button", name="sagemaker:Describe*: ").click()
    expect(found.get_by_role("list", name="Actions of sagemaker:Describe*")).to_be_visible()
    assert text_of(page) == POLICY


# --- What it says and offers -----------------------------------------------------------------------------------------

ENDPOINT = "arn:aws:sagemaker:*:111122223333:endpoint/*"
SENTENCES = {
    "Allows 2 actions of Amazon SageMaker on any endpoint in 111122223333 (research), if sagemaker:VpcSubnets is a.": {
        "Effect": "Allow",
        "Action": ["sagemaker:CreateEndpoint", "sagemaker:DeleteEndpoint"],
        "Resource": ENDPOINT,
        "Condition": {"StringEquals": {"sagemaker:VpcSubnets": "a"}},
    },
    "Denies no action on any resource.": {"Effect": "Deny", "NotAction": "*", "Resource": "*"},
    "Allows sts:NoSuch on any resource but x.": {"Effect": "Allow", "Action": "sts:NoSuch", "NotResource": "x"},
    "Allows s3:GetObject on any object named b/*, if aws:SourceIp is missing and k:k is less than 5 (or is missing).": {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"Null": {"aws:SourceIp": True}, "NumericLessThanIfExists": {"k:k": 5}},
    },
    "Denies every action on any resource, if some value of aws:TagKeys is not like a* and not b.": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ForAnyValue:StringNotLike": {"aws:TagKeys": ["a*", "b"]}},
    },
}


def test_a_sentence_says_what_a_statement_does(page: Page) -> None:
    open_form(page, json.dumps({"Statement": list(SENTENCES.values())}))
    assert page.locator(".pf-sentence").all_inner_texts() == list(SENTENCES)


def test_findings_are_counted_and_told_where_a_statement_is_open(page: Page) -> None:
    path = [{"value": "Statement"}, {"index": 1}, {"value": "NotAction"}]
    kinds = ["SUGGESTION", "ERROR", "SUGGESTION"]
    findings = [
        {"code": f"C{at}", "type": kind, "message": f"see `x{at}`", "path": path} for at, kind in enumerate(kinds)
    ]
    open_form(page, POLICY, findings=findings)
    expect(page.locator(".pf-findings")).to_have_text("1 error, 2 suggestions")
    found = opened(page, 2).get_by_role("list", name="Findings of statement 2")
    expect(found.locator("li")).to_have_text(["Suggestion see x0", "Error see x1", "Suggestion see x2"])


def test_entries_are_expanded_and_unknown_actions_flagged(page: Page) -> None:
    open_form(page, POLICY.replace('"sagemaker:CreateEndpoint"', '"sagemaker:CreateEndpiont"'))
    found = opened(page, 1)
    described = found.get_by_role("button", name=re.compile(r"^sagemaker:Describe\*: \d+ actions$"))
    number = int(re.findall(r"(\d+) actions", described.get_attribute("aria-label") or "")[0])
    described.click()
    actions = found.get_by_role("list", name="Actions of sagemaker:Describe*")
    actions.get_by_role("button", name="Show the other").click()
    expect(actions.locator("code")).to_have_count(number)
    expect(found.locator(".pf-entries .pf-wrong").first).to_have_text("not an action that AWS lists")


def options_of(page: Page, field: Locator, text: str = "") -> list[str]:
    field.fill(text)
    field.press("ArrowDown")
    listbox = page.locator(f"#{field.get_attribute('aria-controls')}")
    return [one.get_attribute("data-value") or "" for one in listbox.locator("[data-value]").all()]


def test_only_keys_that_exist_for_the_actions_are_offered(page: Page) -> None:
    """Those of the actions on the types of the resources, and global ones; operators by the key's type."""
    one = '{"Statement": {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"}}'
    open_form(page, one)
    found = opened(page, 1)
    found.get_by_role("button", name="Add a condition").click()
    key = found.get_by_role("combobox", name="Condition key")
    own = options_of(page, key, "sagemaker:")
    assert {"sagemaker:VpcSubnets", "sagemaker:NetworkIsolation"} <= set(own)
    assert "sagemaker:InstanceTypes" not in own
    assert options_of(page, key, "aws:SourceIp") == ["aws:SourceIp"]
    assert options_of(page, key, "volume") == []
    set_text(page, one.replace("CreateModel", "CreateTrainingJob"))
    expect(page.locator(".pf-sentence")).to_contain_text("CreateTrainingJob")
    assert options_of(page, key, "volume") == ["sagemaker:VolumeKmsKeyArn", "sagemaker:VolumeKmsKey"]
    assert options_of(page, key, "s3:") == []


COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
OPERATORS = {
    "aws:SourceIp": ["IpAddress", "NotIpAddress", "Null"],
    "aws:CurrentTime": [*(f"Date{one}" for one in COMPARED), "Null"],
    "aws:SecureTransport": ["Bool", "Null"],
    "aws:MultiFactorAuthAge": [*(f"Numeric{one}" for one in COMPARED), "Null"],
}


@pytest.mark.parametrize("name", OPERATORS)
def test_only_operators_that_fit_the_key_are_offered(page: Page, name: str) -> None:
    open_form(page, POLICY)
    found = start_condition(page, name)
    options = found.get_by_label(f"Operator for {name}").locator("option")
    assert [one.get_attribute("value") for one in options.all()] == OPERATORS[name]
    expect(found.get_by_label(f"Of how many values of {name}")).to_have_count(0)


def start_condition(page: Page, name: str) -> Locator:
    found = opened(page, 1)
    found.get_by_role("button", name="Add a condition").click()
    field = found.get_by_role("combobox", name="Condition key")
    field.fill(name)
    field.press("Enter")
    return found


TYPED = {
    "aws:MultiFactorAuthAge": ("300", "NumericLessThanEquals", "300"),
    "aws:CurrentTime": ("2026-12-31T23:59:59", "DateLessThan", "2026-12-31T23:59:59Z"),
    "aws:SourceIp": ("203.0.113.0/24", "IpAddress", "203.0.113.0/24"),
    "aws:PrincipalArn": ("arn:aws:iam::111122223333:role/a*", "ArnLike", "arn:aws:iam::111122223333:role/a*"),
    "aws:TagKeys": ("team", "ForAnyValue:StringEquals", "team"),
}


@pytest.mark.parametrize("name", TYPED)
def test_values_are_typed(page: Page, name: str) -> None:
    typed, operator, written = TYPED[name]
    action = '"sagemaker:CreateEndpoint", "sagemaker:Describe*"'
    open_form(page, POLICY.replace(action, '"sagemaker:CreateEndpoint"'))
    found = start_condition(page, name)
    found.locator(f"input[aria-label^='Value 1 of {name}']").fill(typed)
    found.get_by_role("button", name="Add this condition").click()
    condition = json.loads(text_of(page))["Statement"][0]["Condition"]
    assert condition[operator][name] == written
    assert condition["StringEquals"] == {"aws:RequestedRegion": "eu-west-1"}


def test_a_value_that_does_not_fit_is_flagged(page: Page) -> None:
    conditions = (
        '"IpAddress": {"aws:SourceIp": ["10.0.0.0/33", "2001:db8::/32"]}, "DateLessThan": {"aws:CurrentTime": "soon"}'
    )
    open_form(page, POLICY.replace('"StringEquals": {"aws:RequestedRegion": "eu-west-1"}', conditions))
    expect(opened(page, 1).locator(".pf-values .pf-wrong")).to_have_text(
        ["is no IP address or range such as 203.0.113.0/24", "is not a date such as 2026-12-31T00:00:00Z"]
    )


def test_a_boolean_stays_one(page: Page) -> None:
    condition = '"Bool": {"aws:SecureTransport": true}'
    policy = POLICY.replace('"StringEquals": {"aws:RequestedRegion": "eu-west-1"}', condition)
    open_form(page, policy)
    opened(page, 1).get_by_label("Value 1 of aws:SecureTransport").select_option("false")
    assert text_of(page) == policy.replace("true", "false")


def test_it_tells_where_only_a_star_fits_and_what_no_action_works_on(page: Page) -> None:
    open_form(page, POLICY.replace('"sagemaker:Describe*"', '"sagemaker:ListModels"').replace("endpoint/*", "model/*"))
    found = opened(page, 1)
    expect(found.locator(".pf-hint").first).to_contain_text(
        "sagemaker:ListModels works on no resource type: only * as Resource fits."
    )
    expect(found.locator(".pf-hint").nth(1)).to_contain_text(
        "of a type on which sagemaker:CreateEndpoint works: endpoint"
    )
    expect(found.locator(".pf-entries .pf-wrong")).to_have_text("none of the actions works on this type")


def test_principals_of_a_trust_policy(page: Page) -> None:
    open_form(page, TRUST, "trust")
    found = opened(page, 1)
    kind = found.get_by_label("Kind of principal")
    kind.select_option("an AWS account")
    account = found.get_by_role("combobox", name="Add an AWS account")
    assert options_of(page, account) == ["111122223333", "444455556666"]
    account.fill("999988887777")
    account.press("Enter")
    kind.select_option("a user or role")
    found.get_by_role("combobox", name="Add a user or role").fill("training")
    page.get_by_role("option", name="training-exec").click()
    principal = json.loads(text_of(page))["Statement"]["Principal"]
    assert principal == {
        "AWS": ["arn:aws:iam::999988887777:root", "arn:aws:iam::111122223333:role/sagemaker/training-exec"],
        "Service": "sagemaker.amazonaws.com",
    }
    expect(found.locator(".pf-hint")).to_contain_text("agree on an sts:ExternalId")
    found.get_by_role("button", name="Add a condition on sts:ExternalId").click()
    page.keyboard.type("x-1234")
    found.get_by_role("button", name="Add this condition").click()
    assert json.loads(text_of(page))["Statement"]["Condition"] == {"StringEquals": {"sts:ExternalId": "x-1234"}}
    expect(found.locator(".pf-hint")).to_have_count(0)


# --- By keyboard, for everybody, and large ---------------------------------------------------------------------------


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_statement_is_written_by_keyboard_alone(page: Page) -> None:
    open_form(page, '{\n  "Version": "2012-10-17",\n  "Statement": []\n}\n')
    page.get_by_role("button", name="Add a statement").focus()
    press(page, "Enter")
    expect(page.locator(":focus")).to_have_attribute("aria-expanded", "true")
    press(page, *["Tab"] * 3)  # what can be done with the statement, which is alone: duplicate, remove, …
    while page.evaluate("document.activeElement.id.endsWith('-sid')") is False:
        press(page, "Tab")
    page.keyboard.type("Read")
    press(page, "Tab", "Tab", "Tab")
    page.keyboard.type("sagemaker:describemodel")
    press(page, "ArrowDown", "ArrowDown", "Enter")
    page.keyboard.type("sagemaker:List*")
    press(page, "Enter", "Tab", "Enter")
    while page.evaluate("document.activeElement.type") != "checkbox":
        press(page, "Tab")
    press(page, "ArrowDown", "ArrowDown", "Space", "Tab")
    assert page.evaluate("document.activeElement.type") != "checkbox"
    while page.evaluate("document.activeElement.getAttribute('aria-label')") != "Add a resource":
        press(page, "Tab")
    page.keyboard.type("churn")
    press(page, "ArrowDown", "Enter", "Control+z")
    statement = json.loads(text_of(page))["Statement"][0]
    assert statement["Sid"] == "Read"
    assert statement["Action"] == ["sagemaker:DescribeModel", "sagemaker:List*", "sagemaker:AddTags"]
    assert statement["Resource"] == ["arn:aws:sagemaker:eu-west-1:111122223333:model/churn"]


def test_the_focus_stays_where_it_is(page: Page) -> None:
    open_form(page, POLICY)
    found = opened(page, 1)
    found.get_by_label("Deny").focus()
    page.keyboard.press("Space")
    expect(found.get_by_label("Deny")).to_be_focused()
    down = page.get_by_role("button", name="Move down statement 1")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move down statement 2")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Statement 1 is now statement 2.")
    sid = statement(page, 2).get_by_label("Sid")
    sid.fill("Half")
    sid.press("ArrowLeft")
    set_text(page, text_of(page).replace('"kept"', '"other"'))
    expect(page.locator(".policy-form > div pre").first).to_have_text('"other"')
    expect(sid).to_be_focused()
    expect(sid).to_have_value("Half")
    assert sid.evaluate("(field) => field.selectionStart") == 3
    gone = statement(page, 2).get_by_role("button", name="Remove sagemaker:CreateEndpoint")
    gone.focus()
    page.keyboard.press("Enter")
    expect(statement(page, 2).get_by_role("button", name="Remove sagemaker:Describe*")).to_be_focused()
    page.keyboard.press("Enter")
    expect(statement(page, 2).get_by_role("combobox", name="Add an action")).to_be_focused()


@pytest.mark.parametrize("kind", ["identity", "trust"])
def test_axe_finds_nothing_and_nothing_hangs_over(page: Page, kind: str) -> None:
    open_form(page, POLICY if kind == "identity" else TRUST.replace("sagemaker.amazonaws.com", "*"), kind)
    found = start_condition(page, "aws:PrincipalOrgPaths")
    for name in ("Choose from a service", "Build an ARN", "sagemaker:Describe*: ", "Change sagemaker:CreateE"):
        for button in found.get_by_role("button", name=name).all():
            button.click()
    found.get_by_role("combobox", name="Add an action").press("ArrowDown")
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page).response["violations"]
            told = [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in violations]
            assert told == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


def test_a_large_policy_is_drawn_as_far_as_it_is_open(page: Page) -> None:
    """A hundred statements, one with 1,548 actions: what is closed or far down is not drawn, and all of it can be."""
    page.set_default_timeout(30_000)
    actions = [f"ec2:Action{number}" for number in range(1548)]
    statements = [
        {"Sid": f"S{number}", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"} for number in range(100)
    ]
    statements[50]["Action"] = actions
    open_form(page, json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2))
    expect(page.locator(".pf-statement")).to_have_count(100)
    assert page.locator(".policy-form *").count() < 2500
    found = opened(page, 51)
    assert page.locator(".policy-form *").count() < 3500
    found.get_by_role("button", name="Show 200 more of 1,548").click()
    expect(found.get_by_role("button", name="Remove ec2:Action229")).to_be_visible()
    found.get_by_role("searchbox", name="Find among 1,548 entries").fill("action1547")
    found.get_by_role("button", name="Remove ec2:Action1547").click()
    assert json.loads(text_of(page))["Statement"][50]["Action"] == actions[:-1]
