"""What policies say about every column, as lanes of bits that combine by AND and OR."""

from collections.abc import Iterable
from dataclasses import dataclass

from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.quiet import Quiet
from policystudio.engine.matrix.records import Record

#: Hexadecimal digit of a lane -> letter of the cell; ``?`` is a cell for the exact path.
_DIGITS = "012345"
EXACT = "?"
_LETTERS = str.maketrans(
    _DIGITS,
    CellVerdict.IMPLICIT_DENY
    + CellVerdict.ALLOWED
    + CellVerdict.SOME
    + CellVerdict.CONDITIONAL
    + CellVerdict.EXPLICIT_DENY
    + EXACT,
)


@dataclass(frozen=True, slots=True)
class Lanes:
    """A set of policies as three integers of four-bit lanes.

    Lowest bit first, ``allow`` and ``deny`` hold: all resources surely, some resources surely, all resources under
    conditions, some resources under conditions. ``loud``: lanes are not enough here.
    """

    allow: int = 0
    deny: int = 0
    loud: int = 0

    def __or__(self, other: "Lanes") -> "Lanes":
        return Lanes(self.allow | other.allow, self.deny | other.deny, self.loud | other.loud)


#: Policies that say nothing.
NO_LANES = Lanes()


def lanes_of(records: Iterable[Record], quiet: Quiet) -> Lanes:
    """The lanes of records that stand side by side in one layer."""
    allow = deny = loud = 0
    for record in records:
        bits = (
            record.full & record.certain
            | (record.some & record.certain) << 1
            | (record.full & record.free) << 2
            | (record.some & record.free) << 3
        )
        if record.is_allow:
            allow |= bits
        else:
            deny |= bits
        loud |= quiet.loud(record)
    return Lanes(allow, deny, loud)


@dataclass(frozen=True, slots=True)
class Around:
    """The layers around the identity's own policies (boundary, organization), reduced to masks.

    ``full``: every such layer surely allows everything. ``possible``: none of them rules the column out. ``deny`` and
    ``loud`` as in ``Lanes``.
    """

    full: int
    possible: int
    deny: int
    loud: int


def around(layers: Iterable[Lanes], everything: int) -> Around:
    """Reduce the layers that must each allow as well."""
    full = possible = everything
    deny = loud = 0
    for lanes in layers:
        allow = lanes.allow
        full &= allow
        possible &= allow | allow >> 1 | allow >> 2 | allow >> 3
        deny |= lanes.deny
        loud |= lanes.loud
    return Around(full & everything, possible & everything, deny, loud)


def digits(allow: int, deny: int, loud: int, outer: Around) -> int:
    """The verdict of every column as a hexadecimal digit of ``_LETTERS``.

    Each line is an argument with the quiet resource and the quiet context (see quiet.py), where no partial and no
    conditional statement matches; in a comment "r" is a resource of the part in question. Masks that come from
    ``outer`` have only the lowest bit of each lane, so ANDing with them picks one kind out of ``allow`` and ``deny``.
    """
    some, free, some_free = allow >> 1, allow >> 2, allow >> 3
    possible = (allow | some | free | some_free) & outer.possible
    if not possible:
        return 0
    deny |= outer.deny
    known = possible & outer.full & ~(loud | outer.loud)
    if deny:
        return _with_denies(allow, deny, known, possible)
    allowed = known & allow
    rest = known ^ allowed
    conditional = rest & (free | some_free & ~some)
    part = rest & some & ~(free | some_free)
    exact = possible ^ (allowed | conditional | part)
    return allowed | part << 1 | conditional * 3 | exact * 5


def _with_denies(allow: int, deny: int, known: int, possible: int) -> int:
    some, free, some_free = allow >> 1, allow >> 2, allow >> 3
    deny_some, deny_free, deny_some_free = deny >> 1, deny >> 2, deny >> 3
    explicit = known & deny
    rest = known ^ explicit
    full = rest & allow
    part = rest ^ full
    conditional_deny = deny_free | deny_some_free
    # No condition takes part. Allowed on the quiet resource; denied on r, where there is a Deny.
    certain = full & ~conditional_deny
    in_part = certain & deny_some
    allowed = certain ^ in_part
    # On the quiet resource (or on r, where no sure Deny is): allowed in the quiet context, denied where it holds.
    conditional = full & (deny_free | deny_some_free & ~deny_some)
    # On the quiet resource: denied in the quiet context, allowed where the Allow's conditions hold.
    by_allow = part & free
    conditional |= by_allow
    part = (part ^ by_allow) & ~deny_some
    # On r: denied in the quiet context, allowed where the Allow's conditions hold.
    conditional |= part & some_free & ~some
    # On r: allowed in the quiet context, denied where the Deny's conditions hold, if there is one.
    only_some = part & some & ~some_free
    conditional |= only_some & deny_free
    in_part |= only_some & ~conditional_deny
    exact = possible ^ (explicit | allowed | in_part | conditional)
    return allowed | in_part << 1 | conditional * 3 | explicit << 2 | exact * 5


def letters(value: int, columns: int) -> str:
    """One letter a column from the digits of ``digits``; ``?`` where the exact path must be taken."""
    return f"{value:0{columns}x}".translate(_LETTERS)
