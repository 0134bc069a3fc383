"""STUDIO_CONFUSED_DEPUTY: a service may assume the role for whoever asks the service."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
#: Services that act for resources of many accounts with the roles of one, and that say for which: those whose guides
#: on confused deputies ask for the condition.
_DEPUTIES = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "bedrock",
        "codebuild",
        "comprehend",
        "datasync",
        "events",
        "forecast",
        "glue",
        "kendra",
        "personalize",
        "pipes",
        "sagemaker",
        "scheduler",
        "ssm",
        "states",
        "transfer",
    )
)
_COMPARING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def check(document: Document) -> Iterator[Report]:
    """Every Allow to such a service without a condition on whom it acts for."""
    for statement in document.statements:
        if statement.effect != "Allow" or any(map(_names_source, statement.conditions)):
            continue
        services = [node for key, node in statement.principals if key == "Service" and node.text in _DEPUTIES]
        if services:
            message = (
                f"{services[0].text} may assume the role for anybody: add a condition on aws:SourceAccount or"
                " aws:SourceArn."
            )
            yield "STUDIO_CONFUSED_DEPUTY", message, at(*services)


def _names_source(condition: Condition) -> bool:
    """Whether the condition holds for some sources alone, and for no request without one."""
    if condition.name not in _SOURCES or condition.base not in _COMPARING:
        return False
    is_open = condition.if_exists or condition.quantifier == "forallvalues"
    return not is_open and not any(set(value.text) <= set("*") for value in condition.values)


RULE = Rule(
    "Confused deputies",
    {"STUDIO_CONFUSED_DEPUTY": FindingType.SECURITY_WARNING},
    check,
    frozenset({PolicyKind.TRUST}),
    Origin.STUDIO,
)
