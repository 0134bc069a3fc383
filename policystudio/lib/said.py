"""Messages that say what kind of fault they tell of, for whoever answers differently to each."""


class Absent(str):
    """Names something, by a name that might well be one, that is not there."""

    __slots__ = ()


class Contrary(str):
    """Well written by itself, but it contradicts something else that was said, or how things stand."""

    __slots__ = ()
