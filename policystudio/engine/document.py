"""A policy document as plain, frozen data; no behaviour."""

from dataclasses import dataclass, field
from enum import StrEnum

from policystudio.engine.source import Span


class PolicyKind(StrEnum):
    """What a document is attached to; decides which elements it must and may have."""

    IDENTITY = "identity"  # also permissions boundaries and session policies
    RESOURCE = "resource"  # also VPC endpoint policies
    TRUST = "trust"
    SERVICE_CONTROL = "scp"
    RESOURCE_CONTROL = "rcp"


class Effect(StrEnum):
    """The Effect element."""

    ALLOW = "Allow"
    DENY = "Deny"


class Quantifier(StrEnum):
    """The set prefix of a condition operator; ``NONE`` where there is no prefix."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


class PrincipalKind(StrEnum):
    """The keys of a Principal element's map; ``EVERYONE`` is the lone ``"*"``."""

    EVERYONE = "*"
    AWS = "AWS"
    FEDERATED = "Federated"
    SERVICE = "Service"
    CANONICAL_USER = "CanonicalUser"


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One value of a Principal element, with the map key it stood under."""

    kind: PrincipalKind
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One (operator, key, values) of a Condition block.

    ``operator`` is the base operator in AWS's spelling (``StringEquals``), without prefix and suffix. ``key`` is as
    written. JSON booleans and numbers among the values stand as their text (``true``, ``5``).
    """

    quantifier: Quantifier
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """The operator as AWS writes it: ``ForAnyValue:StringLikeIfExists``."""
        prefix = f"{self.quantifier}:" if self.quantifier else ""
        return f"{prefix}{self.operator}{'IfExists' if self.if_exists else ''}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. A tuple is empty exactly where its element is absent.

    ``span`` follows the convention of IAM's simulator (evaluation.md 7.2): from just behind the token before the
    statement to just behind its closing brace; for a lone statement object from just behind its opening brace.
    """

    index: int
    sid: str | None
    effect: Effect
    principals: tuple[PrincipalEntry, ...]
    not_principals: tuple[PrincipalEntry, ...]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document. ``text`` is kept exactly as it was given; two policies are equal when their texts are.

    ``version`` is ``2008-10-17`` where the document names none.
    """

    text: str
    kind: PolicyKind
    version: str = field(compare=False)
    statements: tuple[Statement, ...] = field(compare=False)
    id: str | None = field(default=None, compare=False)

    @property
    def has_variables(self) -> bool:
        """Whether ``${...}`` is a policy variable here; in 2008-10-17 documents it is literal text."""
        return self.version == "2012-10-17"
