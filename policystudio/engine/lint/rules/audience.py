"""FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE, CONFIRM_AUDIENCE_CLAIM_TYPE: qualifiers before the audience of a token."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: Providers whose tokens are known to name one audience.
_SINGLE = frozenset(
    f"{provider}:aud"
    for provider in (
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "token.actions.githubusercontent.com",
        "www.amazon.com",
    )
)


def check(document: Document) -> Iterator[Report]:
    """Keys that end with ``:aud`` under ForAnyValue, and of unknown providers under ForAllValues."""
    for statement in document.statements:
        for condition in statement.conditions:
            if not condition.name.endswith(":aud") or condition.name == "saml:aud":
                continue
            key = condition.key.text
            if condition.quantifier == "foranyvalue" and condition.name in _SINGLE:
                message = f"ForAnyValue with the single-valued key `{key}` can be overly permissive: remove it."
                yield "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", message, at(condition.key)
            elif condition.quantifier and condition.name not in _SINGLE:
                message = f"Use {condition.operator.text} for `{key}` only if its tokens name several audiences."
                yield "CONFIRM_AUDIENCE_CLAIM_TYPE", message, at(condition.key)


RULE = Rule(
    "Audiences",
    {
        "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE": FindingType.SECURITY_WARNING,
        "CONFIRM_AUDIENCE_CLAIM_TYPE": FindingType.SUGGESTION,
    },
    check,
    frozenset({PolicyKind.TRUST}),
)
