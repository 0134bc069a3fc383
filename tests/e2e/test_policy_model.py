"""What the form makes of a text, operation by operation, without the form."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.modules import ORIGIN, run, serve

SCRIPT = """
const model = await import("/static/js/policy_model.js");
return argument.map(({ before, kind, name, values }) => {
  const policy = model.readPolicy(before, kind);
  const statement = policy.statements[0];
  const given = values.map((value) => (value === "CONDITION" ? statement.read.conditions[0]
    : value === "ENTRY" ? statement.read.principal.entries[0] : value));
  const ofStatement = !["setVersion", "addStatement"].includes(name);
  return model[name](policy, ...(ofStatement ? [statement] : []), ...given);
});
"""
TWO = '{"Statement": [{"Condition": {"Bool": {"a:a": true, "a:b": "x"}, "Null": {"a:c": "true"}}}]}'
#: Of the first statement: operation, what it is given, the text before and after.
CASES = [
    ("setOperator", ["CONDITION", "Null"], TWO, '{"Bool": {"a:b": "x"}, "Null": {"a:c": "true", "a:a": true}}'),
    (
        "setOperator",
        ["CONDITION", "StringLike"],
        TWO,
        '{"Bool": {"a:b": "x"}, "StringLike": {"a:a": true}, "Null": {"a:c": "true"}}',
    ),
    ("removeCondition", ["CONDITION"], TWO, '{"Bool": {"a:b": "x"}, "Null": {"a:c": "true"}}'),
    ("addCondition", ["Null", "a:d", "false"], TWO, '"Null": {"a:c": "true", "a:d": "false"}}'),
    ("addCondition", ["Bool2", "a:d", ["x", "y"]], TWO, '"Null": {"a:c": "true"}, "Bool2": {"a:d": ["x", "y"]}}'),
    (
        "setOperator",
        ["CONDITION", "NumericEquals"],
        '{"Statement": {"Condition": {"Bool" : {"a:a": 1.0}}}}',
        '{"Statement": {"Condition": {"NumericEquals" : {"a:a": 1.0}}}}',
    ),
    (
        "removeCondition",
        ["CONDITION"],
        '{"Statement": [{"Sid": "A", "Condition": {"Bool": {"a:a": 1}}}]}',
        '{"Statement": [{"Sid": "A"}]}',
    ),
    (
        "addPrincipal",
        ["Service", "s.amazonaws.com"],
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "x"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "s.amazonaws.com"}, "Action": "x"}]}',
    ),
    (
        "addPrincipal",
        ["AWS", "2"],
        '{"Statement": [{"Effect": "Allow", "Action": "x"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "2"}, "Action": "x"}]}',
    ),
    (
        "addPrincipal",
        ["AWS", "2"],
        '{"Statement": [{"Principal": {"Service": "s"}}]}',
        '{"Statement": [{"Principal": {"AWS": "2", "Service": "s"}}]}',
    ),
    (
        "addPrincipal",
        ["AWS", "2"],
        '{"Statement": [{"Principal": {"AWS": "\\u0031"}}]}',
        '{"Statement": [{"Principal": {"AWS": ["\\u0031", "2"]}}]}',
    ),
    (
        "removePrincipal",
        ["ENTRY"],
        '{"Statement": [{"Principal": {"AWS": ["1"], "Service": "s"}}]}',
        '{"Statement": [{"Principal": {"Service": "s"}}]}',
    ),
    ("setVersion", ["2012-10-17"], "{}", '{"Version": "2012-10-17"}'),
    ("setVersion", ["2012-10-17"], '{"Id":"x"}', '{"Version":"2012-10-17","Id":"x"}'),
    ("addStatement", [{"Effect": "Deny"}], '{"Version": "x"}', '{"Version": "x", "Statement": [{"Effect": "Deny"}]}'),
    (
        "addStatement",
        [{"Effect": "Deny"}],
        '{"Statement": {"Sid" : "A"}}',
        '{"Statement": [{"Sid" : "A"}, {"Effect": "Deny"}]}',
    ),
    (
        "setElement",
        ["Sid", "B"],
        '{\r\n\t"Statement": [\r\n\t\t{\r\n\t\t\t"Action": "x"\r\n\t\t}\r\n\t]\r\n}',
        '{\r\n\t"Statement": [\r\n\t\t{\r\n\t\t\t"Sid": "B",\r\n\t\t\t"Action": "x"\r\n\t\t}\r\n\t]\r\n}',
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    serve(page, {"/": "<!doctype html><title>modules</title>"})
    page.goto(f"{ORIGIN}/")
    yield page
    page.close()


def test_each_operation_changes_what_it_names(blank: Page) -> None:
    asked = [{"name": name, "values": values, "before": before, "kind": "trust"} for name, values, before, _ in CASES]
    answers = run(blank, SCRIPT, asked)
    for (name, values, before, expected), answer in zip(CASES, answers, strict=True):
        if before == TWO:
            assert expected in answer, (name, values)
        else:
            assert answer == expected, (name, values)
