"""What is written and read: edits, and what is known of the account that they are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policystudio.engine.arn import Arn

#: The kinds of edit whose ``text`` is a policy document.
TEXT_KINDS = ("managed-policy", "inline-policy", "trust-policy", "organization-policy")
#: What stands before the name of an organization policy that has no id yet.
NEW = "new:"
#: So many edits are named in a note.
_NAMED = 20
ORGANIZATION_TYPES = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a change; the fields mean what they mean in the app ``changes``."""

    kind: str
    target: str
    name: str = ""
    other: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A managed policy that exists. ``versions`` are the ids of its versions that are not in force, oldest first."""

    text: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    bearers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """An identity that exists, with the ARNs of its policies and groups (of a group: its members)."""

    trust: str = ""
    boundary: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownOrganizationPolicy:
    """An organization policy that exists; ``targets`` are the units above the account, or itself, that it is on."""

    name: str
    kind: str
    description: str = ""
    text: str = ""
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What exists in an account and its organization, by ARN and by policy id; as much as the edits touch."""

    number: str
    partition: str = "aws"
    policies: Mapping[str, KnownPolicy] = field(default_factory=dict)
    identities: Mapping[str, KnownIdentity] = field(default_factory=dict)
    organization_policies: Mapping[str, KnownOrganizationPolicy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A set of edits with a title, or one policy with what it is attached to; ``document`` is that policy's text."""

    title: str
    edits: tuple[Edit, ...]
    known: Known
    description: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A change in some format; ``notes`` say what the format cannot say, and what to do besides."""

    text: str
    notes: tuple[str, ...] = ()


class NotExpressibleError(ValueError):
    """Nothing of a change can be said in a format; ``notes`` say why."""

    def __init__(self, notes: tuple[str, ...]) -> None:
        super().__init__("\n".join(notes))
        self.notes = notes


@dataclass(frozen=True, slots=True)
class Named:
    """An ARN of IAM's in parts: ``user``, ``group``, ``role`` or ``policy``, its path, its name."""

    kind: str
    path: str
    name: str


def named(arn: str) -> Named:
    """The parts of the ARN of an identity or managed policy; raises ``ValueError`` where it is none."""
    kind, slash, rest = Arn.parse(arn).resource.partition("/")
    if not slash or not rest or kind not in ("user", "group", "role", "policy"):
        raise ValueError(f"`{arn}` is not the ARN of a user, group, role or managed policy")
    path, _, name = f"/{rest}".rpartition("/")
    return Named(kind, f"{path}/", name)


def arn_of(known: Known, kind: str, path: str, name: str) -> str:
    """The ARN of an identity or managed policy of the account."""
    return f"arn:{known.partition}:iam::{known.number}:{kind}{path or '/'}{name}"


def left_out(why: str, edits: Sequence[Edit], known: Known, what: str) -> str:
    """A note that edits are not in a file, and why: the first of them by name, all by number."""
    named_ones = "; ".join(says(edit, known) for edit in edits[:_NAMED])
    more = f"; and {len(edits) - _NAMED} more" if len(edits) > _NAMED else ""
    verb = "are" if len(edits) > 1 else "is"
    return f"{why}. Not in this {what} {verb} {named_ones}{more}. The AWS CLI commands do it."


def says(edit: Edit, known: Known) -> str:
    """An edit in words, for notes."""
    other = f" `{edit.other}`" if edit.other else ""
    name = f" `{edit.name}`" if edit.name else ""
    existing = known.organization_policies.get(edit.target)
    return f"{edit.kind} `{existing.name if existing else edit.target}`{name}{other}"
