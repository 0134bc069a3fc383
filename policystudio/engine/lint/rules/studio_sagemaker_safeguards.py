"""STUDIO_CREATE_WITHOUT_…: SageMaker's resources may be made without VPC, encryption, isolation; with root access."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.allowed import actions_with_key, allowing, keys_of
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

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


def check(document: Document) -> Iterator[Report]:
    """Allows of actions that carry such a key, where no statement of the policy has a condition on it."""
    asked = keys_of(document)
    for code, (keys, what) in _SAFEGUARDS.items():
        lowered = [key.lower() for key in keys]
        if any(key in asked for key in lowered):
            continue
        entries = [entry for _, entry, _ in allowing(document, actions_with_key(*lowered))]
        if entries:
            message = f"This makes or changes resources of SageMaker {what}: add a condition on {keys[0]} or a Deny."
            yield code, message, at(*entries)


RULE = Rule(
    "Safeguards of SageMaker",
    dict.fromkeys(_SAFEGUARDS, FindingType.SUGGESTION),
    check,
    frozenset({PolicyKind.IDENTITY}),
    Origin.STUDIO,
)
