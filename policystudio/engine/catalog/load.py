"""Read the committed catalogue data: on demand, once, never at import."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from policystudio.engine.catalog.types import (
    Action,
    ActionResource,
    Authorization,
    Catalog,
    ConditionKey,
    ConditionKeys,
    KeyType,
    Operation,
    Permission,
    ResourceType,
    Service,
)


@cache
def load_sagemaker() -> Catalog:
    """SageMaker's actions, resource types and condition keys."""
    data = _read("sagemaker.json")
    return Catalog(
        service=data["service"],
        actions=tuple(_action(item) for item in data["actions"]),
        resource_types=tuple(
            ResourceType(item["name"], item["arn"], tuple(item["condition_keys"])) for item in data["resource_types"]
        ),
        condition_keys=tuple(_condition_key(name, kind) for name, kind in data["condition_keys"].items()),
    )


@cache
def load_services() -> Mapping[str, Service]:
    """Every AWS service by its prefix."""
    return {
        prefix: Service(
            prefix,
            item["name"],
            {level: tuple(names) for level, names in item["actions"].items()},
            item["resource_types"],
        )
        for prefix, item in _read("services.json").items()
    }


@cache
def load_service_actions() -> Mapping[str, tuple[str, ...]]:
    """The action names of every AWS service, sorted, by the service's prefix."""
    return {
        prefix: tuple(sorted(name for names in service.actions.values() for name in names))
        for prefix, service in load_services().items()
    }


@cache
def load_authorization(prefix: str) -> Authorization | None:
    """What the requests of an AWS service carry; None for a prefix that is not known. Each is built when asked for."""
    item = _authorizations().get(prefix)
    if item is None:
        return None
    names = item["keys"]
    return Authorization(
        prefix,
        {
            name: (tuple(types), frozenset(names[number] for number in keys))
            for name, (types, keys) in item["actions"].items()
        },
        {name: (arn, frozenset(names[number] for number in keys)) for name, (arn, keys) in item["types"].items()},
        {
            name: (KeyType(kind.removeprefix("ArrayOf")), kind.startswith("ArrayOf"))
            for name, kind in item["key_types"].items()
        },
    )


@cache
def load_service_prefixes() -> frozenset[str]:
    """The prefixes of all AWS services that are known."""
    return frozenset(load_services()) | frozenset(_authorizations())


@cache
def load_arn_templates() -> frozenset[str]:
    """The ARN templates of all resource types of all services."""
    return frozenset(
        arn for service in load_services().values() for arn in service.resource_types.values()
    ) | frozenset(arn for item in _authorizations().values() for arn, _ in item["types"].values())


@cache
def _authorizations() -> Mapping[str, Any]:
    data: Mapping[str, Any] = _read("authorization.json")
    return data


@cache
def load_condition_keys() -> ConditionKeys:
    """The global condition keys and those of all services."""
    data = _read("condition_keys.json")
    return ConditionKeys(
        tuple(_condition_key(name, item["type"], item.get("present_when", "")) for name, item in data["global"].items())
        + tuple(_condition_key(name, kind) for name, kind in data["services"].items())
    )


@cache
def load_operations() -> Mapping[str, Operation]:
    """SageMaker's API operations by name, with the permissions that each needs."""
    return {
        item["name"]: Operation(
            item["name"],
            tuple(Permission(permission["action"], permission.get("when", "")) for permission in item["permissions"]),
            tuple(item["resources"]),
        )
        for item in _read("operations.json")
    }


def _read(name: str) -> Any:
    return json.loads(files("policystudio.engine.catalog").joinpath("data", name).read_text(encoding="utf-8"))


def _condition_key(name: str, kind: str, present_when: str = "") -> ConditionKey:
    """``kind`` is AWS's word: a type, or ``ArrayOf`` and a type for a key with several values."""
    return ConditionKey(name, KeyType(kind.removeprefix("ArrayOf")), kind.startswith("ArrayOf"), present_when)


def _action(item: Mapping[str, Any]) -> Action:
    taken = item["resource_types"]
    return Action(
        name=item["name"],
        access_level=item["access_level"],
        resource_types=None if taken is None else tuple(_action_resource(each) for each in taken),
        condition_keys=tuple(item["condition_keys"]),
        dependent_actions=tuple(item["dependent_actions"]),
        passes_role_to=tuple(item["passes_role_to"]),
    )


def _action_resource(item: Mapping[str, Any]) -> ActionResource:
    return ActionResource(
        name=item["name"],
        required=item["required"],
        condition_keys=tuple(item["condition_keys"]),
        dependent_actions=tuple(item["dependent_actions"]),
    )
