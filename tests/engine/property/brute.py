"""Small policies over a small alphabet, and every request about them: all names up to a length, all small contexts."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod

from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack, Principal

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ACTION, RESOURCE_TYPE = "sagemaker:CreateTrainingJob", "training-job"
PRINCIPAL = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/member")
TAG, TAGS, SIZE, FLAG, NAME = (
    "aws:RequestTag/k",
    "aws:TagKeys",
    "sagemaker:MaxRuntimeInSeconds",
    "sagemaker:NetworkIsolation",
    "aws:username",
)
#: Every value that a key is tried with, for each key in lower case.
UNIVERSE: Mapping[str, Sequence[tuple[str, ...]]] = {
    TAG.lower(): [(), ("",), *((text,) for text in ("a", "b", "ab", "ba", "aa", "A", "aB", "c"))],
    TAGS.lower(): [(), *((*found,) for size in (1, 2, 3) for found in combinations(("a", "b", "ab", "A"), size))],
    SIZE.lower(): [(), *((text,) for text in ("-1", "0", "0.5", "1", "1.5", "2", "3"))],
    FLAG.lower(): [(), ("true",), ("false",)],
    NAME.lower(): [(), *((text,) for text in ("a", "b", "ab", "c"))],
}
_STRING = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
_NUMERIC = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


def names(alphabet: str = "abc", length: int = 4) -> list[str]:
    """Every name up to a length."""
    return ["".join(chars) for size in range(1, length + 1) for chars in product(alphabet, repeat=size)]


def resources(length: int = 4) -> list[str]:
    """Every resource of the small universe."""
    head = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{RESOURCE_TYPE}/"
    return [head + name for name in names(length=length)]


def contexts(keys: Sequence[str], dice: random.Random, most: int = 300) -> Iterator[dict[str, tuple[str, ...]]]:
    """Every small context of some keys; where there are too many, some of them."""
    if size(keys) <= most:
        found: Iterable[tuple[tuple[str, ...], ...]] = product(*(UNIVERSE[key] for key in keys))
    else:
        found = (tuple(dice.choice(UNIVERSE[key]) for key in keys) for _ in range(most))
    for values in found:
        yield dict(zip(keys, values, strict=True))


def size(keys: Iterable[str]) -> int:
    """How many small contexts some keys have."""
    return prod(len(UNIVERSE[key]) for key in keys)


def glob(dice: random.Random, longest: int = 3) -> str:
    """A short pattern."""
    return "".join(dice.choice("aab?**") for _ in range(dice.randint(1, longest)))


def entry(dice: random.Random, *, linked: bool) -> str:
    """A Resource entry."""
    name = glob(dice)
    if linked and dice.random() < 0.4:
        variable = dice.choice((f"${{{NAME}}}", f"${{{TAG}}}", f"${{{TAG}, 'a'}}"))
        name = dice.choice((variable, f"{variable}*", f"*{variable}", f"a{variable}", f"{variable}?", f"*{variable}*"))
    of_type = f"arn:aws:sagemaker:*:*:{RESOURCE_TYPE}/{name}"
    return dice.choice(("*", of_type, of_type, of_type, of_type, f"arn:aws:sagemaker:eu-*:*:*/{name}"))


def condition(dice: random.Random, *, linked: bool) -> tuple[str, str, object]:
    """Operator, key and values of a small condition."""
    key = dice.choice((TAG, TAG, TAGS, TAGS, SIZE, FLAG, NAME))
    if dice.random() < 0.15:
        return "Null", key, dice.choice(("true", "false"))
    suffix = dice.choice(("", "", "IfExists"))
    if key == SIZE:
        return f"Numeric{dice.choice(_NUMERIC)}{suffix}", key, dice.sample(("0", "1", "2"), dice.choice((1, 1, 2)))
    if key == FLAG:
        return f"Bool{suffix}", key, dice.choice(("true", "false"))
    values = [dice.choice((glob(dice, 2), "a", "b", "ab", "A")) for _ in range(dice.choice((1, 1, 2)))]
    if linked and dice.random() < 0.3:
        values[0] = dice.choice((f"${{{NAME}}}", f"${{{TAG}, 'b'}}", f"{{${NAME}}}*"))
    operator = dice.choice(_STRING) + suffix
    if key == TAGS:
        return f"{dice.choice(('ForAllValues:', 'ForAnyValue:'))}{operator}", key, values
    return operator, key, values


def document(dice: random.Random, *, linked: bool = False, most: int = 4) -> dict[str, object]:
    """A small policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [statement(dice, linked=linked) for _ in range(dice.randint(1, most))],
    }


def statement(dice: random.Random, *, linked: bool = False) -> dict[str, object]:
    """A small statement."""
    found: dict[str, object] = {"Effect": dice.choice(("Allow", "Allow", "Allow", "Deny")), "Action": ACTION}
    element = "NotResource" if dice.random() < 0.15 else "Resource"
    found[element] = [entry(dice, linked=linked) for _ in range(dice.choice((1, 1, 2)))]
    blocks: dict[str, dict[str, object]] = {}
    for _ in range(dice.choice((0, 1, 1, 2))):
        operator, key, values = condition(dice, linked=linked)
        blocks.setdefault(operator, {}).setdefault(key, values)
    return {**found, **({"Condition": blocks} if blocks else {})}


def named(found: object, name: str = "p", kind: PolicyKind = PolicyKind.IDENTITY) -> NamedPolicy:
    """The document as a policy."""
    return NamedPolicy(name, parse_policy(json.dumps(found), kind))


def stack(dice: random.Random, *, linked: bool = False) -> PolicyStack:
    """A small stack: one or two policies, sometimes a boundary."""
    policies = tuple(named(document(dice, linked=linked), f"p{number}") for number in range(dice.choice((1, 1, 2))))
    boundary = named(document(dice, most=2), "boundary") if dice.random() < 0.3 else None
    return PolicyStack(policies, boundary)


def facts() -> Facts:
    """What is known of the member: all but its name."""
    known = {"aws:principalaccount": (ACCOUNT,), "aws:resourceaccount": (ACCOUNT,), "aws:principaltype": ("User",)}
    return Facts({**known, "aws:principalarn": (PRINCIPAL.arn,), "aws:requestedregion": (REGION,)})
