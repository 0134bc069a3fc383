"""TYPE_MISMATCH_…, INVALID_DATE_VALUE: a condition's value that its operator cannot read."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DATE = re.compile(
    r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?|\d{8}T\d{6}Z"
)
_EPOCH = re.compile(r"\d{5,}")


def check(document: Document) -> Iterator[Report]:
    """Every value without a variable; with one it is not known before the request."""
    for statement in document.statements:
        for condition in statement.conditions:
            problem = _PROBLEMS.get(FAMILIES.get(condition.base, ""))
            for value in condition.values if problem is not None else ():
                if problem is not None and "${" not in value.text:
                    code = problem(value)
                    if code:
                        yield code, f"{_MESSAGES[code]}: `{value.text}` is not one.", at(value)


def _boolean(value: Node) -> str:
    return "" if value.text.lower() in ("true", "false") else "TYPE_MISMATCH_BOOLEAN"


def _number(value: Node) -> str:
    return "" if _NUMBER.fullmatch(value.text) else "TYPE_MISMATCH_NUMBER"


def _date(value: Node) -> str:
    if _EPOCH.fullmatch(value.text):
        return "INVALID_DATE_VALUE"
    return "" if _DATE.fullmatch(value.text) else "TYPE_MISMATCH_DATE"


def _address(value: Node) -> str:
    try:
        ip_network(value.text, strict=False)
    except ValueError:
        return "TYPE_MISMATCH_IP_RANGE"
    return ""


def _binary(value: Node) -> str:
    try:
        base64.b64decode(value.text, validate=True)
    except (binascii.Error, ValueError):
        return "TYPE_MISMATCH_STRING"
    return ""


_PROBLEMS: Mapping[str, Callable[[Node], str]] = {
    "Bool": _boolean,
    "Null": _boolean,
    "Numeric": _number,
    "Date": _date,
    "IpAddress": _address,
    "Binary": _binary,
}
_MESSAGES = {
    "TYPE_MISMATCH_BOOLEAN": "Add a valid Boolean value (true or false) for the condition operator",
    "TYPE_MISMATCH_NUMBER": "Add a valid numeric value for the condition operator",
    "TYPE_MISMATCH_DATE": "Specify a valid date using YYYY-MM-DD or another ISO 8601 format",
    "INVALID_DATE_VALUE": "Seconds might not resolve as expected; write a date as YYYY-MM-DD",
    "TYPE_MISMATCH_IP_RANGE": "Specify the IP range in standard CIDR format",
    "TYPE_MISMATCH_STRING": "Add a valid base64-encoded string value for the condition operator",
}

RULE = Rule(
    "Values of conditions",
    {code: FindingType.ERROR if code == "TYPE_MISMATCH_IP_RANGE" else FindingType.WARNING for code in _MESSAGES},
    check,
)
