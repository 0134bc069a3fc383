"""One column for many stacks: the exact cell of one action on one type, or on one resource."""

from collections.abc import Callable
from dataclasses import replace

from policystudio.engine.catalog.types import (
    NO_TYPE,
    Action,
    ActionResource,
    Catalog,
    ConditionKeys,
    ResourceType,
)
from policystudio.engine.exact.cell import Cell
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import PolicyStack

#: Gives the cell of a stack; the second argument tells that the identity layer allows by itself (the root user's).
CellOf = Callable[[PolicyStack, bool], Cell]


def column_catalog(catalog: Catalog, action: str, resource_type: str) -> Catalog:
    """The part of a catalogue that one column is about. Raises ``KeyError`` where there is no such column."""
    known = catalog.action(action)
    taken = [item for item in (known.resource_types if known else None) or () if item.name == resource_type]
    if known is None or not (taken or (resource_type == NO_TYPE and not known.resource_types)):
        raise KeyError(f"{action} on {resource_type}")
    types = tuple(item for item in catalog.resource_types if item.name == resource_type)
    alone = replace(known, resource_types=None if known.resource_types is None else tuple(taken))
    return Catalog(catalog.service, (alone,), types, catalog.condition_keys)


def resource_catalog(
    catalog: Catalog, action: str, resource: str, types: frozenset[str], keys: ConditionKeys
) -> Catalog:
    """A catalogue of one action on one resource, whose ARN is of these types.

    The keys are those that requests for the action may carry: as the catalogue lists them for its own service, of any
    other service all.
    """
    service, _, name = action.partition(":")
    known = catalog.action(action) if service.lower() == catalog.service else None
    names: list[str] = []
    if known is None:
        names = [key.name for key in keys.keys if key.name.lower().startswith(f"{service.lower()}:")]
    else:
        names += known.condition_keys
        for taken in known.resource_types or ():
            names += taken.condition_keys if taken.name in types else ()
        for item in catalog.resource_types:
            names += item.condition_keys if item.name in types else ()
    listed = tuple(dict.fromkeys(names))
    takes = () if resource == NO_TYPE else (ActionResource("resource", True, (), ()),)
    alone = Action(known.name if known else name, "Write", takes, listed, (), ())
    kinds = () if resource == NO_TYPE else (ResourceType("resource", resource, ()),)
    return Catalog(service.lower(), (alone,), kinds, ())


def single_cell(
    catalog: Catalog, partition: str, account: str, region: str, facts: Facts, keys: ConditionKeys
) -> CellOf:
    """The cell of the only column that a catalogue has, for any stack of one identity."""
    matrix = Matrix(Space(catalog, partition, account, region), keys)

    def cell_of(stack: PolicyStack, unrestricted: bool) -> Cell:
        return matrix.cell(matrix.prepare([RowInput(stack, facts, unrestricted)])[0], 0)

    return cell_of
