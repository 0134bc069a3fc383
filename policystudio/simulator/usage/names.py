"""Fewer patterns for many names: job names carry dates and ids, so a list of them would never allow the next one."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

#: So many names of one kind stand in a policy one by one before they become patterns.
MOST_NAMES = 8
#: A date, a time or an id at the end of a name; what comes before it stays.
_VOLATILE = re.compile(r"(?:\d{4,}|(?=[0-9a-f]*\d)[0-9a-f]{8,})[\w.:-]*$", re.IGNORECASE)
_PARTS = re.compile(r"[-_.]")


class Narrowing(StrEnum):
    """How closely a proposed policy follows the names that were recorded."""

    AUTO = "auto"
    EXACT = "exact"
    PREFIX = "prefix"
    TYPE = "type"


def patterns(resources: Iterable[str], narrowing: Narrowing = Narrowing.AUTO) -> dict[str, str]:
    """For each resource the pattern that stands for it in the policy; one with a wildcard stands for itself.

    ``AUTO`` names up to ``MOST_NAMES`` of one place (an ARN up to its last slash) one by one, cuts off dates and ids
    where there are more, then all but the first part of the name, then the name.
    """
    places: dict[str, set[str]] = {}
    for resource in resources:
        start, slash, name = resource.rpartition("/")
        if slash and "*" not in name:
            places.setdefault(start, set()).add(name)
    made = {start: _shortened(names, narrowing) for start, names in places.items()}
    result = {}
    for resource in resources:
        start, slash, name = resource.rpartition("/")
        result[resource] = f"{start}/{made[start][name]}" if slash and name in made.get(start, {}) else resource
    return result


def _shortened(names: set[str], narrowing: Narrowing) -> Mapping[str, str]:
    if narrowing is Narrowing.EXACT or (narrowing is Narrowing.AUTO and len(names) <= MOST_NAMES):
        return {name: name for name in names}
    if narrowing is Narrowing.TYPE:
        return dict.fromkeys(names, "*")
    stable = {name: _without_end(name) for name in names}
    if narrowing is Narrowing.PREFIX or len(set(stable.values())) <= MOST_NAMES:
        return stable
    first = {name: _first_part(name) for name in names}
    return first if len(set(first.values())) <= MOST_NAMES else dict.fromkeys(names, "*")


def _without_end(name: str) -> str:
    """``churn-2026-11-03-10-22`` becomes ``churn-*``; a name without such an end stays."""
    cut = _VOLATILE.sub("*", name, count=1)
    return cut if len(cut) > 1 else "*"


def _first_part(name: str) -> str:
    found = _PARTS.search(name)
    return f"{name[: found.end()]}*" if found and found.start() else name
