"""A file of any format as edits for an account."""

import re

from policystudio.engine.parse import places as json_places
from policystudio.interchange.cfn_read import is_cloudformation, read_cloudformation
from policystudio.interchange.change_json import is_change, read_json
from policystudio.interchange.collecting import Found, Origin, Reading
from policystudio.interchange.hcl import read_hcl
from policystudio.interchange.setting import Setting
from policystudio.interchange.terraform_json import is_terraform, read_terraform_json
from policystudio.interchange.terraform_read import read_terraform
from policystudio.interchange.values import Place, ReadError
from policystudio.interchange.yaml_in import read_yaml
from policystudio.lib.strict_json import JsonError, JsonPath, JsonValue, loads, write_path

_HCL = re.compile(
    r"^\s*(resource|data|variable|locals|terraform|provider|module|output|import|moved|removed)\b[^:\n]*\{",
    re.MULTILINE,
)
#: Each expression in a text is read by itself.
_MAX_EXPRESSIONS = 5_000
#: Signs between which the values of Terraform's own syntax stand: its grammar reads some 25,000 a second.
_SIGN = re.compile(r"[][{}(),=:?!<>&|+*/%-]")
_MAX_SIGNS = 200_000


def read(content: bytes, setting: Setting, *, filename: str = "") -> Reading:
    """What a file comes to in the account; raises ``ReadError`` with the place where it cannot be read as a whole."""
    reading = _read(_text(content), setting, filename)
    reading.left_out.sort(key=lambda one: (one.origin.place.line, one.origin.place.column))
    return reading


def _read(text: str, setting: Setting, filename: str) -> Reading:
    if text.count("${") > _MAX_EXPRESSIONS:
        raise ReadError(f"more than {_MAX_EXPRESSIONS:,} expressions (`${{`) in one file: read it in parts")
    if text.lstrip().startswith(("{", "[")):
        return _read_json(text, setting)
    if filename.endswith(".tf") or (not filename.endswith((".yaml", ".yml")) and _HCL.search(text)):
        if sum(1 for _ in _SIGN.finditer(text)) > _MAX_SIGNS:
            raise ReadError(f"more than {_MAX_SIGNS:,} brackets, commas and operators in one file: read it in parts")
        return read_terraform(read_hcl(text), setting, "Terraform")
    value, places = read_yaml(text)
    if not is_cloudformation(value):
        raise ReadError("this is neither Terraform nor a CloudFormation template, which has `Resources`")
    return read_cloudformation(value, places, setting, "CloudFormation")


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        raise ReadError("not UTF-8: save the file as UTF-8", place) from None
    if text.startswith("\ufeff"):
        raise ReadError("begins with a byte order mark: save it as UTF-8 without one", Place(1, 1))
    if not text.strip():
        raise ReadError("the file is empty")
    if (at := text.find("\0")) >= 0:
        raise ReadError(
            "a NUL character is not allowed", Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        )
    return text


def _read_json(text: str, setting: Setting) -> Reading:
    try:
        value = loads(text)
        if is_change(value):
            return _own(value, text)
    except JsonError as error:
        raise _located(error, text) from None
    if is_cloudformation(value):
        return read_cloudformation(value, _places(text), setting, "CloudFormation")
    if is_terraform(value):
        return read_terraform(read_terraform_json(text, value), setting, "Terraform")
    raise ReadError(
        "this JSON is neither a change of Policy Studio, nor Terraform, nor a CloudFormation template", Place(1, 1)
    )


def _own(value: JsonValue, text: str) -> Reading:
    account, title, description, edits = read_json(value)
    spans = _places(text)
    reading = Reading("Policy Studio", title=title, description=description)
    for index, edit in enumerate(edits):
        origin = Origin(f"edits[{index}]", spans.get(("edits", index), Place()))
        reading.found.append(Found(edit, origin))
    reading.account = account
    return reading


def _places(text: str) -> dict[JsonPath, Place]:
    return {path: Place(span.start.line, span.start.column) for path, span in json_places(text).items()}


def _located(error: JsonError, text: str) -> ReadError:
    """The first problem with its line and column, which the reader of JSON knows for its own problems alone."""
    first = error.problems[0]
    where = f"`{write_path(first.path)}`: " if first.path else ""
    if first.line:
        return ReadError(f"{where}{first.message}", Place(first.line, first.column))
    places, path = _places(text), first.path
    while path and path not in places:
        path = path[:-1]
    return ReadError(f"{where}{first.message}", places.get(path, Place()))
