"""Whether the elements of a statement match: Action, Resource, Principal and their Not- forms."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.decision import Element
from policystudio.engine.document import Effect, Policy, PolicyKind, PrincipalEntry, PrincipalKind, Statement
from policystudio.engine.effort import step
from policystudio.engine.globs import Matcher
from policystudio.engine.request import Context, Principal, PrincipalType, Request

#: The kinds of policy whose statements must say to whom they apply.
_WITH_PRINCIPAL = frozenset({PolicyKind.RESOURCE, PolicyKind.TRUST})
_EMPTY = Context()


class Naming(IntEnum):
    """How a Principal element names a caller; the higher, the more directly. Falsy where it does not.

    ``BEHIND_SESSION``: by the role of a role session, or the user of a federated-user session.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """

    NONE = 0
    ACCOUNT = 1
    BEHIND_SESSION = 2
    DIRECT = 3


#: What NotPrincipal must list so that a caller is spared: AWS may check the account, then the role, then the session.
_CHAINS = {
    PrincipalType.ROOT_USER: {Naming.ACCOUNT},
    PrincipalType.USER: {Naming.ACCOUNT, Naming.DIRECT},
    PrincipalType.ROLE_SESSION: {Naming.ACCOUNT, Naming.BEHIND_SESSION, Naming.DIRECT},
    PrincipalType.FEDERATED_USER_SESSION: {Naming.ACCOUNT, Naming.DIRECT},
}


def action_matches(pattern: str, action: str) -> bool:
    """Whether one entry of Action or NotAction matches an action; letter case does not count.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return _action_matcher(pattern)(action.lower())


def resource_matches(pattern: str, resource: str, context: Context, variables_enabled: bool) -> bool:
    """Whether one entry of Resource or NotResource matches a resource; never where a variable has no value.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if "${" not in pattern:
        return _resource_matcher(pattern)(resource)
    parts = variables.expand_resource(pattern, context, variables_enabled)
    return parts is not None and globs.matches(parts, resource)


def resource_may_match(pattern: str, resource: str, context: Context, variables_enabled: bool) -> bool:
    """As ``resource_matches``, if the variables that have no value had some fitting one."""
    return globs.matches(variables.expand_resource_loosely(pattern, context, variables_enabled), resource)


def principal_matches(entries: Iterable[PrincipalEntry], principal: Principal) -> Naming:
    """How the entries of a Principal element name the caller: the most direct way of all."""
    return max((entry_names(entry, principal) for entry in entries), default=Naming.NONE)


def entry_names(entry: PrincipalEntry, principal: Principal) -> Naming:
    """How one value of a Principal element names the caller. ``*`` names everybody, services and nobody included."""
    if is_everyone(entry):
        return Naming.DIRECT
    if entry.kind is PrincipalKind.AWS:
        return _aws_naming(entry.value, principal)
    named = False
    if entry.kind is PrincipalKind.SERVICE:
        named = principal.type is PrincipalType.SERVICE and entry.value == principal.arn
    elif entry.kind is PrincipalKind.FEDERATED:
        # The ARN of an OpenID Connect provider ends with its address, by which a caller may be known too.
        names = (entry.value, entry.value.partition(":oidc-provider/")[2])
        named = principal.type is PrincipalType.FEDERATED and principal.arn in names
    return Naming.DIRECT if named else Naming.NONE


def is_everyone(entry: PrincipalEntry) -> bool:
    """Whether an entry is ``"*"`` or ``{"AWS": "*"}``, which mean the same."""
    return entry.kind is PrincipalKind.EVERYONE or (entry.kind is PrincipalKind.AWS and entry.value == "*")


def is_spared(entries: Iterable[PrincipalEntry], principal: Principal) -> bool:
    """Whether a NotPrincipal element lists the caller, and its account, and the role of a session too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = tuple(entries)
    if any(is_everyone(entry) for entry in listed):
        return True
    chain = _CHAINS.get(principal.type, {Naming.DIRECT})
    if principal.arn == principal.role_arn:  # any session of the role: none to list
        chain = chain - {Naming.DIRECT}
    return chain <= {entry_names(entry, principal) for entry in listed}


def failed_element(policy: Policy, statement: Statement, request: Request, has_boundary: bool) -> Element | None:
    """The first of principal, action and resource that keeps a statement from matching; None where all match.

    ``has_boundary`` says that the caller has a permissions boundary: a NotPrincipal of a resource policy spares no
    such caller. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    step()
    return (
        failed_principal(policy, statement, request.principal, has_boundary)
        or _failed_action(statement, request.action)
        or _failed_resource(statement, request, policy.has_variables)
    )


def failed_principal(policy: Policy, statement: Statement, principal: Principal, has_boundary: bool) -> Element | None:
    """The element that keeps a statement from concerning a caller; None where it concerns it."""
    if statement.principals:
        return None if principal_matches(statement.principals, principal) else Element.PRINCIPAL
    if statement.not_principals:
        denies = statement.effect is Effect.DENY  # with Allow it is not supported, so it never matches
        applies = denies and (has_boundary or not is_spared(statement.not_principals, principal))
        return None if applies else Element.NOT_PRINCIPAL
    return Element.PRINCIPAL if policy.kind in _WITH_PRINCIPAL else None


def _failed_action(statement: Statement, action: str) -> Element | None:
    if statement.actions:
        return None if any(action_matches(entry, action) for entry in statement.actions) else Element.ACTION
    return Element.NOT_ACTION if any(action_matches(entry, action) for entry in statement.not_actions) else None


def _failed_resource(statement: Statement, request: Request, variables_enabled: bool) -> Element | None:
    """A statement without either element, as in trust policies, is about what the policy is attached to."""
    entries = statement.resources or statement.not_resources
    matched = any(resource_matches(entry, request.resource, request.context, variables_enabled) for entry in entries)
    if statement.resources:
        return None if matched else Element.RESOURCE
    return Element.NOT_RESOURCE if matched else None


def _aws_naming(value: str, principal: Principal) -> Naming:
    if not principal.account or principal.type is PrincipalType.FEDERATED:
        return Naming.NONE
    if value in (principal.account, f"arn:{principal.partition}:iam::{principal.account}:root"):
        return Naming.ACCOUNT
    behind = principal.role_arn or principal.user_arn
    if behind and (value == behind or _is_role_of_session(value, principal)):
        return Naming.BEHIND_SESSION
    return Naming.DIRECT if value == principal.arn else Naming.NONE


def _is_role_of_session(value: str, principal: Principal) -> bool:
    """Whether ``value`` is the session's role with a path: a session's ARN does not tell its role's path.

    Role names are unique in an account whatever their paths, so the name alone decides.
    """
    if not principal.role_arn or principal.arn == principal.role_arn:
        return False
    head, _, name = principal.role_arn.partition(":role/")
    return "/" not in name and value.startswith(f"{head}:role/") and value.endswith(f"/{name}")


@lru_cache(maxsize=50_000)
def _action_matcher(pattern: str) -> Matcher:
    return globs.matcher(globs.parse(pattern.lower()))


@lru_cache(maxsize=50_000)
def _resource_matcher(pattern: str) -> Matcher:
    """For patterns without variables, which are the same for every context."""
    parts = variables.expand_resource(pattern, _EMPTY, enabled=False)
    return globs.matcher(parts or ())
