"""`ResourceHandlingOption`: sets of EC2 resources that must be given together."""

from collections.abc import Mapping, Sequence

from policystudio.awsquery.errors import invalid_input
from policystudio.engine.arn import Arn

_ALWAYS = ("instance", "image", "security-group", "network-interface")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "EC2-VPC-InstanceStore": _ALWAYS,
    "EC2-VPC-InstanceStore-Subnet": (*_ALWAYS, "subnet"),
    "EC2-VPC-EBS": (*_ALWAYS, "volume"),
    "EC2-VPC-EBS-Subnet": (*_ALWAYS, "subnet", "volume"),
}


def check_resource_set(option: str, resources: Sequence[str]) -> None:
    """Raise ``InvalidInput`` for an option that there is not, and where a resource of its set is missing."""
    wanted = OPTIONS.get(option)
    if wanted is None:
        raise invalid_input(f"Invalid ResourceHandlingOption: {option} is none of {', '.join(OPTIONS)}.")
    given = {_type_of(resource) for resource in resources}
    missing = [name for name in wanted if name not in given]
    if missing:
        raise invalid_input(
            f"ResourceHandlingOption {option} needs in ResourceArns an ARN of each EC2 resource type "
            f"{', '.join(wanted)}: there is none of {', '.join(missing)}."
        )


def _type_of(resource: str) -> str:
    if resource == "*":
        return ""
    arn = Arn.parse(resource)
    return arn.resource.partition("/")[0] if arn.service == "ec2" else ""
