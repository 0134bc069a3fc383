"""What a comparison claims agrees with concrete requests, decided plainly."""

import json
import os
import random
from dataclasses import replace

import pytest

from policystudio.engine.analyse.compare import compare, difference
from policystudio.engine.analyse.comparison import Comparison, Effective, Undecided, Witness, effective_for
from policystudio.engine.authorize import TRUST_ACTIONS, authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.exact.facts import is_service_key
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from tests.engine.property import random_stacks as make

#: How many pairs of stacks a run compares, and from which seed; a failure names the seed of its pair.
PAIRS = int(os.environ.get("PROPERTY_COMPARISONS", "240"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
BATCHES = 8
SAMPLES = 60
KEYS = load_condition_keys()
CATALOG = load_sagemaker()
USER = Principal.parse(f"arn:aws:iam::{make.ACCOUNT}:user/ana")


def allows(effective: Effective, action: str, resource: str, context: Context) -> bool:
    """The plain decision; a bare document is attached to somebody in the partition of the resource."""
    partition = resource.split(":")[1] if resource.startswith("arn:") else "aws"
    principal = effective.principal or Principal.parse(USER.arn.replace(":aws:", f":{partition}:"))
    known = {key: values for key, values in effective.facts.known.items() if key not in context}
    request = Request(principal, action, resource, make.ACCOUNT, Context({**known, **context}))
    return authorize(effective.stack, request, KEYS).verdict is Verdict.ALLOWED


def bare(*statements: object) -> Effective:
    """A document of these statements, whoever has it."""
    return Effective(PolicyStack((NamedPolicy("p", parse_policy(json.dumps({"Statement": statements}))),)))


def assert_witness(before: Effective, after: Effective, witness: Witness | None, place: str) -> None:
    """A request that the second allows and the first does not."""
    assert witness is not None, place
    sides = [allows(item, witness.action, witness.resource, Context(witness.context)) for item in (before, after)]
    assert sides == [False, True], f"{place}: {witness} is decided {sides}"


def context_for(dice: random.Random, column: Column) -> Context:
    """A random context such as a request for the column may carry; facts of the principal are what they are."""
    listed = CATALOG.keys_for(column.action, column.resource_type)
    entries: dict[str, tuple[str, ...]] = {}
    for key, choices in make.VALUES.items():
        family = key.lower().partition("/")[0] + "/"
        if not is_service_key(key.lower()) or key.lower() in listed or family in listed:
            entries[key] = dice.choice(choices)
    return Context(entries)


def sampled(dice: random.Random, before: Effective, after: Effective, result: Comparison, place: str) -> None:
    """Random requests of random cells agree with what is claimed."""
    told = {(change.action, change.resource_type): change for change in result.changes}
    for _ in range(SAMPLES):
        column = dice.choice(CATALOG.columns())
        resource = make.resource(dice, CATALOG, column)
        context = context_for(dice, column)
        was, now = (allows(item, column.action, resource, context) for item in (before, after))
        if was == now:
            continue
        shown = f"{place}: {column.action} on {resource} in {dict(context)} goes from {was} to {now}"
        assert (result.no_new_access if now else result.no_lost_access) is not True, shown
        change = told.get((column.action, column.resource_type))
        if column.types_known:
            assert change is not None, shown
            assert (change.newly_allowed if now else change.newly_denied) or change.undecided, shown


def check(dice: random.Random, before: Effective, after: Effective, place: str) -> bool:
    """Check one pair; tells whether something stayed undecided."""
    result = compare(before, after)
    if result.no_new_access is False:
        assert_witness(before, after, result.newly_allowed, place)
    if result.no_lost_access is False:
        assert_witness(after, before, result.newly_denied, place)
    for change in dice.sample(result.changes, min(5, len(result.changes))):
        if change.action.lower() in TRUST_ACTIONS or ":kms:" in str(change):
            continue  # these also need the resource's own policy
        if change.newly_allowed:
            assert_witness(before, after, change.newly_allowed, place)
        if change.newly_denied:
            assert_witness(after, before, change.newly_denied, place)
    try:
        assert (difference(before, after) is None) is (result.no_new_access is True), place
    except Undecided:
        assert result.no_new_access is not True, place
    sampled(dice, before, after, result, place)
    return None in (result.no_new_access, result.no_lost_access)


def edited(dice: random.Random, named: NamedPolicy) -> NamedPolicy:
    """The policy with one of its statements taken away, turned round, or another added."""
    statements = list(named.policy.statements)
    other = make.policy(dice, "other").policy.statements[0]
    place = dice.randrange(len(statements))
    how = dice.random()
    if how < 0.3:
        statements.append(other)
    elif how < 0.5:
        statements[place] = other
    elif how < 0.7 and len(statements) > 1:
        del statements[place]
    elif how < 0.8:
        turned = Effect.DENY if statements[place].effect is Effect.ALLOW else Effect.ALLOW
        statements[place] = replace(statements[place], effect=turned)
    else:
        statements[place] = replace(statements[place], conditions=other.conditions)
    return replace(named, policy=replace(named.policy, statements=tuple(statements)))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_a_comparison_claims_holds_for_every_sampled_request(batch: int) -> None:
    undecided = 0
    for number in range(PAIRS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        dice = random.Random(seed)
        stack = make.stack(dice)
        other = make.stack(dice)
        if dice.random() < 0.6:
            policies = list(stack.identity_policies)
            place = dice.randrange(len(policies))
            policies[place] = edited(dice, policies[place])
            other = replace(stack, identity_policies=tuple(policies))
        tags = {"aws:PrincipalTag/team": (dice.choice(("ml", "red")),)} if dice.random() < 0.5 else {}
        sides = [effective_for(item, USER, Context(tags)) for item in (stack, other)]
        undecided += check(dice, *sides, f"seed {seed}")
    assert undecided <= PAIRS // BATCHES * 0.1, "comparisons give up too often"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_claimed_of_bare_documents_holds_whoever_asks(batch: int) -> None:
    for number in range(PAIRS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number + 50_000
        dice = random.Random(seed)
        named = make.policy(dice, "before")
        pair = [named, edited(dice, named)]
        check(dice, *(Effective(PolicyStack((item,))) for item in pair), f"seed {seed}")


def test_a_denied_or_narrowed_document_gives_no_new_access() -> None:
    dice = random.Random(SEED)
    for _ in range(PAIRS // 4):
        named = make.policy(dice, "before")
        statements = list(named.policy.statements)
        place = dice.randrange(len(statements))
        if dice.random() < 0.5:
            denied = replace(make.policy(dice, "other").policy.statements[0], effect=Effect.DENY)
            statements.append(denied)
        elif statements[place].effect is Effect.ALLOW:
            del statements[place]
        after = replace(named, policy=replace(named.policy, statements=tuple(statements)))
        before = Effective(PolicyStack((named,)))
        result = compare(before, Effective(PolicyStack((after,))))
        assert result.no_new_access is True, f"seed {SEED}: {named.policy.text}"
        assert compare(before, before) == Comparison(True, True)


def test_a_document_without_statement_of_its_own_is_not_compared_with_another_principal() -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    stack = PolicyStack((NamedPolicy("all", parse_policy(text, PolicyKind.IDENTITY)),))
    somebody = effective_for(stack, USER, Context())
    with pytest.raises(ValueError, match="same principal"):
        compare(somebody, Effective(stack))


@pytest.mark.parametrize(
    "key", ["aws:EpochTime", "aws:CurrentTime", "aws:SourceIp", "aws:SecureTransport", "aws:TagKeys"]
)
def test_a_key_of_any_type_may_be_present(key: str) -> None:
    conditions: list[dict[str, dict[str, str]]] = [{"Null": {key: "false"}}]
    if key in ("aws:EpochTime", "aws:CurrentTime", "aws:SourceIp"):
        conditions += [{"StringLike": {key: "*"}}, {"StringNotEqualsIfExists": {key: "x"}, "Null": {key: "false"}}]
    for condition in conditions:
        before, after = (
            bare({"Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": condition})
            for effect in ("Deny", "Allow")
        )
        assert_witness(before, after, compare(before, after).newly_allowed, f"{condition}")


def test_a_witness_carries_no_key_that_its_action_never_sends() -> None:
    """The key that shows the change of one action says nothing about the next action, where it is absent."""
    has_key = {"ArnLike": {"sagemaker:VolumeKmsKey": "arn:aws:kms:*:*:key/a"}}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": has_key}
    allow = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    deny = {
        "Effect": "Deny",
        "Action": "sagemaker:CreateHyperParameterTuningJob",
        "Resource": "arn:aws:sagemaker:*:*:*",
    }
    before, after = bare(everything), bare(allow, deny)
    result = compare(before, after)
    told = {change.action: change for change in result.changes if change.newly_allowed}
    assert {"sagemaker:AccessModelPackage", "sagemaker:ListModels", "sagemaker:CreateTrainingJob"} <= set(told)
    for change in told.values():
        assert_witness(before, after, change.newly_allowed, change.action)


def test_what_no_cell_is_about_is_not_told_as_one_of_its_type() -> None:
    """No endpoint has a slash in its name: access to such an ARN is lost elsewhere, while the cell gains another."""
    statement = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint"}
    odd, usual = (bare({**statement, "Resource": f"arn:aws:sagemaker:*:*:endpoint/{name}"}) for name in ("a/b", "prod"))
    result = compare(odd, usual)
    told = [(change.action, change.resource_type) for change in result.changes]
    assert len(set(told)) == len(told)
    by_type = {change.resource_type: change for change in result.changes}
    assert_witness(odd, usual, by_type["endpoint"].newly_allowed, "the cell")
    assert by_type["endpoint"].newly_denied is None
    assert_witness(usual, odd, by_type[""].newly_denied, "elsewhere")
