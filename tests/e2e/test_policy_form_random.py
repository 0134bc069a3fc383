"""Whatever is done in the form, in any order: the text stays a policy's, the form stays the text's, nothing fails."""

import os
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.form_page import POLICY, TRUST, open_form, text_of, watched

SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.randrange(1, 2**31)
STEPS = 250
#: Does something with any control of the form, again and again; answers with what went wrong, or null.
ANYTHING = """
async ({ seed, steps, words }) => {
  let state = seed;
  const below = (limit) => {
    state = (state * 16807) % 2147483647;
    return Math.floor((state / 2147483647) * limit);
  };
  const root = document.querySelector(".policy-form");
  const done = [];
  const hear = (element, name) => element.dispatchEvent(new Event(name, { bubbles: true }));
  const press = (element, key) =>
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const use = (element) => {
    if (element.tagName === "BUTTON" || element.type === "checkbox" || element.type === "radio") return element.click();
    if (element.tagName === "SELECT") {
      element.value = element.options[below(element.options.length)].value;
      return hear(element, "change");
    }
    const given = { number: "7", "datetime-local": "2026-02-03T04:05:06" };
    element.value = given[element.type] ?? words[below(words.length)];
    hear(element, "input");
    if (below(2)) press(element, "ArrowDown");
    return below(2) ? press(element, "Enter") : hear(element, "change");
  };
  const wrong = () => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    if (form.policy.error) return "the text is no policy";
    if (form.text !== policy.text) return "the form has another text";
    if (form.states.length !== form.policy.statements.length) return "statements without a state";
    return new Set(ids).size === ids.length ? null : "an id stands twice";
  };
  for (let step = 0; step < steps; step += 1) {
    const controls = [...root.querySelectorAll("button, input, select")];
    const element = controls[below(controls.length)];
    const name = element.getAttribute("aria-label") ?? element.textContent;
    if (/^(Check all|Show|Remove statement)/.test(name) && below(4)) continue;
    done.push(name);
    element.focus();
    use(element);
    if (wrong()) return [wrong(), done.slice(-5)];
    if (step % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  return null;
}
"""
WORDS = [
    *("sagemaker:Create*", "s3", "team", "ml", "*", "", "eu-west-1", "10.0.0.0/8", 'a "quoted" \\ text', "5"),
    *("arn:aws:sagemaker:*:*:model/x", "aws:TagKeys", "aws:CurrentTime", "aws:SecureTransport", "sts:ExternalId"),
    "aws:ResourceTag/${TagKey}",
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from watched(browser)


@pytest.mark.parametrize(("kind", "text"), [("identity", POLICY), ("trust", TRUST)], ids=["identity", "trust"])
def test_anything_may_be_done(page: Page, kind: str, text: str) -> None:
    open_form(page, text, kind)
    wrong = page.evaluate(ANYTHING, {"seed": SEED, "steps": STEPS, "words": WORDS})
    assert wrong is None, f"PROPERTY_SEED={SEED}"
    said = page.locator(".pf-sentence").all_inner_texts()
    open_form(page, text_of(page), kind)
    assert page.locator(".pf-sentence").all_inner_texts() == said, f"PROPERTY_SEED={SEED}"
