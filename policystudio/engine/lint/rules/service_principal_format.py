"""INVALID_SERVICE_PRINCIPAL_FORMAT: a service's name is not of the form that its place asks for."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

_NAME = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|amazon\.com|aws\.internal|aws\.dev|c2s\.ic\.gov)"
)
_VIA = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z0-9-]+\.amazonaws\.(?:com(?:\.cn)?|eu)")
_FORMS = {
    "iam:passedtoservice": (_NAME, "service-name.amazonaws.com"),
    "iam:awsservicename": (_NAME, "service-name.amazonaws.com"),
    "aws:principalservicename": (_NAME, "service-name.amazonaws.com"),
    "aws:calledvia": (_NAME, "service-name.amazonaws.com"),
    "aws:calledviafirst": (_NAME, "service-name.amazonaws.com"),
    "aws:calledvialast": (_NAME, "service-name.amazonaws.com"),
    "kms:viaservice": (_VIA, "service-name.AWS_region.amazonaws.com"),
}


def check(document: Document) -> Iterator[Report]:
    """Principals under Service, and values of the condition keys that hold a service."""
    for statement in document.statements:
        for key, name in statement.principals if document.kind in WITH_PRINCIPAL else ():
            if key == "Service" and not has_wildcard(name.text) and not _NAME.fullmatch(name.text):
                yield _report(name, "service-name.amazonaws.com")
        for condition in statement.conditions:
            if condition.name not in _FORMS or FAMILIES.get(condition.base) != "String":
                continue
            form, shown = _FORMS[condition.name]
            for value in condition.values:
                if not has_wildcard(value.text) and "${" not in value.text and not form.fullmatch(value.text):
                    yield _report(value, shown)


def _report(node: Node, shown: str) -> Report:
    message = f"The service principal `{node.text}` does not match the expected format: use {shown}."
    return "INVALID_SERVICE_PRINCIPAL_FORMAT", message, at(node)


RULE = Rule("Names of services", {"INVALID_SERVICE_PRINCIPAL_FORMAT": FindingType.ERROR}, check)
