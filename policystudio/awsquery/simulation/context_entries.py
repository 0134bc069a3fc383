"""`ContextEntries`: the condition keys that a simulated request carries, each with a type and values of that type."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policystudio.awsquery.errors import invalid_input
from policystudio.engine.conditions import addresses, binaries, booleans, dates, numerics
from policystudio.engine.request import LONGEST_CONTEXT_VALUE, MOST_CONTEXT_VALUES

Values = tuple[str, ...]

#: For each type of single values, what reads one (None where it does not), and how one looks.
_READERS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "string": (lambda text: text, "text"),
    "numeric": (numerics.number, "a number"),
    "boolean": (booleans.boolean, "true or false"),
    "ip": (addresses.network, "an IPv4 or IPv6 address or range"),
    "binary": (binaries.decoded, "base64"),
    "date": (dates.instant, "a date as 2026-11-28T13:05:00Z, or seconds since 1970"),
}
TYPES = tuple(f"{name}{suffix}" for name in _READERS for suffix in ("", "List"))


def read_context(entries: Sequence[Mapping[str, Any]]) -> dict[str, Values]:
    """The keys, as they are written, with their values. Raises ``InvalidInput`` with the place of what is wrong."""
    context: dict[str, Values] = {}
    lowered: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        place = f"ContextEntries.{number}"
        for member in ("ContextKeyName", "ContextKeyType", "ContextKeyValues"):
            if member not in entry:
                raise invalid_input(f"{place}: {member} is missing.")
        name = entry["ContextKeyName"]
        if name.lower() in lowered:
            raise invalid_input(f"{place}: the context key {name} is given more than once.")
        lowered.add(name.lower())
        context[name] = _values(entry["ContextKeyType"], entry["ContextKeyValues"], f"{place} ({name})")
    return context


def _values(kind: str, values: Sequence[str], place: str) -> Values:
    """The values as the engine takes them; a list without any is a key that the request does not have."""
    single = kind.removesuffix("List")
    if single == kind and len(values) != 1:
        raise invalid_input(f"{place}: the type {kind} takes exactly one value, {kind}List takes several.")
    if len(values) > MOST_CONTEXT_VALUES:
        raise invalid_input(f"{place}: {len(values)} values are given, at most {MOST_CONTEXT_VALUES} are simulated.")
    read, looks = _READERS[single]
    for value in values:
        if len(value) > LONGEST_CONTEXT_VALUE:
            said = f"a value has {len(value)} characters, at most {LONGEST_CONTEXT_VALUE} are simulated."
            raise invalid_input(f"{place}: {said}")
        if read(value) is None:
            raise invalid_input(f"{place}: `{value[:100]}` is no value of the type {kind}: it must be {looks}.")
    return tuple(values)
