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
    merged: dict[str, Value] = {"Version": module.of(body, "version") or "2012-10-17"}
    own_id = module.of(body, "policy_id")
    statements: list[Value] = []
    for name in ("source_policy_documents", "", "override_policy_documents"):
        documents = _merged_in(module, body, name) if name else [_own(module, body, own_id)]
        if isinstance(documents, Unknown):
            return documents
        for document in documents:
            if isinstance(document, Unknown):
                return document
            statements = _overridden(statements, document.pop("Statement"))
            merged = {**merged, **document, "Version": _newer(merged["Version"], document.get("Version"))}
    return {**merged, "Statement": statements}


def _newer(one: Value, other: Value) -> Value:
    """A document that is merged in can only raise the version."""
    return max(one, other) if isinstance(one, str) and isinstance(other, str) else one


def _own(module: Module, body: Body, policy_id: Value) -> dict[str, Value] | Unknown:
    """The document without those that are merged in."""
    found = [_statement(module, one) for one in body.nested("statement")]
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    if unknown is not None:
        return unknown
    statements: list[Value] = [*found]
    document: dict[str, Value] = {"Statement": statements}
    return {**document, "Id": policy_id} if policy_id else document


def _merged_in(module: Module, body: Body, name: str) -> list[dict[str, Value] | Unknown] | Unknown:
    """The documents in a list of JSON texts, each with its statements in a list."""
    listed = module.of(body, name)
    if listed is None:
        return []
    documents: list[dict[str, Value] | Unknown] = []
    for one in listed if isinstance(listed, list) else [listed]:
        document = one.value if isinstance(one, Encoded) else _read(one)
        inside = document.get("Statement") if isinstance(document, dict) else None
        statements: list[Value] = inside if isinstance(inside, list) else [inside]
        if not isinstance(document, dict) or not all(isinstance(item, dict) for item in statements):
            return one if isinstance(one, Unknown) else Unknown(name, body.place)
        documents.append({**document, "Statement": statements})
    return documents


def _read(text: Value) -> Value:
    if not isinstance(text, str):
        return None
    try:
        return loads(written_text(text).text)  # type: ignore[return-value]  # every JSON value is a value
    except JsonError:
        return None


def _overridden(before: list[Value], added: Value) -> list[Value]:
    """Statements with the same Sid take the place of those that stood there."""
    result = list(before)
    places = {one["Sid"]: index for index, one in enumerate(result) if isinstance(one, dict) and one.get("Sid")}
    for one in added if isinstance(added, list) else ():
        sid = one.get("Sid") if isinstance(one, dict) else None
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
