"""The catalogue as frozen data: services, their actions, resource types and condition keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

#: The resource types that SageMaker's developer guide names, in its order; views list them first.
GUIDE_TYPES = (
    "notebook-instance",
    "notebook-instance-lifecycle-config",
    "training-job",
    "transform-job",
    "hyper-parameter-tuning-job",
    "model",
    "endpoint-config",
    "endpoint",
)

#: The access levels of the service authorization reference, in the order in which views show them.
ACCESS_LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")

#: The pseudo-type of an action that takes no resource.
NO_TYPE = "*"


class KeyType(StrEnum):
    """The type of a condition key's values, in the words of the service authorization reference."""

    STRING = "String"
    BOOL = "Bool"
    NUMERIC = "Numeric"
    DATE = "Date"
    ARN = "ARN"
    IP_ADDRESS = "IPAddress"
    BINARY = "Binary"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key. A part that varies stands as a variable: ``aws:PrincipalTag/${TagKey}``.

    ``present_when`` says for a global key when a request carries it; empty where AWS does not say.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """

    name: str
    type: KeyType
    multi_valued: bool
    present_when: str = ""

    @property
    def prefix(self) -> str:
        """The name up to its variable part, in lower case: ``aws:principaltag/``; the whole name without one."""
        return self.name.partition("${")[0].lower()

    @property
    def is_template(self) -> bool:
        """Whether a part of the name varies."""
        return "${" in self.name


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type. ``arn`` is its template: ``arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}``.

    ``condition_keys`` are the names (as in ``ConditionKey.name``) that requests on such a resource may carry.
    """

    name: str
    arn: str
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action takes; ``required`` where the reference stars it."""

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a service.

    ``resource_types`` is empty for an action that takes no resource, and None where AWS has not published its types
    yet. ``passes_role_to`` are the service principals to which the call may hand a role (``iam:PassedToService``).
    """

    name: str
    access_level: str
    resource_types: tuple[ActionResource, ...] | None
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]
    passes_role_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One action on one resource type: a column of the simulator. ``resource_type`` is ``*`` where there is none.

    ``types_known`` is False for an action whose resource types AWS has not published: its column stands for all.
    """

    action: str
    resource_type: str
    access_level: str
    required: bool
    types_known: bool = True


@dataclass(frozen=True)
class Catalog:
    """One service. Names of actions are looked up in any letter case, as IAM reads them."""

    service: str
    actions: tuple[Action, ...]
    resource_types: tuple[ResourceType, ...]
    condition_keys: tuple[ConditionKey, ...]

    def action(self, name: str) -> Action | None:
        """The action ``name``, with or without the service's prefix, in any letter case; None where there is none."""
        prefix, colon, bare = name.rpartition(":")
        if colon and prefix.lower() != self.service:
            return None
        return self._actions.get(bare.lower())

    def resource_type(self, name: str) -> ResourceType | None:
        """The resource type ``name``; None where there is none."""
        return self._types.get(name)

    def columns(self) -> tuple[Column, ...]:
        """Every action on each of its resource types, in the order in which views show them.

        The types of the developer guide come first, then the others by name, then ``*``; within a type the actions go
        by access level and name.
        """
        return self._columns

    def keys_for(self, action_name: str, resource_type_name: str) -> frozenset[str]:
        """The service's own condition keys that a request for the action on the type may carry, in lower case.

        A key with a variable part stands as its prefix, which ends with ``/``: ``sagemaker:resourcetag/``. Where the
        catalogue lists one spelling of a KMS key (``...KmsKey``, ``...KmsKeyArn``), both are here (evaluation.md 6).
        Empty for an unknown action.
        """
        return self._keys_for.get((action_name.rpartition(":")[2].lower(), resource_type_name)) or self._find_keys(
            action_name, resource_type_name
        )

    @cached_property
    def _actions(self) -> Mapping[str, Action]:
        return {action.name.lower(): action for action in self.actions}

    @cached_property
    def _types(self) -> Mapping[str, ResourceType]:
        return {resource_type.name: resource_type for resource_type in self.resource_types}

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        ranks = {name: rank for rank, name in enumerate(GUIDE_TYPES)}

        def order(column: Column) -> tuple[bool, int, str, int, str]:
            name = column.resource_type
            level = ACCESS_LEVELS.index(column.access_level)
            return name == NO_TYPE, ranks.get(name, len(ranks)), name, level, column.action

        return tuple(sorted((column for action in self.actions for column in self._columns_of(action)), key=order))

    def _columns_of(self, action: Action) -> Iterable[Column]:
        name = f"{self.service}:{action.name}"
        if not action.resource_types:
            known = action.resource_types is not None
            return [Column(name, NO_TYPE, action.access_level, required=False, types_known=known)]
        return [Column(name, taken.name, action.access_level, taken.required) for taken in action.resource_types]

    @cached_property
    def _keys_for(self) -> Mapping[tuple[str, str], frozenset[str]]:
        return {
            (column.action.rpartition(":")[2].lower(), column.resource_type): self._find_keys(
                column.action, column.resource_type
            )
            for column in self.columns()
        }

    def _find_keys(self, action_name: str, resource_type_name: str) -> frozenset[str]:
        action = self.action(action_name)
        if action is None:
            return frozenset()
        names = set(action.condition_keys)
        for taken in action.resource_types or ():
            if taken.name == resource_type_name:
                names.update(taken.condition_keys)
        resource_type = self.resource_type(resource_type_name)
        if resource_type is not None:
            names.update(resource_type.condition_keys)
        keys = {name.partition("${")[0].lower() for name in names if name.startswith(f"{self.service}:")}
        return frozenset(keys | {_other_kms_spelling(key) for key in keys})


def _other_kms_spelling(key: str) -> str:
    """AWS renamed ``...KmsKey`` to ``...KmsKeyArn`` in 2026 and documents both; other keys stand for themselves."""
    if key.endswith("kmskeyarn"):
        return key.removesuffix("arn")
    return f"{key}arn" if key.endswith("kmskey") else key


@dataclass(frozen=True)
class ConditionKeys:
    """The condition keys of all services and the global ones."""

    keys: tuple[ConditionKey, ...]
    _exact: dict[str, ConditionKey] = field(init=False, repr=False, compare=False)
    _templates: dict[str, list[tuple[str, str, ConditionKey]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_exact", {key.name.lower(): key for key in self.keys})
        templates: dict[str, list[tuple[str, str, ConditionKey]]] = {}
        for key in self.keys:
            if key.is_template:
                head, _, rest = key.name.lower().partition("${")
                tail = rest.partition("}")[2]
                templates.setdefault(head.partition(":")[0], []).append((head, tail, key))
        for found in templates.values():
            found.sort(key=lambda template: -len(template[0]) - len(template[1]))
        object.__setattr__(self, "_templates", templates)

    def get(self, key: str) -> ConditionKey | None:
        """The key named ``key`` in any letter case; ``aws:PrincipalTag/team`` finds ``aws:PrincipalTag/${TagKey}``."""
        lowered = key.lower()
        exact = self._exact.get(lowered)
        if exact is not None:
            return exact
        for head, tail, template in self._templates.get(lowered.partition(":")[0], ()):
            has_middle = len(lowered) > len(head) + len(tail)
            if has_middle and lowered.startswith(head) and lowered.endswith(tail):
                return template
        return None


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that an API operation needs; ``when`` is the condition under which it does, empty for always."""

    action: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An API operation of SageMaker with every permission that it needs and the ARNs on which it needs them.

    The ARNs hold AWS's placeholders: ``arn:aws:sagemaker:region:account-id:model/modelName``.
    https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    """

    name: str
    permissions: tuple[Permission, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of every AWS service: its actions by access level, the ARN templates of its resource types."""

    prefix: str
    name: str
    actions: Mapping[str, tuple[str, ...]]
    resource_types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is known of the requests of an AWS service; names of condition keys as in ``ConditionKey.name``.

    ``actions`` gives for each the resource types that it takes and the keys that it has by itself or on one of them,
    ``resource_types`` for each the ARN template and the keys of all requests on it, ``condition_keys`` the type of the
    service's own keys and whether they hold several values.
    """

    prefix: str
    actions: Mapping[str, tuple[tuple[str, ...], frozenset[str]]]
    resource_types: Mapping[str, tuple[str, frozenset[str]]]
    condition_keys: Mapping[str, tuple[KeyType, bool]]
