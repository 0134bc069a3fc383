"""WILDCARD_IN_SERVICE_NAME: the service of an action or ARN holds a wildcard."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

MESSAGE = "Avoid wildcards in the service name: they may grant access to other services with similar names."


def check(document: Document) -> Iterator[Report]:
    """Actions such as ``s3*:Get*`` and ARNs such as ``arn:aws:*:::…``."""
    for statement in document.statements:
        for action in (*statement.actions, *statement.texts("NotAction")):
            prefix, colon, _ = action.text.partition(":")
            if colon and has_wildcard(prefix):
                yield "WILDCARD_IN_SERVICE_NAME", MESSAGE, at(action)
        for resource in (*statement.resources, *statement.texts("NotResource")):
            parts = resource.text.split(":", 5)
            if len(parts) == 6 and has_wildcard(parts[2]):
                yield "WILDCARD_IN_SERVICE_NAME", MESSAGE, at(resource)


RULE = Rule("Wildcards in service names", {"WILDCARD_IN_SERVICE_NAME": FindingType.SUGGESTION}, check)
