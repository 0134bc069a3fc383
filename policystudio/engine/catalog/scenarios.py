"""What operations and their execution roles need beyond the two tables of AWS: data/scenarios.json as frozen data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Switch:
    """A circumstance of a call that decides whether some permissions are needed: ``vpc``, "a VPC is given".

    ``when`` are the words of AWS's table of operations for it; ``absent`` the condition keys that a call without it
    does not have.
    """

    name: str
    text: str
    when: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignAction:
    """An action of another service: the resource types that it takes, and the service's keys that it may carry.

    ``page`` is the service authorization reference of that service.
    """

    types: tuple[str, ...]
    optional: tuple[str, ...]
    keys: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Place:
    """Something that an execution role reaches and that a person may name: ``input``, ``image``, ``volume-key``.

    ``bucket_of`` is the place whose bucket this one is; ``switch`` the circumstance under which there is such a thing.
    """

    text: str
    arn: str
    switch: str
    bucket_of: str = ""


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """Permissions that an execution role needs for one purpose, each as an action and the name of its place."""

    text: str
    switch: str
    permissions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExecutionRoleNeeds:
    """What AWS documents for the execution role of an operation, on ``page``."""

    page: str
    log_group: str
    groups: tuple[PermissionGroup, ...]


@dataclass(frozen=True, slots=True)
class ServiceLinkedRole:
    """The service-linked role that an operation makes unless the account has it."""

    service: str
    name: str
    page: str


@dataclass(frozen=True, slots=True)
class SourceArn:
    """The ``aws:SourceArn`` with which SageMaker assumes a role for an operation; a ``*`` is sent as it stands."""

    arn: str
    page: str


@dataclass(frozen=True, slots=True)
class ScenarioFacts:
    """Everything in data/scenarios.json. ``dependents`` tells under which switch an operation needs an action."""

    switches: Mapping[str, Switch]
    dependents: Mapping[tuple[str, str], str]
    service_linked_roles: Mapping[str, ServiceLinkedRole]
    source_arns: Mapping[str, SourceArn]
    places: Mapping[str, Place]
    execution_roles: Mapping[str, ExecutionRoleNeeds]
    actions: Mapping[str, ForeignAction]

    def switch_for(self, when: str) -> str:
        """The name of the switch that AWS's words stand for; raises ``KeyError`` for words that none has."""
        return {words: switch.name for switch in self.switches.values() for words in switch.when}[when]


@cache
def load_scenario_facts() -> ScenarioFacts:
    """The facts, read once and on demand. Actions stand in lower case."""
    path = files("policystudio.engine.catalog").joinpath("data", "scenarios.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    return ScenarioFacts(
        switches={
            name: Switch(name, item["text"], tuple(item["when"]), tuple(item["absent"]))
            for name, item in data["switches"].items()
        },
        dependents={
            (operation, action.lower()): item["switch"]
            for item in data["dependents"]
            for operation in item["operations"]
            for action in item["actions"]
        },
        service_linked_roles={
            item["operation"]: ServiceLinkedRole(item["service"], item["name"], item["page"])
            for item in data["service_linked_roles"]
        },
        source_arns={
            operation: SourceArn(item["arn"], item["page"])
            for item in data["source_arns"]
            for operation in item["operations"]
        },
        places={
            name: Place(item["text"], item["arn"], item["switch"], item.get("bucket_of", ""))
            for name, item in data["places"].items()
        },
        execution_roles=_execution_roles(data),
        actions={
            name.lower(): ForeignAction(
                tuple(item["types"]), tuple(item["optional"]), tuple(item["keys"]), item["page"]
            )
            for name, item in data["actions"].items()
        },
    )


def _execution_roles(data: Mapping[str, Any]) -> dict[str, ExecutionRoleNeeds]:
    groups = {
        name: PermissionGroup(item["text"], item["switch"], tuple((action, on) for action, on in item["permissions"]))
        for name, item in data["groups"].items()
    }
    return {
        operation: ExecutionRoleNeeds(item["page"], item["log_group"], tuple(groups[name] for name in item["groups"]))
        for item in data["execution_roles"]
        for operation in item["operations"]
    }
