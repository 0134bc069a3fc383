"""The parameters of templates: what each is, how it is read, and what is told of one that cannot be read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from policystudio.engine.lint.regions import is_region
from policystudio.lib.said import Absent, Contrary

#: So much of a wrong value is told.
_TOLD = 200
#: As people and programs give them: a text, or texts of a parameter that takes several.
Given = Mapping[str, str | Sequence[str]]
#: As they are kept: one form for each meaning.
Parameters = dict[str, str | list[str]]

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
_ACCOUNT = re.compile(r"[0-9]{12}")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_TAG_KEY = re.compile(r"(?!aws:)[A-Za-z0-9_.:/+@-]{1,128}", re.IGNORECASE)
_TAG_VALUE = re.compile(r"[\w.:/=+@-]([\w .:/=+@-]{0,254}[\w.:/=+@-])?")
_SUBNET = re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})")
_SECURITY_GROUP = re.compile(r"sg-([0-9a-f]{8}|[0-9a-f]{17})")
_BUCKET = re.compile(r"(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY_ID = re.compile(r"key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})")
_ROLE = re.compile(r"role/([!-)+->@-\[\]-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}")
_REPOSITORY = re.compile(r"repository/[a-z0-9]+([._/-][a-z0-9]+)*")


class ParameterError(ValueError):
    """Parameters that cannot be taken, each with the reason and what to write instead."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{name}: {message}" for name, message in self.problems))


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that says whose a resource is."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


@dataclass(frozen=True, slots=True)
class Values:
    """All parameters, read. What was not given is empty."""

    account: str
    partition: str = "aws"
    regions: tuple[str, ...] = ()
    name_prefix: str = ""
    tag: Tag | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    kms_keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    profile_tag: str = ""

    @property
    def region(self) -> str:
        """The Region for ARNs: the one there is, else any."""
        return self.regions[0] if len(self.regions) == 1 else "*"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in the account and its Regions."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def as_parameters(self) -> Parameters:
        """The parameters as they are kept, without those that were not given."""
        found: Parameters = {}
        for name in PARAMETERS:
            value = getattr(self, name.replace("-", "_"))
            if value:
                found[name] = sorted(value) if isinstance(value, tuple) else str(value)
        return found


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter. ``most`` is how many values it takes; ``problem`` says what is wrong with one, or nothing."""

    name: str
    title: str
    help: str
    example: str
    most: int
    problem: Callable[[str], str]

    @property
    def takes_several(self) -> bool:
        """Whether it is a list."""
        return self.most > 1


def _unless(pattern: re.Pattern[str], said: str, value: str) -> str:
    return "" if pattern.fullmatch(value) else said


def _region(value: str) -> str:
    return "" if is_region(value) and value != "aws-global" else "is no Region"


def _tag(value: str) -> str:
    key, equals, content = value.partition("=")
    if not equals:
        return "must be a key and a value with `=` between them"
    if not _TAG_KEY.fullmatch(key):
        return "has a key that no tag can have here: letters, digits and `_.:/+@-`, not `aws:` in front"
    return "" if _TAG_VALUE.fullmatch(content) else "has a value that no tag can have: letters, digits and `_.:/=+@-`"


def _arn(service: str, resource: re.Pattern[str], what: str, value: str) -> str:
    parts = value.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != service:
        return f"is not the ARN of {what}"
    if not _ACCOUNT.fullmatch(parts[4]):
        return "names no account"
    if (service == "iam") != (not parts[3]) or (parts[3] and not is_region(parts[3])):
        return "names no Region" if service != "iam" else "names a Region, and roles have none"
    if parts[5].startswith("alias/"):
        return "is the alias of a key: give the ARN of the key itself"
    return "" if resource.fullmatch(parts[5]) else f"is not the ARN of one {what.partition(' ')[2]}"


_KEY_EXAMPLE = "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e"

PARAMETERS: Mapping[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "account",
            "Account",
            "The account that everything is in.",
            "111122223333",
            1,
            partial(_unless, _ACCOUNT, "is no account: write its 12 digits"),
        ),
        Parameter(
            "partition",
            "Partition",
            "The partition of the account; aws unless told otherwise.",
            "aws",
            1,
            lambda value: "" if value in ("aws", *PARTITIONS.values()) else "is none of aws, aws-cn, aws-us-gov",
        ),
        Parameter("regions", "Regions", "The Regions to work in. Without any, all of them.", "eu-west-1", 40, _region),
        Parameter(
            "name-prefix",
            "Name prefix",
            "Only resources whose names begin like this. SageMaker writes names in ARNs in lower case.",
            "churn-",
            1,
            partial(_unless, _PREFIX, "is no prefix: lower-case letters, digits and hyphens, at most 40"),
        ),
        Parameter(
            "tag",
            "Tag",
            "Only resources with this tag; what is made must be given it.",
            "team=forecast",
            1,
            _tag,
        ),
        Parameter(
            "subnets",
            "VPC subnets",
            "Jobs and models run in these. Without any: in any VPC, but in one; an execution role joins none.",
            "subnet-0bb1c79de3f0aa1b2",
            16,
            partial(_unless, _SUBNET, "is no id of a subnet"),
        ),
        Parameter(
            "security-groups",
            "VPC security groups",
            "Jobs and models have these. Without any: those of any VPC.",
            "sg-0a1b2c3d4e5f60718",
            5,
            partial(_unless, _SECURITY_GROUP, "is no id of a security group"),
        ),
        Parameter(
            "kms-keys",
            "KMS keys",
            "Storage and output are encrypted with these. Without any: with any key of the account, but with one; an "
            "execution role uses none.",
            _KEY_EXAMPLE,
            5,
            partial(_arn, "kms", _KEY_ID, "a KMS key"),
        ),
        Parameter(
            "roles",
            "Execution roles",
            "The roles that may be passed to SageMaker.",
            "arn:aws:iam::111122223333:role/sagemaker/training-exec",
            20,
            partial(_arn, "iam", _ROLE, "a role"),
        ),
        Parameter(
            "buckets",
            "S3 buckets",
            "The buckets with data and results, by name.",
            "churn-data-eu-west-1",
            40,
            partial(_unless, _BUCKET, "is no name of a bucket: write it without s3:// and without a path"),
        ),
        Parameter(
            "repositories",
            "Image repositories",
            "The ECR repositories of container images, AWS's own too.",
            "arn:aws:ecr:eu-west-1:111122223333:repository/churn/train",
            20,
            partial(_arn, "ecr", _REPOSITORY, "an ECR repository"),
        ),
        Parameter(
            "profile-tag",
            "Tag of the user profile",
            "One's own user profile is the one whose tag of this key has the same value as that of the principal."
            " Without it: the one named as the IAM user.",
            "studiouserid",
            1,
            partial(_unless, _TAG_KEY, "is no key of a tag: letters, digits and `_.:/+@-`, not `aws:` in front"),
        ),
    )
}


def read(given: Given, takes: Iterable[str], required: Iterable[str], one_of: Iterable[str] = ()) -> Values:
    """Read parameters. ``one_of`` are those of which one must be given. Raises ``ParameterError`` with all problems."""
    offered = list(takes)
    problems: list[tuple[str, str]] = []
    found: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        if name not in offered:
            problems.append((name, Absent(f"is no parameter of this template: there are {', '.join(offered)}")))
            continue
        found[name] = _values(PARAMETERS[name], value)
        problems += [(name, message) for message in _problems(PARAMETERS[name], found[name])]
    problems += [(name, Contrary(_missing(PARAMETERS[name]))) for name in required if not found.get(name)]
    either = tuple(one_of)
    if either and not any(found.get(name) for name in either):
        said = Contrary(f"one of {' and '.join(either)} is needed, to say whose resources they are")
        problems.append((either[0], said))
    if problems:
        raise ParameterError(problems)
    values = _read(found)
    problems += [(name, Contrary(message)) for name, message in _contradictions(values)]
    if problems:
        raise ParameterError(problems)
    return values


def _values(parameter: Parameter, value: str | Sequence[str]) -> tuple[str, ...]:
    """The values, each once; of a parameter that takes several, white space parts them."""
    texts = [value] if isinstance(value, str) else list(value)
    parts = [part for text in texts for part in (text.split() if parameter.takes_several else [text.strip()]) if part]
    return tuple(sorted(set(parts)))


def _problems(parameter: Parameter, values: Sequence[str]) -> Iterable[str]:
    if len(values) > parameter.most:
        many = f"at most {parameter.most} values" if parameter.takes_several else "one value"
        yield f"takes {many}, these are {len(values)}"
        return
    for value in values:
        message = parameter.problem(value)
        if message:
            yield f"`{value[:_TOLD]}` {message}, such as `{parameter.example}`"


def _missing(parameter: Parameter) -> str:
    return f"is needed: {parameter.help[:1].lower()}{parameter.help[1:].rstrip('.')}, such as `{parameter.example}`"


def _read(found: Mapping[str, tuple[str, ...]]) -> Values:
    def one(name: str) -> str:
        return next(iter(found.get(name, ())), "")

    key, _, content = one("tag").partition("=")
    return Values(
        account=one("account"),
        partition=one("partition") or "aws",
        regions=found.get("regions", ()),
        name_prefix=one("name-prefix"),
        tag=Tag(key, content) if key else None,
        subnets=found.get("subnets", ()),
        security_groups=found.get("security-groups", ()),
        kms_keys=found.get("kms-keys", ()),
        roles=found.get("roles", ()),
        buckets=found.get("buckets", ()),
        repositories=found.get("repositories", ()),
        profile_tag=one("profile-tag"),
    )


def _contradictions(values: Values) -> Iterable[tuple[str, str]]:
    """What is well formed by itself and does not fit the rest."""
    for region in values.regions:
        partition = next((name for head, name in PARTITIONS.items() if region.startswith(head)), "aws")
        if partition != values.partition:
            yield "regions", f"`{region}` is in the partition {partition}, not in {values.partition}"
    for name, arns in (("kms-keys", values.kms_keys), ("roles", values.roles), ("repositories", values.repositories)):
        for arn in arns:
            _, partition, _, region, account, _ = arn.split(":", 5)
            if partition != values.partition:
                yield name, f"`{arn}` is in the partition {partition}, not in {values.partition}"
            if account != values.account and name != "repositories":
                yield name, f"`{arn}` is of account {account}, not of {values.account}"
            if region and values.regions and region not in values.regions:
                yield name, f"`{arn}` is in {region}, which is none of the Regions {', '.join(values.regions)}"
    if values.security_groups and not values.subnets:
        yield "subnets", "are needed where security groups are given: a VPC has both"
