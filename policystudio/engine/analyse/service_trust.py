"""Whether a service may assume a role on behalf of the resource that it works for: the role's trust policy, asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from policystudio.engine import globs
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.decision import Decision, Element, Layer, StatementTrace, Verdict
from policystudio.engine.document import Effect, Policy, PrincipalKind
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts
from policystudio.engine.request import Context, Levels, NamedPolicy, PolicyStack, Principal, PrincipalType, Request

ASSUME_ROLE = "sts:AssumeRole"
SOURCE_ARN = "aws:SourceArn"
SOURCE_ACCOUNT = "aws:SourceAccount"
TRUST_POLICY = "trust policy"
_REGION = "us-east-1"


class Trusted(StrEnum):
    """Whether the role lets the service in; ``some``: for some resources, not for all."""

    YES = "yes"
    SOME = "some"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A service that is to assume a role for a resource of the role's own account.

    ``sources`` are the resources that ``aws:SourceArn`` may name. ``organization`` holds the keys that tell the
    source's organization, ``control_policies`` the resource control policies that the role stands under.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """

    service: str
    role_arn: str
    account: str
    sources: ResourceUniverse
    organization: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    control_policies: Levels | None = None


@dataclass(frozen=True, slots=True)
class ServiceTrust:
    """The answer, with a request on each side where there is one and, in words, what it rests on."""

    trusted: Trusted
    service: str
    reason: str
    allowed: Request | None = None
    denied: Request | None = None


def service_trust(trust: Policy | None, asked: Assumption, keys: ConditionKeys) -> ServiceTrust:
    """Whether the service may assume the role: for every source, for some, or for none.

    Sources that the conditions of the trust policy and of the control policies do not tell apart are asked about once.
    A trust policy that could not be read (None) leaves it undecided.
    """
    if trust is None:
        return ServiceTrust(Trusted.UNDECIDED, asked.service, "its trust policy could not be read")
    stack = PolicyStack(
        resource_policy=NamedPolicy(TRUST_POLICY, trust, asked.role_arn),
        resource_control_policies=asked.control_policies,
    )
    try:
        sources = sources_told_apart(asked.sources, list(_policies(stack)))
    except TooLarge:
        return ServiceTrust(Trusted.UNDECIDED, asked.service, "its conditions on aws:SourceArn are too many")
    sides: dict[bool, tuple[Request, Decision]] = {}
    for source in sources:
        request = assume_request(asked, source)
        decision = authorize(stack, request, keys)
        sides.setdefault(decision.verdict is Verdict.ALLOWED, (request, decision))
    allowed, denied = sides.get(True), sides.get(False)
    yes, no = allowed[0] if allowed else None, denied[0] if denied else None
    if denied is None:
        return ServiceTrust(Trusted.YES, asked.service, _why_trusted(allowed), yes)
    trusted = Trusted.SOME if allowed else Trusted.NO
    return ServiceTrust(trusted, asked.service, _why_not(asked.service, denied[1], denied[0]), yes, no)


def assume_request(asked: Assumption, source: str) -> Request:
    """How the service asks for the role's credentials when it works for ``source``."""
    principal = Principal(PrincipalType.SERVICE, asked.service)
    context = {**asked.organization, SOURCE_ARN: (source,), SOURCE_ACCOUNT: (asked.account,)}
    return Request(principal, ASSUME_ROLE, asked.role_arn, asked.account, Context(context))


def sources_told_apart(sources: ResourceUniverse, policies: Sequence[Policy]) -> list[str]:
    """One source for each combination of the patterns that conditions on ``aws:SourceArn`` compare it with."""
    patterns: dict[Parts, None] = {}
    for policy in policies:
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.key.lower() == SOURCE_ARN.lower():
                    patterns |= dict.fromkeys(globs.parse(value) for value in condition.values)
    wanted = list(patterns)
    return [_readable(sources, wanted, text) for text in sources.signatures(wanted).values()]


def _readable(sources: ResourceUniverse, patterns: Sequence[Parts], source: str) -> str:
    """The same source in a Region that exists, where no pattern tells the two apart."""
    parts = source.split(":", 5)
    if len(parts) < 6 or sources.region or "${Region}" not in sources.template:
        return source
    nicer = ":".join([*parts[:3], _REGION, *parts[4:]])
    alike = all(globs.matches(pattern, nicer) == globs.matches(pattern, source) for pattern in patterns)
    return nicer if alike else source


def _policies(stack: PolicyStack) -> Iterator[Policy]:
    if stack.resource_policy is not None:
        yield stack.resource_policy.policy
    for level in stack.resource_control_policies or ():
        yield from (named.policy for named in level)


def _why_trusted(side: tuple[Request, Decision] | None) -> str:
    """The conditions that it meets, if there are any."""
    matched = side[1].matched if side else ()
    keys = [
        condition.key
        for trace in matched
        if trace.layer is Layer.RESOURCE and trace.statement.effect is Effect.ALLOW
        for condition in trace.statement.conditions
    ]
    named = " and ".join(dict.fromkeys(keys))
    return f"its conditions on {named} hold" if keys else "it asks for no conditions"


def _why_not(service: str, decision: Decision, request: Request) -> str:
    """What stands in the way, in words."""
    denies = [trace for trace in decision.matched if trace.statement.effect is Effect.DENY]
    if denies:
        where = f"the resource control policy `{denies[0].policy}`"
        return f"{'its trust policy' if denies[0].layer is Layer.RESOURCE else where} denies it"
    if decision.reason == f"no_allow_in_{Layer.RESOURCE_CONTROL}":
        return "the resource control policies do not allow it"
    own = [trace for trace in decision.traces if trace.layer is Layer.RESOURCE]
    unmet = [trace for trace in own if trace.failed is Element.CONDITION and trace.statement.effect is Effect.ALLOW]
    if unmet:
        return "; or ".join(dict.fromkeys(_unmet(trace, request) for trace in unmet))
    named = _services_named(own)
    if service in named:
        return f"its trust policy names {service}, but not for {ASSUME_ROLE}"
    others = f"it names {', '.join(named)}" if named else "it names no service"
    return f"its trust policy does not name {service}: {others}"


def _unmet(trace: StatementTrace, request: Request) -> str:
    parts = []
    for condition in trace.failed_conditions:
        sent = ", ".join(request.context.values_of(condition.key.lower())) or "nothing"
        wanted = " or ".join(condition.values)
        parts.append(f"{condition.name} on {condition.key} wants {wanted}, the service sends {sent}")
    return f"its condition does not hold: {' and '.join(parts)}"


def _services_named(traces: Sequence[StatementTrace]) -> list[str]:
    return list(
        dict.fromkeys(
            entry.value
            for trace in traces
            if trace.statement.effect is Effect.ALLOW
            for entry in trace.statement.principals
            if entry.kind is PrincipalKind.SERVICE
        )
    )
