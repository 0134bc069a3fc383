"""A resource of a place that some patterns match and others do not."""

from collections.abc import Iterator

from policystudio.engine.arn import PARTS
from policystudio.engine.exact.signatures import contains
from policystudio.engine.exact.terms import Place
from policystudio.engine.exact.texts import filled, find_text, fits
from policystudio.engine.globs import Parts

_EXAMPLE = "arn:aws:service:us-east-1:111122223333:example"


def find_resource(place: Place, required: frozenset[Parts], excluded: frozenset[Parts]) -> str | None:
    """A resource that every required and no excluded pattern matches, one of the hints where one does; None for none.

    Raises ``TooLarge``.
    """
    wanted, unwanted = required | place.required, excluded | place.excluded
    for text in _readable(place, required):
        if fits(text, list(wanted), list(unwanted)) and contains(place.universe, text):
            return text
    return find_text(wanted, unwanted, place.universe)


def _readable(place: Place, required: frozenset[Parts]) -> Iterator[str]:
    """The hints, and instances of the required patterns with the hints' Region and account."""
    yield from place.hints
    for pattern in sorted(required, key=len, reverse=True)[:3]:
        segments = (place.hints[0] if place.hints else "arn:aws:service:us-east-1:111122223333:example").split(
            ":", PARTS - 1
        )
        for filling in ("example", ""):
            yield filled(pattern, filling, segments)
