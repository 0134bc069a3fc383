"""Changes of policies as they are collected, and the stack with all of them made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from policystudio.engine.analyse.carve import Carved, Grade
from policystudio.engine.analyse.obstacles import Deny, Place, policy_of
from policystudio.engine.decision import Layer
from policystudio.engine.document import Policy, PolicyKind, Statement
from policystudio.engine.render import Json, statement_json
from policystudio.engine.request import NamedPolicy, PolicyStack

_VERSION = "2012-10-17"
#: What a person can change alone comes first.
ORDER = (
    Layer.IDENTITY,
    Layer.SESSION,
    Layer.BOUNDARY,
    Layer.RESOURCE,
    Layer.VPC_ENDPOINT,
    Layer.RESOURCE_CONTROL,
    Layer.SERVICE_CONTROL,
)


class EditKind(StrEnum):
    """What is done to a policy, or to the list of policies of a layer."""

    ADD_POLICY = "add_policy"
    ADD_STATEMENT = "add_statement"
    EXTEND_STATEMENT = "extend_statement"
    NARROW_STATEMENT = "narrow_statement"
    REMOVE_STATEMENT = "remove_statement"


@dataclass(frozen=True, slots=True)
class About:
    """What matters of a policy: ``aws_managed`` ones cannot be edited, ``shared`` ones concern others as well."""

    aws_managed: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one statement.

    ``policy`` and ``statement`` are as they are now, None where they are new. ``after`` stands instead of the
    statement: nothing where it is removed, several statements where one cannot say it. ``document`` is the whole
    policy with all changes to it, None where nothing of it is left. ``grade`` tells how close it comes to what is
    asked.
    """

    kind: EditKind
    place: Place
    policy: NamedPolicy | None
    statement: Statement | None
    after: tuple[Statement, ...]
    document: Policy | None
    about: About = About()
    grade: Grade = Grade.STRICT

    @property
    def before_json(self) -> Json:
        """The statement as it is; None where it is new."""
        return None if self.statement is None else statement_json(self.statement)

    @property
    def after_json(self) -> list[Json]:
        """The statements that are to stand there."""
        return [statement_json(item) for item in self.after]


class Draft:
    """Changes of a stack as they are collected; ``finished`` makes them."""

    def __init__(self, stack: PolicyStack) -> None:
        self.stack = stack
        self.edits: list[Edit] = []

    def policies(self, place: Place) -> tuple[NamedPolicy, ...]:
        """The policies at a place."""
        return _policies(self.stack, place)

    def count(self, policy: NamedPolicy) -> int:
        """At how many levels of the organization a policy stands."""
        levels = [*(self.stack.service_control_policies or ()), *(self.stack.resource_control_policies or ())]
        return sum(any(_same(policy, one) for one in level) for level in levels)

    def allows(self, policy: NamedPolicy) -> bool:
        """Whether a statement is to be added to the policy already."""
        return any(edit.kind is EditKind.ADD_STATEMENT and _is_of(edit, policy) for edit in self.edits)

    def give_way(self, deny: Deny, way: Carved, about: About) -> None:
        """Let a Deny statement give way, once wherever its policy stands."""
        if not any(edit.statement == deny.statement and _is_of(edit, deny.policy) for edit in self.edits):
            kind = EditKind.NARROW_STATEMENT if way.statements else EditKind.REMOVE_STATEMENT
            edit = Edit(kind, deny.place, deny.policy, deny.statement, way.statements, None, about, way.grade)
            self.edits.append(edit)

    def extend(self, place: Place, policy: NamedPolicy, statement: Statement, longer: Statement) -> None:
        """Add an entry to an Allow statement."""
        self.edits.append(Edit(EditKind.EXTEND_STATEMENT, place, policy, statement, (longer,), None))

    def add_statement(self, place: Place, policy: NamedPolicy, statement: Statement, about: About) -> None:
        """Add an Allow statement to a policy."""
        self.edits.append(Edit(EditKind.ADD_STATEMENT, place, policy, None, (statement,), None, about))

    def add_policy(self, place: Place, statement: Statement, kind: PolicyKind) -> None:
        """Add a policy of one statement to a layer or level."""
        document = policy_of([statement], _VERSION, kind)
        self.edits.append(Edit(EditKind.ADD_POLICY, place, None, None, (statement,), document))

    def finished(self) -> list[Edit]:
        """The changes, additions first, each with the whole of its policy after all of them.

        Raises ``PolicyError`` where a policy would not be one any more.
        """
        edits = [
            edit if edit.policy is None else replace(edit, document=self.document(edit.policy)) for edit in self.edits
        ]
        return sorted(edits, key=_order)

    def document(self, policy: NamedPolicy) -> Policy | None:
        """A policy with all changes to it; None where nothing of it is left."""
        return changed(policy, self.edits)


def changed(policy: NamedPolicy, edits: Iterable[Edit]) -> Policy | None:
    """A policy with those changes that are about it; None where nothing of it is left."""
    old = policy.policy
    own = [edit for edit in edits if _is_of(edit, policy)]
    instead = {edit.statement.index: edit.after for edit in own if edit.statement is not None}
    added = [one for edit in own if edit.statement is None for one in edit.after]
    kept = [one for item in old.statements for one in instead.get(item.index, (item,))]
    return policy_of([*kept, *added], old.version, old.kind, old.id)


def applied(stack: PolicyStack, edits: Sequence[Edit]) -> PolicyStack:
    """The stack with changes made; they must be of this very stack. Raises ``PolicyError`` as ``Draft.finished``."""
    policies: list[NamedPolicy] = []
    for edit in edits:
        if edit.policy is not None and not any(_same(edit.policy, one) for one in policies):
            policies.append(edit.policy)
    result = stack
    for policy in policies:
        document = changed(policy, edits)
        result = _swapped(result, policy, None if document is None else replace(policy, policy=document))
    for edit in edits:
        if edit.policy is None and edit.document is not None:
            result = _with_policy(result, edit.place, NamedPolicy("new policy", edit.document))
    return result


def _order(edit: Edit) -> tuple[bool, int]:
    return edit.kind in (EditKind.NARROW_STATEMENT, EditKind.REMOVE_STATEMENT), ORDER.index(edit.place.layer)


def _is_of(edit: Edit, policy: NamedPolicy) -> bool:
    return edit.policy is not None and _same(edit.policy, policy)


def _same(one: NamedPolicy, other: NamedPolicy) -> bool:
    """Whether it is one policy: an organization's stands at each level as an object of its own."""
    organization = one.policy.kind in (PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL)
    return one is other or (organization and one.name == other.name and one.policy == other.policy)


def _policies(stack: PolicyStack, place: Place) -> tuple[NamedPolicy, ...]:
    single: Mapping[Layer, NamedPolicy | None] = {
        Layer.BOUNDARY: stack.permissions_boundary,
        Layer.RESOURCE: stack.resource_policy,
        Layer.VPC_ENDPOINT: stack.vpc_endpoint_policy,
    }
    if place.layer in single:
        found = single[place.layer]
        return () if found is None else (found,)
    if place.layer is Layer.IDENTITY:
        return stack.identity_policies
    if place.layer is Layer.SESSION:
        return stack.session_policies or ()
    scp = place.layer is Layer.SERVICE_CONTROL
    levels = stack.service_control_policies if scp else stack.resource_control_policies
    return () if levels is None or place.level is None else levels[place.level]


def _swapped(stack: PolicyStack, old: NamedPolicy, new: NamedPolicy | None) -> PolicyStack:
    """The stack with one policy replaced wherever it stands; None takes it away."""

    def one(policy: NamedPolicy | None) -> NamedPolicy | None:
        if policy is None or not _same(policy, old):
            return policy
        return None if new is None else replace(new, attached_to=policy.attached_to)

    def many(policies: Sequence[NamedPolicy]) -> tuple[NamedPolicy, ...]:
        return tuple(found for policy in policies if (found := one(policy)) is not None)

    scp, rcp = stack.service_control_policies, stack.resource_control_policies
    return PolicyStack(
        identity_policies=many(stack.identity_policies),
        permissions_boundary=one(stack.permissions_boundary),
        session_policies=None if stack.session_policies is None else many(stack.session_policies),
        service_control_policies=None if scp is None else tuple(map(many, scp)),
        resource_control_policies=None if rcp is None else tuple(map(many, rcp)),
        resource_policy=one(stack.resource_policy),
        vpc_endpoint_policy=one(stack.vpc_endpoint_policy),
    )


def _with_policy(stack: PolicyStack, place: Place, policy: NamedPolicy) -> PolicyStack:
    """The stack with one more policy at a place."""
    if place.layer is Layer.IDENTITY:
        return replace(stack, identity_policies=(*stack.identity_policies, policy))
    if place.layer is Layer.SESSION:
        return replace(stack, session_policies=(*(stack.session_policies or ()), policy))
    if place.layer is Layer.RESOURCE:
        return replace(stack, resource_policy=policy)
    levels = stack.service_control_policies or ()
    changed = tuple((*level, policy) if number == place.level else level for number, level in enumerate(levels))
    return replace(stack, service_control_policies=changed)
