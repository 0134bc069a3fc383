"""What one rule finds in small documents."""

import json
from typing import Any

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import RULES
from policystudio.engine.lint.tree import Document

KINDS = {str(kind): kind for kind in PolicyKind}
Found = list[tuple[str, list[str]]]


def found(rule: str, text: str, kind: str = "identity") -> Found:
    """The codes that the rule named so reports, each with the paths of its places."""
    document = Document.read(text, KINDS[kind])
    return [
        (finding.code, ["/".join(str(at) for _, at in place.path) for place in finding.places])
        for finding in RULES[rule].findings(document)
    ]


def policy(*statements: Any, **elements: Any) -> str:
    """A policy's text of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def allow(action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """An Allow; elements that are None are left out."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **elements}
    return {name: value for name, value in statement.items() if value is not None}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """A Deny."""
    return {**allow(action, resource, **elements), "Effect": "Deny"}


def when(operator: str, key: str, value: Any, **elements: Any) -> str:
    """A policy of one Allow with one condition."""
    return policy(allow(**{"Condition": {operator: {key: value}}, **elements}))


def trust(principal: Any, action: Any = "sts:AssumeRole", **elements: Any) -> str:
    """A trust policy of one Allow."""
    return policy(allow(action, None, Principal=principal, **elements))
