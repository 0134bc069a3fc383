"""What changes nothing: statements, entries and conditions without which policies allow exactly the same.

Four searches follow each other: what can be taken from Deny statements, what of them can be left open, and the same of
Allow statements. Whatever a search takes away it leaves away, so that all findings hold at once. And as each of them is
looked at beside everything of the other kind, any choice among the findings changes nothing either.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from policystudio.engine import globs
from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.analyse.cover import Evidence, Reason, Witnesses, covered_entry
from policystudio.engine.analyse.dead import Dead, dead_elements
from policystudio.engine.analyse.elements import (
    LISTS,
    Element,
    Part,
    elements_of,
    entries_of,
    is_deny,
    widens,
    with_statements,
    without,
)
from policystudio.engine.analyse.prover import Exhausted, Prover, everything, future_actions
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.document import Policy, PolicyKind, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.facts import Facts, is_service_key
from policystudio.engine.request import NamedPolicy, PolicyStack

#: How much work one question may be, in statements that are looked at; and for a page, which waits for it.
BUDGET, PAGE_BUDGET = 600_000, 60_000
#: The kinds of policy that apply to whoever has them; the others name principals, who would have to be known.
KINDS = (PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL)


@dataclass(frozen=True, slots=True)
class Finding:
    """An element that changes nothing, and why.

    ``by_catalogue`` where it rests on what the catalogue lists: no such action, no resource of such a type, no such key
    sent. All others are proved by comparison, over actions that are not known too.
    """

    element: Element
    evidence: Evidence
    by_catalogue: bool = False


@dataclass(frozen=True, slots=True)
class Redundancy:
    """What of some policies changes nothing.

    ``aside`` are Deny statements of a document that take away nothing which the document itself allows: they matter
    beside other policies, and stay. ``kept`` are the policies without all that was found. ``complete`` is False where
    the budget cut the search off; ``undecided`` counts what could not be decided.
    """

    findings: tuple[Finding, ...]
    aside: tuple[Element, ...]
    kept: tuple[NamedPolicy, ...]
    complete: bool = True
    undecided: int = 0
    questions: int = 0


def redundant_in_document(
    policy: Policy, *, name: str = "policy", budget: int = BUDGET, catalogue: bool = True
) -> Redundancy:
    """What of a document changes nothing, whatever else is attached beside it.

    A Deny statement counts by what it denies, not by what the document allows. Without ``catalogue`` an action that is
    not known counts like any other. Raises ``ValueError`` for documents that name principals.
    """
    if policy.kind not in KINDS:
        raise ValueError("a policy that names principals cannot be looked through: only identity policies and SCPs can")
    prover = Prover(PolicyStack(), Facts({}), budget)
    return _Shadow((NamedPolicy(name, policy),), prover, alone=True, document=True, catalogue=catalogue).run()


def redundant_in_stack(stack: PolicyStack, facts: Facts, *, budget: int = BUDGET, whole: bool = True) -> Redundancy:
    """What of an identity's own policies changes nothing for it, with its boundary and organization as they are.

    ``facts`` are those of the identity. What is found may well matter to others who have the same policies. ``whole``
    is False where the identity has further policies, of which nothing is known: then only that is found which changes
    nothing whatever they say.
    """
    limits = PolicyStack(
        permissions_boundary=stack.permissions_boundary,
        session_policies=stack.session_policies,
        service_control_policies=stack.service_control_policies,
    )
    return _Shadow(stack.identity_policies, Prover(limits, facts, budget), alone=not whole).run()


@dataclass
class _Shadow:
    policies: Sequence[NamedPolicy]
    prover: Prover
    alone: bool
    document: bool = False
    catalogue: bool = True
    dead: list[Dead] = field(default_factory=list, init=False)
    singles: dict[tuple[tuple[int, int], Part], int] = field(default_factory=dict, init=False)

    def run(self) -> Redundancy:
        self.allowance = self.prover.budget // 2
        self.prover.future = future_actions(one for named in self.policies for one in named.policy.statements)
        self.dead = list(self.dead_elements()) if self.catalogue else []
        base = self.left()
        self.statements = {
            (number, one.index): self.policies[number].policy.statements[one.index]
            for number, named in enumerate(base)
            for one in named.policy.statements
        }
        self.narrowing: list[Element] = []
        self.widening: list[Element] = []
        complete = True
        try:
            for deny in (True, False):
                self.search(deny=deny)
        except Exhausted:
            complete = False
        gone = self.largest([*self.narrowing, *self.widening])
        kept = self.left(*gone)
        self.prover.budget = max(self.prover.budget, 0) + self.allowance
        found, aside, whole = self.explain(gone, kept)
        return Redundancy(
            tuple(found), tuple(aside), kept, complete and whole, self.prover.undecided, self.prover.questions
        )

    # What the catalogue shows.

    def dead_elements(self) -> Iterator[Dead]:
        """What the catalogue shows to be dead; of NotAction and NotResource one entry stays."""
        for number, named in enumerate(self.policies):
            for statement in named.policy.statements:
                found = list(dead_elements(number, statement, modern=named.policy.has_variables))
                for part in (Part.NOT_ACTION, Part.NOT_RESOURCE):
                    entries = [one for one in found if one.element.part is part]
                    if entries and len(entries) == len(entries_of(statement, part)):
                        found.remove(entries[0])
                yield from found

    def left(self, *gone: Element) -> tuple[NamedPolicy, ...]:
        """The policies without what is dead, and without some elements."""
        return without(self.policies, [*(one.element for one in self.dead), *gone])

    # The four searches.

    def search(self, *, deny: bool) -> None:
        """Take away what narrows, then what widens, the statements of one effect."""
        own = {key for key, one in self.statements.items() if is_deny(one) is deny}
        for block in self.blocks(own):
            self.attempt(block, self.narrowing, deny=deny, widening=False)
        for widening in (False, True):
            taken = self.widening if widening else self.narrowing
            for element in self.entries(own, widening=widening):
                if self.is_last(element, taken) or any(element.is_within(one) for one in taken):
                    continue
                self.attempt([element], taken, deny=deny, widening=widening)

    def blocks(self, own: set[tuple[int, int]]) -> Iterator[list[Element]]:
        """Whole policies, where there are several, then statements: first those that another one covers at a glance.

        Of statements that are alike the last one comes first.
        """
        if len(self.policies) > 1:
            for number in range(len(self.policies)):
                mine = [Element(number, index) for policy, index in sorted(own) if policy == number]
                if len(mine) > 1:
                    yield mine
        ordered = sorted(own, key=lambda key: (key[0], -key[1]))
        plain = {key for key in ordered if any(self.covers(other, key) for other in own if other != key)}
        yield from ([Element(*key)] for key in ordered if key in plain)
        yield from ([Element(*key)] for key in ordered if key not in plain)

    def covers(self, wide: tuple[int, int], narrow: tuple[int, int]) -> bool:
        """Whether it is plain that one statement does all that another one does."""
        step()
        left, right = self.statements[wide], self.statements[narrow]
        known = known_actions()
        if known.of(right) & ~known.of(left) or not set(left.conditions) <= set(right.conditions):
            return False
        if left.not_resources or right.not_resources:
            return set(left.not_resources) <= set(right.not_resources) and not left.resources
        return all(any(_covers(other, text) for other in left.resources) for text in right.resources)

    def entries(self, own: set[tuple[int, int]], *, widening: bool) -> Iterator[Element]:
        """The elements within statements that are left; entries that another one of their list covers come first."""
        found = [
            element
            for key in sorted(own)
            for element in elements_of(key[0], self.statements[key])
            if widens(element, self.statements[key]) is widening and not self.is_gone(element)
        ]
        found.reverse()
        if widening:
            found.sort(key=lambda element: element.part is Part.VALUE)
        else:
            found.sort(key=lambda element: not covered_entry(element, self.statement(element)))
        yield from found

    def statement(self, element: Element) -> Statement:
        return self.statements[element.policy, element.statement]

    def is_gone(self, element: Element) -> bool:
        gone = (*self.narrowing, *(one.element for one in self.dead))
        return any(element.is_within(one) for one in gone)

    def is_last(self, element: Element, taken: Iterable[Element]) -> bool:
        """Whether nothing would be left of the list that the element is in."""
        if element.part not in LISTS and element.part is not Part.VALUE:
            return False
        statement = self.statement(element)
        if element.part is Part.VALUE:
            size = len(statement.conditions[element.entry].values)
        else:
            size = len(entries_of(statement, element.part))
        same = (element.policy, element.statement, element.part)
        gone = [
            one
            for one in (*taken, *(each.element for each in self.dead))
            if (one.policy, one.statement, one.part) == same
            and (one.part is not Part.VALUE or one.entry == element.entry)
        ]
        return len(gone) + 1 >= size

    def attempt(self, block: Sequence[Element], taken: list[Element], *, deny: bool, widening: bool) -> None:
        """Take some elements away, if that changes nothing."""
        step()
        block = [one for one in block if one not in taken]
        if block and not widening and covered_entry(block[0], self.statement(block[0])):
            taken += block  # plain to see
            return
        if not block or (not widening and not self.may_be_gone(block[0], deny=deny)):
            return
        open_denies = [one for one in self.narrowing if is_deny(self.statement(one))] if not deny else []
        before = self.left(*open_denies, *taken)
        after = self.left(*open_denies, *taken, *block)
        if deny and self.alone:
            before, after = (*before, everything()), (*after, everything())
        gains = deny is not widening
        same = self.prover.gains_nothing if gains else self.prover.loses_nothing
        if same(before, after):
            taken += block

    def may_be_gone(self, element: Element, *, deny: bool) -> bool:
        """A first look at a document's statements and actions: what alone names an action is needed for it."""
        statement = self.statement(element)
        if not self.document or element.part not in (Part.STATEMENT, Part.ACTION):
            return True
        single = self.single(element, deny=deny)
        if element.part is Part.ACTION:
            # The statement itself is needed, so it can match. What SageMaker never sends differs between its actions.
            keys = any(is_service_key(condition.key.lower()) for condition in statement.conditions)
            own = known_actions().mask(f"{load_sagemaker().service}:*") if keys else 0
            return not known_actions().mask(statement.actions[element.entry]) & single & ~own
        may_match = not statement.conditions and not statement.not_resources
        return not (may_match and not any("${" in text for text in statement.resources)) or not single

    def single(self, element: Element, *, deny: bool) -> int:
        """The actions that a statement names by one entry only, and that no other statement that matters names."""
        key = element.policy, element.statement
        found = self.singles.get((key, element.part))
        if found is None:
            known, once, twice = known_actions(), 0, 0
            statement = self.statements[key]
            for mask in map(known.mask, statement.actions) if element.part is Part.ACTION else [known.of(statement)]:
                twice |= once & mask
                once |= mask
            for place, other in self.statements.items():
                if place != key and (is_deny(other) or not deny):
                    twice |= known.of(other)
            found = self.singles[key, element.part] = once & ~twice
        return found

    @staticmethod
    def largest(elements: Sequence[Element]) -> list[Element]:
        """The elements that are not within another one of them."""
        return [one for one in elements if not any(one != other and one.is_within(other) for other in elements)]

    # Why.

    def explain(
        self, gone: Sequence[Element], kept: Sequence[NamedPolicy]
    ) -> tuple[list[Finding], list[Element], bool]:
        """The findings with their evidence, and the Deny statements that stand aside; whether all could be told."""
        found = list(self.dead_findings())
        reasons = Witnesses(self.prover, kept, alone=self.alone)
        aside: list[Element] = []
        whole = True
        for element in sorted(gone):
            try:
                dead = [one.element for one in self.dead if one.element.statement == element.statement]
                dead = [one for one in dead if one.policy == element.policy]
                evidence = reasons.evidence(element, self.statement(element), dead)
            except Exhausted:
                whole, evidence = False, Evidence(Reason.NO_EFFECT)
            found.append(Finding(element, evidence, by_catalogue=evidence.reason is Reason.NEVER_SENT))
        try:
            aside = list(self.standing_aside(gone)) if self.document else []
        except Exhausted:
            whole = False
        found.sort(key=lambda one: one.element)
        return found, aside, whole

    def dead_findings(self) -> Iterator[Finding]:
        """What is dead by the catalogue; one finding for a statement of which nothing is left."""
        by_statement: dict[tuple[int, int], list[Dead]] = {}
        for one in self.dead:
            by_statement.setdefault((one.element.policy, one.element.statement), []).append(one)
        for key, items in by_statement.items():
            if key in self.statements:
                yield from (Finding(one.element, _evidence_of(one), by_catalogue=True) for one in items)
                continue
            reason = next((one for one in items if one.part is Part.RESOURCE), items[0])
            entries = tuple(dict.fromkeys(one.near for one in items if one.near))
            near = entries[0] if reason.part is Part.ACTION and entries else reason.near
            evidence = Evidence(_REASONS[reason.part], near=near, types=reason.types)
            yield Finding(Element(*key), evidence, by_catalogue=True)

    def standing_aside(self, gone: Sequence[Element]) -> Iterator[Element]:
        """The Deny statements of a document that take away nothing of what it allows; not those that go anyway."""
        document = self.left()[0]
        statements = document.policy.statements
        if all(is_deny(one) for one in statements):
            return
        for one in statements:
            element = Element(0, one.index)
            others = with_statements(document, tuple(other for other in statements if other != one))
            if is_deny(one) and element not in gone and self.prover.gains_nothing((document,), (others,)):
                yield element


_REASONS = {Part.ACTION: Reason.NO_ACTION, Part.RESOURCE: Reason.NO_RESOURCE}


def _evidence_of(dead: Dead) -> Evidence:
    return Evidence(_REASONS[dead.part], near=dead.near, types=dead.types)


def _covers(wide: str, narrow: str) -> bool:
    return wide in (narrow, "*") or ("${" not in wide + narrow and globs.matches(globs.parse(wide), narrow))
