"""Any permission on any resource as a matrix of its own: what the catalogue's grid does not have a column for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policystudio.accounts.models import Account
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.catalog.types import NO_TYPE, Action, ActionResource, Catalog, ResourceType
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space

Values = tuple[str, ...]
#: What a ``*`` in a pattern of ARNs may stand for, as a placeholder of an ARN format.
_ANYTHING = "${AnyWithPath}"
_STARS = re.compile(r"\*+")


@dataclass(frozen=True)
class Permission:
    """An action on the resources that an ARN, a pattern of ARNs or an ARN format (``${Region}``) gives.

    ``arn`` is ``*`` for an action that takes no resource. ``known`` are context keys (in lower case) that every such
    request carries, or, without values, that none has.
    """

    action: str
    resource_type: str = NO_TYPE
    arn: str = "*"
    known: Mapping[str, Values] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The prefix of the service whose action it is."""
        return self.action.partition(":")[0].lower()

    @property
    def template(self) -> str:
        """The ARN as a format: each ``*`` of a pattern stands for one or more characters of any kind."""
        return self.arn if self.arn == "*" else _STARS.sub(_ANYTHING, self.arn)


def permission_matrix(account: Account, permissions: Sequence[Permission], region: str = "") -> Matrix:
    """A matrix with one column for each of the permissions, which must be of one service; see ``column_of``."""
    service = permissions[0].service
    actions: dict[str, list[Permission]] = {}
    for permission in permissions:
        actions.setdefault(permission.action.partition(":")[2].lower(), []).append(permission)
    types = {type_name(index, one): one for index, one in enumerate(permissions) if one.arn != "*"}
    names = {id(one): name for name, one in types.items()}
    catalog = Catalog(
        service,
        tuple(_action(wanted, names) for wanted in actions.values()),
        tuple(ResourceType(name, one.template, _keys_of_type(one)) for name, one in types.items()),
        (),
    )
    return Matrix(Space(catalog, account.partition, account.number, region), load_condition_keys())


def column_of(matrix: Matrix, permissions: Sequence[Permission], index: int) -> int:
    """The column of one of the permissions that ``matrix`` was made of."""
    one = permissions[index]
    return matrix.space.index_of[_column_action(one), type_name(index, one)]


def type_name(index: int, permission: Permission) -> str:
    """What the column calls the resource type: two permissions may be about different resources of one type."""
    return NO_TYPE if permission.arn == "*" else f"{permission.resource_type}#{index}"


def row_for(row: RowInput, known: Mapping[str, Values]) -> RowInput:
    """The row for requests that carry these keys; a key ending in ``/`` closes all tags under it that are not known."""
    closed = tuple(key for key in known if key.endswith("/"))
    plain = {key: values for key, values in known.items() if not key.endswith("/")}
    facts = replace(
        row.facts, known={**row.facts.known, **plain}, closed_prefixes=(*row.facts.closed_prefixes, *closed)
    )
    return replace(row, facts=facts)


def letters_of(account: Account, row: RowInput, permissions: Sequence[Permission], region: str = "") -> str:
    """The verdicts of permissions of one service that carry the same known keys, a letter for each."""
    matrix = permission_matrix(account, permissions, region)
    letters = matrix.letters(matrix.prepare([row_for(row, permissions[0].known)])[0])
    return "".join(letters[column_of(matrix, permissions, index)] for index in range(len(permissions)))


def _column_action(permission: Permission) -> str:
    return f"{permission.service}:{_spelled(permission)}"


def _spelled(permission: Permission) -> str:
    """The action's name; in SageMaker's catalogue its own spelling, else in lower case, so that it is one name."""
    known = load_sagemaker().action(permission.action) if permission.service == "sagemaker" else None
    return known.name if known else permission.action.partition(":")[2]


def _action(wanted: Iterable[Permission], names: Mapping[int, str]) -> Action:
    wanted = list(wanted)
    first = wanted[0]
    known = load_sagemaker().action(first.action) if first.service == "sagemaker" else None
    taken = {} if known is None else {item.name: item for item in known.resource_types or ()}
    resources = tuple(
        ActionResource(names[id(one)], True, taken[one.resource_type].condition_keys, ())
        if one.resource_type in taken
        else ActionResource(names[id(one)], True, (), ())
        for one in wanted
        if one.arn != "*"
    )
    keys = known.condition_keys if known else _keys_of_action(first)
    level = known.access_level if known else "Write"
    return Action(_spelled(first), level, resources, keys, (), ())


def _keys_of_action(permission: Permission) -> tuple[str, ...]:
    """The service's own keys that the action may carry; all of them for an action that is not described."""
    described = load_scenario_facts().actions.get(permission.action.lower())
    if described is not None:
        return described.keys
    return tuple(
        key.name for key in load_condition_keys().keys if key.name.lower().startswith(f"{permission.service}:")
    )


def _keys_of_type(permission: Permission) -> tuple[str, ...]:
    found = load_sagemaker().resource_type(permission.resource_type) if permission.service == "sagemaker" else None
    return found.condition_keys if found else ()
