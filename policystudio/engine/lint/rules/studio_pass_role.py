"""STUDIO_PASS_ROLE_…: SageMaker's users may pass roles to any service, or any role to SageMaker."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import PASSING, allowing, holds_service, passing_to_sagemaker
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Statement


def check(document: Document) -> Iterator[Report]:
    """Only of policies that have actions of SageMaker. What AWS's own check of both at once says is not said again."""
    if not _is_about_sagemaker(document):
        return
    for statement, entry, _ in allowing(document, (PASSING,)):
        if not holds_service(statement) and not _any_role(statement):
            message = (
                "The roles can be passed to every service: add a condition on iam:PassedToService that names"
                " sagemaker.amazonaws.com."
            )
            yield "STUDIO_PASS_ROLE_ANY_SERVICE", message, at(entry)
    for statement, entry in passing_to_sagemaker(document):
        if holds_service(statement) and _any_role(statement):
            message = (
                "Every role that trusts SageMaker can be passed to it: name the roles, or the beginning of their names."
            )
            yield "STUDIO_PASS_ROLE_ANY_ROLE", message, at(entry, *statement.resources, *statement.texts("NotResource"))


def _is_about_sagemaker(document: Document) -> bool:
    return any(
        statement.effect == "Allow" and action.text.lower().startswith("sagemaker:")
        for statement in document.statements
        for action in statement.actions
    )


def _any_role(statement: Statement) -> bool:
    """Whether nothing holds the role to a name or a tag: neither its ARN nor a condition."""
    if any(condition.name.startswith(("iam:resourcetag/", "aws:resourcetag/")) for condition in statement.conditions):
        return False
    if "NotResource" in statement.elements:
        return True
    return any(set(resource.text.rpartition("/")[2]) <= set("*") for resource in statement.resources)


RULE = Rule(
    "Roles for SageMaker",
    {
        "STUDIO_PASS_ROLE_ANY_SERVICE": FindingType.WARNING,
        "STUDIO_PASS_ROLE_ANY_ROLE": FindingType.WARNING,
    },
    check,
    frozenset({PolicyKind.IDENTITY}),
    Origin.STUDIO,
)
