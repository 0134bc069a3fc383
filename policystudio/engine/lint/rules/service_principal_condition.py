"""UNSUPPORTED_CONDITION_KEY_FOR_…, RESTRICT_ACCESS_TO_…, RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement

_OF_CALLERS = frozenset({"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"})
_OF_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})


def check(document: Document) -> Iterator[Report]:
    """Every Allow whose principals are services alone."""
    for statement in document.statements:
        services = [node for key, node in statement.principals if key == "Service"]
        if statement.effect != "Allow" or not services or len(services) < len(statement.principals):
            continue
        yield from _unsupported(statement, services)
        if document.kind is PolicyKind.RESOURCE:
            yield from _open(statement, services)


def _unsupported(statement: Statement, services: list[Node]) -> Iterator[Report]:
    keys = [condition.key for condition in statement.conditions if condition.name in _OF_CALLERS]
    if keys:
        names = ", ".join(key.text for key in keys)
        message = f"Requests of a service principal do not carry {names}: remove it."
        yield "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", message, at(*keys, *services)


def _open(statement: Statement, services: list[Node]) -> Iterator[Report]:
    names = {condition.name for condition in statement.conditions}
    if names & _OF_SOURCES:
        return
    message = "Add a condition on aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths"
    for condition in statement.conditions:
        if condition.name == "aws:referer":
            yield "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", f"{message} instead.", at(condition.key)
            return
    yield "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", f"{message}: the service acts for others, too.", at(*services)


RULE = Rule(
    "Conditions on services",
    {
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL": FindingType.ERROR,
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL": FindingType.SECURITY_WARNING,
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL": FindingType.SUGGESTION,
    },
    check,
    WITH_PRINCIPAL,
)
