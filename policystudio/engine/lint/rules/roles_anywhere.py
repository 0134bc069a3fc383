"""MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY: IAM Roles Anywhere needs three actions."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_NEEDED = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")


def check(document: Document) -> Iterator[Report]:
    """Every Allow to its service principal."""
    for statement in document.statements:
        for key, name in statement.principals:
            if statement.effect != "Allow" or (key, name.text) != ("Service", "rolesanywhere.amazonaws.com"):
                continue
            missing = [
                needed
                for needed in _NEEDED
                if not any(facts.action_matches(action.text, needed) for action in statement.actions)
            ]
            action = statement.elements.get("Action")
            if missing and action is not None:
                message = f"IAM Roles Anywhere needs {', '.join(missing)} as well to assume the role."
                yield "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", message, at(action)


RULE = Rule(
    "IAM Roles Anywhere",
    {"MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY": FindingType.ERROR},
    check,
    frozenset({PolicyKind.TRUST}),
)
