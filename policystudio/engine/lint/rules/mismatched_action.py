"""MISMATCHED_ACTION_FOR_PRINCIPAL: a way to assume the role that the principal does not have."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.federation import is_saml, oidc_name
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

SAML, WEB, PLAIN = "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:assumerole"


def check(document: Document) -> Iterator[Report]:
    """Each of the three actions beside principals that need another one."""
    for statement in document.statements:
        for action in statement.actions:
            name = action.text.lower()
            if name not in (SAML, WEB, PLAIN):
                continue
            wrong = [node for key, node in statement.principals if _action_of(key, node.text) not in ("", name)]
            if wrong:
                message = (
                    f"The {action.text} action is invalid with {', '.join(node.text for node in wrong)}: SAML providers"
                    " take sts:AssumeRoleWithSAML, OIDC providers sts:AssumeRoleWithWebIdentity, all others"
                    " sts:AssumeRole."
                )
                yield "MISMATCHED_ACTION_FOR_PRINCIPAL", message, at(action, *wrong)


def _action_of(key: str, name: str) -> str:
    """The action by which such a principal assumes a role; empty where that is not known."""
    if key == "Federated":
        if is_saml(name):
            return SAML
        return WEB if oidc_name(name) else ""
    return PLAIN if key in ("AWS", "Service") and name != "*" else ""


RULE = Rule(
    "Actions of principals",
    {"MISMATCHED_ACTION_FOR_PRINCIPAL": FindingType.ERROR},
    check,
    frozenset({PolicyKind.TRUST}),
)
