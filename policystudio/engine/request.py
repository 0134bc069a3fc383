"""What is asked: a principal, an action, a resource, a context, and the policies that apply."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.document import Policy

#: So many values a condition key of a request may have where others send it, and so many characters each.
MOST_CONTEXT_VALUES, LONGEST_CONTEXT_VALUE = 100, 2_048


class PrincipalType(StrEnum):
    """Kinds of principal that can make a request."""

    ROOT_USER = "root"
    USER = "user"
    ROLE_SESSION = "role-session"
    FEDERATED_USER_SESSION = "federated-user-session"
    SERVICE = "service"
    FEDERATED = "federated"  # a web identity or SAML provider, as it calls sts:AssumeRoleWith*
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    ``arn`` is the ARN that names the caller: of a user, of the account's root, of a role (any session of it) or of one
    session; the service name for a service principal, the provider for a federated one, ``anonymous`` for nobody.
    ``role_arn`` is the role of a role session, ``user_arn`` the user who made a federated-user session, where known.
    ``account`` and ``partition`` are empty where there is none.
    ``in_management_account`` and ``service_linked`` lift organization policies (evaluation.md 1.6).
    """

    type: PrincipalType
    arn: str
    account: str = ""
    partition: str = ""
    role_arn: str = ""
    in_management_account: bool = False
    service_linked: bool = False
    user_arn: str = ""

    @classmethod
    def parse(cls, text: str) -> "Principal":
        """Read an ARN, a 12-digit account id (its root user), a service name, a provider, or ``anonymous``.

        Raises ``ValueError`` naming what was not understood; groups are not principals.
        """
        if text == "anonymous":
            return cls(PrincipalType.ANONYMOUS, text)
        if is_account_id(text):
            return cls(PrincipalType.ROOT_USER, f"arn:aws:iam::{text}:root", text, "aws")
        if not text.startswith("arn:"):
            return _service_or_provider(text)
        arn = Arn.parse(text)
        if not is_account_id(arn.account):
            raise ValueError(f"principal `{text}` names no 12-digit account")
        if arn.service not in ("iam", "sts"):
            raise ValueError(f"principal `{text}` is not an IAM or STS ARN")
        return _from_arn(text, arn)


def _service_or_provider(text: str) -> Principal:
    # Cognito's name looks like a service but it is a web identity provider.
    is_service = text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"))
    if is_service and text != "cognito-identity.amazonaws.com":
        return Principal(PrincipalType.SERVICE, text)
    if "." in text and " " not in text and "*" not in text:
        return Principal(PrincipalType.FEDERATED, text)
    raise ValueError(f"principal `{text}` is not an ARN, a 12-digit account id, a service name or `anonymous`")


def _from_arn(text: str, arn: Arn) -> Principal:
    kind, _, name = arn.resource.partition("/")
    if arn.service == "iam" and arn.resource == "root":
        return Principal(PrincipalType.ROOT_USER, text, arn.account, arn.partition)
    if arn.service == "iam" and kind == "user" and name:
        return Principal(PrincipalType.USER, text, arn.account, arn.partition)
    if arn.service == "iam" and kind == "role" and name:
        linked = name.startswith("aws-service-role/")
        return Principal(
            PrincipalType.ROLE_SESSION, text, arn.account, arn.partition, role_arn=text, service_linked=linked
        )
    if arn.service == "sts" and kind == "assumed-role" and "/" in name:
        role = Arn(arn.partition, "iam", "", arn.account, f"role/{name.rpartition('/')[0]}")
        return Principal(PrincipalType.ROLE_SESSION, text, arn.account, arn.partition, role_arn=str(role))
    if arn.service == "sts" and kind == "federated-user" and name:
        return Principal(PrincipalType.FEDERATED_USER_SESSION, text, arn.account, arn.partition)
    if arn.service == "iam" and kind in ("saml-provider", "oidc-provider") and name:
        return Principal(PrincipalType.FEDERATED, text, arn.account, arn.partition)
    if kind == "group":
        raise ValueError(f"principal `{text}` is a group: a group is not a principal, ask for one of its users")
    raise ValueError(f"principal `{text}` is not a root user, user, role, session or identity provider")


class Context(Mapping[str, tuple[str, ...]]):
    """Condition context: key (in any letter case) to its values. A key without values counts as absent."""

    __slots__ = ("_names", "_values")

    def __init__(self, entries: Mapping[str, str | Sequence[str] | None] | None = None) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        for name, value in (entries or {}).items():
            values = () if value is None else (value,) if isinstance(value, str) else tuple(value)
            self._values[name.lower()] = values
            self._names[name.lower()] = name

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self._values[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def values_of(self, lowered_key: str) -> tuple[str, ...]:
        """The values of a key given in lower case; empty where it is absent."""
        return self._values.get(lowered_key, ())

    def name_of(self, lowered_key: str) -> str:
        """The key as it was written when the context was made."""
        return self._names[lowered_key]

    def replaced(self, values: Mapping[str, tuple[str, ...]]) -> "Context":
        """A context with other values for some keys, which are given in lower case."""
        changed = Context()
        changed._values = {**self._values, **values}
        changed._names = {**self._names, **dict(zip(values, values, strict=True))}
        return changed

    def with_defaults(self, defaults: Mapping[str, tuple[str, ...]]) -> "Context":
        """A context with ``defaults`` (keys in lower case) for the keys that this one does not mention."""
        merged = Context()
        merged._values = {**defaults, **self._values}
        merged._names = {**{key: key for key in defaults}, **self._names}
        return merged


@dataclass(frozen=True, slots=True)
class Request:
    """One concrete question. ``resource`` is an ARN, or ``*`` for an action without a resource type.

    ``resource_account`` owns the resource: by default the account in its ARN, else the principal's. Resource control
    policies do not reach a ``resource_in_management_account``; within one account the principal tells that too.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str = ""
    context: Context = field(default_factory=Context)
    resource_in_management_account: bool = False


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy with the name to report it under and, where known, what it is attached to (an ARN)."""

    name: str
    policy: Policy
    attached_to: str = ""


#: The policies of an organization by level, from the root through each OU to the account.
Levels = tuple[tuple[NamedPolicy, ...], ...]


@dataclass(frozen=True, slots=True)
class PolicyStack:
    """Every policy that applies to a request, by layer.

    ``None`` for a layer means that it does not apply: no organization, no boundary, no session policy passed.
    """

    identity_policies: tuple[NamedPolicy, ...] = ()
    permissions_boundary: NamedPolicy | None = None
    session_policies: tuple[NamedPolicy, ...] | None = None
    service_control_policies: Levels | None = None
    resource_control_policies: Levels | None = None
    resource_policy: NamedPolicy | None = None
    vpc_endpoint_policy: NamedPolicy | None = None
