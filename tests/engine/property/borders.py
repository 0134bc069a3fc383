"""Concrete requests aimed at the borders of the patterns and conditions of a policy stack."""

import base64
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from ipaddress import ip_address, ip_network

from policystudio.engine import variables
from policystudio.engine.catalog.types import Catalog, Column, ConditionKeys, KeyType
from policystudio.engine.conditions import dates
from policystudio.engine.document import Condition, Policy
from policystudio.engine.exact.facts import Facts
from policystudio.engine.request import PolicyStack

Values = tuple[str, ...]
#: Keys in lower case to their values; no values means absent.
Assignment = Mapping[str, Values]

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-south-1")
#: Values for keys of which the conditions name none.
PLAIN: Mapping[KeyType, Values] = {
    KeyType.STRING: ("x", "ana", "ml", "dev-1", ""),
    KeyType.BOOL: ("true", "false"),
    KeyType.NUMERIC: ("0", "3600"),
    KeyType.DATE: ("2026-06-01T00:00:00Z",),
    KeyType.ARN: ("arn:aws:iam::123456789012:user/ana", "x"),
    KeyType.IP_ADDRESS: ("192.0.2.7", "10.0.0.1", "2001:db8::1"),
    KeyType.BINARY: ("YQ==",),
}


def policies_of(stack: PolicyStack) -> list[Policy]:
    """Every policy that acts on identities: their own, the boundary, the session's and the organization's."""
    named = list(stack.identity_policies)
    named += [stack.permissions_boundary] if stack.permissions_boundary else []
    named += list(stack.session_policies or ())
    named += [item for level in stack.service_control_policies or () for item in level]
    return [item.policy for item in named]


def is_sent(catalog: Catalog, column: Column, key: str) -> bool:
    """Whether a request for the column may carry the key: a service's key only where the catalogue lists it."""
    if key.startswith("aws:"):
        return True
    family, slash, rest = key.partition("/")
    listed = catalog.keys_for(column.action, column.resource_type)
    return key in listed or (bool(slash and rest) and family + slash in listed)


def fragments(text: str, dice: random.Random, facts: Facts) -> str:
    """An instance of a pattern: something for each wildcard and each variable."""
    result = []
    for token in variables.tokens(text):
        if isinstance(token, str):
            result.append("".join(_filled(char, dice) for char in token))
            continue
        known = facts.value_of(token.name.lower())
        result.append(dice.choice([*known, *(token.default or "",), *known, dice.choice(("ana", "x", "ml"))]))
    return "".join(result)


def _filled(char: str, dice: random.Random) -> str:
    if char == "*":
        return dice.choice(("", "", "x", "-", "ab", "prod-"))
    return dice.choice("xa-") if char == "?" else char


def near(text: str, dice: random.Random) -> str:
    """The text, or one at a distance of one edit, or in another letter case."""
    place = dice.randrange(len(text) + 1)
    choice = dice.randrange(8)
    if choice == 0:
        return text[:place] + dice.choice("xa-1") + text[place:]
    if choice == 1 and text:
        return text[: max(0, place - 1)] + text[place:]
    if choice == 2:
        return text.swapcase()
    return text


@dataclass(frozen=True)
class Borders:
    """Makes requests of one cell, near to where the statements of a stack begin and cease to match."""

    stack: PolicyStack
    catalog: Catalog
    column: Column
    facts: Facts
    keys: ConditionKeys
    account: str
    region: str = ""
    extra: Sequence[Assignment] = field(default_factory=list)

    @cached_property
    def patterns(self) -> list[str]:
        """Every Resource and NotResource entry of the stack."""
        statements = [item for policy in policies_of(self.stack) for item in policy.statements]
        return sorted({text for item in statements for text in (*item.resources, *item.not_resources)})

    @cached_property
    def conditions(self) -> dict[str, list[Condition]]:
        """The conditions of the stack by free key, in lower case; keys that are only read as variables have none."""
        found: dict[str, list[Condition]] = {}
        for policy in policies_of(self.stack):
            for statement in policy.statements:
                for condition in statement.conditions:
                    found.setdefault(condition.key.lower(), []).append(condition)
                texts = [value for condition in statement.conditions for value in condition.values]
                for text in (*statement.resources, *statement.not_resources, *texts):
                    for name in variables.names(text):
                        found.setdefault(name, [])
        return {key: found[key] for key in sorted(found) if self.is_free(key)}

    @cached_property
    def absent(self) -> Assignment:
        """Every key that the stack reads and that is not known, without a value."""
        names = {condition.key.lower() for policy in policies_of(self.stack) for condition in _conditions(policy)}
        return {name: () for name in sorted(names | set(self.conditions)) if not self.facts.knows(name)}

    def is_free(self, key: str) -> bool:
        """Whether requests of the cell may carry the key with any value."""
        return not self.facts.knows(key) and is_sent(self.catalog, self.column, key)

    def resource(self, dice: random.Random, context: Assignment | None = None) -> str:
        """A resource of the universe, mostly with parts that a pattern asks for."""
        if self.column.resource_type == "*":
            return "*"
        found = self.catalog.resource_type(self.column.resource_type)
        assert found is not None
        pattern = dice.choice(self.patterns) if self.patterns else "*"
        facts = Facts({**self.facts.known, **context}) if context else self.facts
        wanted = fragments(pattern, dice, facts).split(":", 5)
        wanted += [""] * (6 - len(wanted))
        region = self.region or _legal(wanted[3] if dice.random() < 0.5 else dice.choice(REGIONS))
        text = found.arn.replace("${Partition}", "aws").replace("${Account}", self.account)
        return self._filled(text.replace("${Region}", region), wanted[5], dice)

    @staticmethod
    def _filled(text: str, wanted: str, dice: random.Random) -> str:
        """The template with names for its placeholders, taken from the wanted resource part by position."""
        parts = text.split("/")
        names = wanted.split("/")
        for index, part in enumerate(parts):
            while "${" in parts[index]:
                head, _, rest = parts[index].partition("${")
                name = names[index] if index < len(names) else names[-1]
                if part != parts[index] or dice.random() < 0.15:
                    name = dice.choice(("dev-1", "prod-a", "x", "ana-x"))
                parts[index] = head + _legal(near(name, dice)) + rest.partition("}")[2]
        return "/".join(parts)

    def context(self, dice: random.Random) -> Assignment:
        """An assignment to every key that the stack reads and that is not known."""
        chosen: dict[str, Values] = dict(self.absent)
        for key in self.conditions:
            if dice.random() < 0.75:
                chosen[key] = self.value(key, dice)
        if dice.random() < 0.5:
            self._joined(chosen, dice)
        return chosen

    def _joined(self, chosen: dict[str, Values], dice: random.Random) -> None:
        """Give a key what a condition with variables asks for in this very context."""
        for key, conditions in self.conditions.items():
            values = [text for item in conditions for text in item.values if variables.names(text)]
            if not values:
                continue
            facts = Facts({**self.facts.known, **chosen})
            text = near(fragments(dice.choice(values), dice, facts), dice)
            chosen[key] = (text,)

    def value(self, key: str, dice: random.Random) -> Values:
        """Values for a free key: at the borders of its conditions, or plain ones of its type."""
        described = self.keys.get(key)
        several = described is None or described.multi_valued
        kind = KeyType.STRING if described is None else described.type
        candidates = self._candidates[key] or list(PLAIN[kind])
        if not several:
            return (dice.choice(candidates),)
        return tuple(dict.fromkeys(dice.choice(candidates) for _ in range(dice.choice((1, 1, 2, 3)))))

    @cached_property
    def _candidates(self) -> dict[str, list[str]]:
        result = {}
        for key, conditions in self.conditions.items():
            described = self.keys.get(key)
            kind = KeyType.STRING if described is None else described.type
            texts = [value for item in conditions if item.operator != "Null" for value in item.values]
            found = list(self._around(kind, texts)) + list(PLAIN[kind])[:2]
            result[key] = list(dict.fromkeys(found))
        return result

    def _around(self, kind: KeyType, texts: Iterable[str]) -> Iterator[str]:
        dice = random.Random(0)
        for text in texts:
            if kind is KeyType.NUMERIC:
                yield from numbers_around(text)
            elif kind is KeyType.DATE:
                yield from dates_around(text)
            elif kind is KeyType.IP_ADDRESS:
                yield from addresses_around(text)
            elif kind is KeyType.BINARY:
                yield from (text, base64.b64encode(b"other").decode())
            elif kind is KeyType.BOOL:
                yield from ("true", "false", "TRUE")
            else:
                yield from texts_around(text, dice, self.facts)


def _conditions(policy: Policy) -> Iterator[Condition]:
    for statement in policy.statements:
        yield from statement.conditions


def _legal(name: str) -> str:
    """A name that may stand in an ARN's placeholder."""
    return name.replace(":", "").replace("/", "") or "x"


def texts_around(text: str, dice: random.Random, facts: Facts) -> Iterator[str]:
    """Instances of a text or pattern, their neighbours and other letter cases."""
    for _ in range(4):
        instance = fragments(text, dice, facts)
        yield from (instance, near(instance, dice), instance.lower(), instance.upper(), instance.title())
    yield ""


def numbers_around(text: str) -> Iterator[str]:
    """The number, its neighbours, and other spellings of it."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return
    yield from (format(number + step, "f") for step in (Decimal(0), Decimal(1), Decimal(-1), Decimal("0.001")))
    yield f"{format(number, 'f')}.0" if number == number.to_integral() else f"{number}0"


def dates_around(text: str) -> Iterator[str]:
    """The instant as seconds and as written, a second before and after, half a second after."""
    instant = dates.instant(text)
    if instant is not None:
        yield from (format(instant + step, "f") for step in (Decimal(0), Decimal(1), Decimal(-1), Decimal("0.5")))
        yield text


def addresses_around(text: str) -> Iterator[str]:
    """First and last address of the network, and their outer neighbours."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return
    kind = type(network.network_address)
    edges = (int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1)
    yield from (str(kind(edge)) for edge in edges if 0 <= edge < 1 << network.max_prefixlen)
    yield str(ip_address("192.0.2.7"))
