"""VARIABLE_UNSUPPORTED_IN_ELEMENT, _IN_VERSION, INVALID_VARIABLE_FOR_OPERATOR: variables that stay plain text."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement

_VARIABLE = re.compile(r"\$\{\s*[A-Za-z][^}]*\}")


def check(document: Document) -> Iterator[Report]:
    """Variables elsewhere than in resources and conditions, in an old policy, and where no text is compared."""
    version = document.elements.get("Version")
    is_old = version is None or version.text == "2008-10-17"
    for statement in document.statements:
        for node in _elsewhere(statement):
            if _VARIABLE.search(node.text):
                message = "Policy variables are supported in the Resource and Condition elements: remove it here."
                yield "VARIABLE_UNSUPPORTED_IN_ELEMENT", message, at(node)
        for node in statement.variable_places() if is_old else ():
            if _VARIABLE.search(node.text):
                message = "To include variables in the policy, use the policy version 2012-10-17."
                yield "VARIABLE_UNSUPPORTED_IN_VERSION", message, at(node)
        for condition in statement.conditions:
            for value in condition.values if FAMILIES.get(condition.base) not in (None, "String", "Arn") else ():
                if _VARIABLE.search(value.text):
                    message = "Policy variables can only be used with String and ARN operators."
                    yield "INVALID_VARIABLE_FOR_OPERATOR", message, at(value)


def _elsewhere(statement: Statement) -> Iterator[Node]:
    for element in ("Sid", "Effect", "Action", "NotAction"):
        yield from statement.texts(element)
    for _, name in statement.principals:
        yield name


RULE = Rule(
    "Where variables count",
    {
        "VARIABLE_UNSUPPORTED_IN_ELEMENT": FindingType.ERROR,
        "VARIABLE_UNSUPPORTED_IN_VERSION": FindingType.ERROR,
        "INVALID_VARIABLE_FOR_OPERATOR": FindingType.ERROR,
    },
    check,
)
