"""All policies of all layers against one request: the decision, plainly and completely.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.decision import Decision, Layer, LayerVerdict, StatementTrace, Verdict
from policystudio.engine.document import Effect
from policystudio.engine.evaluate import evaluate
from policystudio.engine.match import Naming, principal_matches
from policystudio.engine.request import Levels, PolicyStack, Principal, PrincipalType, Request

#: The actions whose resource is a role and whose resource policy is the role's trust policy; in lower case.
TRUST_ACTIONS = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
    }
)

_SESSIONS = frozenset({PrincipalType.ROLE_SESSION, PrincipalType.FEDERATED_USER_SESSION})
#: Callers to whom identity policies and a boundary can be attached.
_IDENTITIES = _SESSIONS | {PrincipalType.USER}
#: Callers that belong to an account. The others have nothing but what a resource policy gives them.
_OF_AN_ACCOUNT = _IDENTITIES | {PrincipalType.ROOT_USER}

#: The values of ``aws:PrincipalType``; AWS names none for a service or an identity provider.
_PRINCIPAL_TYPES = {
    PrincipalType.ROOT_USER: "Account",
    PrincipalType.USER: "User",
    PrincipalType.ROLE_SESSION: "AssumedRole",
    PrincipalType.FEDERATED_USER_SESSION: "FederatedUser",
    PrincipalType.ANONYMOUS: "Anonymous",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What the order of evaluation depends on beside the verdicts of the layers.

    ``grant`` is the most direct way in which a matching Allow of the resource policy names the caller; ``barrier`` the
    reason why no policy whatever can allow the request, or empty.
    """

    principal_type: PrincipalType
    same_account: bool
    grant: Naming
    resource_policy_required: bool
    session_policy_passed: bool
    barrier: str


def authorize(stack: PolicyStack, request: Request, keys: ConditionKeys) -> Decision:
    """Decide one concrete request.

    The facts of the principal and of the resource's owner are filled in; what the request's own context says of them
    wins. Raises ``ValueError`` for a condition operator that IAM does not have.
    """
    request = with_facts(request)
    policies = applicable_policies(stack, request)
    traces = {layer: _traces_of_layer(layer, policies, request, keys) for layer in policies}
    layers = dict.fromkeys(Layer, LayerVerdict.NOT_APPLICABLE)
    layers |= {layer: verdict_of_levels(levels) for layer, levels in traces.items()}
    grant = resource_grant(traces.get(Layer.RESOURCE, ()), request.principal)
    verdict, reason = decide(situation_of(stack, request, grant), layers)
    statements = tuple(trace for layer in Layer for level in traces.get(layer, ()) for trace in level)
    return Decision(verdict, reason, layers, statements, _missing_keys(statements))


def decide(situation: Situation, layers: Mapping[Layer, LayerVerdict]) -> tuple[Verdict, str]:
    """The verdict and its reason, from the verdicts of all layers."""
    for layer in Layer:
        if layers[layer] is LayerVerdict.EXPLICIT_DENY:
            return Verdict.EXPLICIT_DENY, f"explicit_deny_in_{layer}"
    if situation.barrier:
        return Verdict.IMPLICIT_DENY, situation.barrier
    needed = needed_layers(situation)
    for layer in (Layer.RESOURCE_CONTROL, Layer.SERVICE_CONTROL, Layer.VPC_ENDPOINT, *needed):
        absent = layers[layer] is LayerVerdict.NOT_APPLICABLE
        if layers[layer] is LayerVerdict.IMPLICIT_DENY or (absent and layer is Layer.RESOURCE):
            return Verdict.IMPLICIT_DENY, _denied_by(layer, situation)
    return Verdict.ALLOWED, _allowed_by(needed, situation)


def needed_layers(situation: Situation) -> tuple[Layer, ...]:
    """The layers that must allow beside the organization's and the endpoint's, where each concerns the caller.

    In one account a resource policy that names the caller itself needs no other layer; one that names what stands
    behind its session leaves boundary and session policies in force; one that names the account only delegates to it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    Across accounts both sides must allow, whatever the resource policy names:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    limits = (Layer.BOUNDARY, Layer.SESSION)
    if situation.principal_type not in _OF_AN_ACCOUNT:
        return (Layer.RESOURCE,)
    if situation.same_account and situation.grant is Naming.DIRECT:
        return (Layer.RESOURCE,)
    if situation.same_account and situation.grant is Naming.BEHIND_SESSION:
        return (Layer.RESOURCE, *limits)
    if situation.same_account and not situation.resource_policy_required:
        return (Layer.IDENTITY, *limits)
    return (Layer.RESOURCE, Layer.IDENTITY, *limits)


def _denied_by(layer: Layer, situation: Situation) -> str:
    if layer is Layer.SESSION and not situation.session_policy_passed:
        return "no_session_policy_passed"
    return f"no_allow_in_{layer}"


def _allowed_by(needed: tuple[Layer, ...], situation: Situation) -> str:
    if Layer.IDENTITY not in needed:
        return "allowed_by_resource_policy"
    if situation.principal_type is PrincipalType.ROOT_USER:
        return "allowed_as_root_user"
    if Layer.RESOURCE in needed:
        return "allowed_by_identity_and_resource_policies"
    return "allowed_by_identity_policies"


def situation_of(stack: PolicyStack, request: Request, grant: Naming) -> Situation:
    """The situation of a request; ``grant`` as ``resource_grant`` tells it."""
    return Situation(
        request.principal.type,
        request.principal.account == owner_account(request),
        grant,
        requires_resource_policy(request),
        bool(stack.session_policies),
        barrier_of(request),
    )


def requires_resource_policy(request: Request) -> bool:
    """Whether the resource's own policy must allow even in one account: trust policies and KMS key policies.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    if request.action.lower() in TRUST_ACTIONS:
        return True
    arn = _arn_of(request.resource)
    return arn is not None and arn.service == "kms" and arn.resource.startswith("key/")


def barrier_of(request: Request) -> str:
    """Why no policy can allow the request, as a reason; empty where nothing of the kind stands in the way."""
    arn, principal, action = _arn_of(request.resource), request.principal, request.action.lower()
    if arn is not None and principal.type in _OF_AN_ACCOUNT and arn.partition != principal.partition:
        return "no_cross_partition_access"
    if action == "iam:passrole" and owner_account(request) != principal.account:
        return "cannot_pass_role_of_another_account"
    if action == "sts:assumerole" and principal.type is PrincipalType.ROOT_USER:
        return "root_user_cannot_assume_roles"
    return ""


def applicable_policies(stack: PolicyStack, request: Request) -> dict[Layer, Levels]:
    """The policies of every layer that concerns this caller and resource, by level.

    A layer that is absent here does not take part. Layers without levels stand as one level. The session layer of a
    federated user is there even without a policy: nothing was passed, so it allows nothing.
    """
    caller, kind = request.principal, request.principal.type
    layers: dict[Layer, Levels] = {}
    restricted = kind in _OF_AN_ACCOUNT and not (caller.in_management_account or caller.service_linked)
    if stack.service_control_policies is not None and restricted:
        layers[Layer.SERVICE_CONTROL] = stack.service_control_policies
    spared = caller.service_linked or _is_in_management_account(request)
    if stack.resource_control_policies is not None and not spared:
        layers[Layer.RESOURCE_CONTROL] = stack.resource_control_policies
    if stack.vpc_endpoint_policy is not None:
        layers[Layer.VPC_ENDPOINT] = ((stack.vpc_endpoint_policy,),)
    if stack.resource_policy is not None:
        layers[Layer.RESOURCE] = ((stack.resource_policy,),)
    if kind in _IDENTITIES:
        layers[Layer.IDENTITY] = (stack.identity_policies,)
    if kind in _IDENTITIES and stack.permissions_boundary is not None:
        layers[Layer.BOUNDARY] = ((stack.permissions_boundary,),)
    if (kind in _SESSIONS and stack.session_policies) or kind is PrincipalType.FEDERATED_USER_SESSION:
        layers[Layer.SESSION] = (stack.session_policies or (),)
    return layers


def verdict_of_levels(levels: Iterable[Iterable[StatementTrace]]) -> LayerVerdict:
    """What a layer that takes part says: a Deny anywhere denies; to allow, every level needs a matching Allow."""
    effects = [{trace.statement.effect for trace in level if trace.matched} for level in levels]
    if any(Effect.DENY in found for found in effects):
        return LayerVerdict.EXPLICIT_DENY
    return LayerVerdict.ALLOWED if all(Effect.ALLOW in found for found in effects) else LayerVerdict.IMPLICIT_DENY


def resource_grant(levels: Iterable[Iterable[StatementTrace]], principal: Principal) -> Naming:
    """The most direct way in which a matching Allow of the resource policy names the caller."""
    return max(
        (
            principal_matches(trace.statement.principals, principal)
            for level in levels
            for trace in level
            if trace.matched and trace.statement.effect is Effect.ALLOW
        ),
        default=Naming.NONE,
    )


def with_facts(request: Request) -> Request:
    """The request with the facts of its principal and of the resource's owner in its context."""
    facts = principal_facts(request.principal, owner_account(request))
    return replace(request, context=request.context.with_defaults(facts))


def principal_facts(principal: Principal, resource_account: str) -> dict[str, tuple[str, ...]]:
    """The context keys, in lower case, that follow from who asks and who owns the resource.

    Nothing is invented: unique ids, tags, the organization, the time and the Region are not known here. The ARN of a
    role session is that of its role. An anonymous request and one of an identity provider are not signed.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
    """
    kind = principal.type
    facts = {
        "aws:principaltype": _PRINCIPAL_TYPES.get(kind, ""),
        "aws:resourceaccount": resource_account,
    }
    name = principal.arn.rpartition("/")[2]
    if kind in _OF_AN_ACCOUNT:
        facts["aws:principalaccount"] = principal.account
        facts["aws:principalarn"] = principal.role_arn or principal.arn
        facts["aws:principalisawsservice"] = "false"
    if kind is PrincipalType.USER:
        facts["aws:username"] = name
    elif kind is PrincipalType.ROOT_USER:
        facts["aws:userid"] = principal.account
    elif kind is PrincipalType.FEDERATED_USER_SESSION:
        facts["aws:userid"] = f"{principal.account}:{name}"
    elif kind is PrincipalType.SERVICE:
        facts["aws:principalisawsservice"] = "true"
        facts["aws:principalservicename"] = principal.arn
    elif kind is PrincipalType.ANONYMOUS:
        facts["aws:principalaccount"] = facts["aws:userid"] = "anonymous"
    return {key: (value,) for key, value in facts.items() if value}


def owner_account(request: Request) -> str:
    """The account that owns the resource: the one that is given, else that in its ARN, else the principal's."""
    if request.resource_account:
        return request.resource_account
    arn = _arn_of(request.resource)
    # What AWS itself publishes has "aws" for an account, S3 buckets have none.
    return arn.account if arn is not None and is_account_id(arn.account) else request.principal.account


def _traces_of_layer(
    layer: Layer, policies: Mapping[Layer, Levels], request: Request, keys: ConditionKeys
) -> tuple[tuple[StatementTrace, ...], ...]:
    has_levels = layer in (Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL)
    has_boundary = layer is Layer.RESOURCE and Layer.BOUNDARY in policies
    return tuple(
        tuple(
            trace
            for policy in level
            for trace in evaluate(
                policy, request, layer, keys, number if has_levels else None, has_boundary=has_boundary
            )
        )
        for number, level in enumerate(policies[layer])
    )


def _missing_keys(traces: Iterable[StatementTrace]) -> tuple[str, ...]:
    """Each key once, in the spelling that comes first."""
    names: dict[str, str] = {}
    for trace in traces:
        for name in trace.missing_keys:
            names.setdefault(name.lower(), name)
    return tuple(sorted(names.values()))


def _is_in_management_account(request: Request) -> bool:
    caller = request.principal
    same_account = bool(caller.account) and caller.account == owner_account(request)
    return request.resource_in_management_account or (caller.in_management_account and same_account)


def _arn_of(resource: str) -> Arn | None:
    try:
        return Arn.parse(resource)
    except ValueError:
        return None
