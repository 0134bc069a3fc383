"""The OpenAPI document with what holds for every text, number and body, wherever no view says more."""

from collections.abc import Iterator
from typing import Any

from policystudio.api.policy_shapes import components
from policystudio.api.texts import ACCOUNT, ANY, IN_PATH

_PREFIX = "#/components/schemas/"


def with_policies(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The document with what policy documents are made of."""
    result["components"]["schemas"] |= components()
    return result


def with_texts(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The document with parameters and bodies whose texts are without NUL, and whose objects have no other fields.

    Fields that an operation does not know are passed over, so that what was read can be written back as a whole.
    """
    schemas = result["components"]["schemas"]
    done: set[str] = set()
    for operation in _operations(result):
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _parameter(parameter)
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if "json" in media_type or "form" in media_type:
                _close(content.get("schema", {}), schemas, done)
    return result


def _operations(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for methods in result["paths"].values() for operation in methods.values())


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = parameter["schema"]
    if parameter["in"] == "path" and _is_any_text(schema):
        return {**schema, **(ACCOUNT if parameter["name"] == "number" else IN_PATH)}
    if parameter["in"] == "path" and schema.get("type") == "integer":
        return {"minimum": 1, **schema}
    if schema.get("type") == "array":
        return {**schema, "items": _text(schema["items"])}
    return _text(schema)


def _is_any_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" and not schema.keys() & {"pattern", "enum", "format"}


def _text(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "pattern": ANY["pattern"]} if _is_any_text(schema) else schema


def _close(schema: dict[str, Any], schemas: dict[str, Any], done: set[str]) -> None:
    """Every text and object in the schema, and in the components that it names."""
    name = str(schema.get("$ref", "")).removeprefix(_PREFIX)
    if name:
        if name not in done:
            done.add(name)
            _close(schemas[name], schemas, done)
        return
    types = schema.get("type", ())
    if "string" in types and not schema.keys() & {"pattern", "enum", "format"}:
        schema["pattern"] = ANY["pattern"]
    if "properties" in schema and types == "object":
        schema.setdefault("additionalProperties", False)
    for inner in _inside(schema):
        _close(inner, schemas, done)


def _inside(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from schema.get("properties", {}).values()
    for name in ("anyOf", "oneOf", "allOf"):
        yield from schema.get(name, ())
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]
