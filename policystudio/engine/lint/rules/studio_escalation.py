"""STUDIO_ESCALATION_…: ways to the permissions of a role by way of SageMaker."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import actions_that_pass_roles, allowing, passing_to_sagemaker
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: A script that runs as a role that others chose: first who writes it, then who has it run.
_SCRIPTS = (
    (
        ("sagemaker:UpdateNotebookInstanceLifecycleConfig", "sagemaker:CreateNotebookInstanceLifecycleConfig"),
        ("sagemaker:StartNotebookInstance", "sagemaker:UpdateNotebookInstance"),
        "a notebook instance",
    ),
    (
        ("sagemaker:CreateStudioLifecycleConfig",),
        ("sagemaker:UpdateDomain", "sagemaker:UpdateUserProfile", "sagemaker:UpdateSpace"),
        "Studio",
    ),
)


def check(document: Document) -> Iterator[Report]:
    """A role passed to SageMaker for code of one's own, and scripts put into what runs as another role."""
    passing = [
        (entry, [resource for resource in statement.resources if has_wildcard(resource.text.rpartition("/")[2])])
        for statement, entry in passing_to_sagemaker(document)
    ]
    using = [entry for _, entry, _ in allowing(document, actions_that_pass_roles())]
    for entry, roles in passing:
        if using and roles:
            message = (
                "Whoever has this can give a job, notebook or model of their own any role that the pattern matches,"
                " and so has its permissions: name the roles."
            )
            yield "STUDIO_ESCALATION_PASS_ROLE", message, at(entry, *roles, *(use for use in using if use != entry))
    for writers, runners, what in _SCRIPTS:
        writing = [entry for _, entry, _ in allowing(document, writers)]
        running = [entry for _, entry, _ in allowing(document, runners)]
        if writing and running:
            message = f"A script of one's own can be run as the role of {what}: keep these two apart."
            others = [entry for entry in running if entry not in writing]
            yield "STUDIO_ESCALATION_LIFECYCLE_CONFIG", message, at(*writing, *others)


RULE = Rule(
    "Ways to other permissions",
    {
        "STUDIO_ESCALATION_PASS_ROLE": FindingType.SECURITY_WARNING,
        "STUDIO_ESCALATION_LIFECYCLE_CONFIG": FindingType.SECURITY_WARNING,
    },
    check,
    frozenset({PolicyKind.IDENTITY}),
    Origin.STUDIO,
)
