"""Values of one context key for which some conditions hold and others do not: the theory of one key."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from policystudio.engine import globs, variables
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.types import ConditionKey, KeyType
from policystudio.engine.conditions import NULL, OPERATORS
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.exact.domains import (
    ARN_SHAPE,
    arn_pattern,
    candidates,
    each_value,
    is_value,
    spellings,
    takes_empty,
)
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.texts import ANY_TEXT, find_text
from policystudio.engine.globs import Parts
from policystudio.engine.request import Context

Values = tuple[str, ...]
#: A condition, and whether it shall hold.
Literal = tuple[Condition, bool]
#: Tells whether a condition holds when the key has these values.
Judge = Callable[[Condition, Values], bool]

_STRINGS = frozenset({"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"})
_FOLDED = frozenset({"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
_ARNS = frozenset({"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"})
_TEXTS = _STRINGS | _FOLDED | _ARNS
_ANY_ARN = "arn:x:x:x:x:x"
#: How many choices of one pattern for each condition are tried.
_CHOICES = 2_000
#: How often a text that only letter case spoils is replaced.
_RETRIES = 40
#: How many ways of writing a text in other letter case are tried.
_SPELLED = 600


class Unknown(Exception):
    """No fitting values were found, and it is not known that there are none."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """One way to make a condition on a single value come out as wanted: a pattern to match, or texts to avoid.

    ``some`` holds patterns of which one must match; ``none`` those that must not.
    """

    some: tuple[Parts, ...] | None
    none: tuple[Parts, ...] = ()


def find_values(key: ConditionKey | None, literals: Sequence[Literal], context: Context, judge: Judge) -> Values | None:
    """Values for which each condition holds, or does not, as its literal says; empty for an absent key.

    None where no values whatever do. Raises ``Unknown`` where that could not be told. ``context`` gives the values of
    policy variables; ``judge`` decides in the end, so that an answer is never wrong.
    """
    finder = _Finder(key, literals, context, judge)
    for values in ((), ("",)) if takes_empty(key) else ((),):
        if finder.fits(values):
            return values
    found = None if _is_multi_valued(key) else finder.single()
    if found is None and (key is None or key.multi_valued):
        found = finder.several()
    if found is None and finder.doubtful:
        raise Unknown
    return found


def _is_multi_valued(key: ConditionKey | None) -> bool:
    return key is not None and key.multi_valued


class _Finder:
    def __init__(self, key: ConditionKey | None, literals: Sequence[Literal], context: Context, judge: Judge) -> None:
        self.key, self.literals, self.context, self.judge = key, literals, context, judge
        self.doubtful = False

    def fits(self, values: Values) -> bool:
        return all(self.judge(condition, values) is wanted for condition, wanted in self.literals)

    def single(self) -> Values | None:
        """One value for all literals."""
        value = self.one_value(self.literals)
        return None if value is None else (value,)

    def several(self) -> Values | None:
        """A set of values: one for each literal that asks for some value, all of them as the others ask of every value.

        Without a set operator a condition on several values never holds.
        """
        every: list[Literal] = []
        some: list[Literal] = []
        for condition, wanted in self.literals:
            plain = each_value(condition)
            if condition.operator == NULL:
                continue
            if condition.quantifier is Quantifier.NONE:
                if wanted:
                    return None
            elif condition.quantifier is Quantifier.FOR_ANY_VALUE:
                (some if wanted else every).append((plain, wanted))
            else:
                (every if wanted else some).append((plain, wanted))
        values: list[str] = []
        for asked in [[item] for item in some] or [[]]:
            value = self.one_value([*every, *asked])
            if value is None:
                return None
            values.append(value)
        found = tuple(dict.fromkeys(values))
        if len(found) == 1 and not _is_multi_valued(self.key):
            found = (*found, *found)
        if self.fits(found):
            return found
        self.doubtful |= not any(item.operator == NULL for item, _ in self.literals)
        return None

    def one_value(self, literals: Sequence[Literal]) -> str | None:
        """A value for which each literal comes out as wanted when the key has it alone."""
        if not all(self.judge(item, ("x",)) is wanted for item, wanted in literals if item.operator == NULL):
            return None
        try:
            for value in self.values_for(literals):
                held = all(self.judge(condition, (value,)) is wanted for condition, wanted in literals)
                if held and is_value(self.key, value):
                    return value
        except TooLarge:
            self.doubtful = True
        return None

    def values_for(self, literals: Sequence[Literal]) -> Iterator[str]:
        """Values that come into question; sets ``doubtful`` where they may not be all that matter."""
        usable = [item for item in literals if item[0].operator != NULL]
        families = {condition.operator for condition, _ in usable}
        if not usable:
            yield from _plain_values(self.key)
        elif families <= _TEXTS:
            if not is_value(self.key, ""):
                # Of what a pattern matches, most is no date and no address.
                yield from _plain_values(self.key)
            yield from self.texts(usable)
        else:
            singles, complete = candidates([condition for condition, _ in usable], self.context)
            yield from singles
            if self.key is None:
                yield "x"
            if families & _TEXTS:
                yield from self.texts([item for item in usable if item[0].operator in _TEXTS])
            self.doubtful |= not complete

    def texts(self, literals: Sequence[Literal]) -> Iterator[str]:
        """Texts that match a pattern of each literal that asks for one, and none that a literal excludes."""
        folded = [value for item, _ in literals if item.operator in _FOLDED for value in self.spelled(item)]
        wishes = [wish for literal in literals for wish in self.wishes(*literal)]
        if any(wish == () for wish in wishes):
            return
        choices = [wish for wish in wishes if wish is not None]
        choices.sort(key=len)
        narrow = next((wish for wish in choices if all(_is_literal(item) for item in wish)), None)
        if narrow is not None:
            yield from (str(item.some[0][0]) if item.some and item.some[0] else "" for item in narrow)
            return
        yield from self.folded_texts(folded)
        for count, picked in enumerate(product(*choices)):
            if count >= _CHOICES:
                self.doubtful = True
                return
            required = frozenset(pattern for item in picked for pattern in item.some or ())
            excluded = frozenset(pattern for item in picked for pattern in item.none)
            yield from self.search(required, excluded, folded)

    def search(self, required: frozenset[Parts], excluded: frozenset[Parts], folded: list[str]) -> Iterator[str]:
        """Texts between the patterns; where letter case matters besides, several that differ."""
        for _ in range(_RETRIES if folded else 1):
            text = find_text(required, excluded, ANY_TEXT)
            if text is None:
                return
            yield text
            excluded |= {globs.normal((text,))}
        # Whoever comes here was given texts and refused them.
        self.doubtful = True

    def folded_texts(self, folded: Iterable[str]) -> Iterator[str]:
        """The texts of IgnoreCase operators in every way of writing them, as far as these are few."""
        for text in folded:
            found = list(islice(spellings(text), _SPELLED + 1))
            yield from found[:_SPELLED]
            self.doubtful |= len(found) > _SPELLED

    def spelled(self, condition: Condition) -> Iterator[str]:
        for value in condition.values:
            text = variables.expand_literal(value, self.context, enabled=True)
            if text is not None:
                yield text

    def wishes(self, condition: Condition, wanted: bool) -> Iterator[tuple[_Choice, ...] | None]:
        """The ways to make a condition come out as wanted, of which one must be taken; None where nothing is asked."""
        if condition.operator in _FOLDED:
            yield None
            return
        patterns = tuple(self.patterns(condition))
        matching = OPERATORS[condition.operator].negated is not wanted
        if condition.operator not in _ARNS:
            yield tuple(_Choice((item,)) for item in patterns) if matching else (_Choice(None, patterns),)
            return
        yield from self.arn_wishes(condition, wanted, matching)

    def arn_wishes(self, condition: Condition, wanted: bool, matching: bool) -> Iterator[tuple[_Choice, ...] | None]:
        """As ``wishes``: a text or pattern of fewer than six parts cannot be compared, so that no operator holds."""
        expanded = tuple(self.patterns(condition))
        patterns = tuple(item for item in expanded if _colons(item) >= PARTS - 1)
        # A variable without value can be compared with any text: it is never the same.
        shape = () if len(expanded) < len(condition.values) else (ARN_SHAPE,)
        if not patterns:
            yield None if self.judge(condition, (_ANY_ARN,)) is wanted else ()
        elif matching:
            ways = tuple(_Choice((ARN_SHAPE, item)) for item in patterns)
            yield ways if wanted or not shape else (*ways, _Choice(None, shape))
        else:
            yield (_Choice(shape if wanted else None, patterns),)

    def patterns(self, condition: Condition) -> Iterator[Parts]:
        """The values of a condition as patterns; a value with a variable that has no value matches nothing."""
        for value in condition.values:
            if condition.operator in ("StringEquals", "StringNotEquals"):
                text = variables.expand_literal(value, self.context, enabled=True)
                if text is not None:
                    yield globs.normal((text,))
                continue
            parts = variables.expand(value, self.context, enabled=True)
            if parts is not None:
                yield arn_pattern(parts) if condition.operator in _ARNS else parts


def _colons(pattern: Parts) -> int:
    return sum(part.count(":") for part in pattern if isinstance(part, str))


def _is_literal(item: _Choice) -> bool:
    return item.some is not None and len(item.some) == 1 and globs.is_literal(item.some[0])


def _plain_values(key: ConditionKey | None) -> tuple[str, ...]:
    """Some values of the key's type, of which the key can have one: ``aws:EpochTime`` is a date in seconds alone."""
    examples = {
        KeyType.BOOL: ("true",),
        KeyType.NUMERIC: ("1",),
        KeyType.DATE: ("2026-01-01T00:00:00Z", "1767225600"),
        KeyType.IP_ADDRESS: ("192.0.2.1",),
        KeyType.ARN: ("arn:aws:iam::111122223333:user/example",),
        KeyType.BINARY: ("eA==",),
    }
    return examples.get(key.type, ("x",)) if key is not None else ("x",)
