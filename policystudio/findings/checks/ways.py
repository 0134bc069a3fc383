"""The ways in which SageMaker runs code of one's own as a role, and what of other services such a role may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from policystudio.simulator.permissions import Permission

_S = "sagemaker:"
PASS = "STUDIO_PATH_PASS_ROLE"  # noqa: S105 -- a code, no password


@dataclass(frozen=True, slots=True)
class Way:
    """One way: of each of its ``steps`` one action must be possible.

    ``what`` goes on after "It can". ``passes`` where the caller chooses the role, which then must trust SageMaker;
    otherwise it is the role of what is there. ``operation`` is the call that takes the role. With ``everywhere`` the
    last step counts only where it is allowed on every resource, whatever the context.
    """

    code: str
    what: str
    steps: tuple[tuple[str, ...], ...]
    passes: bool = True
    operation: str = ""
    everywhere: bool = False


WAYS = (
    Way(
        PASS,
        "work in a notebook instance",
        (
            (f"{_S}CreateNotebookInstance", f"{_S}UpdateNotebookInstance"),
            (f"{_S}CreatePresignedNotebookInstanceUrl", f"{_S}CreateNotebookInstanceLifecycleConfig"),
        ),
        operation="CreateNotebookInstance",
    ),
    Way(PASS, "run a training job", ((f"{_S}CreateTrainingJob",),), operation="CreateTrainingJob"),
    Way(
        PASS,
        "run a processing job",
        ((f"{_S}CreateProcessingJob",),),
        operation="CreateProcessingJob",
    ),
    Way(
        PASS,
        "run the code of a model",
        ((f"{_S}CreateModel",), (f"{_S}CreateTransformJob", f"{_S}CreateEndpoint")),
        operation="CreateModel",
    ),
    Way(
        PASS,
        "run a pipeline",
        ((f"{_S}CreatePipeline", f"{_S}UpdatePipeline"), (f"{_S}StartPipelineExecution",)),
        operation="CreatePipeline",
    ),
    Way(
        PASS,
        "work in Studio",
        (
            (
                f"{_S}CreateDomain",
                f"{_S}CreateUserProfile",
                f"{_S}UpdateDomain",
                f"{_S}UpdateUserProfile",
            ),
            (f"{_S}CreatePresignedDomainUrl",),
        ),
        operation="CreateUserProfile",
    ),
    Way(
        "STUDIO_PATH_LIFECYCLE_CONFIG",
        "have a script of its own run when notebook instances start",
        (
            (f"{_S}CreateNotebookInstanceLifecycleConfig", f"{_S}UpdateNotebookInstanceLifecycleConfig"),
            (f"{_S}StartNotebookInstance", f"{_S}UpdateNotebookInstance"),
        ),
        passes=False,
    ),
    Way(
        "STUDIO_PATH_LIFECYCLE_CONFIG",
        "have one run when Studio starts",
        (
            (f"{_S}CreateStudioLifecycleConfig",),
            (f"{_S}UpdateDomain", f"{_S}UpdateUserProfile", f"{_S}UpdateSpace"),
        ),
        passes=False,
    ),
    Way(
        "STUDIO_PATH_PRESIGNED_URL",
        "open anybody's notebook instances",
        ((f"{_S}CreatePresignedNotebookInstanceUrl",),),
        passes=False,
        everywhere=True,
    ),
    Way(
        "STUDIO_PATH_PRESIGNED_URL",
        "open anybody's Studio",
        ((f"{_S}CreatePresignedDomainUrl",),),
        passes=False,
        everywhere=True,
    ),
)


def probes(partition: str, number: str) -> Sequence[Sequence[Permission]]:
    """What of other services is asked of roles and callers, the gravest first; a list for each service."""
    iam = f"arn:{partition}:iam::{number}"
    names = {
        "user": ("AttachUserPolicy", "PutUserPolicy", "CreateAccessKey"),
        "role": ("AttachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"),
        "policy": ("CreatePolicyVersion",),
    }
    return (
        [Permission(f"iam:{action}", kind, f"{iam}:{kind}/*") for kind, actions in names.items() for action in actions],
        [Permission("sts:AssumeRole", "role", f"{iam}:role/*")],
        [Permission("secretsmanager:GetSecretValue", "secret", f"arn:{partition}:secretsmanager:*:{number}:secret:*")],
        [Permission("lambda:UpdateFunctionCode", "function", f"arn:{partition}:lambda:*:{number}:function:*")],
        [Permission(f"s3:{name}", "object", f"arn:{partition}:s3:::*/*") for name in ("GetObject", "PutObject")],
        [Permission("kms:Decrypt", "key", f"arn:{partition}:kms:*:{number}:key/*")],
    )
