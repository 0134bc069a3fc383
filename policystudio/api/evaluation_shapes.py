"""What `evaluate`, `simulate` and the comparisons take, for the OpenAPI document: which inputs go together."""

from typing import Final

from policystudio.api.policy_shapes import DOCUMENTS, Shape, closed, named, ref
from policystudio.api.texts import ANY, form
from policystudio.engine.document import PolicyKind

_NAME: Final = r"[^\s\x00]+"
_IN: Final = r"arn:[^:\s\x00]+"
_FEDERATED: Final = rf"{_IN}:sts::[0-9]{{12}}:federated-user/{_NAME}"
_STORED: Final = (
    rf"{_IN}:iam::[0-9]{{12}}:(root|(user|role)/{_NAME})|{_IN}:sts::[0-9]{{12}}:assumed-role/[^/\s\x00]+/{_NAME}"
)
_PROVIDER: Final = rf"{_IN}:iam::[0-9]{{12}}:(saml|oidc)-provider/{_NAME}"
_DOMAIN: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
#: Whoever may be in the account of a simulation.
STORED: Final = form(_STORED)
#: Whoever may ask.
PRINCIPAL: Final = form(rf"anonymous|[0-9]{{12}}|{_DOMAIN}|{_STORED}|{_FEDERATED}|{_PROVIDER}")
FEDERATED: Final = form(_FEDERATED)
FEDERATED_BY: Final = form(rf"user/{_NAME}")
ROLE: Final = form(rf"{_IN}:iam::[0-9]{{12}}:role/{_NAME}")
_KEY_VALUE: Final[Shape] = {**ANY, "type": ["string", "number", "boolean"]}
CONTEXT: Final[Shape] = {
    "type": ["object", "null"],
    "propertyNames": {"pattern": r"^[^\x00]+$"},
    "additionalProperties": {
        **_KEY_VALUE,
        "type": [*_KEY_VALUE["type"], "array", "null"],
        "items": _KEY_VALUE,
    },
}
#: The policies that hold whoever asks.
_OF_IDENTITIES: Final = ("identity_policies", "permissions_boundary", "session_policies", "service_control_policies")
_NULL: Final[Shape] = {"type": "null"}
_SOMEBODY: Final[Shape] = {"principal": {"type": "string"}}
_SOMETHING: Final[Shape] = {"action": {"type": "string"}}
_FEDERATED_SESSION: Final[Shape] = {
    "anyOf": [
        {"properties": {"federated_user_of": _NULL}},
        {"required": ["principal"], "properties": {"principal": FEDERATED}},
    ]
}
_OF_ROLES: Final[Shape] = {
    "anyOf": [
        {"properties": {"resource_policy": {"anyOf": [ref(DOCUMENTS[PolicyKind.RESOURCE]), _NULL]}}},
        {
            "required": ["resource"],
            "properties": {"resource": ROLE, "resource_policy": ref(DOCUMENTS[PolicyKind.TRUST]), "requests": _NULL},
        },
    ]
}


def document(kind: PolicyKind) -> Shape:
    """A document of the kind."""
    return ref(DOCUMENTS[kind])


def policies(kind: PolicyKind, *, levels: bool = False) -> Shape:
    """A list of documents, or the levels of an organization, each such a list."""
    several: Shape = {"type": "array", "items": named(kind) if kind is PolicyKind.IDENTITY else document(kind)}
    return {"type": "array", "items": several} if levels else several


def one_or_many(shape: Shape, most: int) -> Shape:
    """A single request, or `requests`; of those each names its principal, or the object around them does.

    ``shape`` is the object with all its properties.
    """
    given = shape["properties"]
    nothing: Shape = {"action": _NULL, "resource": _NULL}
    somebody: Shape = {"required": ["principal"], "properties": {"principal": {"not": _NULL}}}
    each = {"requests": {"type": "array", "items": somebody}}
    ways = [
        {"required": ["principal", "action"], "properties": {**_SOMEBODY, **_SOMETHING, "requests": _NULL}},
        {"required": ["principal", "requests"], "properties": {**_SOMEBODY, **nothing, "requests": {"type": "array"}}},
        {"required": ["requests"], "properties": {**nothing, "principal": _NULL, **each}},
    ]
    together: list[Shape] = [{"anyOf": ways}]
    if "federated_user_of" in given:
        together += [_FEDERATED_SESSION, _OF_ROLES]
    requests = {**given["requests"], "minItems": 1, "maxItems": most}
    properties = {**given, "requests": requests}
    return {**shape, "properties": properties, "additionalProperties": False, "allOf": together}


def request(shape: Shape) -> Shape:
    """One of several requests."""
    federated = {"allOf": [_FEDERATED_SESSION]} if "federated_user_of" in shape["properties"] else {}
    return {**shape, "additionalProperties": False, **federated}


def standing(properties: Shape) -> Shape:
    """The policies of somebody, as `evaluate` takes them, with what is known of every request of theirs."""
    left_out = {"id", "requests", "action", "resource", "federated_user_of"}
    given = {name: one for name, one in properties.items() if name not in left_out}
    names_others = [{"required": [name]} for name in given if name not in (*_OF_IDENTITIES, "principal")]
    somebody = {"required": ["principal"], "properties": _SOMEBODY}
    return {**closed(given), "minProperties": 1, "allOf": [{"anyOf": [somebody, {"not": {"anyOf": names_others}}]}]}


def side(properties: Shape) -> Shape:
    """One side of a comparison."""
    return {"anyOf": [ref(DOCUMENTS[PolicyKind.IDENTITY]), ref(DOCUMENTS[PolicyKind.TRUST]), standing(properties)]}


def of_somebody(properties: Shape, *, of_resources: bool = True) -> Shape:
    """A document, or the policies of one identity."""
    left_out = () if of_resources else ("resource_policy", "vpc_endpoint_policy")
    given = {name: one for name, one in properties.items() if name not in left_out}
    return {"anyOf": [ref(DOCUMENTS[PolicyKind.IDENTITY]), standing(given)]}


def access(shape: Shape, properties: Shape) -> Shape:
    """A policy, and actions, resources or both."""
    some: Shape = {"not": _NULL, "minItems": 1}
    ways = [{"required": [name], "properties": {name: some}} for name in ("actions", "resources")]
    given = {**shape["properties"], "policy": of_somebody(properties)}
    return {**shape, "properties": given, "additionalProperties": False, "anyOf": ways}


def one_or_several(shape: Shape) -> Shape:
    """A text, several of them, or null for none."""
    return {**shape, "type": ["string", "array", "null"], "items": shape}
