"""STUDIO_CONFUSED_DEPUTY: a service may assume the role for whoever asks the service."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
#: Services that act for resources of many accounts with the roles of one, and that say for which: those whose guides
#: on confused deputies ask for the condition.
_DEPUTIES = frozenset(
    {"sagemaker.amazonaws.com", "bedrock.amazonaws.com", "events.amazonaws.com", "glue.amazonaws.com"}
)


def check(document: Document) -> Iterator[Report]:
    """Every Allow to such a service without a condition on whom it acts for."""
    for statement in document.statements:
        names = {condition.name for condition in statement.conditions}
        if statement.effect != "Allow" or names & _SOURCES:
            continue
        services = [node for key, node in statement.principals if key == "Service" and node.text in _DEPUTIES]
        if services:
            message = (
                f"{services[0].text} may assume the role for anybody: add a condition on aws:SourceAccount or"
                " aws:SourceArn."
            )
            yield "STUDIO_CONFUSED_DEPUTY", message, at(*services)


RULE = Rule(
    "Confused deputies",
    {"STUDIO_CONFUSED_DEPUTY": FindingType.SECURITY_WARNING},
    check,
    frozenset({PolicyKind.TRUST}),
    Origin.STUDIO,
)
