"""The document that a ``data "aws_iam_policy_document"`` block makes."""

from policystudio.interchange.hcl_syntax import Body
from policystudio.interchange.terraform_values import Module
from policystudio.interchange.values import Encoded, Template, Unknown, Value, written_text
from policystudio.lib.strict_json import JsonError, loads

_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_MARKED = ("resources", "not_resources")
_ATTRIBUTES = {"sid", "effect", *(name for name, _ in _LISTS)}
_BLOCKS = {"principals", "not_principals", "condition"}


def document_of_block(module: Module, body: Body) -> Value:
    """The document, or the ``Unknown`` that keeps it from being worked out.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    """
    known = {"version", "policy_id", "statement", "source_policy_documents", "override_policy_documents"}
    if strange := _strange(body, known, {"statement"}):
        return strange
    statements: list[Value] = []
    for name in ("source_policy_documents", "", "override_policy_documents"):
        found = _own(module, body) if not name else _merged_in(module, body, name)
        if isinstance(found, Unknown):
            return found
        statements = _overridden(statements, found)
    document: dict[str, Value] = {"Version": module.of(body, "version") or "2012-10-17"}
    if policy_id := module.of(body, "policy_id"):
        document["Id"] = policy_id
    return {**document, "Statement": [*statements]}


def _own(module: Module, body: Body) -> list[dict[str, Value]] | Unknown:
    found = [_statement(module, one) for one in body.nested("statement")]
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    return unknown or [one for one in found if not isinstance(one, Unknown)]


def _merged_in(module: Module, body: Body, name: str) -> list[dict[str, Value]] | Unknown:
    """The statements of the documents in a list of JSON texts."""
    listed = module.of(body, name)
    unknown = Unknown(name, body.place)
    if listed is None:
        return []
    statements: list[dict[str, Value]] = []
    for one in listed if isinstance(listed, list) else [listed]:
        document = one.value if isinstance(one, Encoded) else _read(one)
        inside = document.get("Statement") if isinstance(document, dict) else None
        items = inside if isinstance(inside, list) else [inside]
        found = [item for item in items if isinstance(item, dict)]
        if not isinstance(document, dict) or len(found) != len(items):
            return one if isinstance(one, Unknown) else unknown
        statements += found
    return statements


def _read(text: Value) -> Value:
    if not isinstance(text, str):
        return None
    try:
        return loads(written_text(text).text)  # type: ignore[return-value]  # every JSON value is a value
    except JsonError:
        return None


def _overridden(before: list[Value], added: list[dict[str, Value]]) -> list[Value]:
    """Statements with the same Sid take the place of those that stood there."""
    result = list(before)
    places = {one["Sid"]: index for index, one in enumerate(result) if isinstance(one, dict) and one.get("Sid")}
    for one in added:
        sid = one.get("Sid")
        if isinstance(sid, str) and sid in places:
            result[places[sid]] = one
        else:
            result.append(one)
    return result


def _strange(body: Body, attributes: set[str], blocks: set[str]) -> Unknown | None:
    """What stands in a block that is not understood: to pass it over would make another document."""
    for block in body.blocks:
        if block.kind not in blocks:
            return Unknown(" ".join((block.kind, *block.labels)), block.place)
    for name, value in body.attributes.items():
        if name not in attributes and not (body.is_json and name in blocks):
            return Unknown(name, value.place)
    return None


def _statement(module: Module, body: Body) -> dict[str, Value] | Unknown:
    if strange := _strange(body, _ATTRIBUTES, _BLOCKS):
        return strange
    statement: dict[str, Value] = {}
    if sid := module.of(body, "sid"):
        statement["Sid"] = sid
    statement["Effect"] = module.of(body, "effect") or "Allow"
    for block, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found = _principals(module, body, block)
        if isinstance(found, Unknown):
            return found
        if found:
            statement[element] = found
    for name, element in _LISTS:
        values = module.of(body, name)
        if values is not None:
            statement[element] = _one_or_many(_variables(values) if name in _MARKED else values)
    conditions = _conditions(module, body)
    if isinstance(conditions, Unknown):
        return conditions
    if conditions:
        statement["Condition"] = conditions
    return statement


def _principals(module: Module, body: Body, kind: str) -> Value:
    found: dict[str, Value] = {}
    for one in body.nested(kind):
        if strange := _strange(one, {"type", "identifiers"}, set()):
            return strange
        which = module.of(one, "type")
        identifiers = _variables(module.of(one, "identifiers"))
        if not isinstance(which, str) or not isinstance(identifiers, list):
            return Unknown(kind, one.place)
        if which == "*" and identifiers == ["*"]:
            return "*"
        before = found.get(which, [])
        found[which] = [*(before if isinstance(before, list) else []), *identifiers]
    return {which: _one_or_many(values) for which, values in found.items()}


def _conditions(module: Module, body: Body) -> dict[str, Value] | Unknown:
    found: dict[str, dict[str, list[Value]]] = {}
    for one in body.nested("condition"):
        if strange := _strange(one, {"test", "variable", "values"}, set()):
            return strange
        test, variable = module.of(one, "test"), module.of(one, "variable")
        values = _variables(module.of(one, "values"))
        if not isinstance(test, str) or not isinstance(variable, str) or not isinstance(values, list):
            return Unknown("condition", one.place)
        found.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {test: {variable: _one_or_many(values) for variable, values in keys.items()} for test, keys in found.items()}


def _one_or_many(values: Value) -> Value:
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _variables(value: Value) -> Value:
    """`&{aws:username}` is how this block writes `${aws:username}`."""
    if isinstance(value, str):
        return value.replace("&{", "${")
    if isinstance(value, Template):
        return Template(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in value.parts))
    return [_variables(item) for item in value] if isinstance(value, list) else value
