"""Whether two sets of policies allow the same, asked many times over within a budget of work."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.analyse.compare import difference
from policystudio.engine.analyse.comparison import Effective, Undecided
from policystudio.engine.document import Effect, Policy, PolicyKind, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.facts import Facts
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.engine.source import Position, Span

#: What follows from whose resource it is: here they may be anybody's.
_OF_OWNERS = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
#: What a question costs that ran into the limits of a comparison.
_UNDECIDED = 10_000
_NOWHERE = Span(Position(0, 1, 1), Position(0, 1, 1))


class Exhausted(Exception):
    """The budget of a question is used up."""


@dataclass
class Prover:
    """Asks whether policies, put in the place of an identity's own, allow the same.

    ``limits`` holds boundary and organization levels, without identity policies; ``facts`` what is known of every
    request. Resources of every account count, whoever asks. ``budget`` is in statements that are looked at. What
    could not be decided counts as a difference, and in ``undecided``.
    """

    limits: PolicyStack
    facts: Facts
    budget: int
    future: tuple[NamedPolicy, ...] = ()
    undecided: int = 0
    questions: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        known = {key: values for key, values in self.facts.known.items() if key not in _OF_OWNERS}
        self.facts = replace(self.facts, known=known)
        self.bare = PolicyStack(session_policies=self.limits.session_policies)

    def loses_nothing(
        self, before: Sequence[NamedPolicy], after: Sequence[NamedPolicy], *, limited: bool = True
    ) -> bool:
        """Whether all that ``before`` allows is allowed by ``after`` too."""
        return self._includes(after, before, limited)

    def gains_nothing(
        self, before: Sequence[NamedPolicy], after: Sequence[NamedPolicy], *, limited: bool = True
    ) -> bool:
        """Whether all that ``after`` allows was allowed by ``before``."""
        return self._includes(before, after, limited)

    def _includes(self, wide: Sequence[NamedPolicy], narrow: Sequence[NamedPolicy], limited: bool) -> bool:
        step()
        self.questions += 1
        self.budget -= 4 + sum(_size(named) for side in (wide, narrow) for named in side)
        if self.budget < 0:
            raise Exhausted
        sides = [self.effective(policies, limited=limited) for policies in (wide, narrow)]
        try:
            return difference(sides[0], sides[1]) is None
        except Undecided:
            self.undecided += 1
            self.budget -= _UNDECIDED
            return False

    def effective(self, policies: Sequence[NamedPolicy], *, limited: bool = True) -> Effective:
        """What the policies come to, within the limits or by themselves."""
        stack = self.limits if limited else self.bare
        return Effective(replace(stack, identity_policies=(*policies, *self.future)), self.facts)


def _size(named: NamedPolicy) -> int:
    """How much work a policy is: its statements, and long lists."""
    statements = named.policy.statements
    entries = sum(len(one.actions) + len(one.not_actions) + len(one.resources) for one in statements)
    return len(statements) + entries // 20


def everything() -> NamedPolicy:
    """Stands for whatever else may be attached: it allows everything."""
    return NamedPolicy("anything else", _policy(Effect.ALLOW, ("*",), ("*",), ()))


def future_actions(statements: Iterable[Statement]) -> tuple[NamedPolicy, ...]:
    """A policy without effect that names actions which AWS may add: one for each wildcard of the statements.

    With it on both sides a comparison tells a wildcard from a list of all that it matches today.
    """
    found = list(statements)
    patterns = {text for item in found for text in (*item.actions, *item.not_actions)}
    names = {name for pattern in patterns if set(pattern) & set("*?") for name in _instances(pattern)}
    if any(item.not_actions for item in found):
        names |= {name for pattern in patterns for name in _instances(f"{pattern.partition(':')[0]}:*")}
        names |= set(_instances("*"))
    known = known_actions()
    fresh = sorted(name for name in names if not known.mask(name))
    # NotResource `*` is no resource at all.
    return (NamedPolicy("future", _policy(Effect.ALLOW, tuple(fresh), (), ("*",))),) if fresh else ()


def _instances(pattern: str) -> Iterator[str]:
    service, _, name = pattern.partition(":")
    filled = service.replace("*", "example").replace("?", "x"), (name or "*").replace("*", "Example").replace("?", "x")
    yield ":".join(filled)


def _policy(effect: Effect, actions: tuple[str, ...], resources: tuple[str, ...], others: tuple[str, ...]) -> Policy:
    statement = Statement(0, None, effect, (), (), actions, (), resources, others, (), _NOWHERE)
    return Policy("", PolicyKind.IDENTITY, "2012-10-17", (statement,))
