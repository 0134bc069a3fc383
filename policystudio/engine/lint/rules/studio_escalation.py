"""STUDIO_ESCALATION_…: ways to the permissions of a role by way of SageMaker."""

from collections.abc import Iterator, Mapping

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import allowing, passing_to_sagemaker
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement

#: What runs code of whoever makes or changes it, as the role that is passed with it.
RUNNERS: Mapping[str, tuple[str, ...]] = {
    "a notebook instance": ("CreateNotebookInstance", "UpdateNotebookInstance"),
    "a training job": ("CreateTrainingJob", "CreateHyperParameterTuningJob"),
    "a processing job": ("CreateProcessingJob",),
    "a monitoring job": (
        "CreateMonitoringSchedule",
        "UpdateMonitoringSchedule",
        "CreateDataQualityJobDefinition",
        "CreateModelBiasJobDefinition",
        "CreateModelExplainabilityJobDefinition",
        "CreateModelQualityJobDefinition",
    ),
    "a pipeline": ("CreatePipeline", "UpdatePipeline"),
    "a model of an endpoint": ("CreateModel",),
    "a cluster": ("CreateCluster", "UpdateCluster"),
    "a domain of Studio": ("CreateDomain", "UpdateDomain"),
    "a user profile of Studio": ("CreateUserProfile", "UpdateUserProfile"),
}
#: A script that runs as a role that others chose: who writes it, who has it run, where.
SCRIPTS = (
    (
        ("UpdateNotebookInstanceLifecycleConfig", "CreateNotebookInstanceLifecycleConfig"),
        ("StartNotebookInstance", "UpdateNotebookInstance"),
        "a notebook instance",
    ),
    (
        ("CreateStudioLifecycleConfig",),
        ("UpdateDomain", "UpdateUserProfile", "UpdateSpace", "CreateApp"),
        "Studio",
    ),
)


def check(document: Document) -> Iterator[Report]:
    """A role passed to SageMaker for code of one's own, and scripts put into what runs as another role."""
    passing = [(entry, roles) for statement, entry in passing_to_sagemaker(document) if (roles := _open(statement))]
    if passing:
        yield from _pass_role(document, passing)
    for writers, runners, what in SCRIPTS:
        writing = _entries(document, writers)
        running = _entries(document, runners) if writing else []
        if running:
            message = f"A script of one's own can be run as the role of {what}: keep these two apart."
            written = {entry.path for entry in writing}
            others = [entry for entry in running if entry.path not in written]
            yield "STUDIO_ESCALATION_LIFECYCLE_CONFIG", message, at(*writing, *others)


def _pass_role(document: Document, passing: list[tuple[Node, list[Node]]]) -> Iterator[Report]:
    found = {what: entries for what, names in RUNNERS.items() if (entries := _entries(document, names))}
    using = {entry.path: entry for entries in found.values() for entry in entries}
    for entry, roles in passing if found else ():
        message = (
            f"Whoever has this can give {', '.join(found)} of their own any role that the pattern matches, and so has"
            " its permissions: name the roles."
        )
        yield (
            "STUDIO_ESCALATION_PASS_ROLE",
            message,
            at(entry, *roles, *(use for path, use in using.items() if path != entry.path)),
        )


def _entries(document: Document, names: tuple[str, ...]) -> list[Node]:
    return [entry for _, entry, _ in allowing(document, (f"sagemaker:{name}" for name in names))]


def _open(statement: Statement) -> list[Node]:
    """What stands for roles that nobody has named; nothing where a condition holds the roles to their tags."""
    if any(condition.name.startswith(("iam:resourcetag/", "aws:resourcetag/")) for condition in statement.conditions):
        return []
    excepted = statement.elements.get("NotResource")
    if excepted is not None:
        return [excepted]
    return [resource for resource in statement.resources if has_wildcard(resource.text.rpartition("/")[2])]


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
