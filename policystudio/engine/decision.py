"""What is answered: the verdict, its reason, each layer's part in it, and what every statement did."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policystudio.engine.document import Condition, Statement


class Verdict(StrEnum):
    """A decision in AWS's words."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


class Layer(StrEnum):
    """The kinds of policy that take part, named as the inputs of ``evaluate`` are."""

    SERVICE_CONTROL = "service_control_policies"
    RESOURCE_CONTROL = "resource_control_policies"
    VPC_ENDPOINT = "vpc_endpoint_policy"
    RESOURCE = "resource_policy"
    IDENTITY = "identity_policies"
    BOUNDARY = "permissions_boundary"
    SESSION = "session_policies"


class LayerVerdict(StrEnum):
    """What one layer says; ``NOT_APPLICABLE`` where it is absent or does not concern this principal."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"
    NOT_APPLICABLE = "notApplicable"


class Element(StrEnum):
    """The element of a statement that kept it from matching."""

    PRINCIPAL = "Principal"
    NOT_PRINCIPAL = "NotPrincipal"
    ACTION = "Action"
    NOT_ACTION = "NotAction"
    RESOURCE = "Resource"
    NOT_RESOURCE = "NotResource"
    CONDITION = "Condition"


@dataclass(frozen=True, slots=True)
class StatementTrace:
    """What one statement did for one request.

    ``failed`` is the first element that did not match (None where the statement matched); ``failed_conditions`` all
    conditions that did not hold, where that element is Condition. ``missing_keys`` are the context keys that the
    statement's conditions and variables read and the request does not have; they are filled only where principal,
    action and resource matched, or where nothing but a variable without value kept the resource from it. ``level`` is
    the index of the organization level, root first.
    """

    layer: Layer
    policy: str
    statement: Statement
    matched: bool
    failed: Element | None = None
    failed_conditions: tuple[Condition, ...] = ()
    missing_keys: tuple[str, ...] = ()
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request.

    ``reason`` is machine readable: ``explicit_deny_in_<layer>``, ``no_allow_in_<layer>``,
    ``allowed_by_identity_policies``, ``allowed_by_resource_policy``, ``allowed_by_identity_and_resource_policies``,
    ``allowed_as_root_user``, ``no_cross_partition_access``, ``no_session_policy_passed``,
    ``cannot_pass_role_of_another_account``, ``root_user_cannot_assume_roles``.
    ``layers`` has an entry for every ``Layer``. ``missing_context_keys`` is the sorted union over the statements.
    """

    verdict: Verdict
    reason: str
    layers: Mapping[Layer, LayerVerdict]
    traces: tuple[StatementTrace, ...]
    missing_context_keys: tuple[str, ...]

    @property
    def matched(self) -> tuple[StatementTrace, ...]:
        """The traces of the statements that matched."""
        return tuple(trace for trace in self.traces if trace.matched)
