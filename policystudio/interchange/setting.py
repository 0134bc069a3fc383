"""What a file is read for: the account, and what a person says that the file does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policystudio.interchange.edits import NEW

_CHINA = "aws-cn"


def nobody(kind: str, name: str) -> str | None:  # noqa: ARG001 -- the shape of ``Setting.identity_arn``
    """An account of which nobody is known."""
    return None


@dataclass(frozen=True, slots=True)
class Setting:
    """The account that a file is read for.

    ``values`` are those of variables, locals and parameters by name; ``identity_arn`` finds an identity of the account
    by its kind and name, ``organization_policy_id`` a policy of its organization by `scp` or `rcp` and name.
    """

    number: str
    partition: str = "aws"
    region: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    identity_arn: Callable[[str, str], str | None] = nobody
    organization_policy_id: Callable[[str, str], str | None] = nobody

    @property
    def dns_suffix(self) -> str:
        """The end of the host names of AWS's services in the partition."""
        return "amazonaws.com.cn" if self.partition == _CHINA else "amazonaws.com"

    def organization_target(self, kind: str, name: str) -> str:
        """The id of an organization policy, or what stands for that of a new one."""
        return self.organization_policy_id(kind, name) or f"{NEW}{name}"

    def arn(self, kind: str, path: str, name: str) -> str:
        """The ARN of something of IAM's in the account."""
        return f"arn:{self.partition}:iam::{self.number}:{kind}{path or '/'}{name}"
