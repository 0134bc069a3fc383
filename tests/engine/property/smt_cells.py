"""What cvc5 says of a cell's claims; each of its answers is put to `authorize` before it counts."""

from collections import Counter
from collections.abc import Mapping, Sequence

from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import CellVerdict
from tests.engine.property.borders import Values
from tests.engine.property.claims import Claim, without_denies
from tests.engine.property.oracle_smt import Oracle, Place, Term, Unsupported, World


class SmtCell:
    """The formulas of one cell: two resources and two contexts, all of them free."""

    def __init__(self, claim: Claim, count: Counter[str]) -> None:
        self.claim, self.count = claim, count
        space = claim.matrix.space
        if not claim.column.types_known:
            raise Unsupported("resource types that are not published")
        self.oracle = Oracle(
            [claim.stack],
            claim.column.action,
            claim.facts,
            claim.keys,
            claim.borders.is_free,
            unrestricted=claim.prepared.row.unrestricted,
        )
        known = {"Partition": space.partition, "Account": space.account, "Region": space.region}
        found = space.catalog.resource_type(claim.column.resource_type)
        template = found.arn if found is not None else "*"
        self.places = [self.oracle.place(f"r{number}", template, known) for number in range(2)]
        self.worlds = [World(f"c{number}") for number in range(2)]
        self.formulas: dict[tuple[int, int, bool], Term] = {}

    def allowed(self, place: int, world: int, *, with_denies: bool = True) -> Term:
        """The decision about one of the resources in one of the contexts."""
        key = (place, world, with_denies)
        if key not in self.formulas:
            where = self.places[place], self.worlds[world]
            self.formulas[key] = self.oracle.allowed(*where, with_denies=with_denies)
        return self.formulas[key]

    def solve(self, what: str, formulas: Sequence[Term]) -> bool | None:
        """Whether the formulas can hold together, counted."""
        found = self.oracle.solve(*formulas)
        self.count["smt unknown" if found is None else f"smt {what} {found}"] += 1
        return found

    def request(self, place: Place, world: World) -> tuple[str, Mapping[str, Values]]:
        """The request of the last answer."""
        absent = self.claim.borders.absent
        return self.oracle.resource_of(place), {**absent, **self.oracle.context_of(world)}

    def confirm(self, sides: Sequence[tuple[int, int, bool]], what: str, *, with_denies: bool = True) -> None:
        """The last answer belies the cell; decided plainly, so that a mistake of the formula is told apart."""
        requests = [self.request(self.places[place], self.worlds[world]) for place, world, _ in sides]
        stack = self.claim.stack if with_denies else without_denies(self.claim.stack)
        for (_, _, wanted), (resource, context) in zip(sides, requests, strict=True):
            decided = authorize(stack, self.claim.request(resource, context), self.claim.keys).verdict
            if (decided is Verdict.ALLOWED) is not wanted:
                raise self.claim.contradict("cvc5 and `authorize` differ about this request", (resource, context))
        raise self.claim.contradict(f"cvc5: {what}", *requests)

    def never(self, sides: Sequence[tuple[int, int, bool]], what: str, *, with_denies: bool = True) -> None:
        """There must be no request (or pair of requests) like this."""
        formulas = []
        for place, world, wanted in sides:
            allowed = self.allowed(place, world, with_denies=with_denies)
            formulas.append(allowed if wanted else self.oracle.no(allowed))
        if self.solve(what, formulas):
            self.confirm(sides, what, with_denies=with_denies)

    def check(self) -> None:
        """Hold every claim of the cell against the formulas."""
        cell = self.claim.cell
        match cell.verdict:
            case CellVerdict.ALLOWED:
                self.never([(0, 0, False)], "a request is denied")
            case CellVerdict.IMPLICIT_DENY:
                self.never([(0, 0, True)], "a request is allowed", with_denies=False)
            case CellVerdict.EXPLICIT_DENY:
                self.never([(0, 0, True)], "a request is allowed")
            case CellVerdict.SOME:
                self.never([(0, 0, True), (0, 1, False)], "the context matters")
            case CellVerdict.CONDITIONAL:
                self.check_by_resource()
            case CellVerdict.UNDECIDED:
                self.solve("undecided", [self.allowed(0, 0)])

    def check_by_resource(self) -> None:
        """Whether the resource matters beside the context."""
        if not self.claim.cell.by_resource:
            self.never([(0, 0, True), (1, 0, False)], "the resource matters")
            return
        formulas = [self.allowed(0, 0), self.oracle.no(self.allowed(1, 0))]
        if self.solve("by resource", formulas) is False:
            raise self.claim.contradict("cvc5: the resource does not matter")


def check_with_smt(claim: Claim, count: Counter[str]) -> None:
    """Hold a cell against cvc5 as far as it has formulas and time for it."""
    try:
        SmtCell(claim, count).check()
    except Unsupported as reason:
        count[f"unsupported: {reason}"] += 1
