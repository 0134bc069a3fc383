"""A change as JSON of our own: every edit as it is, so that it can be read back without loss."""

from typing import Any, cast

from policystudio.interchange.documents import pretty
from policystudio.interchange.edits import Change, Edit, Written
from policystudio.lib.strict_json import JsonError, JsonProblem, JsonValue, Number, from_python, kind_of

FORMAT = "policy-studio-change"
VERSION = "1"
_TEXTS = ("kind", "target", "name", "other", "text")
_KNOWN = {"format", "version", "account", "partition", "title", "description", "edits"}


def write_json(change: Change) -> Written:
    """The change in the schema that docs/interchange.md describes."""
    value: dict[str, JsonValue] = {
        "format": FORMAT,
        "version": Number(VERSION),
        "account": change.known.number,
        "partition": change.known.partition,
        "title": change.title,
        "description": change.description,
        "edits": [_edit(edit) for edit in change.edits],
    }
    return Written(pretty(value) + "\n")


def is_change(value: JsonValue) -> bool:
    """Whether a JSON value says that it is such a change."""
    return isinstance(value, dict) and value.get("format") == FORMAT


def read_json(value: JsonValue) -> tuple[str, str, str, tuple[Edit, ...]]:
    """The account's number, title, description and edits of such a value; raises ``JsonError`` with every problem."""
    problems: list[JsonProblem] = []
    given = value if isinstance(value, dict) else {}
    if given.get("version") != Number(VERSION):
        problems.append(JsonProblem(("version",), f"only version {VERSION} can be read"))
    problems += [JsonProblem((key,), "this key is not known") for key in given if key not in _KNOWN]
    texts = []
    for key in ("account", "title", "description"):
        text = given.get(key, "")
        if not isinstance(text, str):
            problems.append(JsonProblem((key,), f"write a text, not {kind_of(text)}"))
        texts.append(str(text))
    listed = given.get("edits")
    if not isinstance(listed, list):
        problems.append(JsonProblem(("edits",), "write a list of edits"))
    edits = [_read_edit(index, one, problems) for index, one in enumerate(listed if isinstance(listed, list) else [])]
    if problems:
        raise JsonError(*problems)
    return texts[0], texts[1], texts[2], tuple(edits)


def _edit(edit: Edit) -> JsonValue:
    """An edit with the fields that it has."""
    value: dict[str, JsonValue] = {"kind": edit.kind, "target": edit.target}
    for field in ("name", "other", "text"):
        if text := getattr(edit, field):
            value[field] = text
    if edit.data:
        value["data"] = from_python(dict(edit.data))
    return value


def _read_edit(index: int, value: JsonValue, problems: list[JsonProblem]) -> Edit:
    if not isinstance(value, dict):
        problems.append(JsonProblem(("edits", index), f"write an object, not {kind_of(value)}"))
        return Edit("", "")
    texts = {}
    for field in _TEXTS:
        text = value.get(field, "")
        if not isinstance(text, str):
            problems.append(JsonProblem(("edits", index, field), f"write a text, not {kind_of(text)}"))
        elif not text and field in ("kind", "target"):
            problems.append(JsonProblem(("edits", index), f"`{field}` is missing"))
        texts[field] = str(text)
    data = value.get("data", {})
    if not isinstance(data, dict):
        problems.append(JsonProblem(("edits", index, "data"), f"write an object, not {kind_of(data)}"))
    unknown = [key for key in value if key not in (*_TEXTS, "data")]
    problems += [JsonProblem(("edits", index, key), "this key is not known") for key in unknown]
    return Edit(**texts, data=cast("dict[str, Any]", _plain(data)) if isinstance(data, dict) else {})


def _plain(value: JsonValue) -> Any:
    if isinstance(value, Number):
        return int(value.text) if value.text.lstrip("-").isdigit() else float(value.text)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
