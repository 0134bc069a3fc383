"""MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, …GITHUB…: who may come with a token of an identity provider."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.federation import GITHUB, oidc_name
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement


def check(document: Document) -> Iterator[Report]:
    """Every Allow to a provider that everybody can have an account at."""
    for statement in document.statements:
        for key, name in statement.principals:
            provider = oidc_name(name.text) if key == "Federated" else ""
            if provider and statement.effect == "Allow":
                yield from _github(statement, name) if provider == GITHUB else _other(statement, name, provider)


def _other(statement: Statement, name: Node, provider: str) -> Iterator[Report]:
    if not any(condition.name.startswith(f"{provider.lower()}:") for condition in statement.conditions):
        message = f"Everybody with a token of {provider} can assume the role: add a condition on one of its keys."
        yield "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", message, at(name)


def _github(statement: Statement, name: Node) -> Iterator[Report]:
    names = {condition.name for condition in statement.conditions}
    subjects = [condition for condition in statement.conditions if condition.name == f"{GITHUB}:sub"]
    if not subjects:
        message = f"Every repository of GitHub can assume the role: add a condition on {GITHUB}:sub."
        yield "MISSING_GITHUB_REPO_CONDITION_KEY", message, at(name)
    for condition in subjects:
        for value in condition.values:
            if condition.base == "stringlike" and has_wildcard(value.text) and f"{GITHUB}:ref" not in names:
                message = "A wildcard here lets in more than one repository and branch: name both."
                yield "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", message, at(value)


RULE = Rule(
    "Tokens of identity providers",
    {
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL": FindingType.SECURITY_WARNING,
        "MISSING_GITHUB_REPO_CONDITION_KEY": FindingType.SECURITY_WARNING,
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED": FindingType.WARNING,
    },
    check,
    frozenset({PolicyKind.TRUST}),
)
