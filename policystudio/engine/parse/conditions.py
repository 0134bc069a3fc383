"""The Condition element: operators with their prefix and suffix, keys and values."""

from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.parse.report import Report, shown, suggestion
from policystudio.engine.parse.text import Value
from policystudio.engine.source import Path

#: The condition operators in AWS's spelling, without prefix and suffix.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
)
_BY_LOWER = {name.lower(): name for name in OPERATORS}
_QUANTIFIERS = {each.lower(): each for each in (Quantifier.FOR_ALL_VALUES, Quantifier.FOR_ANY_VALUE)}
_IF_EXISTS = "ifexists"

#: Quantifier, operator, IfExists.
Operator = tuple[Quantifier, str, bool]


def read_conditions(value: Value, path: Path, report: Report) -> tuple[Condition, ...]:
    """The conditions of a block ``{operator: {key: value or list of values}}``, in its order.

    Names of operators may have any letter case. An empty list of values is kept: no value of the request is in it.
    """
    if not _is_object(value, "`Condition`", path, report):
        return ()
    conditions: list[Condition] = []
    seen: dict[Operator, str] = {}
    for name, keys in value.members:
        operator = _operator(name, (*path, name.text), report)
        if operator in seen and seen[operator] != name.text:
            message = f"{shown(name.text)} and {shown(seen[operator])} are the same operator: put their keys together"
            report.add("duplicate_key", message, name, (*path, name.text))
        if operator is not None:
            seen.setdefault(operator, name.text)
        if _is_object(keys, f"the block of {shown(name.text)}", (*path, name.text), report):
            conditions += _conditions(operator, keys, (*path, name.text), report)
    return tuple(conditions)


def _operator(name: Value, path: Path, report: Report) -> Operator | None:
    before, colon, after = name.text.partition(":")
    quantifier = _QUANTIFIERS.get(before.lower()) if colon else Quantifier.NONE
    base = after if colon else name.text
    if_exists = base.lower().endswith(_IF_EXISTS)
    if if_exists:
        base = base[: -len(_IF_EXISTS)]
    operator = _BY_LOWER.get(base.lower())
    if operator == "Null" and if_exists:
        report.add("operator", "`Null` cannot have `IfExists`: it asks itself whether the key exists", name, path)
    elif operator is None or quantifier is None:
        meant = _meant(before if colon else "", base, if_exists=if_exists)
        hint = f": did you mean `{meant}`?" if meant else ""
        if not name.damaged:
            report.add("operator", f"unknown condition operator {shown(name.text)}{hint}", name, path)
    else:
        return quantifier, operator, if_exists
    return None


def _meant(prefix: str, base: str, *, if_exists: bool) -> str:
    operator = suggestion(base, OPERATORS)
    quantifier = suggestion(prefix, tuple(each.value for each in _QUANTIFIERS.values())) if prefix else ""
    if not operator:
        return ""
    return f"{quantifier}{':' if quantifier else ''}{operator}{'IfExists' if if_exists else ''}"


def _conditions(operator: Operator | None, keys: Value, path: Path, report: Report) -> list[Condition]:
    conditions = []
    seen: dict[str, str] = {}
    for key, value in keys.members:
        key_path = (*path, key.text)
        _check_key(key, key_path, seen, report)
        values = _values(value, key_path, report)
        if operator is not None:
            conditions.append(Condition(*operator, key.text, values))
    return conditions


def _check_key(key: Value, path: Path, seen: dict[str, str], report: Report) -> None:
    if key.damaged:
        return
    prefix, _, name = key.text.partition(":")
    if not prefix.strip() or not name.strip():
        message = f"{shown(key.text)} is not a condition key: write `service:key`, such as `aws:PrincipalArn`"
        report.add("condition_key", message, key, path)
    first = seen.setdefault(key.text.lower(), key.text)
    if first != key.text:
        message = f"{shown(key.text)} and {shown(first)} are the same key, whose letter case does not count: keep one"
        report.add("duplicate_key", message, key, path)


def _values(value: Value, path: Path, report: Report) -> tuple[str, ...]:
    """Texts as they are; booleans and numbers as they are written."""
    found = [(value, path)]
    if value.type == "array":
        found = [(item, (*path, index)) for index, item in enumerate(value.items)]
    for item, item_path in found:
        if item.type in ("object", "array", "null") and not item.damaged:
            message = "a value of a condition is text, a number, a boolean, or a list of these"
            report.add("type", message, item, item_path)
    return tuple(item.text for item, _ in found)


def _is_object(value: Value, what: str, path: Path, report: Report) -> bool:
    if value.type == "object":
        return True
    if not value.damaged:
        report.add("type", f"{what} must be an object, `{{…}}`", value, path)
    return False
