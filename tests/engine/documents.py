"""Policies for the tests of the engine, written as the JSON that IAM reads."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from policystudio.engine.document import Condition, Policy, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy

Json = Any
VERSION = "2012-10-17"
OLD_VERSION = "2008-10-17"


def allow(action: Json = "*", resource: Json = "*", **elements: Json) -> dict[str, Json]:
    """An Allow statement; a keyword replaces or adds an element, and None leaves it out."""
    return _statement("Allow", action, resource, elements)


def deny(action: Json = "*", resource: Json = "*", **elements: Json) -> dict[str, Json]:
    """A Deny statement, written as ``allow`` is."""
    return _statement("Deny", action, resource, elements)


def policy(
    *statements: Mapping[str, Json], kind: PolicyKind = PolicyKind.IDENTITY, version: str | None = VERSION
) -> Policy:
    """The policy with these statements."""
    document: dict[str, Json] = {} if version is None else {"Version": version}
    return parse_policy(json.dumps({**document, "Statement": list(statements)}), kind)


def named(
    name: str, *statements: Mapping[str, Json], kind: PolicyKind = PolicyKind.IDENTITY, version: str | None = VERSION
) -> NamedPolicy:
    """The same under a name."""
    return NamedPolicy(name, policy(*statements, kind=kind, version=version))


def conditions(block: Mapping[str, Mapping[str, str | Sequence[str]]]) -> tuple[Condition, ...]:
    """The conditions of a Condition block."""
    return policy(allow(Condition=block)).statements[0].conditions


def condition(operator: str, key: str, *values: str) -> Condition:
    """One condition, with its operator as IAM writes it."""
    (found,) = conditions({operator: {key: list(values)}})
    return found


def _statement(effect: str, action: Json, resource: Json, elements: Mapping[str, Json]) -> dict[str, Json]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **elements}
    if "NotAction" in elements:
        del statement["Action"]
    if "NotResource" in elements:
        del statement["Resource"]
    return {name: value for name, value in statement.items() if value is not None}
