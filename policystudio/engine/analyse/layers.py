"""A policy stack as groups of statements of which one must allow, for requests about which the resource is open."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policystudio.engine.analyse.actions import Actions
from policystudio.engine.analyse.comparison import Effective
from policystudio.engine.authorize import applicable_policies, owner_account
from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect, Statement
from policystudio.engine.match import Naming, failed_principal, principal_matches
from policystudio.engine.request import Levels, NamedPolicy, Principal, PrincipalType, Request

_ANYBODY = "arn:aws:iam::000000000000:user/anybody"
#: Callers who have identity policies; the root user needs none.
_LIMITED = (PrincipalType.USER, PrincipalType.ROLE_SESSION, PrincipalType.FEDERATED_USER_SESSION)


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement with the actions that it names, and whether its document knows variables."""

    actions: int
    statement: Statement
    modern: bool

    @property
    def content(self) -> tuple[object, ...]:
        """What the statement says; equal for statements that say the same."""
        item = self.statement
        resources, conditions = (item.resources, item.not_resources), item.conditions
        return item.effect, item.actions, item.not_actions, resources, conditions, self.modern


@dataclass(frozen=True, slots=True)
class Layered:
    """When a stack allows: no Deny matches, and in each group of one of the ways an Allow does.

    ``ways`` are for most actions; ``ways_required`` for those that the resource's own policy must allow even in one
    account. Where that policy is not given, it is taken to leave the decision to the account.
    """

    denies: tuple[Placed, ...]
    groups: tuple[tuple[Placed, ...], ...]
    ways: tuple[tuple[int, ...], ...]
    ways_required: tuple[tuple[int, ...], ...]

    def statements(self) -> Iterator[Placed]:
        """All of them."""
        yield from self.denies
        for group in self.groups:
            yield from group


def layered(effective: Effective, actions: Actions) -> Layered:
    """The stack's statements that concern its principal, by group.

    Raises ``ValueError`` where a policy names principals and none is known.
    """
    return _Builder(effective, actions).build()


class _Builder:
    def __init__(self, effective: Effective, actions: Actions) -> None:
        self.effective, self.actions = effective, actions
        self.principal = effective.principal or _anybody(effective)
        owner = effective.facts.value_of("aws:resourceaccount")
        account = owner[0] if owner else self.principal.account
        request = Request(self.principal, "sagemaker:ListModels", "*", account)
        self.same_account = owner_account(request) == self.principal.account
        self.policies = applicable_policies(effective.stack, request)
        if effective.principal is None and {Layer.RESOURCE, Layer.VPC_ENDPOINT} & self.policies.keys():
            raise ValueError("a resource or VPC endpoint policy says who it is for: name a `principal`")
        self.groups: list[tuple[Placed, ...]] = []
        self.denies: list[Placed] = []

    def build(self) -> Layered:
        common = [
            self.add(level)
            for layer in (Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL, Layer.VPC_ENDPOINT)
            for level in self.policies.get(layer, ())
        ]
        limits = [
            self.add(level) for layer in (Layer.BOUNDARY, Layer.SESSION) for level in self.policies.get(layer, ())
        ]
        own = [self.add(level) for level in self.policies.get(Layer.IDENTITY, ())]
        identity = (*common, *own, *limits)
        resource = self.policies.get(Layer.RESOURCE)
        has_identity = self.principal.type in (*_LIMITED, PrincipalType.ROOT_USER)
        ways = [identity] if has_identity and self.same_account else []
        required = list(ways)
        if resource is not None:
            direct, behind, named = self.grants(resource)
            grants = [(*common, direct), (*common, behind, *limits)] if self.same_account else []
            both = (*common, named, *own, *limits)
            if not has_identity:
                grants, ways = [(*common, named)], []
            elif not self.same_account:
                grants = [both]
            ways = [*grants, *ways]
            required = [*grants, both] if has_identity else grants
        return Layered(tuple(self.denies), tuple(self.groups), tuple(ways), tuple(required))

    def add(self, policies: Iterable[NamedPolicy]) -> int:
        """A group of its own for the Allow statements of a level; its Deny statements join the others."""
        placed = list(self.placed(policies))
        self.denies += [item for item in placed if item.statement.effect is Effect.DENY]
        self.groups.append(tuple(item for item in placed if item.statement.effect is Effect.ALLOW))
        return len(self.groups) - 1

    def placed(self, policies: Iterable[NamedPolicy]) -> Iterator[Placed]:
        has_boundary = Layer.BOUNDARY in self.policies
        for named in policies:
            for statement in named.policy.statements:
                if failed_principal(named.policy, statement, self.principal, has_boundary) is None:
                    yield Placed(self.actions.of(statement), statement, named.policy.has_variables)

    def grants(self, levels: Levels) -> Sequence[int]:
        """Groups of the resource policy's Allow statements: that name the caller, that name what is behind it, all."""
        placed = [item for level in levels for item in self.placed(level)]
        self.denies += [item for item in placed if item.statement.effect is Effect.DENY]
        allows = [item for item in placed if item.statement.effect is Effect.ALLOW]
        namings = [principal_matches(item.statement.principals, self.principal) for item in allows]
        for wanted in ((Naming.DIRECT,), (Naming.BEHIND_SESSION,), tuple(Naming)):
            group = [item for item, naming in zip(allows, namings, strict=True) if naming in wanted]
            self.groups.append(tuple(group))
        last = len(self.groups) - 1
        return last - 2, last - 1, last


def _anybody(effective: Effective) -> Principal:
    """Stands for a principal of whom nothing is known; with session policies it has a session."""
    kind = PrincipalType.USER if effective.stack.session_policies is None else PrincipalType.ROLE_SESSION
    return Principal(kind, _ANYBODY, "000000000000", "aws")
