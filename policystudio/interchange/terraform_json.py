"""Terraform's JSON syntax, read into the same blocks and expressions as its own syntax."""

from collections.abc import Iterator, Mapping

from policystudio.engine.parse import places
from policystudio.engine.source import Path, Span
from policystudio.interchange.hcl import read_expression
from policystudio.interchange.hcl_syntax import Block, Body, Expression, Items, Literal, Pairs
from policystudio.interchange.hcl_template import template
from policystudio.interchange.values import Place, ReadError
from policystudio.lib.strict_json import JsonValue, kind_of

#: How many labels the blocks have that are looked at.
_LABELS = {"resource": 2, "data": 2, "variable": 1, "module": 1, "locals": 0}
_COMMENT = "//"


def is_terraform(value: JsonValue) -> bool:
    """Whether a JSON value is a file of Terraform's."""
    return isinstance(value, dict) and bool(set(value) & {*_LABELS, "terraform", "provider", "output", "import"})


def read_terraform_json(text: str, value: JsonValue) -> Body:
    """The blocks of a file whose JSON value is ``value``; raises ``ReadError`` with the place."""
    return _Reader(places(text)).root(value)


class _Reader:
    def __init__(self, spans: Mapping[Path, Span]) -> None:
        self._spans = spans

    def root(self, value: JsonValue) -> Body:
        """The blocks of the whole file."""
        body = Body(Place(1, 1), is_json=True)
        for kind, inside in value.items() if isinstance(value, dict) else ():
            if kind in _LABELS:
                for labels, path, given in self._labelled((), (kind,), inside, _LABELS[kind]):
                    if not isinstance(given, dict):
                        raise ReadError(f"write an object, not {kind_of(given)}", self._place(path))
                    body.blocks.append(Block(kind, labels, self._body(path, given), self._place(path)))
        return body

    def _labelled(
        self, labels: tuple[str, ...], path: Path, value: JsonValue, count: int
    ) -> Iterator[tuple[tuple[str, ...], Path, JsonValue]]:
        """The bodies below a type of block with their labels; lists may stand at any level."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._labelled(labels, (*path, index), item, count)
        elif count == 0:
            yield labels, path, value
        elif isinstance(value, dict):
            for key, item in value.items():
                if key != _COMMENT:
                    yield from self._labelled((*labels, key), (*path, key), item, count - 1)
        else:
            raise ReadError(f"write an object, not {kind_of(value)}", self._place(path))

    def _body(self, path: Path, value: dict[str, JsonValue]) -> Body:
        body = Body(self._place(path), is_json=True)
        for key, item in value.items():
            if key != _COMMENT:
                body.attributes[key] = self._expression((*path, key), item)
        return body

    def _expression(self, path: Path, value: JsonValue) -> Expression:
        place = self._place(path)
        if isinstance(value, str):
            return template(value, place, read_expression)
        if isinstance(value, list):
            items = enumerate(value)
            return Items(tuple(self._expression((*path, index), item) for index, item in items), place)
        if isinstance(value, dict):
            pairs = value.items()
            return Pairs(
                tuple((self._key(key, place), self._expression((*path, key), item)) for key, item in pairs), place
            )
        return Literal(value, place)

    def _key(self, key: str, place: Place) -> Expression:
        return template(key, place, read_expression)

    def _place(self, path: Path) -> Place:
        span = self._spans.get(path)
        return Place(span.start.line, span.start.column) if span is not None else Place()
