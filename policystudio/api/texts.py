"""What texts are taken, for the OpenAPI document: the forms that several operations share."""

from typing import Any, Final

from rest_framework import serializers

from policystudio.engine.catalog.load import load_sagemaker


def form(pattern: str, **more: Any) -> dict[str, Any]:
    """A text of this form, from its beginning to its end."""
    return {"type": "string", "pattern": f"^({pattern})$", **more}


class ShapedField(serializers.JSONField):
    """A value that the OpenAPI document describes by a schema of its own; whoever decodes it checks it."""

    def __init__(self, shape: dict[str, Any], **options: Any) -> None:
        self.shape = shape
        super().__init__(**options)


#: JSON is read without NUL, addresses as well.
ANY: Final[dict[str, Any]] = form(r"[^\x00]*")
#: A character that Python does not strip; JSON Schema's own `\s` knows fewer.
NOT_SPACE: Final = r"[^\s\x00\x1c-\x1f\x85]"
#: What REST framework takes for a text that is not blank: neither empty nor blanks alone, and without NUL.
NOT_BLANK: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "pattern": rf"^[^\x00]*{NOT_SPACE}[^\x00]*$",
}
ACCOUNT: Final = form("[0-9]{12}")
#: A part of an address: none that another address would be read of.
IN_PATH: Final = form(r"[^/\x00]+")
_ARN: Final = r"arn:[^:\s\x00]+:[^:\s\x00]+:[^:\s\x00]*:[^:\s\x00]*:[^\s\x00]+"
ARN: Final = form(_ARN)
ARN_OR_ALL: Final = form(rf"\*|{_ARN}")
#: Filters are left out by being empty.
ARN_OR_NONE: Final = form(f"({_ARN})?")
_IDENTITY: Final = r"arn:[^:\s\x00]+:iam::[0-9]{12}:(root|(user|group|role)/[^\s\x00]+)"
IDENTITY: Final = form(_IDENTITY)
_MANAGED: Final = r"arn:[^:\s\x00]+:iam::([0-9]{12}|aws):policy/[^\s\x00]+"
MANAGED_POLICY: Final = form(_MANAGED)
ONE_ACTION: Final = form("[A-Za-z0-9-]+:[A-Za-z0-9_]+")
ONE_OPERATION: Final = form("[A-Za-z]+")
EXCLUDED: Final = form(rf"boundary|inline:[^\x00]+|{_MANAGED}")
EXCLUDED_OR_NONE: Final = form(rf"(boundary|inline:[^\x00]+|{_MANAGED})?")
REGION_OR_NONE: Final = form("([A-Za-z0-9]+(-[A-Za-z0-9]+)*)?", maxLength=32)
#: A context key has a colon in it.
CONTEXT: Final = form(rf"[^\s\x00=!:][^\x00=:]*:[^\x00=]*=[^\x00]*{NOT_SPACE}|![^\x00:]*:[^\x00]*")
TAG: Final = form(r"[^\s\x00=][^\x00=]*=[^\x00]*")
_DAY: Final = r"(19|20)[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
DAY_OR_NONE: Final = form(f"({_DAY})?")
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{3}([0-9]{3})?)?)?"
_MOMENT: Final = rf"{_DAY}(T{_TIME}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?)?"
MOMENT: Final = form(_MOMENT)
MOMENT_OR_NONE: Final = form(f"({_MOMENT})?")
#: A number that was given out, in an address or a body.
NUMBER: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 10**9 - 1}


def or_none(shape: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out by being empty, too."""
    if "enum" in shape:
        return {**shape, "enum": ["", *shape["enum"]]}
    return {"anyOf": [shape, {"type": "string", "maxLength": 0}]}


def _tried() -> str:
    """Policies as they stand in an address: without conditions, the elements in AWS's customary order."""
    blank = " ?"
    action, resource = (
        r'"(\*|[A-Za-z0-9-]{1,32}:[A-Za-z0-9*?]{1,64})"',
        r'"(\*|arn:[a-z-]+:[a-z0-9-]+:[ !#-\[\]-~]{0,99})"',
    )

    def member(name: str, value: str) -> str:
        return f'"{name}"{blank}:{blank}({value})'

    def several(value: str) -> str:
        return rf"{value}|\[{blank}{value}({blank},{blank}{value}){{0,9}}{blank}\]"

    comma = f"{blank},{blank}"
    body = comma.join(
        [
            member("Effect", '"(Allow|Deny)"'),
            member("(Not)?Action", several(action)),
            member("(Not)?Resource", several(resource)),
        ]
    )
    sid = member("Sid", '"[A-Za-z0-9]*"')
    first, other = (rf"\{{{blank}{begin}{body}{blank}\}}" for begin in (f"({sid}{comma})?", ""))
    statements = member("Statement", rf"\[{blank}{first}({comma}{other}){{0,3}}{blank}\]")
    version = member("Version", '"2012-10-17"')
    return rf"\{{{blank}({version}{comma})?{statements}{blank}\}}"


#: A policy to try, in an address.
TRIED_OR_NONE: Final = form(rf"({_MANAGED}|{_tried()})?")


def resource_types() -> list[str]:
    """SageMaker's resource types, and `*` for actions without one."""
    return ["*", *(item.name for item in load_sagemaker().resource_types)]
