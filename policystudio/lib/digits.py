"""Whole numbers that a client writes: Python's own `int` fails at 4,301 digits, and `isdigit` takes `²` for a digit."""

#: The largest key that a row can have.
MOST_KEY = 2**63 - 1


def number_in(text: str, *, digits: int = 9) -> int | None:
    """The number that a text of at most so many ASCII digits is; None where it is none."""
    return int(text) if 0 < len(text) <= digits and text.isascii() and text.isdigit() else None
