"""The classes of values of one free context key on which all conditions about it are constant."""

import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import combinations, pairwise, product

from policystudio.engine import globs, variables
from policystudio.engine.catalog.types import ConditionKey, KeyType
from policystudio.engine.conditions import NULL, addresses, binaries, booleans, dates, is_usable, operator_of
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.exact.signatures import Hole, TooLarge, signatures
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.request import Context

Values = tuple[str, ...]
#: Tells whether one condition holds when the key has these values.
Judge = Callable[[Condition, Values], bool]

#: Beyond this many classes of single values not every set of them is tried.
SET_LIMIT = 6
_FRESH = "x"
_EPOCH = datetime(1970, 1, 1)
_EPOCH_KEY = "aws:epochtime"
#: Some values of the types that are not text.
_TYPED = {
    KeyType.BOOL: ("true", "false"),
    KeyType.NUMERIC: ("1", "0"),
    KeyType.DATE: ("2026-01-01T00:00:00Z", "1767225600"),
    KeyType.IP_ADDRESS: ("192.0.2.1", "2001:db8::1"),
    KeyType.BINARY: ("eA==",),
}
#: Behind it come no letters that policies can hold, or that are the same as one of theirs.
_LAST_LETTER = 0x2_0000


@dataclass(frozen=True, slots=True)
class Domain:
    """What the conditions on one key can be told together.

    ``found`` maps a truth vector (bit i: ``conditions[i]`` holds) to values of the key that give it; empty values mean
    that the key is absent. ``complete`` says that there is no other vector.
    """

    conditions: tuple[Condition, ...]
    found: dict[int, Values]
    complete: bool


def domain(key: ConditionKey | None, conditions: Sequence[Condition], known: Context, judge: Judge) -> Domain:
    """The truth vectors of ``conditions`` (all about one free key) with an example of each.

    Every example is put to ``judge``, so ``found`` is never wrong; ``complete`` is claimed only for families of
    operators whose classes of values are known to be exhausted by the candidates.
    """
    # An operator that does not fit the key never holds, whatever the value.
    fitting = [item for item in conditions if _fits(item, key)]
    singles, complete = candidates(fitting, known)
    if key is None or key.type is KeyType.STRING:
        singles = list(dict.fromkeys((*singles, _FRESH)))
    elif key.type in _TYPED:
        if any(item.operator != NULL for item in fitting):
            complete = complete and all(is_value(key, value) for value in singles)
        singles = list(dict.fromkeys(filter(partial(is_value, key), (*singles, *_TYPED[key.type]))))
    found: dict[int, Values] = {}
    for values in _value_lists(key, conditions, singles, judge):
        vector = sum(1 << index for index, condition in enumerate(conditions) if judge(condition, values))
        found.setdefault(vector, values)
    if key is None or key.multi_valued:
        complete = complete and len(_distinct(conditions, singles, judge)) <= SET_LIMIT
    complete = complete and key is not None
    return Domain(tuple(conditions), found, complete)


def _fits(condition: Condition, key: ConditionKey | None) -> bool:
    return condition.operator == NULL or is_usable(condition, operator_of(condition), key)


def is_value(key: ConditionKey | None, text: str) -> bool:
    """Whether a request may have the text as a value of the key: what its type can be, and any text for texts."""
    if key is None or key.type not in _TYPED:
        return True
    if key.type is KeyType.NUMERIC or key.name.lower() == _EPOCH_KEY:
        return bool(_numbers((text,)))
    readers: dict[KeyType, Callable[[str], object]] = {
        KeyType.BOOL: booleans.boolean,
        KeyType.DATE: dates.instant,
        KeyType.IP_ADDRESS: addresses.address_of,
        KeyType.BINARY: binaries.decoded,
    }
    return readers[key.type](text) is not None


def takes_empty(key: ConditionKey | None) -> bool:
    """Whether a key may have the empty text for its one value, as a tag may. Among several it means nothing."""
    return key is None or (key.type is KeyType.STRING and not key.multi_valued)


def _value_lists(
    key: ConditionKey | None, conditions: Sequence[Condition], singles: list[str], judge: Judge
) -> Iterator[Values]:
    yield ()
    for value in singles:
        yield (value,)
    if takes_empty(key):
        yield ("",)
    if key is not None and not key.multi_valued:
        return
    classes = _distinct(conditions, singles, judge)
    sizes = range(2, len(classes) + 1) if len(classes) <= SET_LIMIT else (2, len(classes))
    for size in sizes:
        yield from combinations(classes, size)


def _distinct(conditions: Sequence[Condition], singles: list[str], judge: Judge) -> list[str]:
    """One value of each class: of those that no condition, asked about every single value, tells apart."""
    plain = [each_value(condition) for condition in conditions]
    classes: dict[tuple[bool, ...], str] = {}
    for value in singles:
        classes.setdefault(tuple(judge(condition, (value,)) for condition in plain), value)
    return list(classes.values())


def each_value(condition: Condition) -> Condition:
    """The condition as it is put to a single value of a set."""
    if condition.quantifier is not Quantifier.NONE or condition.operator == "Null":
        return condition
    return Condition(Quantifier.FOR_ANY_VALUE, condition.operator, False, condition.key, condition.values)


_GLOBS = {"StringLike", "StringNotLike"}
_STRINGS = {"StringEquals", "StringNotEquals"}
_FOLDED = {"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"}
_ARNS = {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}
#: ARN operators tell texts of six parts from others: with fewer not even a negated one holds.
ARN_SHAPE = globs.parse("*:*:*:*:*:*")


def candidates(conditions: Sequence[Condition], known: Context) -> tuple[list[str], bool]:
    """Single values that reach every class, and whether they surely do."""
    families = {condition.operator for condition in conditions} - {"Null"}
    texts = [value for condition in conditions if condition.operator != "Null" for value in _texts(condition, known)]
    if families <= _STRINGS | _GLOBS | _ARNS:
        return _text_candidates(conditions, known)
    if families <= _STRINGS | _FOLDED:
        return [_FRESH, *_folded(texts)], True
    if all(name.startswith("Numeric") for name in families):
        return [_as_number(value) for value in _around(_numbers(texts))], True
    in_seconds = any(condition.key.lower() == _EPOCH_KEY for condition in conditions)
    if all(name.startswith("Date") for name in families) and not in_seconds:
        return [_as_date(value) for value in _around(_instants(texts))], True
    if all(name.startswith(("Numeric", "Date")) for name in families):
        # Seconds since 1970, which both kinds of operators compare.
        return [_as_number(value) for value in _around(_numbers(texts) | _instants(texts))], True
    if families == {"Bool"}:
        return ["true", "false"], True
    if families <= {"IpAddress", "NotIpAddress"}:
        return _around_networks(texts), True
    if families == {"BinaryEquals"}:
        return [_other_bytes(texts), *texts], True
    return [_FRESH, *texts, "true", "false", "1", "192.0.2.1"], False


def _texts(condition: Condition, known: Context) -> Iterator[str]:
    for value in condition.values:
        text = variables.expand_literal(value, known, enabled=True)
        if text is not None:
            yield text


def _text_candidates(conditions: Sequence[Condition], known: Context) -> tuple[list[str], bool]:
    patterns = list(dict.fromkeys(_patterns(conditions, known)))
    try:
        return list(signatures(patterns, (Hole.TEXT,)).values()), True
    except TooLarge:
        literals = [str(pattern[0]) for pattern in patterns if pattern and globs.is_literal(pattern)]
        return [_FRESH, *literals], False


def _patterns(conditions: Sequence[Condition], known: Context) -> Iterator[Parts]:
    if any(condition.operator in _ARNS for condition in conditions):
        yield ARN_SHAPE
    for condition in conditions:
        if condition.operator == "Null":
            continue
        for value in condition.values:
            if condition.operator in _STRINGS:
                literal = variables.expand_literal(value, known, enabled=True)
                parts = None if literal is None else globs.normal((literal,))
            else:
                parts = variables.expand(value, known, enabled=True)
            if parts is None:
                continue
            yield arn_pattern(parts) if condition.operator in _ARNS else parts


def arn_pattern(parts: Parts) -> Parts:
    """ARN operators compare the six parts one by one: a star crosses no colon but in the last part."""
    result: list[str | Wild] = []
    colons = 0
    for part in parts:
        colons += part.count(":") if isinstance(part, str) else 0
        result.append(Wild.SEGMENT if part is Wild.ANY and colons < 5 else part)
    return globs.normal(result)


def _folded(texts: Iterable[str]) -> list[str]:
    """Each text as written, and in one more way that no text is written in."""
    written = list(dict.fromkeys(texts))
    taken = frozenset(written)
    others = [next((one for one in spellings(text) if one not in taken), text) for text in written]
    return list(dict.fromkeys((*written, *others)))


def spellings(text: str) -> Iterator[str]:
    """The ways of writing a text that differ in letter case alone: those that read like names come first."""
    yield from (text, text.lower(), text.upper(), text.swapcase())
    yield from map("".join, product(*map(_alike, text)))


def _alike(char: str) -> list[str]:
    """The characters that are the same whatever the letter case: a plain k, a K, and the sign of the Kelvin."""
    folded = char.casefold()
    return [char, *sorted({*_by_folded().get(folded, ())} - {char})]


@cache
def _by_folded() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code in range(_LAST_LETTER):
        char = chr(code)
        if char.casefold() != char or char.upper() != char:
            found.setdefault(char.casefold(), []).append(char)
            found.setdefault(char.casefold(), []).append(char.casefold())
    return {folded: tuple(dict.fromkeys(item for item in chars if len(item) == 1)) for folded, chars in found.items()}


def _other_bytes(texts: Iterable[str]) -> str:
    """Base64 text that is longer than any of the texts, so that it holds other bytes."""
    return b64encode(b"x" * (1 + max(map(len, texts), default=0))).decode()


def _numbers(texts: Iterable[str]) -> set[Decimal]:
    numbers = set()
    for text in texts:
        try:
            number = Decimal(text)
        except InvalidOperation:
            continue
        if number.is_finite():
            numbers.add(number)
    return numbers


def _instants(texts: Iterable[str]) -> set[Decimal]:
    return {instant for text in texts if (instant := dates.instant(text)) is not None}


def _around(numbers: Iterable[Decimal]) -> list[Decimal]:
    """Each of the numbers, one between each two that stand side by side, and one beyond either end."""
    points = sorted(numbers) or [Decimal(0)]
    middles = [(left + right) / 2 for left, right in pairwise(points)]
    return [points[0] - 1, *points, *middles, points[-1] + 1]


def _as_number(value: Decimal) -> str:
    """Four digits alone would be a year to date operators."""
    text = format(value, "f")
    return f"{text}.0" if len(text) == 4 and text.isdigit() else text


def _as_date(value: Decimal) -> str:
    """An instant as requests have it; as seconds since 1970 where no calendar reaches."""
    try:
        whole = _EPOCH + timedelta(seconds=math.floor(value))
    except OverflowError:
        return _as_number(value)
    fraction = format(value - math.floor(value), "f").removeprefix("0").rstrip("0").rstrip(".")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{fraction}Z".zfill(20)


def _around_networks(texts: Iterable[str]) -> list[str]:
    """First and last address of each network and their neighbours, and one address of each family."""
    result = ["192.0.2.1", "2001:db8::1"]
    for text in texts:
        try:
            network: IPv4Network | IPv6Network = ip_network(text, strict=False)
        except ValueError:
            continue
        edges = (int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1)
        inside = [number for number in edges if 0 <= number < 1 << network.max_prefixlen]
        result += [str(ip_address(number) if network.version == 4 else _ipv6(number)) for number in inside]
    return list(dict.fromkeys(result))


def _ipv6(number: int) -> str:
    return str(ip_network((number, 128)).network_address)
