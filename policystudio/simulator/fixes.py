"""The smallest change that would allow a cell, or a concrete request, of a stored identity; shown to work."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace

from policystudio.accounts.models import Account
from policystudio.engine.analyse.asked import Asked, asked_resource, asked_type
from policystudio.engine.analyse.draft import About, Edit
from policystudio.engine.analyse.fix import Fix, smallest_change
from policystudio.engine.analyse.obstacles import CellJudge, RequestJudge
from policystudio.engine.analyse.proof import Proof, prove
from policystudio.engine.authorize import TRUST_ACTIONS, authorize
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.decision import Layer, Verdict
from policystudio.engine.exact.cell import Cell
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.single import CellOf, column_catalog, resource_catalog, single_cell
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.simulator.concrete import tags_of, types_of, with_facts_of
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import (
    UnknownIdentity,
    UnreadablePolicies,
    catalog,
    concrete_request,
    condition_keys,
    subject_reader,
)
from policystudio.simulator.stacks import AttachedPolicy, Bearer, Subject, Values, bearers
from policystudio.simulator.why import UnknownCell

TRUST_POLICY = "trust policy"
#: The service control policy that AWS itself attaches wherever service control policies are enabled.
_FULL_ACCESS = "FullAWSAccess"
#: Why nothing can be changed, in words.
BARRIERS = {
    "service_linked_role_cannot_be_changed": "AWS alone decides what a service-linked role may do: its policies cannot "
    "be changed",
    "resource_control_policies_lack_full_access": "a level of the organization's resource control policies has no "
    "Allow: AWS attaches RCPFullAWSAccess there, which cannot be taken away",
    "no_cross_partition_access": "the resource is in another partition of AWS, where nobody of this one can go",
    "cannot_pass_role_of_another_account": "a role of another account cannot be passed, whatever policies say",
    "root_user_cannot_assume_roles": "a root user cannot assume roles, whatever policies say",
}


class NoActionError(ValueError):
    """What is asked is not one action."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change, with where its policy stands for this identity.

    ``attached`` is None for policies of the organization, and for policies that are to be added. ``level`` names the
    organization's level.
    """

    edit: Edit
    attached: AttachedPolicy | None
    level: str

    @property
    def lines(self) -> tuple[int, int] | None:
        """The first and last line of the statement in its policy, as they are now."""
        policy, statement = self.edit.policy, self.edit.statement
        if policy is None or statement is None:
            return None
        span = statement.span
        text = policy.policy.text[span.start.offset : span.end.offset]
        return span.start.line + text[: len(text) - len(text.lstrip(", \t\r\n"))].count("\n"), span.end.line


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that the policies allow as they are, with these keys. No values: the key is absent."""

    resource: str
    context: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Offer:
    """What would allow it: the changes, all of them together; or, changing nothing, a request with other keys.

    ``resource_type`` is empty where it is about one resource.
    """

    bearer: Bearer
    asked: Asked
    resource_type: str
    fix: Fix
    steps: tuple[Step, ...]
    proof: Proof | None
    sending: Sending | None

    @property
    def impossible(self) -> str:
        """Why there is no change that would do, in words; empty where there is one."""
        return BARRIERS.get(self.fix.impossible, self.fix.impossible)


def cell_offer(
    account: Account, question: Question, identity: str, action: str, resource_type: str, *, compared: bool = True
) -> Offer:
    """What would allow all of a cell, in the question's context and Region, on top of its what-if.

    Without ``compared`` it is evaluated again, but not compared, which takes longer: ``proof`` is None then. Raises
    ``UnknownIdentity``, ``UnknownCell``, and ``UnreadablePolicies`` where nothing can be said.
    """
    return _Asker(account, question, identity, compared=compared).cell(action, resource_type)


def request_offer(account: Account, question: Question, identity: str, action: str, resource: str) -> Offer:
    """What would allow a request on one resource (an ARN, or ``*``) in the question's context, on top of its what-if.

    A key that nobody names is absent. Raises ``UnknownIdentity``, ``UnreadablePolicies``, ``NoActionError``, and
    ``NoSuchTypeError`` for a resource that no SageMaker action acts on.
    """
    service, _, name = action.partition(":")
    if not (service and name) or set(action) & set("*? "):
        raise NoActionError(f"`{action}` is not one action: write a service and a name, such as sagemaker:CreateModel")
    return _Asker(account, question, identity).request(action, resource)


class _Asker:
    """Asks for one identity with everything that applies to it."""

    def __init__(self, account: Account, question: Question, identity: str, *, compared: bool = True) -> None:
        self.reader = subject_reader(account, question)
        found = bearers(self.reader.source, IdentityFilter(arns=(identity,)))
        if not found:
            raise UnknownIdentity(identity)
        self.account, self.question, self.compared = account, question, compared
        self.subject = self.reader.subjects(found)[0]
        self.row = self.subject.row
        unreadable = (*self.row.unreadable_identity, *self.row.unreadable_around)
        if unreadable:
            raise UnreadablePolicies(unreadable)
        is_group = self.subject.bearer.kind == "group"
        self.caller = None if is_group else self.reader.principal(self.subject.bearer)

    def cell(self, action: str, resource_type: str) -> Offer:
        region, given = self.question.region, dict(self.question.context)
        known = catalog().action(action)
        action = f"{catalog().service}:{known.name}" if known else action
        try:
            alone = column_catalog(catalog(), action, resource_type)
        except KeyError:
            raise UnknownCell(f"`{action}` does not act on `{resource_type}`") from None
        partition, number = self.account.partition, self.account.number
        wish = asked_type(catalog(), action, resource_type, partition=partition, account=number, region=region)
        if region and resource_type == NO_TYPE:
            given = {"aws:RequestedRegion": (region,), **given}
        wish = replace(wish, principal=self.caller, context=given)

        def cell_of(facts: Facts) -> CellOf:
            return single_cell(alone, partition, number, region, facts, condition_keys())

        judge = CellJudge(wish, cell_of(self.row.facts), self.row.unrestricted)
        fix = smallest_change(self.row.stack, wish, judge, self.row.facts.context, self.about)
        cell = cell_of(self.free_facts())(self.row.stack, self.row.unrestricted)
        return self.offer(wish, fix, self.row.stack, resource_type, self.sending(action, cell, {}))

    def request(self, action: str, resource: str) -> Offer:
        ours = action.partition(":")[0].lower() == catalog().service
        types = types_of(resource) if ours else frozenset[str]()
        tags = tags_of(self.account, [resource]).get(resource, {})
        context = with_facts_of(resource, tags, self.question.context)
        request = concrete_request(self.reader, self.subject, action, resource, context)
        number = self.account.number
        wish = asked_resource(catalog(), action, resource, partition=self.account.partition, account=number)
        wish = replace(wish, principal=self.caller, context=self.question.context)
        stack = self.with_trust(action, resource)
        fix = smallest_change(stack, wish, RequestJudge(request, condition_keys()), request.context, self.about)
        return self.offer(wish, fix, stack, "", self.other_request(action, resource, types, tags) if ours else None)

    def other_request(
        self, action: str, resource: str, types: frozenset[str], tags: Mapping[str, str]
    ) -> Sending | None:
        """Keys with which the same request is allowed."""
        known = with_facts_of(resource, tags, {})
        facts = self.free_facts()
        facts = replace(facts, known={**facts.known, **{key.lower(): values for key, values in known.items()}})
        alone = resource_catalog(catalog(), action, resource, types, condition_keys())
        cell_of = single_cell(alone, self.account.partition, self.account.number, "", facts, condition_keys())
        return self.sending(action, cell_of(self.row.stack, self.row.unrestricted), known)

    def sending(self, action: str, cell: Cell, known: Mapping[str, Values]) -> Sending | None:
        """The allowed example of a cell that depends on the context, with no more keys than it takes."""
        if cell.allowed is None or not (cell.by_context or self.question.context):
            return None
        free = copy(self.reader)
        free.given = {}
        context, resource = dict(cell.allowed.context), cell.allowed.resource

        def allows(sent: Mapping[str, Values]) -> bool:
            request = concrete_request(free, self.free_subject(), action, resource, {**known, **sent})
            return authorize(self.row.stack, request, condition_keys()).verdict is Verdict.ALLOWED

        for key in list(context):
            fewer = {name: values for name, values in context.items() if name != key}
            context = fewer if allows(fewer) else context
        return Sending(resource, context) if allows(context) else None

    def free_facts(self) -> Facts:
        """What is known of the identity without the question's own context."""
        free = copy(self.reader)
        free.given = {}
        return free.facts(self.subject.bearer)

    def free_subject(self) -> Subject:
        """The identity without the question's own context."""
        return replace(self.subject, row=replace(self.row, facts=self.free_facts()))

    def with_trust(self, action: str, resource: str) -> PolicyStack:
        """The stack, with the trust policy of the role that is to be assumed."""
        if action.lower() not in TRUST_ACTIONS:
            return self.row.stack
        roles = self.reader.source.identities(IdentityFilter(frozenset({"role"}), arns=(resource,)))
        digest = roles[0].trust_digest if roles else None
        trust = self.reader.source.documents([digest]).get(digest) if digest else None
        if trust is None:
            return self.row.stack
        return replace(self.row.stack, resource_policy=NamedPolicy(TRUST_POLICY, trust, resource))

    def attached(self, policy: NamedPolicy | None) -> AttachedPolicy | None:
        """How a policy reaches the identity; None for those of the organization."""
        boundary = [self.subject.boundary] if self.subject.boundary else []
        found = (item for item in (*self.subject.policies, *boundary) if item.named is policy)
        return next(found, None) if policy is not None else None

    def about(self, policy: NamedPolicy, layer: Layer) -> About:
        """Whether a policy can be edited, and whether others have it, too."""
        found = self.attached(policy)
        if found is None:
            organization = layer in (Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL)
            return About(aws_managed=organization and policy.name == _FULL_ACCESS, shared=organization)
        own = found.kind == "what-if" or (found.kind == "inline" and not found.through)
        return About(aws_managed=found.kind == "aws-managed", shared=not own)

    def offer(self, wish: Asked, fix: Fix, stack: PolicyStack, resource_type: str, sending: Sending | None) -> Offer:
        steps = tuple(self.steps(fix))
        proof = prove(stack, fix, self.row.facts) if steps and self.compared else None
        return Offer(
            self.subject.bearer, wish, resource_type, fix, steps, proof, sending if fix.before != "allowed" else None
        )

    def steps(self, fix: Fix) -> Iterator[Step]:
        tree = self.reader.organization.tree or ()
        for edit in fix.edits:
            level = edit.place.level
            named = tree[level].name if level is not None and level < len(tree) else ""
            yield Step(edit, self.attached(edit.policy), named)
