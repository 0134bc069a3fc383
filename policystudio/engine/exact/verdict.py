"""The verdict of a cell: by trying every combination of classes and, where these are too many, by search."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policystudio.engine import variables
from policystudio.engine.document import Effect, Statement
from policystudio.engine.exact.cell import TOO_LARGE, Cell, CellVerdict, Example, Question, enumerated
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.samples import Sampler
from policystudio.engine.exact.search import Doubt, Goal, Search
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.terms import Place, Side, TermBuilder, place_of

#: How many sets of demands each search of one cell may look at.
NODES = 600
_Placed = tuple[Statement, bool]


def decide(question: Question) -> Cell:
    """Decide a cell exactly, or say why not."""
    cell = enumerated(question)
    settled = cell.verdict is not CellVerdict.UNDECIDED and cell.by_resource is not None
    if settled or question.sampler is None:
        return cell
    searched = _Searched(question.sampler)
    if cell.verdict is not CellVerdict.UNDECIDED:
        return replace(cell, by_resource=searched.by_resource())
    found = searched.cell()
    return cell if found is None else found


class _Searched:
    """A cell by questions about single requests and pairs of them."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.place = place_of(sampler.universe)
        self.builder = TermBuilder(sampler.facts, sampler.keys, sampler.is_free)
        allows: list[list[_Placed]] = [[] for _ in range(sampler.layers)]
        denies: list[_Placed] = []
        for layer, statement, modern in sampler.statements:
            (denies if statement.effect is Effect.DENY else allows[layer]).append((statement, modern))
        way = tuple(layer for layer in range(sampler.layers) if layer not in sampler.open_layers)
        self.side = self.builder.side(denies, allows, [way], self.place)
        self.without_denies = Side((), self.side.groups, self.side.ways)

    def cell(self) -> Cell | None:
        """The verdict; None where nothing better is known than by enumeration."""
        try:
            allowed = self.find([Goal(self.side, True)])
            if allowed is None:
                return self.never()
            denied = self.find([Goal(self.side, False)])
        except Doubt as doubt:
            return Cell(CellVerdict.UNDECIDED, undecided=str(doubt))
        except TooLarge:
            return None
        if denied is None:
            return Cell(CellVerdict.ALLOWED, allowed=self.examples(allowed)[0])
        return self.mixed(self.examples(allowed)[0], self.examples(denied)[0])

    def never(self) -> Cell:
        """Never allowed: because of a Deny, where without any it would be allowed in some request."""
        would = self.find([Goal(self.without_denies, True)])
        if would is not None:
            return Cell(CellVerdict.EXPLICIT_DENY, denied=self.examples(would)[0])
        return Cell(CellVerdict.IMPLICIT_DENY)

    def mixed(self, allowed: Example, denied: Example) -> Cell:
        """Sometimes allowed: it depends on the context where it does for one and the same resource."""
        try:
            pair = self.find([Goal(self.side, True, 0, 0), Goal(self.side, False, 0, 1)])
        except (Doubt, TooLarge) as error:
            reason = str(error) or TOO_LARGE
            return Cell(CellVerdict.UNDECIDED, False, False, allowed, denied, reason)
        if pair is not None:
            return Cell(CellVerdict.CONDITIONAL, self.by_resource(), True, *self.examples(pair))
        try:
            other = self.apart()
        except (Doubt, TooLarge):
            other = None
        sides = self.examples(other) if other is not None else (allowed, denied)
        return Cell(CellVerdict.SOME, True, False, *sides)

    def by_resource(self) -> bool | None:
        """Whether two resources are told apart in one context; None where that is not known."""
        try:
            return self.apart() is not None
        except (Doubt, TooLarge):
            return None

    def apart(self) -> Requests | None:
        """Two resources and one context in which one is allowed and the other is not."""
        return self.find([Goal(self.side, True, 0, 0), Goal(self.side, False, 1, 0)])

    def find(self, goals: Sequence[Goal]) -> Requests | None:
        return Search(goals, self.place, self.builder, NODES).run()

    def examples(self, found: Requests) -> tuple[Example, Example]:
        """The requests of a pair; the same one twice where there is a single one."""
        spellings = dict(self.spellings())
        contexts = [
            {spellings.get(key, key): values for key, values in context.items() if values} for context in found.contexts
        ]
        return Example(found.resources[0], contexts[0]), Example(found.resources[-1], contexts[-1])

    def spellings(self) -> Iterator[tuple[str, str]]:
        """Keys in lower case, and as the statements write them."""
        for _, statement, _ in self.sampler.statements:
            texts = [text for condition in statement.conditions for text in condition.values]
            for text in (*texts, *statement.resources, *statement.not_resources):
                yield from ((name.lower(), name) for name in variables.written_names(text))
            yield from ((condition.key.lower(), condition.key) for condition in statement.conditions)


def verdict_of(side: Side, place: Place, builder: TermBuilder) -> tuple[CellVerdict | None, list[Requests]]:
    """The verdict of a side over a place by search alone, with the requests that show it; None where that is too hard.

    Requests without any Deny show that a Deny stands in the way.
    """

    def find(*goals: Goal) -> Requests | None:
        return Search(goals, place, builder, NODES).run()

    try:
        allowed = find(Goal(side, True))
        if allowed is None:
            would = find(Goal(Side((), side.groups, side.ways), True))
            return (CellVerdict.IMPLICIT_DENY, []) if would is None else (CellVerdict.EXPLICIT_DENY, [would])
        denied = find(Goal(side, False))
        if denied is None:
            return CellVerdict.ALLOWED, [allowed]
        pair = find(Goal(side, True, 0, 0), Goal(side, False, 0, 1))
    except (Doubt, TooLarge):
        return None, []
    if pair is None:
        return CellVerdict.SOME, [allowed, denied]
    return CellVerdict.CONDITIONAL, [Requests(pair.resources, (context,)) for context in pair.contexts]
