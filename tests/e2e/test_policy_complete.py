"""What is offered at the cursor of a policy, in whole and in broken text; and merging by lines."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from policystudio.web.catalogue import catalogue_file
from tests.e2e.modules import ORIGIN, run, serve

TRAIN = "arn:aws:iam::111122223333:role/train"
KNOWN = {
    "account": "111122223333",
    "partition": "aws",
    "organization": "o-example001",
    "accounts": [["111122223333", "research"], ["444455556666", "production"]],
    "regions": ["eu-west-1", "us-east-1"],
    "services": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"],
    "arns": [
        ["arn:aws:sagemaker:eu-west-1:111122223333:model/prod", "sagemaker:model"],
        [TRAIN, "iam:role"],
        ["arn:aws:iam::111122223333:policy/look", "iam:policy"],
        ["arn:aws:s3:::lake", "s3:"],
        ["arn:aws:kms:eu-west-1:111122223333:key/1", "kms:"],
    ],
    "more": False,
    "tags": {"team": ["ml", "ops"]},
}
OFFER = """
const { loadCatalogue, Known } = await import("/static/js/policy_catalogue.js");
const { suggestionsAt, insertionOf } = await import("/static/js/policy_complete.js");
const { marked, kind, known, choose } = argument;
const offset = marked.indexOf("|");
const text = marked.replace("|", "");
const catalogue = await loadCatalogue("/catalogue.json");
const { items } = suggestionsAt(text, offset, { kind, catalogue, known: new Known(known) });
items.sort((a, b) => b.rank - a.rank);
const item = items.find(({ name }) => name === choose);
if (!item) return { names: items.map(({ name }) => name), after: null };
const { from, to, text: written, caret } = insertionOf(text, offset, item);
const after = text.slice(0, from) + written.slice(0, caret) + "|" + written.slice(caret) + text.slice(to);
return { names: items.map(({ name }) => name), after };
"""
MERGE = """
const { merged } = await import("/static/js/text_merge.js");
return argument.map(([base, mine, theirs]) => merged(base, mine, theirs));
"""
FORMAT = """
const { formatted, compacted, sizeOf } = await import("/static/js/policy_context.js");
return argument.map((text) => [formatted(text), compacted(text), sizeOf(text)]);
"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    catalogue = catalogue_file().plain.decode()
    serve(page, {"/": "<!doctype html><title>modules</title>", "/catalogue.json": catalogue})
    page.goto(f"{ORIGIN}/")
    yield page
    page.close()


def offered(page: Page, marked: str, *, kind: str = "identity", choose: str = "") -> Any:
    """The names that are offered at `|`, the likeliest first, and the text once one of them is chosen."""
    return run(page, OFFER, {"marked": marked, "kind": kind, "known": KNOWN, "choose": choose})


def statement(inner: str) -> str:
    return '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ' + inner + "}]}"


#: A text with the cursor as `|`, the kind of policy, what is offered there, what is not.
OFFERED = [
    ('{"Version": "2012-10-17", "|"}', "identity", ["Statement", "Id"], ["Version", "Effect"]),
    ('{"Statement": [{"Effect": "Allow", |}]}', "identity", ["Action", "Resource"], ["Effect", "Principal"]),
    ('{"Statement": [{"Effect": "Allow", |}]}', "trust", ["Principal", "Action"], ["Resource"]),
    (statement('"Action": "*", "|"'), "identity", ["Resource"], ["NotAction", "Action"]),
    ('{"Statement": [{"Effect": "|"}]}', "rcp", ["Deny"], ["Allow"]),
    ('{"Statement": [{"Effect": "|"}]}', "scp", ["Deny", "Allow"], []),
    (statement('"Action": ["|"]'), "identity", ["sagemaker:", "s3:", "*"], []),
    (statement('"Action": ["sagemaker:|"]'), "identity", ["sagemaker:CreateModel", "sagemaker:Create*"], ["s3:"]),
    (statement('"Action": "descr|'), "identity", ["sagemaker:DescribeModel", "ec2:DescribeInstances"], []),
    (statement('"Action": "|"'), "trust", ["sts:AssumeRole", "sts:TagSession"], ["sagemaker:"]),
    (
        statement('"Action": "sagemaker:CreateModel", "Resource": "|"'),
        "identity",
        ["arn:aws:sagemaker:eu-west-1:111122223333:model/prod", "arn:aws:sagemaker:*:111122223333:model/*"],
        [TRAIN],
    ),
    (
        statement('"Action": "sagemaker:CreateModel", "Resource": "arn:aws:sagemaker:us-west-2:|"'),
        "identity",
        ["arn:aws:sagemaker:us-west-2:111122223333:model/*"],
        [],
    ),
    (
        statement('"Action": "iam:PassRole", "Resource": "|"'),
        "identity",
        [TRAIN],
        [],
    ),
    (statement('"Action": "s3:GetObject", "Resource": ["|"]'), "identity", ["arn:aws:s3:::lake/*"], []),
    (statement('"Action": "kms:Decrypt", "Resource": "|'), "identity", [KNOWN["arns"][4][0]], []),
    (statement('"Action": "sagemaker:ListModels", "Resource": "|"'), "identity", ["*"], []),
    (statement('"Principal": {"|"}'), "trust", ["AWS", "Service", "Federated"], []),
    (statement('"Principal": {"Service": "|"}'), "trust", ["sagemaker.amazonaws.com"], ["*"]),
    (
        statement('"Principal": {"AWS": ["|"]}'),
        "trust",
        ["arn:aws:iam::444455556666:root", TRAIN],
        ["arn:aws:iam::111122223333:policy/look"],
    ),
    (statement('"Condition": {"|"}'), "identity", ["StringEquals", "Null", "ForAnyValue:StringLike"], []),
    (
        statement('"Action": "iam:PassRole", "Condition": {"StringEquals": {"|"}}'),
        "identity",
        ["iam:PassedToService", "aws:PrincipalTag/team", "aws:RequestedRegion"],
        ["sagemaker:VpcSubnets", "aws:MultiFactorAuthPresent"],
    ),
    (
        statement('"Action": "sagemaker:CreateModel", "Condition": {"Bool": {"|"}}'),
        "identity",
        ["sagemaker:NetworkIsolation", "aws:MultiFactorAuthPresent"],
        ["aws:RequestedRegion"],
    ),
    (statement('"Condition": {"Bool": {"aws:SecureTransport": "|"}}'), "identity", ["true", "false"], []),
    (
        statement('"Condition": {"StringEquals": {"aws:RequestedRegion": ["|"]}}'),
        "identity",
        ["eu-west-1"],
        ["true"],
    ),
    (
        statement('"Condition": {"StringEquals": {"iam:PassedToService": "|"}}'),
        "identity",
        ["sagemaker.amazonaws.com"],
        [],
    ),
    (
        statement('"Condition": {"StringEquals": {"aws:ResourceTag/team": "|"}}'),
        "identity",
        ["ml", "ops", "${aws:PrincipalTag/team}"],
        [],
    ),
    (
        statement('"Condition": {"StringEquals": {"aws:PrincipalAccount": "|"}}'),
        "identity",
        ["111122223333", "444455556666"],
        [],
    ),
    (
        statement('"Action": "s3:*", "Resource": "arn:aws:s3:::lake/${|}"'),
        "identity",
        ["aws:username"],
        ["aws:TagKeys"],
    ),
]


@pytest.mark.parametrize(("marked", "kind", "there", "away"), OFFERED)
def test_what_may_stand_there_is_offered(
    blank: Page, marked: str, kind: str, there: list[str], away: list[str]
) -> None:
    names = offered(blank, marked, kind=kind)["names"]
    assert [name for name in there if name not in names] == []
    assert [name for name in away if name in names] == []


@pytest.mark.parametrize(
    "marked", ['{"Version"|: 1}', '{"Other": "|"}', '{"Statement": [{"Sid": "|"}]}', '{"Version": 1}|']
)
def test_nothing_is_offered_where_nothing_is_known(blank: Page, marked: str) -> None:
    assert offered(blank, marked)["names"] == []


@pytest.mark.parametrize(
    ("marked", "choose", "after"),
    [
        ('{"Statement": [{"Effect": "|"}]}', "Allow", '{"Statement": [{"Effect": "Allow"|}]}'),
        ('{"Statement": [{"Effect": Al|}]}', "Allow", '{"Statement": [{"Effect": "Allow"|}]}'),
        ('{"Statement": [{"Eff|', "Effect", '{"Statement": [{"Effect": "|"'),
        ('{"Statement": [{"Eff|": "Deny"}]}', "Effect", '{"Statement": [{"Effect"|: "Deny"}]}'),
        (
            '{"Statement": [{"Effect": "Allow" | "Action": "*"}]}',
            "Resource",
            '{"Statement": [{"Effect": "Allow" ,"Resource": [\n  "|"\n], "Action": "*"}]}',
        ),
        (
            statement('"Action": ["s3:GetObject" "s3:L|"]'),
            "s3:ListBucket",
            statement('"Action": ["s3:GetObject" ,"s3:ListBucket"|]'),
        ),
        (statement('"Action": "sage|Models"'), "sagemaker:", statement('"Action": "sagemaker:|"')),
        (
            statement('"Action": "s3:*", "Resource": "arn:aws:s3:::a/${aws:u|}/x"'),
            "aws:username",
            statement('"Action": "s3:*", "Resource": "arn:aws:s3:::a/${aws:username}|/x"'),
        ),
        (
            statement('"Action": "s3:*", "Resource": "arn:aws:s3:::a/${|/x"'),
            "aws:username",
            statement('"Action": "s3:*", "Resource": "arn:aws:s3:::a/${aws:username}|/x"'),
        ),
    ],
)
def test_what_is_chosen_is_written_with_what_is_missing_around_it(
    blank: Page, marked: str, choose: str, after: str
) -> None:
    assert offered(blank, marked, choose=choose)["after"] == after


def test_a_new_policy_is_one_that_can_be_gone_on_with(blank: Page) -> None:
    after = offered(blank, "|", choose="Policy with one Allow statement")["after"]
    assert json.loads(after.replace("|", "sagemaker:ListModels"))["Statement"][0]["Action"] == ["sagemaker:ListModels"]


def test_lines_that_only_one_changed_are_merged(blank: Page) -> None:
    base = "".join(f"line {number}\n" for number in range(9))
    mine, theirs = base.replace("line 1\n", "mine\n"), base.replace("line 6\n", "theirs\nand more\n")
    both = base.replace("line 1\n", "mine\n").replace("line 6\n", "theirs\nand more\n")
    cut = base.replace("line 8\n", "")
    clash = base.replace("line 1\n", "another\n")
    found = run(
        blank,
        MERGE,
        [
            [base, mine, theirs],
            [base, mine, mine],
            [base, base, theirs],
            [base, mine, base],
            [base, mine, cut],
            [base, mine, clash],
            ["", "a\n", "b\n"],
            ["", "", "b"],
        ],
    )
    assert found == [both, mine, theirs, mine, cut.replace("line 1\n", "mine\n"), None, None, "b"]


@pytest.mark.parametrize(
    "text", [statement('"Action": ["s3:*", "a\\u0041"], "N": [1.50, {}, []]'), '{ "a" : "b c" }', '{"a": [1, "x']
)
def test_formatting_changes_nothing_but_white_space(blank: Page, text: str) -> None:
    [[formatted, compacted, size]] = run(blank, FORMAT, [text])
    assert "".join(formatted.split()) == "".join(compacted.split()) == "".join(text.split())
    assert size == len("".join(text.split()))
    if text.endswith("}"):
        assert json.loads(formatted) == json.loads(compacted) == json.loads(text)
        assert formatted == json.dumps(json.loads(text), indent=2) or "1.50" in formatted


WHOLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Ä€\U0001f600",
                "Effect": "Allow",
                "Action": ["sagemaker:Create*", "iam:PassRole"],
                "Resource": ["arn:aws:s3:::lake/${aws:username}/*"],
                "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": ["team", "x"]}, "Null": {"aws:x": "true"}},
            },
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        ],
    },
    ensure_ascii=False,
    indent=1,
)
EVERYWHERE = """
const { loadCatalogue, Known } = await import("/static/js/policy_catalogue.js");
const { suggestionsAt, insertionOf } = await import("/static/js/policy_complete.js");
const { tokensOf, treeOf } = await import("/static/js/policy_context.js");
const catalogue = await loadCatalogue("/catalogue.json");
const known = new Known(argument.known);
const wrong = [];
let items = 0;
for (const kind of ["identity", "trust", "scp", "rcp"]) {
  for (let at = 0; at <= argument.text.length; at += 1) {
    const pieces = [[argument.text, at], [argument.text.slice(0, at), at], [argument.text.slice(at), 0]];
    for (const [text, offset] of pieces) {
      const found = suggestionsAt(text, offset, { kind, catalogue, known }).items;
      items += found.length;
      for (const item of found.slice(0, 2)) {
        const { from, to, text: written, caret } = insertionOf(text, offset, item);
        const ordered = [0, from, offset, to, text.length];
        const fits = ordered.every((place, index) => index === 0 || ordered[index - 1] <= place);
        if (!fits || caret < 0 || caret > written.length || !item.name) wrong.push([kind, at, text.length, item.name]);
      }
      const covered = tokensOf(text).reduce((end, token) => (token.start >= end ? token.end : Infinity), 0);
      if (covered > text.length) wrong.push(["tokens", at]);
      treeOf(text);
    }
  }
}
return { items, wrong: wrong.slice(0, 5) };
"""


def test_every_place_of_every_piece_of_a_policy_can_be_asked(blank: Page) -> None:
    found = run(blank, EVERYWHERE, {"text": WHOLE, "known": KNOWN})
    assert found["wrong"] == []
    assert found["items"] > 10_000
