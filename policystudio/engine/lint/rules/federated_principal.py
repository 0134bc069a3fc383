"""INVALID_FEDERATED_PRINCIPAL_SYNTAX_…, FEDERATED_PRINCIPAL_NOT_SUPPORTED: identity providers as principals."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.federation import is_saml, oidc_name
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """What stands under Federated: in trust policies a domain or the ARN of a provider, elsewhere nothing."""
    for statement in document.statements:
        for key, name in statement.principals:
            if key != "Federated":
                continue
            if document.kind is not PolicyKind.TRUST:
                message = "This type of policy does not support identity providers as principals."
                yield "FEDERATED_PRINCIPAL_NOT_SUPPORTED", message, at(name)
            elif not is_saml(name.text) and not oidc_name(name.text) and not has_wildcard(name.text):
                message = f"`{name.text}` is neither a domain name nor the ARN of an identity provider."
                yield "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", message, at(name)


RULE = Rule(
    "Federated principals",
    {
        "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY": FindingType.ERROR,
        "FEDERATED_PRINCIPAL_NOT_SUPPORTED": FindingType.ERROR,
    },
    check,
    WITH_PRINCIPAL,
)
