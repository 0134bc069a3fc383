"""The form of the editor on a page of its own, beside the text as a plain field, with the whole catalogue."""

import json
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from policystudio.web.catalogue import catalogue_file
from tests.e2e.modules import ORIGIN, serve

SAGEMAKER = "arn:aws:sagemaker:eu-west-1:111122223333"
KNOWN = {
    "account": "111122223333",
    "partition": "aws",
    "organization": "o-a1b2c3d4e5",
    "accounts": [["111122223333", "research"], ["444455556666", "forecast"]],
    "regions": ["eu-west-1", "eu-central-1", "us-east-1"],
    "services": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"],
    "arns": [
        [f"{SAGEMAKER}:endpoint/forecast-demand", "sagemaker:endpoint"],
        [f"{SAGEMAKER}:model/churn", "sagemaker:model"],
        ["arn:aws:iam::111122223333:role/sagemaker/training-exec", "iam:role"],
        ["arn:aws:iam::111122223333:user/people/mira", "iam:user"],
        ["arn:aws:iam::111122223333:oidc-provider/token.example.com", "iam:"],
    ],
    "more": False,
    "tags": {"team": ["ml", "ops"], "project": ["churn"]},
}
FIRST = """{
        "Sid": "Endpoints",
        "Effect": "Allow",
        "Action": ["sagemaker:CreateEndpoint", "sagemaker:Describe*"],
        "Resource": "arn:aws:sagemaker:*:111122223333:endpoint/*",
        "Condition": { "StringEquals": {"aws:RequestedRegion": "eu-west-1"} }
    }"""
SECOND = '{ "Effect": "Deny",   "NotAction": "s3:*", "Resource": "*", "Odd": {"a": 1.50e3} }'
THIRD = """{
\t"Sid":"Models", "Effect":"Allow",
\t"Action": [ "sagemaker:CreateModel",
              "sagemaker:DeleteModel" ],
\t"Resource": [
\t\t"arn:aws:sagemaker:eu-west-1:111122223333:model/\\u0063hurn"
\t]
    }"""
POLICY = f"""{{
  "Version": "2012-10-17",
  "Id": "kept",
  "Statement": [
    {FIRST},
    {SECOND},
    {THIRD}
  ]
}}
"""
LONE = """{
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole"
    }"""
TRUST = f"""{{
    "Version": "2012-10-17",
    "Statement": {LONE}
}}
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>form</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/css/base.css"><link rel="stylesheet" href="/static/css/policy_form.css"></head>
<body><main><h1>Form</h1><div id="form"></div>
<p><label for="json">Text</label> <textarea id="json" rows="12" cols="60"></textarea></p></main>
<script type="module" src="/page.js"></script></body></html>"""
SCRIPT = """
import { mountPolicyForm } from "/static/js/policy_form.js";
import { loadCatalogue, loadKnown } from "/static/js/policy_catalogue.js";
const field = document.getElementById("json");
const start = await (await fetch("/start.json")).json();
let text = start.text;
const heard = [];
const past = [];
const future = [];
const show = (after) => { text = after; field.value = after; for (const one of heard) one(); };
const set = (after) => { past.push(text); future.length = 0; show(after); };
const history = {
  canUndo: () => past.length > 0, canRedo: () => future.length > 0,
  undo: () => { future.push(text); show(past.pop()); }, redo: () => { past.push(text); show(future.pop()); },
};
field.value = text;
field.addEventListener("input", () => set(field.value));
window.policy = { get text() { return text; }, set text(after) { set(after); } };
window.form = mountPolicyForm(document.getElementById("form"), {
  kind: start.kind, readOnly: start.read_only, findings: () => start.findings, history,
  catalogue: loadCatalogue("/catalogue.json"), resources: loadKnown("/known.json"),
  getText: () => text, setText: set, onTextChange: (callback) => heard.push(callback),
  goTo: (offset) => { field.focus(); field.setSelectionRange(offset, offset); },
});
"""


def open_form(page: Page, text: str, kind: str = "identity", **more: Any) -> None:
    """Show the form of a text; `more` may give findings and read_only."""
    start = {"text": text, "kind": kind, "findings": [], "read_only": False} | more
    texts = {
        "/": PAGE,
        "/page.js": SCRIPT,
        "/catalogue.json": catalogue_file().plain.decode(),
        "/known.json": json.dumps(KNOWN),
        "/start.json": json.dumps(start),
    }
    serve(page, texts)
    page.goto(f"{ORIGIN}/")
    # Before its modules have run the page shows nothing at all, so that "Loading…" be gone would tell too little.
    page.wait_for_function("() => window.form?.policy")
    expect(page.locator(".policy-form > *").first).to_be_visible()


def text_of(page: Page) -> str:
    """The text now."""
    return page.evaluate("policy.text")


def set_text(page: Page, text: str) -> None:
    """As if somebody had edited the JSON."""
    page.evaluate("(text) => { policy.text = text; }", text)


def watched(browser: Browser) -> Iterator[Page]:
    """A page on which no script may fail."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)
    yield page
    page.close()
    assert complaints == []


def statement(page: Page, number: int) -> Locator:
    """A statement by its number, from 1."""
    return page.locator(".pf-statement").nth(number - 1)


def opened(page: Page, number: int) -> Locator:
    """A statement after its body was opened."""
    found = statement(page, number)
    found.locator(".pf-open").click()
    expect(found.locator(".pf-open")).to_have_attribute("aria-expanded", "true")
    return found
