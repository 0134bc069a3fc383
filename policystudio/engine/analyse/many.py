"""One change of policies, compared for many principals: what is the same for several of them is worked out once.

What is known of each principal is written into the statements that apply to it (``written``), its name as a stand-in
where it can be told from every other text (``names``). The actions that the change touches fall into classes that all
statements treat alike; for each class the statements that name it, before and after, are all that decides. Those who
hold these statements are bits of a number (``crowd``), so that one request is decided for all of them (``spots``).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from policystudio.engine.analyse.compare import spellings
from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Witness
from policystudio.engine.analyse.crowd import Crowd, Signature, Unit, signature_of
from policystudio.engine.analyse.scope import columns_by_action, needs_resource_policy, never_sent
from policystudio.engine.analyse.settled import compare_known
from policystudio.engine.analyse.spots import LOST, NEW, Spot
from policystudio.engine.analyse.stand_ins import StandIns
from policystudio.engine.analyse.told import (
    Outcome,
    Part,
    Row,
    Table,
    Told,
    claims_of,
    elsewhere,
    outcomes,
    part_of,
    rows_of,
)
from policystudio.engine.analyse.written import STAND_IN, Pair, Pool, bits, union
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import Column, ConditionKeys
from policystudio.engine.exact.facts import is_service_key
from policystudio.engine.exact.linked import Requests

#: By service, type, the keys that are never sent, and what else tells them apart: actions with their cells.
_Cut = dict[tuple[str, str, frozenset[str], str], tuple[int, list[Column]]]


class Many:
    """Compares pairs of what applies before and after. All pairs are asked about at once."""

    def __init__(self, pairs: Sequence[tuple[Effective, Effective]], keys: ConditionKeys) -> None:
        self.keys = keys
        self.pool = Pool(keys)
        self.pairs = [Pair(self.pool, before, after) for before, after in pairs]
        plain = [number for number, pair in enumerate(self.pairs) if pair.is_plain]
        self.pool.touch([self.pairs[number] for number in plain])
        StandIns(self.pool).give([self.pairs[number] for number in plain])
        self.pool.write([self.pairs[number] for number in plain])
        self.spellings = spellings(one.statement for one in self.pool.items)
        self.units = list(self._units())
        self._places: dict[int, tuple[Crowd, int]] = {}
        self._gather(plain)
        self._parts: dict[Hashable, Part] = {}
        self._tables: dict[int, Table] = {}
        self._alone: dict[int, Comparison] = {}

    def _gather(self, numbers: Iterable[int]) -> None:
        """Put the pairs into crowds. A pair that is in none is compared alone."""
        crowds: dict[Signature, list[int]] = {}
        for number in numbers:
            signature = signature_of(self.pool, self.pairs[number])
            if signature is not None:
                crowds.setdefault(signature, []).append(number)
        for signature, chosen in crowds.items():
            crowd = Crowd(self.pool, [self.pairs[number] for number in chosen], signature, self.units)
            self._places.update((number, (crowd, place)) for place, number in enumerate(chosen))

    def _units(self) -> Iterator[Unit]:
        """The classes, cut up by type and by the keys that requests carry."""
        number = 0
        of_services = [frozenset(filter(is_service_key, one.reads)) for one in self.pool.items]
        for mask, sources in self.pool.classes():
            read = frozenset[str]().union(*(of_services[source] for source in sources))
            for (service, kind, absent, _), (actions, columns) in self._cut(mask, read).items():
                naming = self.pool.strange.get(actions)
                strange = None if naming is None else frozenset(naming)
                yield Unit(number, actions, sources, absent, tuple(columns), "" if kind else service, strange)
                number += 1

    def _cut(self, mask: int, read: frozenset[str]) -> _Cut:
        actions = self.pool.actions
        own, trust = (actions.mask(f"{service}:*") & mask for service in (load_sagemaker().service, "sts"))
        found: _Cut = {}
        for name in actions.listed(own | trust):
            bit, service = actions.mask(name), name.partition(":")[0]
            columns: Sequence[Column | None] = columns_by_action().get(name) or (None,)
            for column in columns:
                kind = column.resource_type if column else ""
                absent = never_sent(name, kind or None, read)
                key = service, kind, absent, name if bit in self.pool.strange else str(needs_resource_policy(name))
                known = found.setdefault(key, (0, []))
                found[key] = known[0] | bit, [*known[1], column] if column else []
        rest = mask & ~own & ~trust
        strange = [bit for bit in self.pool.strange if bit & rest]
        for part in (rest & ~union(strange), *strange):
            if part:
                name = next(actions.listed(part))
                found[name.partition(":")[0], "", frozenset(), name] = part, []
        return found

    # What is told.

    def settle(self, number: int) -> None:
        """Compare one of the pairs, as far as that is not done yet."""
        if number in self._places:
            crowd, place = self._places[number]
            crowd.settle(place)
        else:
            self.alone(number)

    def alike(self, number: int) -> Hashable:
        """Equal for pairs of which the same actions and types change, in the same directions."""
        return self.parts(number)

    def parts(self, number: int) -> tuple[Part, ...]:
        """What changes for one of the pairs, without requests."""
        if number not in self._places:
            part = self._part_alone(number)
            return (part,) if part.rows or part.undecided else ()
        return tuple([told.part for told in self._told(number)])

    def _part_alone(self, number: int) -> Part:
        found = self.alone(number)
        rows, claims = rows_of(found.changes), (found.no_new_access, found.no_lost_access)
        part = self._parts.get((rows, claims, found.undecided))
        if part is None:
            made = part_of(rows, "", of_cells=False)
            part = replace(made, no_new_access=claims[0], no_lost_access=claims[1], undecided=found.undecided)
            self._parts[rows, claims, found.undecided] = part
        return part

    def _told(self, number: int) -> list[Told]:
        crowd, place = self._places[number]
        self.settle(number)
        return [told for rows in self.table(crowd).rows for told in rows if told.whose >> place & 1]

    def table(self, crowd: Crowd) -> Table:
        """What is told of those of a crowd who have been compared."""
        known = self._tables.get(id(crowd))
        if known is None or known.settled != crowd.settled:
            rows = [list(self._tell(crowd, unit, spots)) for unit, spots in crowd.asked]
            known = self._tables[id(crowd)] = Table(crowd, crowd.settled, rows)
        return known

    def _tell(self, crowd: Crowd, unit: Unit, spots: Sequence[Spot]) -> Iterator[Told]:
        """What is told about a unit, each time with those for whom it is the same."""
        among = crowd.settled & crowd.asking(unit)
        of_cells = bool(unit.columns)
        for place in bits(among & crowd.differing_pairs):
            doubt = crowd.doubted(unit, place)
            if doubt:
                part = self._interned(unit, (doubt,), partial(part_of, (), doubt, of_cells=of_cells))
                yield Told(unit, part, 1 << place, spots)
                among &= ~(1 << place)
        losing = list(outcomes(spots, LOST, among, of_cells))
        for new in outcomes(spots, NEW, among, of_cells):
            for lost in losing:
                whose = new.whose & lost.whose
                if whose and (new.tells or lost.tells):
                    yield Told(unit, self._part(unit, new, lost), whose, spots)

    def _part(self, unit: Unit, new: Outcome, lost: Outcome) -> Part:
        reason = new.doubt or lost.doubt
        if unit.columns:
            asked: Hashable = new.request is not None, lost.request is not None, reason
        else:
            asked = new.request and new.request.resources[0], lost.request and lost.request.resources[0], reason

        def make() -> Part:
            rows = tuple(self._rows(unit, new.request, lost.request, reason))
            return part_of(rows, "", of_cells=bool(unit.columns))

        return self._interned(unit, asked, make)

    def _interned(self, unit: Unit, asked: Hashable, make: Callable[[], Part]) -> Part:
        found = self._parts.get((unit.number, asked))
        if found is None:
            made = make()
            content = unit.number, made.rows, made.no_new_access, made.no_lost_access, made.undecided
            found = self._parts[unit.number, asked] = self._parts.setdefault(content, made)
        return found

    def _rows(self, unit: Unit, new: Requests | None, lost: Requests | None, reason: str) -> Iterator[Row]:
        """What is told of each action of a unit; of other services with the types of the requests' resources."""
        if new is None and lost is None and not reason:
            return
        for column in unit.columns:
            yield column.action, column.resource_type, new is not None, lost is not None, reason
        for action in self.pool.actions.listed(unit.actions) if not unit.columns else ():
            yield from elsewhere(action, new, lost, reason)

    def letters(self, number: int) -> tuple[str, ...]:
        """For each part the letters of its cells before and after; empty where that is too hard, or there are none."""
        if number not in self._places:
            return ("",) * len(self.parts(number))
        crowd, place = self._places[number]
        self.settle(number)
        rows = self.table(crowd).lettered
        return tuple([told.letters for found in rows for told in found if told.whose >> place & 1])

    def groups(self) -> Iterator[tuple[list[int], tuple[Part, ...], tuple[str, ...]]]:
        """Those who were compared, by what is told of them and of the letters of their cells."""
        numbers: dict[int, list[int]] = {}
        crowds: dict[int, Crowd] = {}
        for number, (crowd, _) in self._places.items():
            crowds[id(crowd)] = crowd
            numbers.setdefault(id(crowd), []).append(number)
        found: dict[tuple[tuple[Part, ...], tuple[str, ...]], list[int]] = {}
        for crowd in crowds.values():
            for same, told in self.table(crowd).groups():
                key = tuple([one.part for one in told]), tuple([one.letters for one in told])
                found.setdefault(key, []).extend([numbers[id(crowd)][place] for place in same])
        for number in self._alone:
            found.setdefault((self.parts(number), self.letters(number)), []).append(number)
        for (parts, letters), same in sorted(found.items(), key=lambda item: min(item[1])):
            yield sorted(same), parts, letters

    # With requests.

    def alone(self, number: int) -> Comparison:
        """What changes for a pair that is in no crowd."""
        found = self._alone.get(number)
        if found is None:
            before, after = self.pairs[number].effective
            found = self._alone[number] = compare_known(before, after, self.keys, cells=True)
        return found

    def comparison(self, number: int) -> Comparison:
        """What changes for one of the pairs, with requests of its principal."""
        if number not in self._places:
            return self.alone(number)
        changes = [change for told in self._told(number) for change in self._changes(number, told)]
        changes.sort(key=lambda one: (not one.action.startswith("sagemaker:"), one.action, one.resource_type))
        parts = self.parts(number)
        no_new, no_lost = claims_of(parts)
        doubt = next((one.undecided for one in parts if one.undecided), "") if None in (no_new, no_lost) else ""
        allowed = next((one.newly_allowed for one in changes if one.newly_allowed), None)
        denied = next((one.newly_denied for one in changes if one.newly_denied), None)
        return Comparison(no_new, no_lost, allowed, denied, tuple(changes), doubt)

    def _changes(self, number: int, told: Told) -> Iterator[Change]:
        bit = 1 << self._places[number][1]
        requests = [next(filter(None, (spot.request(bit, way) for spot in told.spots)), None) for way in (NEW, LOST)]
        witnesses = [self._witness(number, request) for request in requests]
        for action, kind, is_new, is_lost, reason in told.part.rows:
            allowed, denied = (
                Witness(action, one.resource, one.context) if shown and one is not None else None
                for shown, one in zip((is_new, is_lost), witnesses, strict=True)
            )
            yield Change(action, kind, allowed, denied, reason)

    def _witness(self, number: int, found: Requests | None) -> Witness | None:
        """A request with the principal's own name, and the keys as statements write them."""
        if found is None:
            return None
        resource, context = found.resources[0], found.contexts[0]
        pair = self.pairs[number]
        if pair.holes is not None:
            resource = pair.holes.exchanged_in(resource, pair.name, STAND_IN)
            context = {
                key: tuple(pair.holes.exchanged(key, value, pair.name, STAND_IN) for value in values)
                for key, values in context.items()
            }
        return Witness(
            "", resource, {self.spellings.get(key, key): values for key, values in context.items() if values}
        )

    def deciding(self, number: int) -> Hashable:
        """Equal for pairs about whom the same statements decide, once what is known is written in."""
        pair = self.pairs[number]
        found = self._places.get(number)
        return (id(found[0]), pair.layers, pair.written) if found else number
