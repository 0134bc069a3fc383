"""What a rule is: a check of a whole document with the codes that it reports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policystudio.engine.document import PolicyKind
from policystudio.engine.effort import step
from policystudio.engine.lint.finding import Finding, FindingType, Origin, Place
from policystudio.engine.lint.tree import Document, Node

#: What a check yields: a code, a message, the places.
Report = tuple[str, str, tuple[Place, ...]]
Check = Callable[[Document], Iterable[Report]]

EVERY_KIND = frozenset(PolicyKind)
#: The kinds of policies that say who is meant, in a Principal element.
WITH_PRINCIPAL = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``title`` heads its section in docs/findings.md; ``codes`` gives the type of each code."""

    title: str
    codes: Mapping[str, FindingType]
    check: Check
    kinds: frozenset[PolicyKind] = field(default=EVERY_KIND)
    source: Origin = Origin.AWS

    def findings(self, document: Document) -> Iterator[Finding]:
        """What the rule finds in a document; nothing where it is not about such policies."""
        if document.kind in self.kinds:
            for code, message, places in self.check(document):
                step()
                yield Finding(code, self.codes[code], message, places, self.source)


def at(*nodes: Node) -> tuple[Place, ...]:
    """The places of nodes."""
    return tuple(node.place for node in nodes)
