"""Laws of authorization: whatever the policies, these hold."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Decision, Verdict
from policystudio.engine.document import Effect, Policy, PolicyKind, Statement
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, PrincipalType, Request
from tests.engine.asking import (
    ACCOUNT,
    ANONYMOUS,
    BOB,
    FEDERATED,
    LINKED,
    MODEL,
    OTHER,
    OTHER_MODEL,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
)
from tests.engine.documents import Json, policy

LAW = settings(max_examples=100, deadline=None)
KEYS = load_condition_keys()
TARGET = f"arn:aws:iam::{ACCOUNT}:role/Target"
TEAM = "sagemaker:ResourceTag/team"

# Most of them match most requests, so that the layers have something to decide.
ACTIONS = ("*", "sagemaker:*", "sagemaker:Create*", "sts:AssumeRole", "s3:*")
RESOURCES = ("*", "arn:aws:sagemaker:*:*:model/*", "arn:aws:sagemaker:*:*:*/${aws:username}", "arn:aws:iam::*:role/*")
CONDITIONS: tuple[dict[str, Json], ...] = (
    {},
    {},
    {"StringEquals": {TEAM: "ml"}},
    {"StringNotEquals": {TEAM: "ml"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"Null": {TEAM: "true"}},
)
PRINCIPALS: tuple[Json, ...] = (
    "*",
    {"AWS": ACCOUNT},
    {"AWS": BOB.arn},
    {"AWS": [ROLE.arn, FEDERATED.arn]},
    {"AWS": SESSION.arn},
    {"Service": SERVICE.arn},
    {"AWS": OTHER},
)


@cache
def parsed(text: str, kind: PolicyKind) -> Statement:
    """The statement that a JSON text writes."""
    return policy(json.loads(text), kind=kind).statements[0]


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind, effect: str | None = None) -> Statement:
    """One statement of a policy of this kind."""
    has_principal = kind in (PolicyKind.RESOURCE, PolicyKind.TRUST)
    document: dict[str, Json] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    names = (
        st.sampled_from(["Action", "Action", "NotAction"])
        if kind is not PolicyKind.RESOURCE_CONTROL
        else st.just("Action")
    )
    document[draw(names)] = draw(st.sampled_from(ACTIONS))
    document[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(st.sampled_from(RESOURCES))
    if block := draw(st.sampled_from(CONDITIONS)):
        document["Condition"] = block
    if kind is PolicyKind.RESOURCE_CONTROL:
        document["Principal"] = "*"
    if has_principal:
        negated = document["Effect"] == "Deny" and draw(st.booleans())
        document["NotPrincipal" if negated else "Principal"] = draw(st.sampled_from(PRINCIPALS))
    return parsed(json.dumps(document), kind)


@cache
def allow_all(kind: PolicyKind) -> Statement:
    """An Allow of everything to everybody."""
    document = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    if kind is PolicyKind.RESOURCE:
        document["Principal"] = "*"
    return policy(document, kind=PolicyKind.RESOURCE if "Principal" in document else PolicyKind.IDENTITY).statements[0]


@st.composite
def named_policies(draw: st.DrawFn, kind: PolicyKind) -> NamedPolicy:
    """A policy of this kind, of up to two statements, often with one that allows everything."""
    found = draw(st.lists(statements(kind), max_size=2))
    if draw(st.integers(0, 3)) > (2 if kind is PolicyKind.RESOURCE else 0):
        found.insert(0, allow_all(kind))
    return NamedPolicy("p", Policy("", kind, "2012-10-17", tuple(found)))


def levels(kind: PolicyKind) -> st.SearchStrategy[Any]:
    return st.lists(st.lists(named_policies(kind), min_size=1, max_size=2).map(tuple), min_size=1, max_size=2).map(
        tuple
    )


def rarely(found: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly None."""
    return st.sampled_from([True, False, False, False]).flatmap(lambda there: found if there else st.none())


IDENTITY_POLICIES = st.lists(named_policies(PolicyKind.IDENTITY), min_size=1, max_size=2).map(tuple)

STACKS = st.builds(
    PolicyStack,
    identity_policies=IDENTITY_POLICIES,
    permissions_boundary=st.none() | named_policies(PolicyKind.IDENTITY),
    session_policies=st.none() | IDENTITY_POLICIES,
    service_control_policies=rarely(levels(PolicyKind.SERVICE_CONTROL)),
    resource_control_policies=rarely(levels(PolicyKind.RESOURCE_CONTROL)),
    resource_policy=st.none() | named_policies(PolicyKind.RESOURCE),
    vpc_endpoint_policy=rarely(named_policies(PolicyKind.RESOURCE)),
)

CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        TEAM: st.sampled_from(["ml", "ML", "", "bi"]),
        "aws:TagKeys": st.lists(st.sampled_from(["team", "stage"]), max_size=2, unique=True),
        "aws:MultiFactorAuthPresent": st.sampled_from(["true", "false"]),
    },
)

REQUESTS = st.builds(
    Request,
    principal=st.sampled_from([BOB, SESSION, BOB, SESSION, ROLE, FEDERATED, ROOT, SERVICE, ANONYMOUS, LINKED]),
    action=st.sampled_from(
        ["sagemaker:CreateModel", "sagemaker:CreateModel", "sagemaker:DescribeModel", "sts:AssumeRole"]
    ),
    resource=st.sampled_from([MODEL, MODEL.replace("m1", "bob"), MODEL, OTHER_MODEL, TARGET, "*"]),
    context=CONTEXTS.map(Context),
)


def decide(stack: PolicyStack, request: Request) -> Decision:
    return authorize(stack, request, KEYS)


def is_allowed(stack: PolicyStack, request: Request) -> bool:
    return decide(stack, request).verdict is Verdict.ALLOWED


def changed(stack: PolicyStack, change: Any) -> PolicyStack:
    """The stack with ``change`` (of a policy) made to every policy."""

    def one(found: NamedPolicy | None) -> NamedPolicy | None:
        return None if found is None else NamedPolicy(found.name, change(found.policy))

    def several(found: Any) -> Any:
        return None if found is None else tuple(one(item) for item in found)

    def by_level(found: Any) -> Any:
        return None if found is None else tuple(several(level) for level in found)

    return PolicyStack(
        several(stack.identity_policies),
        one(stack.permissions_boundary),
        several(stack.session_policies),
        by_level(stack.service_control_policies),
        by_level(stack.resource_control_policies),
        one(stack.resource_policy),
        one(stack.vpc_endpoint_policy),
    )


def with_statements(found: Policy, items: Any) -> Policy:
    return replace(found, statements=tuple(items))


def outcome(decision: Decision) -> tuple[Any, ...]:
    return decision.verdict, decision.reason, decision.layers, decision.missing_context_keys


@LAW
@given(STACKS, REQUESTS)
def test_an_explicit_deny_wins_and_comes_from_a_statement(stack: PolicyStack, request: Request) -> None:
    decision = decide(stack, request)
    denied = any(trace.statement.effect is Effect.DENY for trace in decision.matched)
    assert (decision.verdict is Verdict.EXPLICIT_DENY) is denied


@LAW
@given(STACKS, REQUESTS)
def test_nothing_is_allowed_without_an_allow(stack: PolicyStack, request: Request) -> None:
    def only_denies(found: Policy) -> Policy:
        return with_statements(found, (item for item in found.statements if item.effect is Effect.DENY))

    if request.principal.type is not PrincipalType.ROOT_USER:
        assert not is_allowed(changed(stack, only_denies), request)


@LAW
@given(STACKS, REQUESTS)
def test_whoever_is_allowed_has_a_reason_that_a_statement_gives(stack: PolicyStack, request: Request) -> None:
    decision = decide(stack, request)
    if decision.verdict is not Verdict.ALLOWED or request.principal.type is PrincipalType.ROOT_USER:
        return
    granting = {trace.layer for trace in decision.matched} & {"identity_policies", "resource_policy"}
    assert granting
    assert {layer for layer in granting if str(layer).split("_")[0] in decision.reason}


@LAW
@given(STACKS, REQUESTS, st.randoms(use_true_random=False))
def test_order_and_duplicates_of_statements_do_not_matter(stack: PolicyStack, request: Request, source: Any) -> None:
    def shuffled(found: Policy) -> Policy:
        items = [*found.statements, *source.choices(found.statements, k=2)] if found.statements else []
        source.shuffle(items)
        return with_statements(found, items)

    assert outcome(decide(changed(stack, shuffled), request)) == outcome(decide(stack, request))


@LAW
@given(STACKS, REQUESTS)
def test_neither_do_the_order_of_policies_and_their_cut_into_several(stack: PolicyStack, request: Request) -> None:
    cut = tuple(
        NamedPolicy(item.name, with_statements(item.policy, [statement]))
        for item in reversed(stack.identity_policies)
        for statement in item.policy.statements
    )
    assert outcome(decide(replace(stack, identity_policies=cut), request)) == outcome(decide(stack, request))


def added(stack: PolicyStack, effect: str, draw: Any) -> PolicyStack:
    """The stack with a statement of this effect added to each of its policies."""
    return changed(
        stack,
        lambda found: with_statements(found, (*found.statements, draw(statements(found.kind, effect)))),
    )


@LAW
@given(STACKS, REQUESTS, st.data())
def test_adding_a_deny_never_adds_access(stack: PolicyStack, request: Request, data: Any) -> None:
    if is_allowed(added(stack, "Deny", data.draw), request):
        assert is_allowed(stack, request)


@LAW
@given(STACKS, REQUESTS, st.data())
def test_adding_an_allow_never_removes_access(stack: PolicyStack, request: Request, data: Any) -> None:
    if is_allowed(stack, request):
        assert is_allowed(added(stack, "Allow", data.draw), request)


@LAW
@given(STACKS, REQUESTS, named_policies(PolicyKind.IDENTITY))
def test_a_boundary_only_narrows(stack: PolicyStack, request: Request, boundary: NamedPolicy) -> None:
    without = replace(stack, permissions_boundary=None)
    if is_allowed(replace(stack, permissions_boundary=boundary), request):
        assert is_allowed(without, request)


@LAW
@given(STACKS, REQUESTS, levels(PolicyKind.SERVICE_CONTROL), levels(PolicyKind.RESOURCE_CONTROL))
def test_organization_policies_and_each_of_their_levels_only_narrow(
    stack: PolicyStack, request: Request, service: Any, resource: Any
) -> None:
    without = replace(stack, service_control_policies=None, resource_control_policies=None)
    fewer = replace(stack, service_control_policies=service[:1], resource_control_policies=resource[:1])
    more = replace(stack, service_control_policies=service, resource_control_policies=resource)
    if is_allowed(more, request):
        assert is_allowed(fewer, request)
    if is_allowed(fewer, request):
        assert is_allowed(without, request)


@LAW
@given(STACKS, REQUESTS, named_policies(PolicyKind.RESOURCE), IDENTITY_POLICIES)
def test_endpoint_and_session_policies_only_narrow(
    stack: PolicyStack, request: Request, endpoint: NamedPolicy, session: Any
) -> None:
    without = replace(stack, vpc_endpoint_policy=None)
    if is_allowed(replace(stack, vpc_endpoint_policy=endpoint), request):
        assert is_allowed(without, request)
    # For a federated user no session policy at all means no permissions, so there one may add.
    if request.principal.type is PrincipalType.ROLE_SESSION and is_allowed(
        replace(stack, session_policies=session), request
    ):
        assert is_allowed(replace(stack, session_policies=None), request)


@LAW
@given(STACKS, REQUESTS)
def test_letter_case_of_actions_and_keys_does_not_matter(stack: PolicyStack, request: Request) -> None:
    keys = {request.context.name_of(key).swapcase(): values for key, values in request.context.items()}
    other = replace(request, action=request.action.swapcase(), context=Context(keys))
    assert outcome(decide(stack, other)) == outcome(decide(stack, request))


@LAW
@given(STACKS, REQUESTS)
def test_a_key_without_values_is_as_good_as_none(stack: PolicyStack, request: Request) -> None:
    free = dict.fromkeys((TEAM.lower(), "aws:tagkeys", "aws:multifactorauthpresent"), ())
    told = replace(request, context=request.context.with_defaults(free))
    assert outcome(decide(stack, told)) == outcome(decide(stack, request))


@LAW
@given(STACKS, REQUESTS)
def test_another_partition_is_never_reached(stack: PolicyStack, request: Request) -> None:
    foreign = replace(request, resource=request.resource.replace("arn:aws:", "arn:aws-cn:"))
    if foreign.resource != request.resource and request.principal.account:
        assert not is_allowed(stack, foreign)


@LAW
@given(STACKS, REQUESTS)
def test_without_a_policy_of_its_own_a_foreign_resource_is_not_reached(stack: PolicyStack, request: Request) -> None:
    foreign = replace(request, resource_account=OTHER)
    assert not is_allowed(replace(stack, resource_policy=None), foreign)


def test_random_requests_meet_every_verdict() -> None:
    """The strategies would prove little if they never allowed anything."""
    seen: set[Verdict] = set()

    @settings(max_examples=300, deadline=None, database=None)
    @given(STACKS, REQUESTS)
    def look(stack: PolicyStack, request: Request) -> None:
        seen.add(decide(stack, request).verdict)

    look()
    assert seen == set(Verdict)
