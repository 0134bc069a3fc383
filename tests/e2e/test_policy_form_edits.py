"""The form of the policy editor: whatever is done in it changes the text of just that, and can be undone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.form_page import FIRST, POLICY, SECOND, THIRD, open_form, opened, text_of, watched

ADDED = """{
        "Effect": "Allow",
        "Action": [],
        "Resource": []
    }"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from watched(browser)


def set_sid(page: Page) -> None:
    opened(page, 2).get_by_label("Sid").fill("NotS3")
    page.keyboard.press("Tab")


def set_effect(page: Page) -> None:
    opened(page, 1).get_by_label("Deny").check()


def rename_to_not_action(page: Page) -> None:
    opened(page, 1).get_by_label("Action or NotAction").select_option("NotAction")


def add_action(page: Page) -> None:
    field = opened(page, 1).get_by_role("combobox", name="Add an action")
    field.fill("sagemaker:deletemodelp")
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")


def add_action_to_one(page: Page) -> None:
    field = opened(page, 2).get_by_role("combobox", name="Add an action to leave out")
    field.fill("sqs:SendMessage")
    field.press("Enter")


def remove_action(page: Page) -> None:
    opened(page, 3).get_by_role("button", name="Remove sagemaker:CreateModel").click()


def change_action(page: Page) -> None:
    opened(page, 3).get_by_role("button", name="Change sagemaker:DeleteModel").click()
    page.keyboard.press("End")
    page.keyboard.type("*")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change sagemaker:DeleteModel*")).to_be_focused()


def change_resource(page: Page) -> None:
    opened(page, 1).get_by_role("button", name="Change arn:aws:sagemaker").click()
    page.get_by_role("combobox", name="Change arn:aws:sagemaker").fill("arn:aws:sagemaker:*:*:endpoint/a")
    page.keyboard.press("Tab")


def check_actions(page: Page) -> None:
    found = opened(page, 3)
    found.get_by_role("button", name="Choose from a service").click()
    found.get_by_label("Access level").select_option("Tagging")
    found.get_by_label("AddTags").check()
    found.get_by_label("Access level").select_option("")
    found.get_by_role("searchbox", name="Name").fill("createmodel")
    found.get_by_label("CreateModel Write", exact=True).uncheck()


def add_known_resource(page: Page) -> None:
    field = opened(page, 1).get_by_role("combobox", name="Add a resource")
    field.fill("forecast")
    page.get_by_role("option", name="endpoint/forecast-demand").click()


def build_resource(page: Page) -> None:
    found = opened(page, 3)
    found.get_by_role("button", name="Build an ARN").click()
    found.get_by_role("combobox", name="Region").fill("eu-central-1")
    found.get_by_role("combobox", name="Model Name").fill("churn-*")
    found.get_by_role("button", name="Add this ARN").click()


def add_first_condition(page: Page) -> None:
    found = opened(page, 3)
    found.get_by_role("button", name="Add a condition").click()
    found.get_by_role("combobox", name="Condition key").fill("resourcetag")
    page.get_by_role("option", name="aws:ResourceTag").click()
    found.get_by_role("combobox", name="Tag Key").fill("team")
    found.get_by_role("combobox", name="Value 1").fill("ml")
    found.get_by_role("button", name="Add this condition").click()


def add_condition_value(page: Page) -> None:
    found = opened(page, 1)
    found.get_by_role("button", name="Add another value").click()
    found.get_by_role("combobox", name="Value 2").fill("us-east-1")
    found.get_by_role("combobox", name="Value 2").press("Enter")


def change_operator(page: Page) -> None:
    opened(page, 1).get_by_label("Operator for aws:RequestedRegion").select_option("StringNotEquals")


def set_if_exists(page: Page) -> None:
    opened(page, 1).get_by_label("or the key is missing").check()


def remove_condition(page: Page) -> None:
    opened(page, 1).get_by_role("button", name="Remove the condition on aws:RequestedRegion").click()


def move_up(page: Page) -> None:
    page.get_by_role("button", name="Move up statement 2").click()


def duplicate(page: Page) -> None:
    page.get_by_role("button", name="Duplicate statement 3").click()


def remove_last(page: Page) -> None:
    page.get_by_role("button", name="Remove statement 3").click()


def add_statement(page: Page) -> None:
    page.get_by_role("button", name="Add a statement").click()


def choose_version(page: Page) -> None:
    page.get_by_label("Version").select_option("2008-10-17")


LISTED = """[
            "arn:aws:sagemaker:*:111122223333:endpoint/*",
            "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/forecast-demand"
        ]"""
TAGGED = 'hurn"\n\t],\n\t"Condition": { "StringEquals": { "aws:ResourceTag/team": "ml" } }'
#: What is done, and what it replaces in the text.
DONE: dict[str, tuple[Callable[[Page], None], list[tuple[str, str]]]] = {
    "Sid": (set_sid, [('{ "Effect": "Deny"', '{ "Sid": "NotS3",   "Effect": "Deny"')]),
    "effect": (set_effect, [('"Endpoints",\n        "Effect": "Allow"', '"Endpoints",\n        "Effect": "Deny"')]),
    "NotAction": (rename_to_not_action, [('"Action": ["sagemaker:CreateE', '"NotAction": ["sagemaker:CreateE')]),
    "action": (add_action, [('"sagemaker:Describe*"]', '"sagemaker:Describe*", "sagemaker:DeleteModelPackage"]')]),
    "action beside one": (add_action_to_one, [('"s3:*"', '["s3:*", "sqs:SendMessage"]')]),
    "no action": (remove_action, [('"sagemaker:CreateModel",\n              ', "")]),
    "changed action": (change_action, [('"sagemaker:DeleteModel"', '"sagemaker:DeleteModel*"')]),
    "changed resource": (change_resource, [("*:111122223333:endpoint/*", "*:*:endpoint/a")]),
    "checked actions": (
        check_actions,
        [
            ('"sagemaker:CreateModel",\n              ', ""),
            ('"sagemaker:DeleteModel"', '"sagemaker:DeleteModel",\n              "sagemaker:AddTags"'),
        ],
    ),
    "known resource": (add_known_resource, [('"arn:aws:sagemaker:*:111122223333:endpoint/*"', LISTED)]),
    "built resource": (
        build_resource,
        [('hurn"', 'hurn",\n\t\t"arn:aws:sagemaker:eu-central-1:111122223333:model/churn-*"')],
    ),
    "first condition": (add_first_condition, [('hurn"\n\t]', TAGGED)]),
    "value": (add_condition_value, [('"eu-west-1"}', '["eu-west-1", "us-east-1"]}')]),
    "operator": (change_operator, [('"StringEquals"', '"StringNotEquals"')]),
    "IfExists": (set_if_exists, [('"StringEquals"', '"StringEqualsIfExists"')]),
    "no condition": (
        remove_condition,
        [(',\n        "Condition": { "StringEquals": {"aws:RequestedRegion": "eu-west-1"} }', "")],
    ),
    "moved": (move_up, [(FIRST, "?"), (SECOND, FIRST), ("?", SECOND)]),
    "duplicated": (duplicate, [(THIRD, f"{THIRD},\n    {THIRD.replace('Models', 'Models2')}")]),
    "removed": (remove_last, [(f",\n    {THIRD}", "")]),
    "added": (add_statement, [(THIRD, f"{THIRD},\n    {ADDED}")]),
    "version": (choose_version, [("2012-10-17", "2008-10-17")]),
}


@pytest.mark.parametrize("name", DONE)
def test_only_what_is_done_changes_the_text(page: Page, name: str) -> None:
    do, replacements = DONE[name]
    expected = POLICY
    for before, after in replacements:
        assert expected.count(before) == 1, before
        expected = expected.replace(before, after)
    open_form(page, POLICY)
    do(page)
    assert text_of(page) == expected
    undo = page.get_by_role("button", name="Undo")
    while undo.get_attribute("aria-disabled") == "false":
        undo.click()
    assert text_of(page) == POLICY
