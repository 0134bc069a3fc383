"""The exact verdict of one cell: every class of resources against every class of contexts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from policystudio.engine import globs
from policystudio.engine.document import Condition, Effect, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.domains import Domain, Values
from policystudio.engine.exact.samples import Sampled, Sampler
from policystudio.engine.exact.signatures import Hole, TooLarge
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts

#: Regions to put into examples; any will do.
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1")
#: How many combinations of classes of resources, contexts and free variables one cell may have.
COMBINATION_LIMIT = 5_000
#: Why a cell beyond the limits is undecided.
TOO_LARGE = "resource patterns or conditions meet in too many ways"


class CellVerdict(StrEnum):
    """What a cell says, by its letter in grids (cells.md)."""

    ALLOWED = "A"
    SOME = "S"
    CONDITIONAL = "C"
    EXPLICIT_DENY = "E"
    IMPLICIT_DENY = "I"
    UNDECIDED = "U"

    __hash__ = str.__hash__  # Enum's own is a Python call, and verdicts are looked up a lot


@dataclass(frozen=True, slots=True)
class CellStatement:
    """A statement as far as it matters to one cell.

    ``layer`` indexes the layers that must each allow. ``patterns`` are empty where the statement covers the whole
    universe; ``negated`` for NotResource. ``conditions`` are those about free keys. ``free_variables`` are the keys
    that its resources or conditions read as variables and that are not known: it may match then, or not. It is
    ``opaque`` where leaving those keys out does not simply keep it from matching.
    """

    layer: int
    policy: str
    statement: Statement
    patterns: tuple[Parts, ...] = ()
    negated: bool = False
    conditions: tuple[Condition, ...] = ()
    free_variables: frozenset[str] = frozenset()
    opaque: bool = False

    @property
    def compares_resources(self) -> bool:
        """Whether it tells resources apart in a way that ``patterns`` do not say, as free variables are involved."""
        linked = bool(self.free_variables) or self.opaque
        return linked and (bool(self.statement.not_resources) or "*" not in self.statement.resources)

    @property
    def always(self) -> bool:
        """Whether the statement matches every request of the cell."""
        return not (self.patterns or self.conditions or self.free_variables or self.opaque)


@dataclass(frozen=True, slots=True)
class Example:
    """One concrete request: a resource ARN and values for the free keys (absent where a key is not named)."""

    resource: str
    context: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Cell:
    """The answer for one cell, with a request on each side where there is one.

    ``by_resource`` and ``by_context`` tell what the decision depends on: whether, in one and the same context, it
    differs between resources (None: that is not known), and whether it differs between contexts for one and the same
    resource. ``undecided`` is the reason of a verdict that could not be worked out.
    """

    verdict: CellVerdict
    by_resource: bool | None = False
    by_context: bool = False
    allowed: Example | None = None
    denied: Example | None = None
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One cell to decide.

    ``layers`` is how many layers must allow; those in ``open_layers`` allow by themselves (the root user's identity).
    ``domain_of`` gives the classes of a free key for the conditions about it. ``sampler`` tries requests where free
    variables join keys or resources.
    """

    layers: int
    statements: Sequence[CellStatement]
    universe: ResourceUniverse
    domain_of: Callable[[str, tuple[Condition, ...]], Domain]
    open_layers: frozenset[int] = frozenset()
    sampler: Sampler | None = None


def enumerated(question: Question) -> Cell:
    """Decide a cell by every combination of classes of resources and contexts, or say why not.

    Universal claims (allowed, never, only by resource) are made over every combination that is not known to be
    impossible; existential ones only from combinations with a concrete request. Where the two differ: undecided.
    """
    too_many = Cell(CellVerdict.UNDECIDED, undecided=TOO_LARGE)
    try:
        decider = _Decider(question)
    except TooLarge:
        return too_many
    try:
        return decider.verdict()
    except TooLarge:
        return decider.by_samples() or too_many


@dataclass(frozen=True, slots=True)
class _Clause:
    """A statement as bits: which patterns, and which conditions of which key, it asks for."""

    layer: int
    patterns: int
    negated: bool
    conditions: tuple[tuple[int, int], ...]
    link: int

    def holds(self, resource: int, vectors: Sequence[int], links: int) -> bool:
        if self.patterns and bool(resource & self.patterns) is self.negated:
            return False
        if self.link and not links & self.link:
            return False
        return all(vectors[key] & wanted == wanted for key, wanted in self.conditions)


@dataclass(slots=True)
class _Outcomes:
    """Decisions seen so far, by class of resource and class of context."""

    by_resource: dict[int, set[bool]] = field(default_factory=dict)
    by_context: dict[tuple[int, ...], set[bool]] = field(default_factory=dict)
    seen: set[bool] = field(default_factory=set)

    def add(self, resource: int, context: tuple[int, ...], allowed: bool) -> None:
        self.by_resource.setdefault(resource, set()).add(allowed)
        self.by_context.setdefault(context, set()).add(allowed)
        self.seen.add(allowed)

    @property
    def context_matters(self) -> bool:
        return any(len(values) > 1 for values in self.by_resource.values())

    @property
    def resource_matters(self) -> bool:
        return any(len(values) > 1 for values in self.by_context.values())


class _Decider:
    def __init__(self, question: Question) -> None:
        self.question = question
        self.statements = statements = _decisive(question.statements)
        self.patterns = list(dict.fromkeys(pattern for item in statements for pattern in item.patterns))
        self.resources = question.universe.signatures(self.patterns)
        by_key: dict[str, list[Condition]] = {}
        for item in statements:
            for condition in item.conditions:
                known = by_key.setdefault(condition.key.lower(), [])
                if condition not in known:
                    known.append(condition)
        self.keys = sorted(by_key)
        self.domains = [question.domain_of(key, tuple(by_key[key])) for key in self.keys]
        self.links = 0
        self.allows = [self.clause(item) for item in statements if item.statement.effect is Effect.ALLOW]
        self.denies = [self.clause(item) for item in statements if item.statement.effect is Effect.DENY]

    def clause(self, item: CellStatement) -> _Clause:
        patterns = sum(1 << self.patterns.index(pattern) for pattern in set(item.patterns))
        wanted: dict[int, int] = {}
        for condition in item.conditions:
            key = self.keys.index(condition.key.lower())
            bit = 1 << self.domains[key].conditions.index(condition)
            wanted[key] = wanted.get(key, 0) | bit
        link = 0
        if item.free_variables:
            link = 1 << self.links
            self.links += 1
        return _Clause(item.layer, patterns, item.negated, tuple(wanted.items()), link)

    def allowed(self, resource: int, vectors: Sequence[int], links: int, *, with_denies: bool = True) -> bool:
        if with_denies and any(deny.holds(resource, vectors, links) for deny in self.denies):
            return False
        granted = set(self.question.open_layers)
        for allow in self.allows:
            if allow.layer not in granted and allow.holds(resource, vectors, links):
                granted.add(allow.layer)
        return len(granted) == self.question.layers

    def found(self) -> Iterator[tuple[int, tuple[int, ...], int]]:
        """Combinations that a concrete request has; a free variable's key is left out, so nothing linked matches."""
        if any(item.opaque for item in self.statements):
            return
        vectors = [list(item.found) for item in self.domains]
        if self.links and self.linked_keys & set(self.keys):
            vectors = [[self.absent(item)] for item in self.domains]
        for resource, vector in self.combine([list(self.resources)], vectors):
            yield resource, vector, 0

    @property
    def linked_keys(self) -> frozenset[str]:
        return frozenset().union(*(item.free_variables for item in self.statements))

    @staticmethod
    def absent(item: Domain) -> int:
        return next(vector for vector, values in item.found.items() if not values)

    def possible(self) -> Iterator[tuple[int, tuple[int, ...], int]]:
        """Every combination not known to be impossible."""
        vectors = [list(item.found) if item.complete else _all_vectors(item) for item in self.domains]
        combinations = list(self.combine([list(self.resources)], vectors))
        if len(combinations) << self.links > COMBINATION_LIMIT:
            raise TooLarge
        for links in range(1 << self.links):
            for resource, vector in combinations:
                yield resource, vector, links

    @staticmethod
    def combine(resources: list[list[int]], vectors: list[list[int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
        count = len(resources[0])
        for options in vectors:
            count *= len(options)
        if count > COMBINATION_LIMIT:
            raise TooLarge
        for resource, *vector in product(*resources, *vectors):
            yield resource, tuple(vector)

    def verdict(self) -> Cell:
        possible, found = _Outcomes(), _Outcomes()
        examples: dict[bool, list[tuple[int, tuple[int, ...]]]] = {True: [], False: []}
        for resource, vectors, links in self.possible():
            step()
            possible.add(resource, (*vectors, links), self.allowed(resource, vectors, links))
        for resource, vectors, links in self.found():
            allowed = self.allowed(resource, vectors, links)
            found.add(resource, (*vectors, links), allowed)
            examples[allowed].append((resource, vectors))
        if possible.seen == {True}:
            return Cell(CellVerdict.ALLOWED, allowed=self.plain(possible, True))
        if possible.seen == {False}:
            return self.never(self.plain(possible, False))
        return self.mixed(possible, found, examples)

    def never(self, denied: Example | None) -> Cell:
        would = _Outcomes()
        for resource, vectors, links in self.possible():
            allowed = self.allowed(resource, vectors, links, with_denies=False)
            would.add(resource, (*vectors, links), allowed)
        if would.seen == {False}:
            return Cell(CellVerdict.IMPLICIT_DENY, denied=denied)
        if {True} in would.by_resource.values():
            return Cell(CellVerdict.EXPLICIT_DENY, denied=self.plain(would, True))
        for resource, vectors, links in self.found():
            if self.allowed(resource, vectors, links, with_denies=False):
                return Cell(CellVerdict.EXPLICIT_DENY, denied=self.example((resource, vectors)))
        for sample in self.samples():
            if sample.without_denies:
                return Cell(CellVerdict.EXPLICIT_DENY, denied=Example(sample.resource, sample.context))
        return Cell(CellVerdict.UNDECIDED, denied=denied, undecided=self.doubt())

    def mixed(
        self, possible: _Outcomes, found: _Outcomes, examples: dict[bool, list[tuple[int, tuple[int, ...]]]]
    ) -> Cell:
        if len(possible.seen) == 2 and not possible.context_matters:
            yes, no = self.plain(possible, True), self.plain(possible, False)
            return Cell(CellVerdict.SOME, True, False, yes, no)
        allowed, denied = _nearest(examples[True], examples[False])
        yes, no = self.example(allowed) if allowed else None, self.example(denied) if denied else None
        if found.context_matters:
            by_resource = found.resource_matters or self.unless_told_apart(possible)
            return Cell(CellVerdict.CONDITIONAL, by_resource, True, yes, no)
        return self.by_samples() or Cell(CellVerdict.UNDECIDED, False, False, yes, no, self.doubt())

    def unless_told_apart(self, possible: _Outcomes | None) -> bool | None:
        """False where no two resources are told apart in one context; None where that is not known.

        Among the possible combinations a statement with a free variable holds, or not, for all resources alike: these
        say nothing where it is the resource that is compared with the variable.
        """
        if any(item.compares_resources for item in self.statements):
            return None
        matters = len(self.resources) > 1 if possible is None else possible.resource_matters
        return None if matters and not self.exhausted else False

    @property
    def exhausted(self) -> bool:
        """Whether every possible combination is one that a concrete request has."""
        return not self.links and all(item.complete for item in self.domains)

    def samples(self) -> list[Sampled]:
        """Concrete requests with values for the free variables; none where there is no such variable."""
        sampler, names = self.question.sampler, self.linked_keys
        if sampler is None or not names:
            return []
        resources = [self.readable(text, mask) for mask, text in self.resources.items()]
        return list(sampler.run(resources, self.domains, names))

    def by_samples(self) -> Cell | None:
        """Two requests on one resource, one allowed and one not, prove that the context matters."""
        outcomes: dict[str, dict[bool, Sampled]] = {}
        by_context: dict[tuple[tuple[str, Values], ...], set[bool]] = {}
        for sample in self.samples():
            outcomes.setdefault(sample.resource, {}).setdefault(sample.allowed, sample)
            by_context.setdefault(tuple(sorted(sample.context.items())), set()).add(sample.allowed)
        for sides in outcomes.values():
            if len(sides) == 2:
                yes, no = (Example(sides[side].resource, sides[side].context) for side in (True, False))
                differs = any(len(found) == 2 for found in by_context.values())
                by_resource = differs or self.unless_told_apart(None)
                return Cell(CellVerdict.CONDITIONAL, by_resource, True, yes, no)
        return None

    def doubt(self) -> str:
        keys = [key for key, item in zip(self.keys, self.domains, strict=True) if not item.complete]
        keys += sorted(self.linked_keys)
        return f"it depends on {', '.join(dict.fromkeys(keys))}" if keys else "conditions meet in too many ways"

    def plain(self, outcomes: _Outcomes, allowed: bool) -> Example | None:
        """A request without any free key, on a resource for which ``allowed`` is the outcome in every context."""
        vectors = tuple(self.absent(item) for item in self.domains)
        sure = (resource for resource, seen in outcomes.by_resource.items() if seen == {allowed})
        return next((self.example((resource, vectors)) for resource in sure), None)

    def example(self, combination: tuple[int, tuple[int, ...]]) -> Example:
        resource, vectors = combination
        context = {
            item.conditions[0].key: values
            for item, vector in zip(self.domains, vectors, strict=True)
            if (values := item.found[vector])
        }
        return Example(self.readable(self.resources[resource], resource), context)

    def readable(self, resource: str, signature: int) -> str:
        """The same resource in a Region that exists, where there is one that the patterns do not tell apart."""
        parts = resource.split(":", 5)
        if len(parts) < 6 or self.question.universe.region or Hole.NAME not in self.question.universe.segments[3]:
            return resource
        for region in _REGIONS:
            nicer = ":".join([*parts[:3], region, *parts[4:]])
            found = (globs.matches(pattern, nicer) for pattern in self.patterns)
            if all(match == bool(signature >> index & 1) for index, match in enumerate(found)):
                return nicer
        return resource


def _decisive(statements: Sequence[CellStatement]) -> list[CellStatement]:
    """The statements without those that one of the same effect makes idle: it matches whatever they match."""
    always = {_role(item): item for item in reversed(statements) if item.always}
    return [item for item in statements if always.get(_role(item), item) is item]


def _role(item: CellStatement) -> tuple[Effect, int]:
    """What a statement does: it allows in its layer, or denies in whichever."""
    effect = item.statement.effect
    return effect, item.layer if effect is Effect.ALLOW else 0


def _all_vectors(item: Domain) -> list[int]:
    if len(item.conditions) > 6:
        raise TooLarge
    return list(range(1 << len(item.conditions)))


def _nearest(
    allowed: list[tuple[int, tuple[int, ...]]], denied: list[tuple[int, tuple[int, ...]]]
) -> tuple[tuple[int, tuple[int, ...]] | None, tuple[int, tuple[int, ...]] | None]:
    """An allowed and a denied combination, of one resource if possible, that differ in as few keys as possible."""
    best, distance = (next(iter(allowed), None), next(iter(denied), None)), 1_000
    for left in allowed[:50]:
        for right in denied[:50]:
            difference = sum(a != b for a, b in zip(left[1], right[1], strict=True)) + (left[0] != right[0]) * 100
            if difference < distance:
                best, distance = (left, right), difference
                if distance == 1:
                    return best
    return best
