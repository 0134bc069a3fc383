"""A Terraform file as blocks, attributes and expressions, whichever of its two syntaxes it is written in."""

from dataclasses import dataclass, field

from policystudio.interchange.values import Place
from policystudio.lib.strict_json import Number


@dataclass(frozen=True, slots=True)
class Literal:
    """A text without templates, a number, `true`, `false` or `null`."""

    value: str | Number | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Pieces:
    """A template: text and expressions one behind the other."""

    parts: tuple["str | Expression", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Expression", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object."""

    pairs: tuple[tuple["Expression", "Expression"], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple["Expression", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """`var.x`, `aws_iam_role.a.name`, `local.list[0]`: names, and the indexes in brackets."""

    steps: tuple["str | Expression", ...]
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Other:
    """An expression that is not worked out: conditions, loops, arithmetic."""

    source: str
    place: Place


Expression = Literal | Pieces | Items | Pairs | Call | Reference | Other


@dataclass(slots=True)
class Body:
    """What stands between braces. JSON does not tell nested blocks from attributes; ``is_json`` says so."""

    place: Place
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)
    is_json: bool = False

    def nested(self, kind: str) -> list["Body"]:
        """The nested blocks of a kind."""
        found = [block.body for block in self.blocks if block.kind == kind]
        value = self.attributes.get(kind) if self.is_json else None
        items = value.items if isinstance(value, Items) else (value,)
        return found + [_body_of(item) for item in items if isinstance(item, Pairs)]


@dataclass(frozen=True, slots=True)
class Block:
    """`resource "aws_iam_role" "trainer" { … }`."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    place: Place


def _body_of(pairs: Pairs) -> Body:
    body = Body(pairs.place, is_json=True)
    for key, value in pairs.pairs:
        if isinstance(key, Literal):
            body.attributes[str(key.value)] = value
    return body
