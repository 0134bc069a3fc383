"""UNSUPPORTED_ACTION_IN_POLICY: an action that a trust policy cannot allow."""

from collections.abc import Iterator
from functools import cache

from policystudio.engine.catalog.load import load_authorization
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Actions of other services than STS, and those of STS that are not about a role; names that there are not are
    said to be none.
    """
    for statement in document.statements:
        for action in (*statement.actions, *statement.texts("NotAction")):
            prefix, colon, name = action.text.lower().partition(":")
            if not colon or has_wildcard(prefix) or prefix not in facts.services():
                continue
            is_known = has_wildcard(name) or name in facts.actions(prefix)
            if is_known and (prefix != "sts" or not (has_wildcard(name) or name in _of_roles())):
                message = (
                    f"The action {action.text} is not supported in a trust policy, which is about assuming a role."
                )
                yield "UNSUPPORTED_ACTION_IN_POLICY", message, at(action)


@cache
def _of_roles() -> frozenset[str]:
    """The actions of STS that take a role, in lower case."""
    authorization = load_authorization("sts")
    actions = authorization.actions.items() if authorization else ()
    return frozenset(name.lower() for name, (types, _) in actions if "role" in types)


RULE = Rule(
    "Actions of trust policies",
    {"UNSUPPORTED_ACTION_IN_POLICY": FindingType.ERROR},
    check,
    frozenset({PolicyKind.TRUST}),
)
