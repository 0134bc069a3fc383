"""What a comparison of policies is about, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policystudio.engine.authorize import principal_facts
from policystudio.engine.document import Policy
from policystudio.engine.exact.facts import SESSION_KEYS, Facts
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType

Values = tuple[str, ...]
#: Who asks without a session that a service made.
_WITHOUT_SESSION = frozenset({PrincipalType.USER, PrincipalType.ROOT_USER})


@dataclass(frozen=True)
class Effective:
    """Policies that apply together, what is known of every request, and to whom they apply.

    Without a ``principal`` they are a bare document: anybody's, about resources of any account, and every context key
    is free. With one, the resources are those of the principal's own account and partition.
    """

    stack: PolicyStack
    facts: Facts = field(default_factory=lambda: Facts({}))
    principal: Principal | None = None


def effective_document(policy: Policy, name: str = "policy") -> Effective:
    """A bare identity policy, attached to nobody in particular."""
    return Effective(PolicyStack(identity_policies=(NamedPolicy(name, policy),)))


def effective_for(stack: PolicyStack, principal: Principal | None, context: Context) -> Effective:
    """A stack as ``evaluate`` takes it: what follows from the principal and ``context`` is known, all else is free.

    A key that stands in ``context`` without values is known to be absent.
    """
    derived: dict[str, Values] = {}
    if principal is not None:
        derived = {**_never_sent(principal.type), **principal_facts(principal, principal.account)}
    return Effective(stack, Facts({**derived, **{key.lower(): context[key] for key in context}}), principal)


def _never_sent(kind: PrincipalType) -> dict[str, Values]:
    """The keys that no request of such a principal has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
    """
    absent: set[str] = set()
    if kind is not PrincipalType.USER:
        absent.add("aws:username")
    if kind is not PrincipalType.SERVICE:
        absent |= {"aws:principalservicename", "aws:principalservicenameslist"}
    if kind in _WITHOUT_SESSION:
        absent |= SESSION_KEYS
    return dict.fromkeys(absent, ())


@dataclass(frozen=True, slots=True)
class Witness:
    """One concrete request. A key that stands without values is absent, whatever the principal's facts would say."""

    action: str
    resource: str
    context: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Change:
    """One action on one resource type: a request newly allowed and one newly denied, as far as there are any.

    ``undecided`` is the reason where a direction could not be decided.
    """

    action: str
    resource_type: str
    newly_allowed: Witness | None = None
    newly_denied: Witness | None = None
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change of policies changes. None stands for a claim that could not be decided, ``undecided`` says why."""

    no_new_access: bool | None
    no_lost_access: bool | None
    newly_allowed: Witness | None = None
    newly_denied: Witness | None = None
    changes: tuple[Change, ...] = ()
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """Whether some of the asked access is granted, with a request that is allowed."""

    granted: bool | None
    witness: Witness | None = None
    undecided: str = ""


class Undecided(Exception):
    """The question is beyond the stated limits; the message says why."""
