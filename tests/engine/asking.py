"""Asking ``authorize``: callers, resources, and a stack of policies from plain JSON."""

from typing import Any

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Decision
from policystudio.engine.document import PolicyKind
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType, Request
from tests.engine.documents import Json, allow, named

ACCOUNT, OTHER = "111122223333", "444455556666"
ROOT = Principal.parse(ACCOUNT)
BOB = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/team/bob")
ROLE = Principal.parse(f"arn:aws:iam::{ACCOUNT}:role/Analyst")
SESSION = Principal.parse(f"arn:aws:sts::{ACCOUNT}:assumed-role/Analyst/alice")
FEDERATED = Principal(
    PrincipalType.FEDERATED_USER_SESSION,
    f"arn:aws:sts::{ACCOUNT}:federated-user/carol",
    ACCOUNT,
    "aws",
    user_arn=BOB.arn,
)
SERVICE = Principal.parse("sagemaker.amazonaws.com")
ANONYMOUS = Principal.parse("anonymous")
LINKED = Principal.parse(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX")

MODEL = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m1"
OTHER_MODEL = MODEL.replace(ACCOUNT, OTHER)
CREATE = "sagemaker:CreateModel"

Statements = list[dict[str, Json]]


def policies(kind: PolicyKind, statements: Statements | None) -> NamedPolicy | None:
    return None if statements is None else named(kind.value, *statements, kind=kind)


def levels(kind: PolicyKind, groups: list[list[Statements]] | None) -> Any:
    if groups is None:
        return None
    return tuple(tuple(named(kind.value, *statements, kind=kind) for statements in level) for level in groups)


def ask(
    principal: Principal,
    action: str = CREATE,
    resource: str = MODEL,
    *,
    context: dict[str, Any] | None = None,
    identity: Statements | None = None,
    boundary: Statements | None = None,
    session: list[Statements] | None = None,
    resource_policy: Statements | None = None,
    trust: Statements | None = None,
    endpoint: Statements | None = None,
    scp: list[list[Statements]] | None = None,
    rcp: list[list[Statements]] | None = None,
    **request: Any,
) -> Decision:
    stack = PolicyStack(
        identity_policies=() if identity is None else (named("identity", *identity),),
        permissions_boundary=policies(PolicyKind.IDENTITY, boundary),
        session_policies=None if session is None else tuple(named("session", *one) for one in session),
        service_control_policies=levels(PolicyKind.SERVICE_CONTROL, scp),
        resource_control_policies=levels(PolicyKind.RESOURCE_CONTROL, rcp),
        resource_policy=policies(PolicyKind.RESOURCE, resource_policy) or policies(PolicyKind.TRUST, trust),
        vpc_endpoint_policy=policies(PolicyKind.RESOURCE, endpoint),
    )
    asked = Request(principal, action, resource, context=Context(context or {}), **request)
    return authorize(stack, asked, load_condition_keys())


def answer(decision: Decision) -> tuple[str, str]:
    return decision.verdict.value, decision.reason


ALLOWED_BY_IDENTITY = ("allowed", "allowed_by_identity_policies")
ALLOWED_BY_RESOURCE = ("allowed", "allowed_by_resource_policy")
ALLOWED_BY_BOTH = ("allowed", "allowed_by_identity_and_resource_policies")
ALLOWED_AS_ROOT = ("allowed", "allowed_as_root_user")


def no_allow_in(layer: str) -> tuple[str, str]:
    return "implicitDeny", f"no_allow_in_{layer}"


def deny_in(layer: str) -> tuple[str, str]:
    return "explicitDeny", f"explicit_deny_in_{layer}"


def for_aws(*values: str) -> Statements:
    """A resource policy that allows everything to these principals."""
    return [allow(Principal={"AWS": list(values)})]


def trusts(condition: Json = None, action: Json = "sts:AssumeRole", **principal: str | list[str]) -> Statements:
    """A trust policy."""
    return [allow(action, None, Principal=principal, Condition=condition)]


FULL = [allow(Principal="*")]
