"""What activities and execution roles need of other services than SageMaker."""

from collections.abc import Callable, Iterable, Iterator

from policystudio.policies.templates.activity import Conditions, Part, Statement
from policystudio.policies.templates.parameters import Values

SERVICE = "sagemaker.amazonaws.com"
_PASS_ROLE = "iam:PassRole"  # noqa: S105 -- an action, no password
_LOG_GROUP = "log-group:/aws/sagemaker/*"
#: The namespaces in which SageMaker's jobs and endpoints publish:
#: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
_NAMESPACES = ("/aws/sagemaker/*", "aws/sagemaker/*", "AWS/SageMaker", "AWS/SageMaker/*")


def _requested(values: Values) -> Conditions:
    """The Regions, for statements on ``*``."""
    return (("StringEquals", "aws:RequestedRegion", values.regions),) if values.regions else ()


def _elsewhere(values: Values) -> Conditions:
    """The Regions, for ARNs that name none because there are several."""
    return _requested(values) if len(values.regions) > 1 else ()


def _via(values: Values, *services: str) -> tuple[str, str, tuple[str, ...]]:
    """The services through which alone KMS keys are used."""
    suffix = "amazonaws.com.cn" if values.partition == "aws-cn" else "amazonaws.com"
    regions = values.regions or ("*",)
    names = tuple(sorted(f"{service}.{region}.{suffix}" for service in services for region in regions))
    return ("StringEquals" if values.regions else "StringLike", "kms:ViaService", names)


def _pass_roles(values: Values) -> Iterator[Statement]:
    yield Statement("PassRoles", (_PASS_ROLE,), values.roles, (("StringEquals", "iam:PassedToService", (SERVICE,)),))


_CREATE_GRANT, _DESCRIBE_KEY = "kms:CreateGrant", "kms:DescribeKey"


def _use_keys(values: Values) -> Iterator[Statement]:
    """The caller's part in encrypting with a key: SageMaker makes a grant in the caller's name."""
    keys = values.kms_keys or (values.arn("kms", "key/*"),)
    via = _via(values, "sagemaker")
    for_resource = ("Bool", "kms:GrantIsForAWSResource", ("true",))
    yield Statement("GrantKeys", (_CREATE_GRANT,), keys, (for_resource, via))
    yield Statement("DescribeKeys", (_DESCRIBE_KEY,), keys, (via,))


def _bucket_arns(values: Values, ending: str = "") -> tuple[str, ...]:
    return tuple(f"arn:{values.partition}:s3:::{name}{ending}" for name in values.buckets)


_ON_BUCKETS = ("s3:GetBucketLocation", "s3:ListBucket")
_READ_OBJECTS = ("s3:GetObject",)
_WRITE_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")
_WITH_KEYS = ("kms:Decrypt", "kms:GenerateDataKey")


def _buckets(values: Values, objects: tuple[str, ...], keys: tuple[str, ...]) -> Iterator[Statement]:
    ours: Conditions = (("StringEquals", "aws:ResourceAccount", (values.account,)),)
    yield Statement("ListBuckets", _ON_BUCKETS, _bucket_arns(values), ours)
    yield Statement("AccessObjects", objects, _bucket_arns(values, "/*"), ours)
    if values.kms_keys:
        yield Statement("AccessObjectKeys", keys, values.kms_keys, (_via(values, "s3"),))


def _access_buckets(values: Values) -> Iterator[Statement]:
    return _buckets(values, (*_READ_OBJECTS, *_WRITE_OBJECTS), _WITH_KEYS)


def _read_buckets(values: Values) -> Iterator[Statement]:
    return _buckets(values, _READ_OBJECTS, ("kms:Decrypt",))


_READ_STREAMS = ("logs:GetLogEvents",)
_READ_GROUPS = ("logs:DescribeLogStreams", "logs:FilterLogEvents")
_READ_METRICS = ("cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics")


def _watch(values: Values) -> Iterator[Statement]:
    groups = (values.arn("logs", _LOG_GROUP),)
    yield Statement("ReadLogs", (*_READ_GROUPS, *_READ_STREAMS), groups, _elsewhere(values))
    yield Statement("ReadMetrics", _READ_METRICS, ("*",), _requested(values))


_WRITE_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


def _log(values: Values) -> Iterator[Statement]:
    yield Statement("WriteLogs", _WRITE_LOGS, (values.arn("logs", _LOG_GROUP),), _elsewhere(values))
    namespaces = ("StringLike", "cloudwatch:namespace", _NAMESPACES)
    yield Statement("PublishMetrics", ("cloudwatch:PutMetricData",), ("*",), (*_requested(values), namespaces))


_SIGN_IN, _PULL = (
    "ecr:GetAuthorizationToken",
    (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ),
)


def _pull_images(values: Values) -> Iterator[Statement]:
    if values.repositories:
        yield Statement("SignInToRegistries", (_SIGN_IN,), ("*",), _requested(values))
        yield Statement("PullImages", _PULL, values.repositories)


_ENCRYPT = ("kms:Decrypt", _DESCRIBE_KEY, "kms:Encrypt", "kms:GenerateDataKey")


def _role_keys(values: Values) -> Iterator[Statement]:
    if values.kms_keys:
        yield Statement("EncryptWithKeys", _ENCRYPT, values.kms_keys)
        for_resource = ("Bool", "kms:GrantIsForAWSResource", ("true",))
        yield Statement("GrantKeys", (_CREATE_GRANT,), values.kms_keys, (for_resource,))


_SEE_NETWORK = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
_MAKE_INTERFACE, _PERMIT_INTERFACE = "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission"
_REMOVE_INTERFACE = ("ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission")


def _join_network(values: Values) -> Iterator[Statement]:
    """Network interfaces in the subnets, for SageMaker alone."""
    if not values.subnets:
        return
    subnets = tuple(values.arn("ec2", f"subnet/{one}") for one in values.subnets)
    groups = tuple(values.arn("ec2", f"security-group/{one}") for one in values.security_groups or ("*",))
    interfaces = (values.arn("ec2", "network-interface/*"),)
    there = ("ArnLike" if values.region == "*" else "ArnEquals", "ec2:Subnet", subnets)
    where = _elsewhere(values)
    yield Statement("SeeNetwork", _SEE_NETWORK, ("*",), _requested(values))
    yield Statement("MakeInterfaces", (_MAKE_INTERFACE,), (*interfaces, *groups, *subnets), where)
    for_service = ("StringEquals", "ec2:AuthorizedService", (SERVICE,))
    yield Statement("PermitInterfaces", (_PERMIT_INTERFACE,), interfaces, (*where, there, for_service))
    yield Statement("RemoveInterfaces", _REMOVE_INTERFACE, interfaces, (*where, there))


def _tables(values: Values) -> Iterator[Statement]:
    """The Glue tables of offline stores, which SageMaker keeps in a database of its own."""
    places = ("catalog", "database/sagemaker_featurestore", "table/sagemaker_featurestore/*")
    on = tuple(values.arn("glue", place) for place in places)
    yield Statement("KeepFeatureTables", ("glue:GetTable", "glue:UpdateTable"), on, _elsewhere(values))


def _part(
    name: str, actions: Iterable[str], takes: str, required: str, build: Callable[[Values], Iterable[Statement]]
) -> Part:
    return Part(name, tuple(sorted(actions)), tuple(takes.split()), tuple(required.split()), build)


PASS_ROLES = _part("pass roles to SageMaker", (_PASS_ROLE,), "roles", "roles", _pass_roles)
USE_KEYS = _part("use KMS keys", (_CREATE_GRANT, _DESCRIBE_KEY), "kms-keys", "", _use_keys)
ACCESS_BUCKETS = _part(
    "read and write buckets",
    (*_ON_BUCKETS, *_READ_OBJECTS, *_WRITE_OBJECTS, *_WITH_KEYS),
    "buckets kms-keys",
    "buckets",
    _access_buckets,
)
READ_BUCKETS = _part(
    "read buckets", (*_ON_BUCKETS, *_READ_OBJECTS, "kms:Decrypt"), "buckets kms-keys", "buckets", _read_buckets
)
WATCH = _part("read logs and metrics", (*_READ_GROUPS, *_READ_STREAMS, *_READ_METRICS), "", "", _watch)
LOG = _part("write logs and metrics", (*_WRITE_LOGS, "cloudwatch:PutMetricData"), "", "", _log)
PULL_IMAGES = _part("pull images", (_SIGN_IN, *_PULL), "repositories", "", _pull_images)
ROLE_KEYS = _part("encrypt with keys", (*_ENCRYPT, _CREATE_GRANT), "kms-keys", "", _role_keys)
JOIN_NETWORK = _part(
    "join a VPC",
    (*_SEE_NETWORK, _MAKE_INTERFACE, _PERMIT_INTERFACE, *_REMOVE_INTERFACE),
    "subnets security-groups",
    "",
    _join_network,
)
FEATURE_TABLES = _part("keep tables of features", ("glue:GetTable", "glue:UpdateTable"), "", "", _tables)
