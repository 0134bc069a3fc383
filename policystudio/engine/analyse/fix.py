"""The smallest change that allows what is not allowed: which statements to add, and which have to give way.

Every Deny that matches has to give way, and every layer in which nothing allows needs an Allow: the changes are as few
as there are such statements and layers. Each is as narrow as statements can say it: never another action, nor another
resource, nor other conditions than asked, and in a policy that others have too, for who asks alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from policystudio.engine.analyse.asked import Asked
from policystudio.engine.analyse.carve import Grade, carve
from policystudio.engine.analyse.draft import About, Draft, Edit, applied
from policystudio.engine.analyse.obstacles import Deny, Judge, Obstacles, Place
from policystudio.engine.authorize import TRUST_ACTIONS
from policystudio.engine.decision import Layer
from policystudio.engine.document import (
    Condition,
    Effect,
    PolicyKind,
    PrincipalEntry,
    PrincipalKind,
    Statement,
)
from policystudio.engine.parse import PolicyError
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType
from policystudio.engine.source import Position, Span

_SHARED = frozenset({Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL, Layer.VPC_ENDPOINT})
_KINDS = {
    Layer.SERVICE_CONTROL: PolicyKind.SERVICE_CONTROL,
    Layer.RESOURCE_CONTROL: PolicyKind.RESOURCE_CONTROL,
    Layer.VPC_ENDPOINT: PolicyKind.RESOURCE,
    Layer.RESOURCE: PolicyKind.RESOURCE,
}
_NOWHERE = Position(0, 1, 1)


def about_layer(_policy: NamedPolicy, layer: Layer) -> About:
    """What is known of a policy that stands in a bare stack: those of organizations and endpoints are shared."""
    return About(shared=layer in _SHARED)


@dataclass(frozen=True, slots=True)
class Fix:
    """The changes that together allow what is asked, with the verdicts before and after.

    ``stack`` are the policies with all changes made; ``stages`` the verdicts after the first change, after the first
    two, and so on. ``impossible`` says why there are no changes that would do.
    """

    asked: Asked
    edits: tuple[Edit, ...]
    stack: PolicyStack
    before: str
    after: str
    impossible: str = ""
    stages: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether the changed policies allow what is asked, as re-evaluated."""
        return self.after == "allowed"

    @property
    def exact(self) -> bool:
        """Whether, by construction, no request that AWS knows becomes allowed but what is asked."""
        return all(edit.grade < Grade.WIDE for edit in self.edits)


def smallest_change(
    stack: PolicyStack,
    asked: Asked,
    judge: Judge,
    context: Context,
    about: Callable[[NamedPolicy, Layer], About] = about_layer,
) -> Fix:
    """What to change so that all that is asked becomes allowed.

    ``context`` is what is known of every request, for variables in resources. The number of changes is the least that
    does; among as many, what leaves the policies of others alone comes first, then the smallest text. ``judge``
    re-evaluates the result: ``Fix.works`` tells whether it does what it is for.
    """
    before = judge.verdict(stack)
    if before == "allowed":
        return Fix(asked, (), stack, before, before)
    fixer = _Fixer(asked, judge, context, about)
    found = judge.obstacles(stack)
    reason = found.barrier or fixer.barrier(found)
    if reason:
        return Fix(asked, (), stack, before, before, reason)
    result = Fix(asked, (), stack, before, before, "nothing was found that would allow it")
    for boldly in (False, True):
        try:
            edits = fixer.change(stack, boldly=boldly)
            stages = tuple(judge.verdict(applied(stack, edits[: count + 1])) for count in range(len(edits)))
        except PolicyError as error:
            return replace(result, impossible=f"a policy with the change would not be one: {error}")
        if stages and stages[-1] == "allowed":
            return Fix(asked, tuple(edits), applied(stack, edits), before, stages[-1], stages=stages)
    return result


class _Fixer:
    def __init__(
        self, asked: Asked, judge: Judge, context: Context, about: Callable[[NamedPolicy, Layer], About]
    ) -> None:
        self.asked, self.judge, self.context, self.about = asked, judge, context, about

    def barrier(self, found: Obstacles) -> str:
        """Why what stands in the way cannot be changed."""
        layers = {place.layer for place in found.lacking} | {deny.place.layer for deny in found.denies}
        caller = self.asked.principal
        if caller is not None and caller.service_linked and Layer.IDENTITY in layers:
            return "service_linked_role_cannot_be_changed"
        if any(place.layer is Layer.RESOURCE_CONTROL for place in found.lacking):
            return "resource_control_policies_lack_full_access"
        return ""

    def change(self, stack: PolicyStack, *, boldly: bool) -> list[Edit]:
        """The changes; ``boldly`` lifts the statements that deny for all actions at once."""
        found, draft = self.judge.obstacles(stack), Draft(stack)
        for place in found.lacking:
            self.allow(draft, place)
        for deny in found.denies:
            self.give_way(draft, deny, boldly=boldly)
        return draft.finished()

    def give_way(self, draft: Draft, deny: Deny, *, boldly: bool) -> None:
        """Narrow a Deny statement. One that stands at several places is changed once."""
        about = self.about(deny.policy, deny.place.layer)
        modern = deny.policy.policy.has_variables
        ways = carve(deny.statement, self.asked, self.context, modern=modern, shared=about.shared)
        draft.give_way(deny, ways[-1 if boldly else 0], about)

    def allow(self, draft: Draft, place: Place) -> None:
        """Let a layer or level allow what is asked."""
        policies = draft.policies(place)
        if any(draft.allows(policy) for policy in policies):
            return  # the same policy is already changed at another level
        if place.layer is Layer.IDENTITY:
            extended = self.extension(policies)
            if extended is not None:
                draft.extend(place, *extended)
            else:
                draft.add_policy(place, self.statement(place, shared=False), self.kind(place))
            return
        ranked = sorted(policies, key=lambda one: (self.about(one, place.layer).aws_managed, -draft.count(one)))
        chosen = ranked[0] if ranked else None
        if chosen is None or (place.level is not None and self.about(chosen, place.layer).aws_managed):
            shared = place.layer in _SHARED
            draft.add_policy(place, self.statement(place, shared=shared), self.kind(place))
        else:
            about = self.about(chosen, place.layer)
            draft.add_statement(place, chosen, self.statement(place, shared=about.shared), about)

    def kind(self, place: Place) -> PolicyKind:
        """The kind of a policy that is to be added."""
        if place.layer is Layer.RESOURCE and self.asked.action.lower() in TRUST_ACTIONS:
            return PolicyKind.TRUST
        return _KINDS.get(place.layer, PolicyKind.IDENTITY)

    def statement(self, place: Place, *, shared: bool) -> Statement:
        """The least Allow statement for a place."""
        kind, caller = self.kind(place), self.asked.principal
        named: tuple[PrincipalEntry, ...] = ()
        if kind in (PolicyKind.RESOURCE, PolicyKind.TRUST) and caller is not None:
            named = (principal_entry(caller),)
        return Statement(
            index=0,
            sid=None,
            effect=Effect.ALLOW,
            principals=named,
            not_principals=(),
            actions=(self.asked.action,),
            not_actions=(),
            resources=() if kind is PolicyKind.TRUST else (self.asked.resource,),
            not_resources=(),
            conditions=self.asked.conditions(with_principal=shared and not named),
            span=Span(_NOWHERE, _NOWHERE),
        )

    def extension(self, policies: Sequence[NamedPolicy]) -> tuple[NamedPolicy, Statement, Statement] | None:
        """A statement of the identity's own policies that allows it with one more entry, and that statement then."""
        wanted = self.asked.conditions(with_principal=False)
        for policy in policies:
            about = self.about(policy, Layer.IDENTITY)
            if about.aws_managed or about.shared or (not policy.policy.has_variables and "${" in self.asked.resource):
                continue
            for statement in policy.policy.statements:
                if statement.effect is Effect.ALLOW and _same_conditions(statement.conditions, wanted):
                    for longer in self.longer(statement):
                        return policy, statement, longer
        return None

    def longer(self, statement: Statement) -> Iterator[Statement]:
        """The statement with what is asked, where that adds nothing else."""
        action, resource = self.asked.action, self.asked.resource
        if [entry.lower() for entry in statement.actions] == [action.lower()] and statement.resources:
            kept = [entry for entry in statement.resources if not self.asked.contains(entry)]
            yield replace(statement, resources=(*kept, resource))
        elif statement.actions and statement.resources == (resource,):
            yield replace(statement, actions=(*statement.actions, action))


def principal_entry(caller: Principal) -> PrincipalEntry:
    """How a Principal element names a caller."""
    kinds = {
        PrincipalType.SERVICE: PrincipalKind.SERVICE,
        PrincipalType.FEDERATED: PrincipalKind.FEDERATED,
        PrincipalType.ANONYMOUS: PrincipalKind.EVERYONE,
    }
    kind = kinds.get(caller.type, PrincipalKind.AWS)
    return PrincipalEntry(kind, "*" if kind is PrincipalKind.EVERYONE else caller.arn)


def _same_conditions(one: Sequence[Condition], other: Sequence[Condition]) -> bool:
    return {_plain(item) for item in one} == {_plain(item) for item in other}


def _plain(item: Condition) -> tuple[str, str, frozenset[str]]:
    return item.name, item.key.lower(), frozenset(item.values)
