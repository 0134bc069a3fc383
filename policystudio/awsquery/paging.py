"""Pages of AWS's List operations: where the next one begins is told by a marker that is good for one operation alone.

A marker holds the place of the last row in an order of names, so that rows may come and go between two pages.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core import signing

from policystudio.awsquery.errors import validation_error

#: Items of a page where `MaxItems` is left out, as in AWS.
DEFAULT_ITEMS = 100
#: Stands in no name, key or id.
_SEPARATOR = "\0"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pager:
    """One page that was asked for: at most ``limit`` items after the place ``after``, which is empty on the first."""

    salt: str
    limit: int
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name after which the page begins, where a name alone makes a place; empty on the first."""
        return self.after[0] if self.after else ""

    def reaches(self, section: int) -> bool:
        """Whether the page can have rows of a section, where the number of a section begins a place."""
        return not self.after or int(self.after[0]) <= section

    def place_in(self, section: int) -> tuple[str, ...]:
        """Where to go on in a section: at the marker in its own; empty, at the beginning, in the later ones."""
        return self.after[1:] if self.after and int(self.after[0]) == section else ()

    def name_in(self, section: int) -> str:
        """The name after which to go on in a section, where a name alone makes a place in it."""
        place = self.place_in(section)
        return place[0] if place else ""

    def cut(
        self, found: Iterable[T], place: Callable[[T], tuple[str, ...]], *, goes_on: bool = False
    ) -> tuple[list[T], dict[str, Any]]:
        """The items of the page, of up to one more than ``limit``, and what the answer says of there being more.

        ``goes_on`` says that there are more even where ``found`` is short.
        """
        items = list(found)
        if len(items) <= self.limit and not goes_on:
            return items, {"IsTruncated": False}
        items = items[: self.limit]
        return items, {"IsTruncated": True, "Marker": self._marker(place(items[-1]))}

    def cut_all(self, found: Iterable[T], place: Callable[[T], tuple[str, ...]]) -> tuple[list[T], dict[str, Any]]:
        """The same of everything there is, in the order of its places."""
        return self.cut([item for item in found if not self.after or place(item) > self.after], place)

    @property
    def most(self) -> int:
        """How many rows to fetch, to see whether there are more."""
        return self.limit + 1

    def _marker(self, place: tuple[str, ...]) -> str:
        packed = base64.urlsafe_b64encode(_SEPARATOR.join(place).encode()).decode().rstrip("=")
        return signing.Signer(salt=self.salt).sign(packed)


def read_pager(operation: str, account: str, parameters: Mapping[str, Any], *, fields: int = 1) -> Pager:
    """The page that a request asks for; ``fields`` is how many texts make a place. Raises ``AwsError``."""
    salt = f"awsquery.marker.{operation}.{account}"
    limit = parameters.get("MaxItems", DEFAULT_ITEMS)
    marker = parameters.get("Marker")
    if marker is None:
        return Pager(salt, limit)
    try:
        packed = signing.Signer(salt=salt).unsign(marker)
        after = tuple(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().split(_SEPARATOR))
    except (signing.BadSignature, binascii.Error, UnicodeDecodeError):
        after = ()
    if len(after) != fields:
        raise validation_error("Invalid Marker.")
    return Pager(salt, limit, after)
