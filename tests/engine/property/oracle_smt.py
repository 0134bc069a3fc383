"""A second oracle: a stack's decision for one action as a formula for cvc5, written apart from the engine's algebra.

Resources and texts are strings with regular expressions, numbers and instants are reals, addresses are integers, a
multivalued key is a bounded set. What this file does not know how to say raises ``Unsupported``.
"""

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

import cvc5
from cvc5 import Kind

from policystudio.engine import variables
from policystudio.engine.catalog.types import ConditionKeys, KeyType
from policystudio.engine.conditions import dates
from policystudio.engine.document import Condition, Effect, Policy, Quantifier, Statement
from policystudio.engine.exact.facts import Facts
from policystudio.engine.request import NamedPolicy, PolicyStack

Term = Any
Values = tuple[str, ...]
#: How long cvc5 may take for one question, in milliseconds.
TIME_LIMIT = 1_000
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_ORDER = {
    "Equals": Kind.EQUAL,
    "LessThan": Kind.LT,
    "LessThanEquals": Kind.LEQ,
    "GreaterThan": Kind.GT,
    "GreaterThanEquals": Kind.GEQ,
}
_TAKES: Mapping[str, frozenset[KeyType]] = {
    "String": frozenset({KeyType.STRING, KeyType.ARN}),
    "Arn": frozenset({KeyType.STRING, KeyType.ARN}),
    "Numeric": frozenset({KeyType.NUMERIC}),
    "Date": frozenset({KeyType.DATE}),
    "Bool": frozenset({KeyType.BOOL}),
    "Ip": frozenset({KeyType.IP_ADDRESS}),
}


class Unsupported(Exception):
    """This oracle has no formula for it."""


@dataclass
class Slot:
    """One value that a key may have: whether it is there, and the value's term (for an address: version 4, number)."""

    there: Term
    value: Term
    is_v4: Term = None


@dataclass
class World:
    """One context: the slots of each free key that was asked about."""

    tag: str
    slots: dict[str, list[Slot]] = field(default_factory=dict)


@dataclass
class Place:
    """One resource: its six parts as terms, or the lone ``*``."""

    parts: list[Term]
    star: bool = False


@lru_cache(maxsize=1)
def _same_fold() -> Mapping[str, str]:
    """Characters beyond ASCII by what they fold to."""
    result: dict[str, str] = {}
    for code in range(0x80, 0x3000):
        folded = chr(code).casefold()
        if len(folded) == 1 and folded in string.ascii_lowercase:
            result[folded] = result.get(folded, "") + chr(code)
    return result


class Oracle:
    """Formulas about stacks of policies, one action and one set of facts."""

    def __init__(
        self,
        stacks: Sequence[PolicyStack],
        action: str,
        facts: Facts,
        keys: ConditionKeys,
        is_free: Callable[[str], bool],
        *,
        unrestricted: bool = False,
    ) -> None:
        self.tm = cvc5.TermManager()
        self.facts, self.keys, self.is_free = facts, keys, is_free
        self.solver = cvc5.Solver(self.tm)
        self.solver.setLogic("ALL")
        for name, value in (("produce-models", "true"), ("strings-exp", "true"), ("tlimit-per", str(TIME_LIMIT))):
            self.solver.setOption(name, value)
        self.stacks = [
            [[_bearing(item.policy, action) for item in layer] for layer in layers_of(stack)] for stack in stacks
        ]
        self.unrestricted = unrestricted
        policies = [policy for stack in self.stacks for layer in stack for policy in layer]
        asked = [condition.key.lower() for policy in policies for item, _ in policy for condition in item.conditions]
        self.counts = {key: 1 + asked.count(key) for key in asked}
        self.anything = self.term(Kind.REGEXP_ALL)
        self.inside = self.plus_of(":")

    # Small words of the formula language.

    def term(self, kind: Kind, *children: Term) -> Term:
        return self.tm.mkTerm(kind, *children)

    def text(self, value: str) -> Term:
        plain = (c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in value)
        return self.tm.mkString("".join(plain), True)

    def true(self, value: bool = True) -> Term:
        return self.tm.mkBoolean(value)

    def every(self, terms: Iterable[Term]) -> Term:
        found = list(terms)
        return self.true() if not found else found[0] if len(found) == 1 else self.term(Kind.AND, *found)

    def some(self, terms: Iterable[Term]) -> Term:
        found = list(terms)
        return self.true(False) if not found else found[0] if len(found) == 1 else self.term(Kind.OR, *found)

    def no(self, term: Term) -> Term:
        return self.term(Kind.NOT, term)

    def joined(self, parts: Sequence[Term]) -> Term:
        return self.text("") if not parts else parts[0] if len(parts) == 1 else self.term(Kind.STRING_CONCAT, *parts)

    def plus_of(self, excluded: str) -> Term:
        """The characters other than ``excluded``, as a regular expression of one of them."""
        each = [self.term(Kind.STRING_TO_REGEXP, self.text(char)) for char in excluded]
        if not each:
            return self.term(Kind.REGEXP_ALLCHAR)
        union = each[0] if len(each) == 1 else self.term(Kind.REGEXP_UNION, *each)
        return self.term(Kind.REGEXP_DIFF, self.term(Kind.REGEXP_ALLCHAR), union)

    def regex(self, tokens: Sequence[str], *, within: bool = False) -> Term:
        """A glob of single characters and ``*``, ``?`` (escaped literals stand as ``\\x``), ``within`` one ARN part."""
        any_char = self.inside if within else self.term(Kind.REGEXP_ALLCHAR)
        parts = []
        for token in tokens:
            if token == "*":
                parts.append(self.term(Kind.REGEXP_STAR, any_char))
            elif token == "?":
                parts.append(any_char)
            else:
                parts.append(self.term(Kind.STRING_TO_REGEXP, self.text(token[-1])))
        if not parts:
            return self.term(Kind.STRING_TO_REGEXP, self.text(""))
        return parts[0] if len(parts) == 1 else self.term(Kind.REGEXP_CONCAT, *parts)

    # Resources.

    def place(self, tag: str, template: str, known: Mapping[str, str]) -> Place:
        """A resource that the ARN format can give; its placeholders are constrained at once."""
        if template == "*":
            return Place([], star=True)
        parts = []
        for number, segment in enumerate(template.split(":", 5)):
            terms, rest = [], segment
            while rest:
                head, mark, rest = rest.partition("${")
                terms += [self.text(head)] if head else []
                if mark:
                    name, _, rest = rest.partition("}")
                    value = known.get(name)
                    terms.append(self.text(value) if value else self.hole(f"{tag}.{number}.{name}", name))
            parts.append(self.joined(terms))
        return Place(parts)

    def hole(self, label: str, name: str) -> Term:
        if name.endswith("WithPath"):
            raise Unsupported("names that may hold colons")
        constant = self.tm.mkConst(self.tm.getStringSort(), label)
        allowed = self.plus_of(":" if name.endswith("WithSlashes") else ":/")
        self.solver.assertFormula(self.term(Kind.STRING_IN_REGEXP, constant, self.term(Kind.REGEXP_PLUS, allowed)))
        return constant

    def resource_matches(self, entry: str, place: Place, world: World, modern: bool) -> Term:
        if entry == "*":
            return self.true()
        if place.star:
            return self.true(False)
        segments = _segments(entry)
        terms = []
        for number, (segment, part) in enumerate(zip(segments, place.parts, strict=True)):
            if number < 5:
                terms.append(self.term(Kind.STRING_IN_REGEXP, part, self.regex(segment, within=True)))
            else:
                terms.append(self.glob(segment, part, world, modern, wild=True))
        return self.every(terms)

    def glob(self, text: str, subject: Term, world: World, modern: bool, *, wild: bool) -> Term:
        """Whether a pattern with variables matches; without a value for a variable it does not."""
        pieces: list[str | Term] = []
        guards = []
        for token in variables.tokens(text):
            if isinstance(token, str):
                pieces += [char if wild and char in "*?" else f"\\{char}" for char in token]
            elif not modern:
                pieces += [f"\\{char}" for char in token.source]
            else:
                guard, value = self.variable(token, world)
                guards.append(guard)
                pieces += [f"\\{char}" for char in value] if isinstance(value, str) else [value]
        if all(isinstance(piece, str) for piece in pieces):
            matched = self.term(Kind.STRING_IN_REGEXP, subject, self.regex(pieces))
        else:
            matched = self.linked(pieces, subject)
        return self.every([*guards, matched])

    def variable(self, token: variables.Variable, world: World) -> tuple[Term, str | Term]:
        """Whether the variable has a value, and the value."""
        name = token.name.lower()
        if not name or not self.is_free(name):
            values = self.facts.value_of(name) if name else ()
            value = values[0] if len(values) == 1 and values[0] else None
            chosen = token.default if value is None else value
            return self.true(chosen is not None and (len(values) < 2)), chosen or ""
        described = self.keys.get(name)
        if described is None or described.multi_valued or described.type not in (KeyType.STRING, KeyType.ARN):
            raise Unsupported(f"`{name}` as a variable")
        slot = self.slots(name, world)[0]
        filled = self.every([slot.there, self.no(self.term(Kind.EQUAL, slot.value, self.text("")))])
        if token.default is None:
            return filled, slot.value
        return self.true(), self.term(Kind.ITE, filled, slot.value, self.text(token.default))

    def linked(self, pieces: Sequence[str | Term], subject: Term) -> Term:
        """A pattern with a free variable, whose only wildcards are stars at its ends."""
        begin, end = (isinstance(piece, str) and piece == "*" for piece in (pieces[0], pieces[-1]))
        core = pieces[begin : len(pieces) - end]
        if any(piece in ("*", "?") for piece in core if isinstance(piece, str)):
            raise Unsupported("a free variable between wildcards")
        joined = self.joined([self.text(piece[-1]) if isinstance(piece, str) else piece for piece in core])
        if begin and end:
            return self.term(Kind.STRING_CONTAINS, subject, joined)
        if begin:
            return self.term(Kind.STRING_SUFFIX, joined, subject)
        return self.term(Kind.STRING_PREFIX, joined, subject) if end else self.term(Kind.EQUAL, joined, subject)

    # Contexts.

    def slots(self, key: str, world: World) -> list[Slot]:
        """The values that the key may have in the world."""
        if key not in world.slots:
            described = self.keys.get(key)
            if described is None:
                raise Unsupported(f"`{key}`, a key of no known type")
            several = self.counts.get(key, 1) + 1 if described.multi_valued else 1
            world.slots[key] = [self.slot(f"{world.tag}.{key}.{number}", described.type) for number in range(several)]
        return world.slots[key]

    def slot(self, label: str, kind: KeyType) -> Slot:
        there = self.tm.mkConst(self.tm.getBooleanSort(), f"{label}?")
        sorts = {KeyType.BOOL: self.tm.getBooleanSort(), KeyType.IP_ADDRESS: self.tm.getIntegerSort()}
        sorts |= {KeyType.NUMERIC: self.tm.getRealSort(), KeyType.DATE: self.tm.getRealSort()}
        value = self.tm.mkConst(sorts.get(kind, self.tm.getStringSort()), label)
        if kind is not KeyType.IP_ADDRESS:
            return Slot(there, value)
        is_v4 = self.tm.mkConst(self.tm.getBooleanSort(), f"{label}.4")
        highest = self.term(Kind.ITE, is_v4, self.number((1 << 32) - 1), self.number((1 << 128) - 1))
        self.solver.assertFormula(self.term(Kind.LEQ, self.number(0), value))
        self.solver.assertFormula(self.term(Kind.LEQ, value, highest))
        return Slot(there, value, is_v4)

    def number(self, value: int) -> Term:
        return self.tm.mkInteger(str(value))

    def known_slots(self, key: str, kind: KeyType | None) -> list[Slot]:
        values = self.facts.value_of(key)
        if values and kind not in (None, KeyType.STRING, KeyType.ARN, KeyType.BOOL):
            raise Unsupported(f"`{key}` as a known key")
        if kind is KeyType.BOOL:
            return [Slot(self.true(), self.true(value.lower() == "true")) for value in values]
        return [Slot(self.true(), self.text(value)) for value in values]

    def condition(self, item: Condition, world: World, modern: bool) -> Term:
        """Whether one condition holds."""
        key = item.key.lower()
        described = self.keys.get(key)
        kind = described.type if described else None
        slots = self.slots(key, world) if self.is_free(key) else self.known_slots(key, kind)
        texts = kind in (None, KeyType.STRING, KeyType.ARN)
        filled = [
            self.every([slot.there, self.no(self.term(Kind.EQUAL, slot.value, self.text("")))]) if texts else slot.there
            for slot in slots
        ]
        if item.operator == "Null":
            wanted = {value.lower() for value in item.values}
            null = self.no(self.some(filled))
            said = sorted(wanted & {"true", "false"})
            return self.some([null if value == "true" else self.no(null) for value in said])
        base = _NEGATED.get(item.operator, item.operator)
        family = next((name for name in _TAKES if base.startswith(name)), None)
        if family is None:
            raise Unsupported(item.operator)
        if kind is not None and kind not in _TAKES[family]:
            if family == "String" and kind in (KeyType.DATE, KeyType.IP_ADDRESS):
                raise Unsupported("texts of dates and addresses")
            return self.true(False)
        negated = item.operator in _NEGATED
        there = self.some([slot.there for slot in slots])
        held = [self.one(item, base, negated, slot, world, modern) for slot in slots]
        if item.quantifier is Quantifier.NONE:
            if described is not None and described.multi_valued:
                return self.true(False)
            absent = self.true(item.if_exists or negated)
            return self.term(Kind.ITE, there, self.every(held[:1]), absent) if slots else absent
        if item.quantifier is Quantifier.FOR_ALL_VALUES:
            implied = [self.term(Kind.IMPLIES, slot.there, one) for slot, one in zip(slots, held, strict=True)]
            return self.some([self.no(self.some(filled)), self.every(implied)])
        found = [self.every([slot.there, one]) for slot, one in zip(slots, held, strict=True)]
        any_value = self.every([self.some(filled), self.some(found)])
        return self.some([self.no(there), any_value]) if item.if_exists else any_value

    def one(self, item: Condition, base: str, negated: bool, slot: Slot, world: World, modern: bool) -> Term:
        """Whether one value passes."""
        tests = [self.compare(base, value, slot, world, modern) for value in item.values]
        comparable = [test for test in tests if test is not None]
        matched = self.some(comparable)
        if not negated:
            return matched
        if not comparable:
            return self.true(False)
        readable = self.six_parts(slot.value) if base.startswith("Arn") else self.true()
        return self.every([readable, self.no(matched)])

    def six_parts(self, value: Term) -> Term:
        parts = [self.term(Kind.REGEXP_STAR, self.inside), self.term(Kind.STRING_TO_REGEXP, self.text(":"))] * 5
        return self.term(Kind.STRING_IN_REGEXP, value, self.term(Kind.REGEXP_CONCAT, *parts, self.anything))

    def compare(self, base: str, text: str, slot: Slot, world: World, modern: bool) -> Term | None:
        """Whether a value is what the policy's text asks for; None where the text cannot be read."""
        if base.startswith("String"):
            return self.compare_texts(base, text, slot.value, world, modern)
        if base.startswith("Arn"):
            return self.compare_arns(text, slot.value, world, modern)
        if base.startswith("Numeric"):
            number = _number(text)
            return None if number is None else self.ordered(base[7:], slot.value, number)
        if base.startswith("Date"):
            instant = dates.instant(text)
            return None if instant is None else self.ordered(base[4:], slot.value, Fraction(instant))
        if base == "Bool":
            known = {"true": slot.value, "false": self.no(slot.value)}
            return known.get(text.lower())
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            return None
        first, last = self.number(int(network[0])), self.number(int(network[-1]))
        family = slot.is_v4 if network.version == 4 else self.no(slot.is_v4)
        within = (self.term(Kind.LEQ, first, slot.value), self.term(Kind.LEQ, slot.value, last))
        return self.every([family, *within])

    def ordered(self, order: str, value: Term, number: Fraction) -> Term:
        return self.term(_ORDER[order], value, self.tm.mkReal(number.numerator, number.denominator))

    def compare_texts(self, base: str, text: str, value: Term, world: World, modern: bool) -> Term:
        if base != "StringEqualsIgnoreCase":
            return self.glob(text, value, world, modern, wild=base == "StringLike")
        pieces = []
        guards = []
        for token in variables.tokens(text):
            if isinstance(token, str) or not modern:
                pieces.append(token if isinstance(token, str) else token.source)
                continue
            guard, found = self.variable(token, world)
            if not isinstance(found, str):
                raise Unsupported("a free variable in any letter case")
            guards.append(guard)
            pieces.append(found)
        each = [self.in_any_case(char) for char in "".join(pieces)]
        empty = self.term(Kind.STRING_TO_REGEXP, self.text(""))
        regex = empty if not each else each[0] if len(each) == 1 else self.term(Kind.REGEXP_CONCAT, *each)
        return self.every([*guards, self.term(Kind.STRING_IN_REGEXP, value, regex)])

    def in_any_case(self, char: str) -> Term:
        variants = sorted({char.lower(), char.upper(), *_same_fold().get(char.lower(), "")})
        each = [self.term(Kind.STRING_TO_REGEXP, self.text(one)) for one in variants]
        return each[0] if len(each) == 1 else self.term(Kind.REGEXP_UNION, *each)

    def compare_arns(self, text: str, value: Term, world: World, modern: bool) -> Term | None:
        tokens: list[str] = []
        guards = []
        for token in variables.tokens(text):
            if isinstance(token, str):
                tokens += [char if char in "*?" else f"\\{char}" for char in token]
            elif not modern:
                tokens += [f"\\{char}" for char in token.source]
            else:
                guard, found = self.variable(token, world)
                if not isinstance(found, str):
                    raise Unsupported("a free variable in an ARN")
                guards.append(guard)
                tokens += [f"\\{char}" for char in found]
        if tokens.count("\\:") < 5:
            return self.every([*guards, self.true(False)]) if guards else None
        regexes, rest = [], tokens
        for _ in range(5):
            place = rest.index("\\:")
            regexes += [self.regex(rest[:place], within=True), self.term(Kind.STRING_TO_REGEXP, self.text(":"))]
            rest = rest[place + 1 :]
        whole = self.term(Kind.REGEXP_CONCAT, *regexes, self.regex(rest))
        return self.every([*guards, self.term(Kind.STRING_IN_REGEXP, value, whole)])

    # Decisions and questions.

    def statement(self, item: Statement, modern: bool, place: Place, world: World) -> Term:
        entries = item.resources or item.not_resources
        matched = self.some([self.resource_matches(entry, place, world, modern) for entry in entries])
        resource = self.no(matched) if item.not_resources else matched
        return self.every([resource, *(self.condition(one, world, modern) for one in item.conditions)])

    def allowed(self, place: Place, world: World, *, stack: int = 0, with_denies: bool = True) -> Term:
        """The decision of one of the stacks: every layer has an Allow, and nothing denies."""
        granted: list[Term] = []
        denied: list[Term] = []
        for number, layer in enumerate(self.stacks[stack]):
            allows = [self.true()] if number == 0 and self.unrestricted else []
            for policy in layer:
                for item, modern in policy:
                    holds = self.statement(item, modern, place, world)
                    (allows if item.effect is Effect.ALLOW else denied).append(holds)
            granted.append(self.some(allows))
        return self.every([*granted, *([self.no(self.some(denied))] if with_denies else [])])

    def solve(self, *formulas: Term) -> bool | None:
        """Whether the formulas hold together; None where cvc5 does not say in time."""
        found = self.solver.checkSatAssuming(*formulas)
        return True if found.isSat() else False if found.isUnsat() else None

    def resource_of(self, place: Place) -> str:
        """The resource of the last answer."""
        return "*" if place.star else ":".join(self.solver.getValue(part).getStringValue() for part in place.parts)

    def context_of(self, world: World) -> dict[str, Values]:
        """The context of the last answer."""
        result = {}
        for key, slots in world.slots.items():
            there = [slot for slot in slots if self.solver.getValue(slot.there).getBooleanValue()]
            result[key] = tuple(dict.fromkeys(self.written(slot) for slot in there))
        return result

    def written(self, slot: Slot) -> str:
        value = self.solver.getValue(slot.value)
        if slot.is_v4 is not None:
            number = int(value.getIntegerValue())
            v4 = self.solver.getValue(slot.is_v4).getBooleanValue()
            return str(ip_address(number) if v4 else ip_network((number, 128)).network_address)
        if value.isBooleanValue():
            return str(value.getBooleanValue()).lower()
        if value.isStringValue():
            return str(value.getStringValue())
        fraction = Fraction(value.getRealValue())
        return format(Decimal(fraction.numerator) / Decimal(fraction.denominator), "f")


def layers_of(stack: PolicyStack) -> list[tuple[NamedPolicy, ...]]:
    """The layers that must each allow."""
    layers = [stack.identity_policies]
    layers += [(stack.permissions_boundary,)] if stack.permissions_boundary else []
    layers += [stack.session_policies] if stack.session_policies else []
    return [*layers, *(stack.service_control_policies or ())]


_Bearing = list[tuple[Statement, bool]]


def _bearing(policy: Policy, action: str) -> _Bearing:
    """The policy's statements about the action, and whether they know variables."""
    modern = policy.version == "2012-10-17"
    return [(item, modern) for item in policy.statements if _names(item, action)]


def _names(item: Statement, action: str) -> bool:
    listed = any(_like(pattern.lower(), action.lower()) for pattern in item.actions or item.not_actions)
    return listed is bool(item.actions)


def _like(pattern: str, text: str) -> bool:
    """A glob, by plain recursion over its first character."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return _like(pattern[1:], text) or (bool(text) and _like(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and _like(pattern[1:], text[1:])


def _segments(entry: str) -> list[str]:
    """The six parts of a resource pattern, cut at its first five colons outside of variables."""
    parts, depth = [""], False
    for index, char in enumerate(entry):
        depth = entry.startswith("${", index) or (depth and entry[index - 1] != "}")
        if char == ":" and not depth and len(parts) < 6:
            parts.append("")
        else:
            parts[-1] += char
    return parts + ["*"] * (6 - len(parts))


def _number(text: str) -> Fraction | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() else None
