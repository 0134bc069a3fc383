"""STUDIO_CREATE_WITHOUT_…: SageMaker's resources may be made without VPC, encryption, isolation; with root access."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import actions_with_key, grants
from policystudio.engine.lint.denies import means
from policystudio.engine.lint.finding import FindingType, Origin, Path
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement

_SAFEGUARDS = {
    "STUDIO_CREATE_WITHOUT_VPC": (("sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds"), "in any network"),
    "STUDIO_CREATE_WITHOUT_ENCRYPTION": (
        tuple(
            f"sagemaker:{name}{ending}"
            for name in ("VolumeKmsKey", "OutputKmsKey", "HomeEfsFileSystemKmsKey")
            for ending in ("", "Arn")
        ),
        "without a KMS key of one's own",
    ),
    "STUDIO_CREATE_WITHOUT_NETWORK_ISOLATION": (("sagemaker:NetworkIsolation",), "without network isolation"),
    "STUDIO_CREATE_WITH_ROOT_ACCESS": (("sagemaker:RootAccess",), "with root access"),
}

#: How many actions a message names.
_SHOWN = 3


def check(document: Document) -> Iterator[Report]:
    """Allows of actions that carry such a key, where neither they nor a Deny of the action have a condition on it."""
    for code, (keys, what) in _SAFEGUARDS.items():
        lowered = frozenset(key.lower() for key in keys)
        denies = [each for each in document.statements if each.effect == "Deny" and _asks(each, lowered)]
        entries: dict[Path, Node] = {}
        names: dict[str, None] = {}
        for statement, entry, action in grants(document, actions_with_key(*sorted(lowered))):
            if not _asks(statement, lowered) and not any(means(deny, action) for deny in denies):
                entries[entry.path] = entry
                names[action] = None
        if entries:
            shown = ", ".join(list(names)[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
            message = f"{shown} may make or change resources {what}: add a condition on {keys[0]}, or a Deny."
            yield code, message, at(*entries.values())


def _asks(statement: Statement, keys: frozenset[str]) -> bool:
    return any(condition.name in keys for condition in statement.conditions)


RULE = Rule(
    "Safeguards of SageMaker",
    dict.fromkeys(_SAFEGUARDS, FindingType.SUGGESTION),
    check,
    frozenset({PolicyKind.IDENTITY}),
    Origin.STUDIO,
)
