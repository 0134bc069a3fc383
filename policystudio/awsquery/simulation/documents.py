"""Policy documents among the parameters: read strictly, and kept while they are asked about again."""

from collections.abc import Sequence
from threading import Lock

from policystudio.awsquery.errors import invalid_input
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError
from policystudio.engine.request import Levels, NamedPolicy
from policystudio.simulator.evaluation_policies import PolicyCache

#: The characters of all documents of one request; reading them takes a second or two.
MOST_CHARACTERS = 500_000
#: A longer document is read anew each time, so that a few do not fill the memory.
_LONGEST_KEPT = 16_000
_MOST_PROBLEMS = 3

_cache = PolicyCache(size=1_000)
_lock = Lock()


def named_policies(texts: Sequence[str], parameter: str, kind: PolicyKind) -> tuple[NamedPolicy, ...]:
    """The documents of a list parameter, called `PolicyInputList.1` and so on. Raises ``InvalidInput``."""
    return tuple(named_policy(text, f"{parameter}.{number}", kind) for number, text in enumerate(texts, start=1))


def named_policy(text: str, name: str, kind: PolicyKind) -> NamedPolicy:
    """One document; raises ``InvalidInput`` with the line and column of what is wrong in it."""
    try:
        return NamedPolicy(name, _parsed(text, kind))
    except PolicyError as error:
        told = "; ".join(map(str, error.problems[:_MOST_PROBLEMS]))
        more = len(error.problems) - _MOST_PROBLEMS
        raise invalid_input(f"{name}: {told}{f'; and {more} more' if more > 0 else ''}") from None


def organization_levels(levels: Sequence[Sequence[str]]) -> Levels | None:
    """The service control policies of each level, root first; None without a level."""
    kind = PolicyKind.SERVICE_CONTROL
    return (
        tuple(
            named_policies(texts, f"OrderedOrganizationPolicyInputList.{number}.ServiceControlPolicyInputList", kind)
            for number, texts in enumerate(levels, start=1)
        )
        or None
    )


def refuse_long_documents(texts: Sequence[str]) -> None:
    """Raise ``InvalidInput`` where all documents of a request together are longer than is read at once."""
    total = sum(map(len, texts))
    if total > MOST_CHARACTERS:
        raise invalid_input(
            f"The policies of this request have {total} characters together, at most {MOST_CHARACTERS} are simulated."
        )


def _parsed(text: str, kind: PolicyKind) -> Policy:
    if len(text) > _LONGEST_KEPT:
        return PolicyCache(size=1).parse(text, kind)
    with _lock:
        return _cache.parse(text, kind)
