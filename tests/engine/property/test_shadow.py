"""What is said to change nothing changes nothing: all of it together, any choice of it, and however it is asked."""

import os
import random
from dataclasses import replace

import pytest

from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, Effective
from policystudio.engine.analyse.elements import Element, Part, elements_of, is_deny, without
from policystudio.engine.analyse.minify import minify, without_space
from policystudio.engine.analyse.shadow import Finding, redundant_in_document, redundant_in_stack
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.document import Effect, Statement
from policystudio.engine.parse import parse_policy
from policystudio.engine.render import render_policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from tests.engine.property import random_stacks as make

#: How many stacks a run looks at, and from which seed; a failure names the seed of its stack.
STACKS = int(os.environ.get("PROPERTY_SHADOWS", "40"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
BATCHES = 8
SAMPLES = 40
KEYS = load_condition_keys()
CATALOG = load_sagemaker()
SAME = Comparison(True, True)


def seeds(batch: int) -> range:
    first = SEED * 1_000_003 + batch * 100_003
    return range(first, first + STACKS // BATCHES)


def with_plants(dice: random.Random, named: NamedPolicy) -> NamedPolicy:
    """The policy with copies of some of its statements, as they are or of one entry of theirs."""
    statements = list(named.policy.statements)
    for original in tuple(statements):
        if dice.random() < 0.5:
            statements.append(narrowed(dice, original, len(statements)))
    return replace(named, policy=replace(named.policy, statements=tuple(statements)))


def narrowed(dice: random.Random, statement: Statement, index: int) -> Statement:
    """A copy that does no more than the statement."""
    resources = statement.resources
    if resources and dice.random() < 0.5:
        resources = (dice.choice(resources),)
    other = make.policy(dice, "other").policy.statements[0]
    extra = tuple(
        one for one in other.conditions if one.key.lower() not in {each.key.lower() for each in statement.conditions}
    )
    conditions = (*statement.conditions, *extra[:1]) if dice.random() < 0.4 else statement.conditions
    return replace(statement, index=index, sid=None, resources=resources, conditions=conditions)


def differs(before: Effective, after: Effective) -> bool:
    """Whether there is a request about which two sides differ; each step was proved where both at once are too much."""
    result = compare(before, after)
    return False in (result.no_new_access, result.no_lost_access)


def proved(findings: tuple[Finding, ...]) -> list[Element]:
    return [one.element for one in findings if not one.by_catalogue]


def base_of(policies: tuple[NamedPolicy, ...], findings: tuple[Finding, ...]) -> tuple[NamedPolicy, ...]:
    return without(policies, [one.element for one in findings if one.by_catalogue])


@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_changes_for_an_identity_without_what_is_found(batch: int) -> None:
    for seed in seeds(batch):
        dice = random.Random(seed)
        principal, facts = make.user(dice)
        stack = make.stack(dice)
        own = tuple(with_plants(dice, named) for named in stack.identity_policies)
        stack = replace(stack, identity_policies=own)
        found = redundant_in_stack(stack, facts)
        assert found.complete, f"seed {seed}"
        dead = base_of(own, found.findings)
        sides = [
            Effective(replace(stack, identity_policies=policies), facts, principal) for policies in (dead, found.kept)
        ]
        assert not differs(*sides), f"seed {seed}"
        some = [element for element in proved(found.findings) if dice.random() < 0.5]
        gone = [one.element for one in found.findings if one.by_catalogue] + some
        part = Effective(replace(stack, identity_policies=without(own, gone)), facts, principal)
        assert not differs(sides[0], part), f"seed {seed}: {some} of {found.findings}"
        for _ in range(SAMPLES):
            column = dice.choice([column for column in CATALOG.columns() if column.types_known])
            request = make.request(dice, CATALOG, column, principal, facts)
            verdicts = {
                authorize(replace(stack, identity_policies=policies), request, KEYS).verdict == "allowed"
                for policies in (own, found.kept)
            }
            assert len(verdicts) == 1, f"seed {seed}: {request}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_changes_in_a_document_without_what_is_found(batch: int) -> None:
    for seed in seeds(batch):
        dice = random.Random(seed)
        named = with_plants(dice, make.policy(dice, "policy"))
        found = redundant_in_document(named.policy)
        assert found.complete, f"seed {seed}"
        beside = make.policy(dice, "beside")
        for around in ((), (make.full_access(),), (beside,)):
            sides = [
                Effective(PolicyStack((*policies, *around)))
                for policies in (base_of((named,), found.findings), found.kept)
            ]
            assert not differs(*sides), f"seed {seed}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_is_left_that_could_go(batch: int) -> None:
    """Without what is found no statement can go but for what was left undecided."""
    for seed in seeds(batch):
        dice = random.Random(seed)
        named = with_plants(dice, make.policy(dice, "policy"))
        found = redundant_in_document(named.policy)
        statements = found.kept[0].policy.statements
        for number, statement in enumerate(statements):
            rest = replace(
                named, policy=replace(named.policy, statements=statements[:number] + statements[number + 1 :])
            )
            around = (make.full_access(),) if is_deny(statement) else ()
            sides = [Effective(PolicyStack((*policies, *around))) for policies in (found.kept, (rest,))]
            assert compare(*sides) != SAME or future(statement) or found.undecided, f"seed {seed}: {statement}"


def future(statement: Statement) -> bool:
    """Whether a statement may be about actions that AWS has not added yet."""
    return any("*" in text for text in (*statement.actions, *statement.not_actions)) or bool(statement.not_actions)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_planted_copies_are_found(batch: int) -> None:
    for seed in seeds(batch):
        dice = random.Random(seed)
        named = make.policy(dice, "policy")
        statements = named.policy.statements
        copy = narrowed(dice, dice.choice(statements), len(statements))
        policy = replace(named.policy, statements=(*statements, copy))
        found = redundant_in_document(policy)
        gone = {one.element for one in found.findings if one.element.part is Part.STATEMENT}
        copies = {
            Element(0, one.index)
            for one in policy.statements
            if (one.effect, one.actions) == (copy.effect, copy.actions)
        }
        dead = {one.element.statement for one in found.findings if one.by_catalogue}
        assert gone & copies or copy.index in dead or found.undecided, f"seed {seed}: {found.findings}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_a_deny_takes_away_whole_is_found(batch: int) -> None:
    for seed in seeds(batch):
        dice = random.Random(seed)
        named = make.policy(dice, "policy")
        original = dice.choice(named.policy.statements)
        if original.effect is not Effect.ALLOW:
            continue
        size = len(named.policy.statements)
        deny = replace(original, index=size, effect=Effect.DENY)
        policy = replace(named.policy, statements=(*named.policy.statements, deny))
        found = redundant_in_document(policy)
        touched = {one.element.statement for one in found.findings}
        assert original.index in touched or found.undecided, f"seed {seed}: {found.findings}"


def test_every_element_can_be_taken_away() -> None:
    dice = random.Random(SEED)
    for _ in range(STACKS):
        named = make.policy(dice, "policy")
        for statement in named.policy.statements:
            for element in elements_of(0, statement):
                assert without((named,), [element])[0].policy.statements != named.policy.statements


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_minified_document_says_the_same(batch: int) -> None:
    for seed in seeds(batch):
        dice = random.Random(seed)
        named = with_plants(dice, make.policy(dice, "policy"))
        written = render_policy(named.policy)
        policy = parse_policy(written)
        found = minify(policy)
        assert len(found.text) <= len(without_space(written)), f"seed {seed}"
        other = replace(named, policy=parse_policy(found.text))
        for around in ((), (make.full_access(),)):
            sides = [Effective(PolicyStack((one, *around))) for one in (replace(named, policy=policy), other)]
            assert not differs(*sides), f"seed {seed}: {found.text}"
        principal, facts = make.user(dice)
        for _ in range(SAMPLES):
            request = make.request(dice, CATALOG, dice.choice(CATALOG.columns()), principal, facts)
            verdicts = {
                authorize(PolicyStack((one,)), request, KEYS).verdict == "allowed"
                for one in (replace(named, policy=policy), other)
            }
            assert len(verdicts) == 1, f"seed {seed}: {request}"
