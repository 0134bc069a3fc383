"""STUDIO_PRESIGNED_URL_OPEN: whoever gets the URL works as the notebook, user profile or server that it opens."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import actions_named, allowing
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Statement

_NARROWING = (
    "aws:resourcetag/",
    "sagemaker:resourcetag/",
    "sagemaker:userprofilename",
    "aws:sourceip",
    "aws:sourcevpc",
)


def check(document: Document) -> Iterator[Report]:
    """Allows on every resource, with no condition on its tags, the user, or where the request comes from."""
    for statement, entry, action in allowing(document, actions_named("Presigned")):
        broad = [resource for resource in statement.resources if _is_broad(resource.text)]
        if broad and not _is_narrowed(statement):
            message = f"{action} is allowed for everybody's resources: name them, or add a condition on their tags."
            yield "STUDIO_PRESIGNED_URL_OPEN", message, at(entry, *broad)


def _is_broad(resource: str) -> bool:
    """Whether no part of the resource's name is held to anything."""
    if resource == "*":
        return True
    _, slash, name = resource.split(":", 5)[-1].partition("/")
    return bool(slash) and set(name) <= set("*/")


def _is_narrowed(statement: Statement) -> bool:
    return any(condition.name.startswith(_NARROWING) for condition in statement.conditions)


RULE = Rule(
    "Presigned URLs",
    {"STUDIO_PRESIGNED_URL_OPEN": FindingType.SECURITY_WARNING},
    check,
    frozenset({PolicyKind.IDENTITY}),
    Origin.STUDIO,
)
