"""SCP_SYNTAX_ERROR_ACTION_WILDCARD: a wildcard elsewhere than at the end of an action."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """``*`` at the end, ``?`` nowhere."""
    for statement in document.statements:
        for action in (*statement.actions, *statement.texts("NotAction")):
            if has_wildcard(action.text.removesuffix("*")):
                message = f"Service control policies take * only at the end of an action: update `{action.text}`."
                yield "SCP_SYNTAX_ERROR_ACTION_WILDCARD", message, at(action)


RULE = Rule(
    "Wildcards of service control policies",
    {"SCP_SYNTAX_ERROR_ACTION_WILDCARD": FindingType.ERROR},
    check,
    frozenset({PolicyKind.SERVICE_CONTROL}),
)
