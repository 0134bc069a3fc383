"""What the page for files of other tools takes, and the words in which it says what is in one."""

import re
from dataclasses import dataclass

from policystudio.changes.transfer import Arrival, Effect, Item
from policystudio.web.words import count

_NAME = re.compile(r"(?:var\.|local\.)?([A-Za-z0-9_:.-]{1,255})")
MOST_VALUES = 200
EFFECTS = {
    Effect.CREATES: "new",
    Effect.CHANGES: "changes",
    Effect.REMOVES: "removes",
    Effect.SAME: "as it is",
    Effect.REFUSED: "not possible",
}


class FormError(ValueError):
    """The form cannot be understood; the text says what to write instead."""


@dataclass(frozen=True)
class Row:
    """An item of a file as the page lists it."""

    item: Item
    word: str
    about: str
    place: str
    unknown: str


def values_of(written: str) -> dict[str, str]:
    """The values that a person gives: `name=value`, one a line."""
    values: dict[str, str] = {}
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        match = _NAME.fullmatch(name.strip())
        if not sign or match is None:
            raise FormError(f"values, line {number}: write name=value, such as bucket=my-data")
        values[match[1]] = value.strip()
    if len(values) > MOST_VALUES:
        raise FormError(f"values: at most {MOST_VALUES} are taken")
    return values


def answer_of(arrival: Arrival) -> str:
    """What is in a file, in a sentence or two."""
    effects = [item.effect for item in arrival.items]
    parts = [
        f"{effects.count(effect)} {words}"
        for effect, words in (
            (Effect.CREATES, "new"),
            (Effect.CHANGES, "different here"),
            (Effect.REMOVES, "removed"),
            (Effect.SAME, "as the account has it"),
            (Effect.REFUSED, "not possible here"),
        )
        if effect in effects
    ]
    found = f"{arrival.reading.format}, {count(len(arrival.items), 'edit')}"
    sentence = f"{found}: {', '.join(parts)}." if parts else f"{found}: nothing in it is about IAM."
    unknown = sum(bool(item.found.unknown) for item in arrival.items)
    if unknown:
        sentence += f" Of {unknown} not everything is known."
    if arrival.left_out:
        sentence += f" {count(len(arrival.left_out), 'thing')} left out."
    return sentence


def row_of(item: Item) -> Row:
    """An item with its words."""
    names = ", ".join(f"{one.name} ({one.place})" for one in item.found.unknown)
    return Row(item, EFFECTS[item.effect], _about(item), str(item.found.origin.place), names)


def _about(item: Item) -> str:
    return item.edit.kind.replace("-", " ").capitalize()
