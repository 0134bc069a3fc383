"""Policy documents in the OpenAPI document: their grammar, as far as JSON Schema can say it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterable
from typing import Any, Final

from policystudio.api.texts import ANY, NOT_SPACE, form
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse.conditions import OPERATORS
from policystudio.engine.parse.policy import VERSIONS

Shape = dict[str, Any]

#: The names of the components.
DOCUMENTS: Final = {
    PolicyKind.IDENTITY: "IdentityPolicy",
    PolicyKind.RESOURCE: "ResourcePolicy",
    PolicyKind.TRUST: "TrustPolicy",
    PolicyKind.SERVICE_CONTROL: "ServiceControlPolicy",
    PolicyKind.RESOURCE_CONTROL: "ResourceControlPolicy",
}
_SAID: Final = {
    PolicyKind.IDENTITY: "What an identity policy, a permissions boundary or a session policy is.",
    PolicyKind.RESOURCE: "The policy of a resource, or of a VPC endpoint.",
    PolicyKind.TRUST: "The trust policy of a role.",
    PolicyKind.SERVICE_CONTROL: "A service control policy.",
    PolicyKind.RESOURCE_CONTROL: "A resource control policy.",
}
_ALSO: Final = "Its JSON text, in quotation marks, is understood as well."
_OPERATOR: Final = "|".join(name for name in OPERATORS if name != "Null")
_TEXT_IN_ARN: Final = r"[^*?:\s\x00]+"


def ref(name: str) -> Shape:
    """A component of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


#: An object of whatever JSON may hold.
OBJECT: Final[Shape] = {
    "type": "object",
    "propertyNames": {"pattern": ANY["pattern"]},
    "additionalProperties": ref("Json"),
}


def closed(properties: Shape, required: Iterable[str] = ()) -> Shape:
    """An object with these properties and no others."""
    wanted = list(required)
    shape: Shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": wanted} if wanted else shape


def named(kind: PolicyKind) -> Shape:
    """A document of a kind, or such a document with a name to report it under."""
    document = ref(DOCUMENTS[kind])
    name = form(r"[^\x00]+", description="To report it under.")
    return {"anyOf": [document, closed({"name": name, "document": document}, ["document"])]}


def of_its_kind(shape: Shape) -> Shape:
    """A `policy` of the `kind` beside it; of an identity where none is named."""
    given = shape["properties"]
    found = []
    for kind in DOCUMENTS:
        kinds = {**form(kind.value), **({"type": ["string", "null"]} if kind is PolicyKind.IDENTITY else {})}
        wanted = ["policy", *([] if kind is PolicyKind.IDENTITY else ["kind"])]
        found.append(closed({**given, "policy": ref(DOCUMENTS[kind]), "kind": kinds}, wanted))
    return {"anyOf": found, "description": shape["description"]}


def components() -> dict[str, Shape]:
    """The components of all kinds of documents."""
    json: Shape = {
        "anyOf": [
            ANY,
            {"type": ["number", "boolean", "null"]},
            {"type": "array", "items": ref("Json")},
            OBJECT,
        ],
        "description": "Any JSON value without NUL characters, nested at most 100 levels deep.",
    }
    shapes: dict[str, Shape] = {"Json": json, "PolicyCondition": _condition()}
    for kind, name in DOCUMENTS.items():
        statement = f"{name.removesuffix('Policy')}Statement"
        shapes[statement] = {**_statement(kind), "description": "A statement of such a policy."}
        shapes[name] = {**_document(kind, ref(statement)), "description": f"{_SAID[kind]} {_ALSO}"}
    return shapes


def _document(kind: PolicyKind, statement: Shape) -> Shape:
    several = {"type": "array", "items": statement, "minItems": 1}
    properties = {"Version": {"type": "string", "enum": list(VERSIONS)}, "Statement": several}
    return closed({**properties, **({} if kind is PolicyKind.IDENTITY else {"Id": ANY})}, ["Statement"])


def _statement(kind: PolicyKind) -> Shape:
    """A statement: of each pair of elements, such as `Action` and `NotAction`, one stands in it."""
    sid = form("[A-Za-z0-9]*") if kind is PolicyKind.IDENTITY else ANY
    effect = {"type": "string", "enum": ["Allow", "Deny"]}
    pairs = [*_principals(kind), *_actions(kind), *_resources(kind)]
    elements = {name: shape for pair in pairs for name, shape in pair.items()}
    properties = {"Sid": sid, "Effect": effect, **elements, "Condition": ref("PolicyCondition")}
    return {**closed(properties, ["Effect"]), **_one_of_each(kind, pairs)}


def _one_of_each(kind: PolicyKind, pairs: list[Shape]) -> Shape:
    chosen = []
    for pair in pairs:
        ways: list[Shape] = [{"required": [name]} for name in pair]
        if "NotPrincipal" in pair:
            denies = {"properties": {"Effect": {"type": "string", "enum": ["Deny"]}}}
            without: Shape = {"not": {"required": ["NotPrincipal"]}}
            chosen.append({"anyOf": [without, denies]})
        if kind is PolicyKind.RESOURCE and "Resource" in pair:
            # Where the service lets it, the statement is about the resource that has the policy.
            ways.append({"not": {"anyOf": list(ways)}})
        chosen.append({"oneOf": ways} if len(ways) > 1 else ways[0])
    return {"allOf": chosen}


def _principals(kind: PolicyKind) -> list[Shape]:
    if kind in (PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL):
        return []
    shape = _principal(kind)
    return [{"Principal": shape, **({"NotPrincipal": shape} if kind is PolicyKind.RESOURCE else {})}]


def _actions(kind: PolicyKind) -> list[Shape]:
    service = "[sS][tT][sS]" if kind is PolicyKind.TRUST else "[A-Za-z0-9.*?-]+"
    shape = _one_or_several(form(rf"\*|{service}:[A-Za-z0-9_.*?-]+"))
    return [{"Action": shape, **({} if kind is PolicyKind.RESOURCE_CONTROL else {"NotAction": shape})}]


def _resources(kind: PolicyKind) -> list[Shape]:
    if kind is PolicyKind.TRUST:
        return []
    shape = _one_or_several(form(r"\*|arn:[^:$\x00]+:[^:*?$\x00]+(:[^\x00]*)?"))
    return [{"Resource": shape, "NotResource": shape}]


def _principal(kind: PolicyKind) -> Shape:
    everyone = form(r"\*")
    if kind is PolicyKind.RESOURCE_CONTROL:
        return {"anyOf": [everyone, closed({"AWS": _one_or_several(everyone)}, ["AWS"])]}
    arn, name = rf"arn:{_TEXT_IN_ARN}", _TEXT_IN_ARN
    aws = (
        r"\*|[0-9]{12}|A(IDA|ROA)[A-Z0-9]{4,124}"
        rf"|{arn}:iam::[0-9]{{12}}:(root|(user|role)/{name})|{arn}:iam::cloudfront:user/{name}"
        rf"|{arn}:sts::[0-9]{{12}}:(assumed-role/[^/*?:\s\x00]+/{name}|federated-user/{name})"
    )
    domain = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"
    provider = rf"{arn}:iam::[0-9]{{12}}:(saml|oidc)-provider/{name}"
    kinds = {"AWS": form(aws), "Service": form(domain)}
    if kind is PolicyKind.TRUST:
        kinds["Federated"] = form(f"{domain}|{provider}")
    else:
        kinds["CanonicalUser"] = form("[0-9A-Za-z]+")
    named_kinds = closed({one: _one_or_several(shape) for one, shape in kinds.items()})
    return {"anyOf": [everyone, {**named_kinds, "minProperties": 1}]}


def _one_or_several(shape: Shape) -> Shape:
    """A text, or a list of such texts: each keyword is about its own type."""
    return {**shape, "type": ["string", "array"], "items": shape, "minItems": 1}


def _condition() -> Shape:
    """Operators in AWS's spelling, keys, and values that are texts, whole numbers or booleans, one or several."""
    whole = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
    value = {**ANY, **whole, "type": ["string", "integer", "boolean"]}
    values = {**value, "type": ["string", "integer", "boolean", "array"], "items": value}
    of_keys = {
        "type": "object",
        "propertyNames": {"pattern": rf"^[^\s:\x00\x1c-\x1f\x85][^:\x00]*:[^\x00]*{NOT_SPACE}$"},
        "additionalProperties": values,
    }
    operator = rf"^((ForAllValues|ForAnyValue):)?(({_OPERATOR})(IfExists)?|Null)$"
    return {
        "type": "object",
        "propertyNames": {"pattern": operator},
        "additionalProperties": of_keys,
        "description": "By operator and context key the values. Letter case of operators and keys does not count.",
    }
