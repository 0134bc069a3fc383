"""Policy documents, parsed once a process: a document never changes under its digest."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.policies.models import Document

#: How many distinct documents stay parsed in a process.
PARSED_LIMIT = 20_000
_BATCH = 500


class _Parsed:
    """Documents by digest, parsed once a process; a document never changes under its digest."""

    def __init__(self) -> None:
        self._policies: OrderedDict[str, Policy | None] = OrderedDict()
        self._lock = Lock()

    def get_many(self, digests: Iterable[str]) -> dict[str, Policy | None]:
        """The policy of each digest; None where it does not parse or is not there."""
        wanted = set(digests)
        with self._lock:
            found = {digest: self._policies[digest] for digest in wanted if digest in self._policies}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), _BATCH):
            rows = Document.objects.filter(digest__in=missing[start : start + _BATCH])
            for digest, kind, text in rows.values_list("digest", "kind", "text"):
                found[digest] = parse_or_none(text, PolicyKind(kind))
        with self._lock:
            self._policies.update(found)
            while len(self._policies) > PARSED_LIMIT:
                self._policies.popitem(last=False)
        return found


_parsed = _Parsed()


def parse_or_none(text: str, kind: PolicyKind) -> Policy | None:
    """The policy, or None where the text is not one."""
    try:
        return parse_policy(text, kind)
    except PolicyError:
        return None


def documents(digests: Iterable[str]) -> dict[str, Policy | None]:
    """Parsed documents by digest; None for one that does not parse."""
    return _parsed.get_many(digests)
