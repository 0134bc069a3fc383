"""Look at everything of SageMaker, and at no data."""

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.policies.templates.activity import Activity, Grant, can, cannot

VERSION = 1
#: Reads that hand out data, or the means to get at them, or act.
_DATA = frozenset(
    {
        "AccessModelPackage",
        "BatchGetMetrics",
        "BatchGetRecord",
        "CallWithBearerToken",
        "CreateHubContentPresignedUrls",
        "GetRecord",
        "GetSamplingOperationResult",
        "GetTrainingOperationResult",
        "ListRecords",
        "RenderUiTemplate",
    }
)


def _grants() -> tuple[Grant, ...]:
    """Every read and list action of the catalogue whose types are known, by type."""
    found: dict[str, list[str]] = {}
    for column in load_sagemaker().columns():
        name = column.action.partition(":")[2]
        if column.access_level in ("List", "Read") and name not in _DATA and column.types_known:
            found.setdefault(column.resource_type, []).append(name)
    return tuple(
        Grant(resource_type, tuple(names), owned=False, purpose="" if resource_type == NO_TYPE else "Read")
        for resource_type, names in found.items()
    )


ACTIVITY = Activity(
    "read-everything",
    "Read everything",
    "list and describe everything of SageMaker in the account, and change nothing. Records, metrics and model data are"
    " not shown.",
    _grants(),
    (),
    (
        can("describe a training job", "sagemaker:DescribeTrainingJob", "training-job/{other}1"),
        can("list endpoints", "sagemaker:ListEndpoints"),
        cannot("stop a training job", "sagemaker:StopTrainingJob", "training-job/{prefix}1"),
        cannot("read a record of a feature group", "sagemaker:GetRecord", "feature-group/{prefix}1"),
        cannot("open Studio", "sagemaker:CreatePresignedDomainUrl", "user-profile/d-a1b2c3d4e5f6/{user}"),
    ),
)
