"""The name that was probably meant: each comparison is a step, for whoever asks may send a hundred thousand names."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from policystudio.engine.effort import step

#: Nobody means one of our names by a longer text.
LONGEST = 80


def nearest(written: str, names: Iterable[str], *, alike: float = 0.6) -> str:
    """The name that is most like what was written, in any letter case; "" where none is ``alike`` enough."""
    if not written or len(written) > LONGEST:
        return ""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(written.lower())
    best, found = alike, ""
    for name in names:
        step()
        matcher.set_seq1(name.lower())
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
            continue
        ratio = matcher.ratio()
        if ratio > best or (ratio == best and not found):
            best, found = ratio, name
    return found
