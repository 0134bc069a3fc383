"""The catalogue as one compact JSON text for the browser, which completes and explains policies with it."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from policystudio.engine.catalog.load import (
    load_authorization,
    load_condition_keys,
    load_sagemaker,
    load_service_prefixes,
    load_services,
)
from policystudio.engine.catalog.types import ACCESS_LEVELS, Authorization, ConditionKey, KeyType, Service
from policystudio.engine.conditions import NULL, OPERATORS, WITH_VARIABLES
from policystudio.engine.lint.operators import FAMILIES, FITTING

#: Keys of these services that no request of AWS's other services carries; the rest of the global table goes with the
#: credentials, whatever is asked.
_OF_ONE_SERVICE = ("iam:", "sts:")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """The text, the same zipped, and the digest that its address bears, so that it may be kept for ever."""

    digest: str
    plain: bytes
    zipped: bytes


@cache
def catalogue_file() -> CatalogueFile:
    """The catalogue as it is served; made once in a process."""
    plain = json.dumps(as_json(), separators=(",", ":")).encode()
    return CatalogueFile(hashlib.sha256(plain).hexdigest()[:20], plain, gzip.compress(plain, 6, mtime=0))


def as_json() -> dict[str, Any]:
    """The data that static/js/policy_catalogue.js reads; keys and access levels stand as numbers in lists."""
    return {
        "levels": list(ACCESS_LEVELS),
        "operators": _operators(),
        "global": _global_keys(),
        "key_types": {
            key.name: _type_of(key) for key in load_condition_keys().keys if key.name.partition(":")[0] != "aws"
        },
        "services": {prefix: _service(prefix) for prefix in sorted(load_service_prefixes())},
        "passes_role_to": {
            f"sagemaker:{action.name}": list(action.passes_role_to)
            for action in load_sagemaker().actions
            if action.passes_role_to
        },
    }


def _operators() -> list[dict[str, Any]]:
    """The condition operators, with the types of the keys that they fit."""
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "types": sorted(type_ for type_, families in FITTING.items() if FAMILIES[name.lower()] in families),
            "negated": operator.negated,
            "variables": name in WITH_VARIABLES,
        }
        for name, operator in OPERATORS.items()
    ]
    return [*found, {"name": NULL, "types": sorted(KeyType), "negated": False, "variables": False}]


def _global_keys() -> list[list[str]]:
    """The keys that a request of any service may carry, and when it does."""
    return [
        [key.name, _type_of(key), key.present_when]
        for key in load_condition_keys().keys
        if key.name.startswith("aws:") or (key.present_when and not key.name.startswith(_OF_ONE_SERVICE))
    ]


def _type_of(key: ConditionKey) -> str:
    """AWS's word: a type, or ``ArrayOf`` and a type for a key with several values."""
    return f"ArrayOf{key.type}" if key.multi_valued else str(key.type)


def _service(prefix: str) -> dict[str, Any]:
    """A service: actions as ``[level, types, keys]``; -1 for an access level, null for types, that are not known."""
    named = load_services().get(prefix)
    known = load_authorization(prefix)
    levels = _levels(prefix, named)
    keys = _keys(known) if known else []
    numbers = {name: number for number, name in enumerate(keys)}
    actions: dict[str, list[Any]] = {}
    for name in sorted({*levels, *(known.actions if known else ())}):
        level = ACCESS_LEVELS.index(levels[name]) if name in levels else -1
        if known and name in known.actions:
            types, of_action = known.actions[name]
            actions[name] = [level, list(types), sorted(numbers[key] for key in of_action)]
        else:
            actions[name] = [level, None, []]
    return {
        "name": named.name if named else prefix,
        "keys": keys,
        "types": _types(named, known, numbers),
        "actions": actions,
    }


def _levels(prefix: str, named: Service | None) -> dict[str, str]:
    """The access level of each action, where it is known."""
    found = {name: level for level, names in named.actions.items() for name in names} if named else {}
    if prefix == load_sagemaker().service:
        found |= {action.name: action.access_level for action in load_sagemaker().actions}
    return found


def _keys(known: Authorization) -> list[str]:
    of_actions = {key for _, keys in known.actions.values() for key in keys}
    of_types = {key for _, keys in known.resource_types.values() for key in keys}
    return sorted(of_actions | of_types | set(known.condition_keys))


def _types(named: Service | None, known: Authorization | None, numbers: dict[str, int]) -> dict[str, list[Any]]:
    """Each resource type as ``[ARN template, keys]``."""
    if known:
        return {name: [arn, sorted(numbers[key] for key in keys)] for name, (arn, keys) in known.resource_types.items()}
    return {name: [arn, []] for name, arn in named.resource_types.items()} if named else {}
