"""INVALID_SERVICE_IN_ACTION: the service of an action does not exist."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document
from policystudio.engine.parse.report import suggestion


def check(document: Document) -> Iterator[Report]:
    """Every unknown prefix; services that AWS has closed or never documented are left out."""
    for statement in document.statements:
        for action in (*statement.actions, *statement.texts("NotAction")):
            prefix, colon, _ = action.text.partition(":")
            lowered = prefix.lower()
            if not colon or has_wildcard(prefix) or "$" in prefix:
                continue
            if lowered not in facts.services() and lowered not in facts.UNKNOWN_SERVICES:
                meant = suggestion(lowered, tuple(sorted(facts.services())))
                hint = f" Did you mean `{meant}`?" if meant else ""
                yield "INVALID_SERVICE_IN_ACTION", f"The service `{prefix}` does not exist.{hint}", at(action)


RULE = Rule("Services of actions", {"INVALID_SERVICE_IN_ACTION": FindingType.ERROR}, check)
