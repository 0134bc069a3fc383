"""What an export says, as plain data: accounts with their policies and identities, before any row is looked at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policystudio.awssync.snapshot.report import Place


@dataclass(slots=True)
class VersionRecord:
    """One version of a managed policy; ``digest`` names its document in ``Documents``."""

    version_id: str
    digest: str
    is_default: bool
    created_at: datetime | None


@dataclass(slots=True)
class PolicyRecord:
    """A managed policy; without versions where the export only mentions it."""

    arn: str
    name: str
    path: str
    place: Place = field(compare=False)
    is_aws_managed: bool = False
    policy_id: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_attachable: bool = True
    #: What AWS counted in the account, None where that is not told, and how much more that is than the file shows.
    attachment_count: int | None = field(default=None, compare=False)
    boundary_count: int | None = field(default=None, compare=False)
    attachments_beyond: int = field(default=0, compare=False)
    boundary_uses_beyond: int = field(default=0, compare=False)
    versions: list[VersionRecord] = field(default_factory=list)


@dataclass(slots=True)
class ProfileRecord:
    """An instance profile, as the role that is in it tells of it."""

    arn: str
    name: str
    path: str
    place: Place = field(compare=False)
    unique_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(slots=True)
class IdentityRecord:
    """A user, group or role with all that gives it permissions. ``gaps`` as in ``identities.models.Identity``."""

    kind: str
    arn: str
    number: str
    name: str
    path: str
    place: Place = field(compare=False)
    unique_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    last_used: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    max_session_duration: int | None = None
    password_last_used: datetime | None = None
    profiles: list[ProfileRecord] = field(default_factory=list)
    boundary: str = ""
    trust: str = ""
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def service_linked(self) -> bool:
        """Whether an AWS service owns the role."""
        return self.kind == "role" and self.path.startswith("/aws-service-role/")


@dataclass(slots=True)
class AccountRecord:
    """What an export says of one account: policies by ARN, identities by kind and lower-case name."""

    number: str
    partition: str
    policies: dict[str, PolicyRecord] = field(default_factory=dict)
    identities: dict[tuple[str, str], IdentityRecord] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows its identities make."""
        parts = ("inline", "attached", "groups", "profiles")
        return sum(1 + sum(len(getattr(one, part)) for part in parts) for one in self.identities.values())
