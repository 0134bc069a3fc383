"""Context keys in forms: the type of a key decides how its value is asked for and what is accepted."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import ConditionKey, KeyType
from policystudio.lib.iam_names import ARN_LENGTH

KEY = re.compile(r"[A-Za-z0-9_.-]+:[^\s=!][^=]{0,254}")
HINTS = {
    KeyType.STRING: "",
    KeyType.NUMERIC: "a number, such as 3600",
    KeyType.DATE: "in UTC",
    KeyType.ARN: "arn:aws:…",
    KeyType.IP_ADDRESS: "203.0.113.7 or 2001:db8::7",
    KeyType.BINARY: "base64",
    KeyType.BOOL: "true or false",
}


class ValueProblem(ValueError):
    """A context key or its value is not one; the text says what to write instead."""


@dataclass(frozen=True)
class KeyForm:
    """How the value of one context key is asked for."""

    key: str
    type: KeyType
    multi_valued: bool
    known: bool
    present_when: str

    @property
    def hint(self) -> str:
        """What a value looks like."""
        return HINTS[self.type]

    @property
    def input(self) -> str:
        """The kind of field: `bool`, `lines`, or the `type` of an input element."""
        if self.type is KeyType.BOOL:
            return "bool"
        if self.multi_valued:
            return "lines"
        return {KeyType.NUMERIC: "number", KeyType.DATE: "datetime-local"}.get(self.type, "text")


def key_form(key: str) -> KeyForm:
    """The form of a key; one that no catalogue knows is asked for as text. Raises ``ValueProblem``."""
    key = key.strip()
    if not KEY.fullmatch(key):
        raise ValueProblem(f"`{key}` is not a condition key: write it as service:name, for example aws:SourceVpce")
    found = load_condition_keys().get(key)
    if found is None:
        return KeyForm(key, KeyType.STRING, False, False, "")
    return KeyForm(_spelled(key, found), found.type, found.multi_valued, True, found.present_when)


def _spelled(key: str, found: ConditionKey) -> str:
    """The key in AWS's spelling; the part after a `/` is the user's own."""
    if not found.is_template:
        return found.name
    length = len(found.prefix)
    return found.name[:length] + key[length:]


def accepted(form: KeyForm, entered: Sequence[str]) -> tuple[str, ...]:
    """The values as a request carries them; raises ``ValueProblem`` for one that the key cannot have."""
    lines = [line for value in entered for line in (value.splitlines() if form.input == "lines" else [value])]
    values = [value.strip() for value in lines if value.strip()]
    if not values:
        raise ValueProblem(f"{form.key} needs a value, or choose absent or unknown")
    if len(values) > 1 and not form.multi_valued:
        raise ValueProblem(f"{form.key} has one value, {len(values)} were given")
    return tuple(_value(form, value) for value in values)


def _value(form: KeyForm, value: str) -> str:
    try:
        return _READERS.get(form.type, str)(value)
    except ValueError:
        raise ValueProblem(f"`{value}` cannot be a value of {form.key}: {HINTS[form.type]}") from None


def _number(value: str) -> str:
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", value):
        raise ValueError
    return value


def _date(value: str) -> str:
    """A moment in UTC; what a date field sends has no zone. A plain number counts seconds since 1970."""
    if value.isascii() and value.isdigit() and len(value) > 4:
        return value
    moment = datetime.fromisoformat(value)
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _boolean(value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise ValueError
    return value.lower()


def _arn(value: str) -> str:
    if not value.startswith("arn:") or value.count(":") < 5 or len(value) > ARN_LENGTH:
        raise ValueError
    return value


_READERS = {
    KeyType.NUMERIC: _number,
    KeyType.DATE: _date,
    KeyType.BOOL: _boolean,
    KeyType.IP_ADDRESS: lambda value: str(ipaddress.ip_address(value)),
    KeyType.ARN: _arn,
}


def suggested_keys() -> list[str]:
    """The keys that SageMaker's policies use: the global ones, then the service's own."""
    names = [key.name for key in load_condition_keys().keys if key.name.startswith("aws:")]
    names += [key.name for key in load_sagemaker().condition_keys if key.name.startswith("sagemaker:")]
    return list(dict.fromkeys(name.partition("${")[0] for name in names))
