"""The letters of the cells that change, before and after: as a comparison of many tells them, or else the matrix."""

from collections.abc import Iterator, Sequence

from policystudio.accounts.models import Account
from policystudio.engine.analyse.comparison import Change
from policystudio.engine.analyse.many import Many
from policystudio.engine.analyse.told import Part
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.simulator.selectors import catalog
from policystudio.simulator.what_if import CellChange

_Rows = tuple[RowInput, RowInput]
_Place = tuple[str, str]


class CellLetters:
    """The letters of those who are compared, by their numbers."""

    def __init__(self, many: Many, account: Account) -> None:
        self.many = many
        self.space = Space(catalog(), account.partition, account.number, "")
        self.matrix = Matrix(self.space, load_condition_keys())
        self._inside: dict[Part, tuple[_Place, ...]] = {}
        self._hard: dict[int, dict[_Place, tuple[str, str]]] = {}

    def hard(
        self, number: int, rows: _Rows, parts: Sequence[Part], letters: Sequence[str]
    ) -> dict[_Place, tuple[str, str]]:
        """The letters of cells that the comparison does not tell."""
        if all(letters):
            return {}
        found = self._hard.get(number)
        if found is None:
            told = zip(parts, letters, strict=True)
            places = [place for part, both in told if not both for place in self.inside(part)]
            found = self._hard[number] = dict(self.by_matrix(rows, places)) if places else {}
        return found

    def inside(self, part: Part) -> tuple[_Place, ...]:
        """What a part tells of that is a cell."""
        found = self._inside.get(part)
        if found is None:
            places = ((action, kind) for action, kind, *_ in part.rows)
            found = self._inside[part] = tuple(place for place in places if place in self.space.index_of)
        return found

    def by_matrix(self, rows: _Rows, places: Sequence[_Place]) -> Iterator[tuple[_Place, tuple[str, str]]]:
        """The letters of some cells, from the policies themselves."""
        only = frozenset(self.space.index_of[place] for place in places)
        before, after = (self.matrix.letters(row, only=only) for row in self.matrix.prepare(rows))
        for place in places:
            index = self.space.index_of[place]
            yield place, (before[index], after[index])

    def sorted_out(
        self, number: int, rows: _Rows, changes: Sequence[Change]
    ) -> tuple[tuple[CellChange, ...], tuple[Change, ...]]:
        """The changes that are about cells, with their letters and in the order of the columns; and the others."""
        parts, letters = self.many.parts(number), self.many.letters(number)
        told = dict(self.hard(number, rows, parts, letters))
        for part, both in zip(parts, letters, strict=True):
            if both:
                told |= dict.fromkeys(self.inside(part), (both[0], both[1]))
        places = {(one.action, one.resource_type): one for one in changes}
        inside = sorted((place for place in places if place in told), key=self.space.index_of.__getitem__)
        cells = tuple(CellChange(places[place], *told[place]) for place in inside)
        return cells, tuple(one for place, one in places.items() if place not in told)
