"""What texts are taken, for the OpenAPI document."""

from typing import Any, Final

#: What REST framework takes for a text that is not blank: neither empty nor blanks alone, and without NUL.
NOT_BLANK: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "pattern": r"^[^\x00]*[^\s\x00\x1c-\x1f\x85][^\x00]*$",
}
