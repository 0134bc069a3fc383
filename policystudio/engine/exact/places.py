"""A resource of a place that some patterns match and others do not."""

from collections.abc import Iterator
from functools import lru_cache

from policystudio.engine.arn import PARTS
from policystudio.engine.exact.signatures import contains
from policystudio.engine.exact.terms import Place
from policystudio.engine.exact.texts import filled, find_text, fits, surely_none
from policystudio.engine.globs import Parts, Wild

#: What an action is asked on that takes no resource.
NO_RESOURCE = "*"
#: Regions of examples; the hints stand in the first one.
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2")
_EXAMPLE = "arn:aws:service:us-east-1:111122223333:example"


@lru_cache(maxsize=100_000)
def find_resource(place: Place, required: frozenset[Parts], excluded: frozenset[Parts]) -> str | None:
    """A resource that every required and no excluded pattern matches, one of the hints where one does; None for none.

    Raises ``TooLarge``.
    """
    wanted, unwanted = required | place.required, excluded | place.excluded
    if surely_none(wanted, unwanted):
        return None
    for text in _readable(place, required):
        if fits(text, list(wanted), list(unwanted)) and contains(place.universe, text):
            return text
    found = find_text(wanted, unwanted, place.universe)
    if found is None and place.with_star and fits(NO_RESOURCE, list(wanted), list(unwanted)):
        return NO_RESOURCE
    return found


def _readable(place: Place, required: frozenset[Parts]) -> Iterator[str]:
    """The hints, instances of the required patterns with the hints' Region and account, and the hints elsewhere."""
    yield from place.hints
    patterns = sorted(required, key=len, reverse=True)[:3]
    first = place.hints[0] if place.hints else _EXAMPLE
    fillings = dict.fromkeys(
        ("example", "", *(text for pattern in patterns for text in pattern[-1:] if _is_name(text)))
    )
    for region in _REGIONS:
        there = first.replace(f":{_REGIONS[0]}:", f":{region}:")
        for pattern in patterns:
            for filling in fillings:
                text = filled(pattern, str(filling), there.split(":", PARTS - 1))
                yield text
                yield there.replace("example", text.rpartition("/")[2])
        if place.hints:
            yield there
            yield there.replace("example", "other")


def _is_name(part: str | Wild) -> bool:
    """Whether a part of a pattern can stand within a name."""
    return isinstance(part, str) and not set(part) & set(":/")
