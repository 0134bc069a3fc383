"""RCP_MISSING_…: a resource control policy that also hits AWS's services, or everyone but them."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document, Statement

_SERVICE = "aws:principalisawsservice"
#: Keys of who asks, which a service does not have, and keys of what a service asks for.
_OF_PRINCIPALS = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
]
_OF_SERVICES = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"]


def check(document: Document) -> Iterator[Report]:
    """Every Deny with such a key and without what holds it to those who have the key."""
    for statement in document.statements:
        if statement.effect != "Deny":
            continue
        for condition in statement.conditions:
            name = condition.name
            if condition.base == "null":
                continue
            if name.startswith(tuple(_OF_PRINCIPALS)) and not _asks(statement, "false"):
                yield _report("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", condition, "false")
            if name in _OF_SERVICES and not _asks(statement, "true"):
                yield _report("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", condition, "true")
            if name in ("aws:sourceorgid", "aws:sourceorgpaths") and not _has_source(statement):
                message = (
                    f"Add Null with aws:SourceAccount or aws:SourceArn false beside `{condition.key.text}`: not every"
                    " request of a service carries it."
                )
                yield "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", message, at(condition.key)


def _asks(statement: Statement, answer: str) -> bool:
    """Whether the statement is about services alone, or about all others alone."""
    return any(
        condition.name == _SERVICE and [value.text.lower() for value in condition.values] == [answer]
        for condition in statement.conditions
    )


def _has_source(statement: Statement) -> bool:
    return any(
        condition.base == "null" and condition.name in ("aws:sourceaccount", "aws:sourcearn")
        for condition in statement.conditions
    )


def _report(code: str, condition: Condition, answer: str) -> Report:
    message = (
        f"Add BoolIfExists with aws:PrincipalIsAWSService {answer} beside `{condition.key.text}`, so that the statement"
        " hits no more than it means."
    )
    return code, message, at(condition.key)


RULE = Rule(
    "Services and resource control policies",
    {
        "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY": FindingType.WARNING,
        "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY": FindingType.WARNING,
        "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK": FindingType.WARNING,
    },
    check,
    frozenset({PolicyKind.RESOURCE_CONTROL}),
)
