"""Cells under conditions of every family of operators agree with concrete requests at the borders of the conditions."""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ACCOUNT = "123456789012"
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
#: Stacks of each family, and requests that each is asked.
STACKS = int(os.environ.get("PROPERTY_STACKS", "60"))
REQUESTS = 30
ANA = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/ana")

JOB = ("CreateTrainingJob", "training-job")
APP = ("CreateApp", "app")


@dataclass(frozen=True)
class Family:
    """Operators, a key that requests of the column carry, and values for policies and for requests."""

    key: str
    column: tuple[str, str]
    operators: Sequence[str]
    written: Sequence[str]
    sent: Sequence[str]
    many: bool = False


STRINGS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
FOLDED = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
NUMBERS = tuple(
    f"Numeric{name}"
    for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
)
DATES = tuple(name.replace("Numeric", "Date") for name in NUMBERS)
ARNS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
TEXTS = ("a", "A", "ab", "aB", "b", "ba", "", "x", "a*", "*", "zzz", "é")
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/"

FAMILIES = {
    "tag": Family("aws:RequestTag/step", JOB, STRINGS, ("a", "a*", "*", "?*", "?", "*b", "", "a${*}", "A?"), TEXTS),
    "letter case": Family(
        "aws:ResourceTag/step", JOB, FOLDED, ("a", "A", "ab", "Ab", "", "é", "É"), (*TEXTS, "É", "AB")
    ),
    "number": Family(
        "sagemaker:MaxRuntimeInSeconds",
        JOB,
        NUMBERS,
        ("1", "1.0", "2", "-1", "1e1", "many"),
        ("0", "1", "1.00", "1.5", "2", "10", "-1", "-2", "11"),
    ),
    "date": Family(
        "aws:CurrentTime",
        JOB,
        DATES,
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01", "2025", "1767225600", "soon"),
        ("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2024-06-01T00:00:00Z", "0"),
    ),
    "seconds": Family(
        "aws:EpochTime",
        JOB,
        (*DATES, *NUMBERS),
        ("1767225600", "0"),
        ("-1", "0", "1", "1767225600", "1767225601"),
    ),
    "truth": Family(
        "aws:SecureTransport", JOB, ("Bool",), ("true", "false", "TRUE", "maybe"), ("true", "false", "False")
    ),
    "address": Family(
        "aws:SourceIp",
        JOB,
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.128.0.0/9", "192.0.2.7", "2001:db8::/32", "2001:db8::1", "0.0.0.0/0", "::/0", "10.0.0.0/33"),
        ("10.0.0.0", "10.127.255.255", "10.128.0.0", "11.0.0.0", "192.0.2.7", "192.0.2.8", "2001:db8::1", "2001:db9::"),
    ),
    "arn": Family(
        "sagemaker:VolumeKmsKeyArn",
        JOB,
        (*ARNS, "StringLike", "StringNotEquals"),
        (f"{KEY}*", f"{KEY}a", "arn:aws:kms:*:*:key/*", "arn:*:kms:us-*:*:*", f"{KEY}?", "*", "arn:aws:kms"),
        (f"{KEY}a", f"{KEY}b", f"{KEY}ab", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/a", "arn:aws:kms:us-west-1:1:alias/a"),
    ),
    "arn in text": Family(
        "aws:UserAgent",
        JOB,
        (*ARNS, *STRINGS),
        ("arn:a:b:c:d:e", "arn:*:b:*:d:*", "arn*", "*"),
        ("arn:a:b:c:d:e", "x", "arn:a:b", "arn:z:b::d:e:f", ""),
    ),
    "several texts": Family(
        "sagemaker:VpcSubnets", JOB, STRINGS, ("a", "a*", "*b", "?"), ("a", "ab", "b", "x", "ax"), many=True
    ),
    "several names": Family("aws:TagKeys", JOB, FOLDED, ("a", "A", "b"), ("a", "A", "b", "B", "c"), many=True),
    "several arns": Family(
        "sagemaker:ImageArns",
        APP,
        (*ARNS, "StringLike"),
        ("arn:a:b:c:d:e", "arn:a:b:c:d:*"),
        ("arn:a:b:c:d:e", "arn:a:b:c:d:f", "arn:z:b:c:d:f"),
        many=True,
    ),
    "bytes": Family(
        "aws:SomeBytes", JOB, ("BinaryEquals",), ("QQ==", "Qg==", "not base64!"), ("QQ==", "Qg==", "QUE=", "QQ")
    ),
}


def block(dice: random.Random, family: Family) -> dict[str, dict[str, object]]:
    """A Condition with one to three operators on the family's key."""
    result: dict[str, dict[str, object]] = {}
    for _ in range(dice.choice((1, 1, 2, 3))):
        if dice.random() < 0.2:
            result["Null"] = {family.key: dice.choice(("true", "false"))}
            continue
        name = dice.choice(family.operators) + ("IfExists" if dice.random() < 0.25 else "")
        if dice.random() < (0.9 if family.many else 0.1):
            name = f"{dice.choice(('ForAllValues', 'ForAnyValue'))}:{name}"
        result[name] = {family.key: dice.sample(family.written, dice.choice((1, 1, 2)))}
    return result


def policy(dice: random.Random, family: Family) -> NamedPolicy:
    """One to four statements about everything, each under conditions; the first is an Allow."""
    statements: list[dict[str, object]] = []
    for number in range(dice.choice((1, 2, 3, 4))):
        effect = "Allow" if number == 0 or dice.random() < 0.5 else "Deny"
        bare = number and effect == "Allow" and dice.random() < 0.3
        statements.append(
            {"Effect": effect, "Action": "*", "Resource": "*", **({} if bare else {"Condition": block(dice, family)})}
        )
    return NamedPolicy("p", parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements})))


def values(dice: random.Random, family: Family) -> tuple[str, ...]:
    """No value, one, or several where the key may have them."""
    if dice.random() < 0.15:
        return ()
    if not family.many:
        return (dice.choice(family.sent),)
    return tuple(dice.sample(family.sent, dice.choice((1, 1, 2, 3))))


def cell_of(stack: PolicyStack, family: Family, known: dict[str, tuple[str, ...]]) -> Cell:
    """The exact cell, which lanes must not contradict."""
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([RowInput(stack, Facts(known))])[0]
    index = matrix.space.index_of[f"sagemaker:{family.column[0]}", family.column[1]]
    cell = matrix.cell(prepared, index)
    fast = matrix.letters(prepared, exact=False)[index]
    assert fast in ("?", cell.verdict), f"{fast}, exactly {cell}: {stack.identity_policies[0].policy.text}"
    return cell


def allows(stack: PolicyStack, family: Family, resource: str, context: Context) -> Verdict:
    request = Request(ANA, f"sagemaker:{family.column[0]}", resource, ACCOUNT, context)
    return authorize(stack, request, load_condition_keys()).verdict


@pytest.mark.parametrize("name", FAMILIES)
def test_a_verdict_holds_at_the_borders_of_its_conditions(name: str) -> None:
    family = FAMILIES[name]
    undecided = 0
    for number in range(STACKS):
        seed = f"{name} {SEED} {number}"
        dice = random.Random(seed)
        stack = PolicyStack((policy(dice, family),))
        known = {family.key.lower(): values(dice, family)} if dice.random() < 0.2 else {}
        cell = cell_of(stack, family, known)
        undecided += cell.verdict is CellVerdict.UNDECIDED
        check_examples(stack, family, cell, known, seed)
        asked = [known or {family.key: values(dice, family)} for _ in range(REQUESTS)]
        told = {allows(stack, family, "*", Context(one)) is Verdict.ALLOWED for one in asked}
        never = {letter: {False} for letter in (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY)}
        possible = {CellVerdict.ALLOWED: {True}, **never}.get(cell.verdict, {True, False})
        assert cell.verdict is not CellVerdict.SOME, seed
        assert told <= possible, f"{seed}: {cell}, {stack.identity_policies[0].policy.text}"
        assert not known or cell.verdict is not CellVerdict.CONDITIONAL, seed
    assert undecided == 0


def check_examples(
    stack: PolicyStack, family: Family, cell: Cell, known: dict[str, tuple[str, ...]], seed: str
) -> None:
    """Both sides of a cell under conditions are there, and are what they say."""
    if cell.verdict is CellVerdict.CONDITIONAL:
        assert cell.allowed, seed
        assert cell.denied, seed
        assert not cell.by_resource, seed
    sides: list[tuple[Example | None, bool]] = [(cell.allowed, True), (cell.denied, False)]
    for example, wanted in sides:
        if example is not None:
            verdict = allows(stack, family, example.resource, Context({**known, **example.context}))
            assert (verdict is Verdict.ALLOWED) is wanted, f"{seed}: {example}"
