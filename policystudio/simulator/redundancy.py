"""What of policies has no effect: of documents, of managed policies and identities that are stored; as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from policystudio.accounts.models import Account
from policystudio.engine.analyse.cover import Reason
from policystudio.engine.analyse.elements import Element, Part, condition_of, path_of, text_of
from policystudio.engine.analyse.shadow import BUDGET, Finding, Redundancy, redundant_in_document, redundant_in_stack
from policystudio.engine.document import Policy, Statement
from policystudio.engine.effort import step
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import places
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.engine.source import Path, Span
from policystudio.policies.selectors import policy_by_arn
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.redundancy_words import Told, sentence
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.stacks import AttachedPolicy, Subject, SubjectReader, bearers, documents, source_of


class NoDocument(ValueError):
    """The policy's document is not known, or not one."""


@dataclass(frozen=True)
class Found:
    """What of some policies has no effect; the policies in the order in which the findings count them.

    ``sources`` tells of stored ones what they are; ``unreadable`` names those that apply but could not be read.
    """

    policies: Sequence[NamedPolicy]
    result: Redundancy
    sources: Sequence[AttachedPolicy] = ()
    unreadable: Sequence[str] = ()

    @property
    def several(self) -> bool:
        """Whether a finding needs the name of its policy."""
        return bool(self.sources) or len(self.policies) > 1


@lru_cache(maxsize=500)
def in_document(policy: Policy, budget: int = BUDGET) -> Redundancy:
    """What of a document has no effect; kept for as long as the process lives, as documents never change."""
    return redundant_in_document(policy, budget=budget)


def of_document(named: NamedPolicy, budget: int = BUDGET) -> Found:
    """What of a document has no effect, whatever else is attached."""
    return Found((named,), in_document(named.policy, budget))


def of_stack(stack: PolicyStack, facts: Facts) -> Found:
    """What of an identity's policies has no effect for it."""
    return Found(stack.identity_policies, redundant_in_stack(stack, facts))


def of_policy(account: Account, arn: str) -> Found:
    """What of a managed policy's version in force has no effect.

    Raises ``ManagedPolicy.DoesNotExist``, or ``NoDocument`` where it could not be read.
    """
    policy = policy_by_arn(account, arn)
    digests = list(policy.versions.filter(is_default=True).values_list("document_id", flat=True))
    parsed = next(iter(documents(digests).values()), None)
    if parsed is None:
        raise NoDocument(f"the document of `{arn}` is not known, or not a policy")
    return of_document(NamedPolicy(policy.name, parsed))


def of_identity(account: Account, arn: str, budget: int = BUDGET) -> Found:
    """What of the policies that a stored identity has does nothing for it; raises ``UnknownIdentity``."""
    rows = bearers(account, IdentityFilter(arns=(arn,)))
    if not rows:
        raise UnknownIdentity(arn)
    return of_subject(SubjectReader(source_of(account)).subjects(rows[:1])[0], budget)


def of_subject(subject: Subject, budget: int = BUDGET) -> Found:
    """What of the policies that an identity has does nothing for it."""
    sources = [item for item in subject.policies if item.named is not None]
    unreadable = (*subject.row.unreadable_identity, *subject.row.unreadable_around)
    result = redundant_in_stack(subject.row.stack, subject.row.facts, budget=budget, whole=not unreadable)
    return Found(_named(subject), result, sources, unreadable)


def _named(subject: Subject) -> tuple[NamedPolicy, ...]:
    return subject.row.stack.identity_policies


# Where it stands, and how it is said.


def told(found: Found) -> list[Told]:
    """Each finding with its place and its sentence, in the order of the policies."""
    placed = _Placed(found)
    rows = [placed.told(one) for one in _with_whole_policies(found, _largest(found.result.findings))]
    return sorted(rows, key=lambda one: (one.element.policy, one.start))


def told_aside(found: Found) -> list[Told]:
    """The Deny statements that take nothing away which their document allows."""
    placed = _Placed(found)
    return [placed.place(one) for one in found.result.aside]


def _largest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are not within another one, which then rests on the catalogue too if one of them does."""
    result = []
    for one in findings:
        step()
        if not any(other is not one and one.element.is_within(other.element) for other in findings):
            within = (other for other in findings if other.element.is_within(one.element))
            result.append(replace(one, by_catalogue=any(other.by_catalogue for other in within)))
    return result


def _with_whole_policies(found: Found, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, where all statements of one policy among several are found as one about the policy."""
    result: list[Finding] = []
    for number, named in enumerate(found.policies):
        mine = [one for one in findings if one.element.policy == number]
        statements = [one for one in mine if one.element.part is Part.STATEMENT]
        if len(statements) < len(named.policy.statements) or not found.several:
            result += mine
            continue
        first = statements[0].evidence
        reasons = {one.evidence.reason for one in statements}
        by = tuple(sorted({place for one in statements for place in one.evidence.by}))
        evidence = type(first)(
            first.reason if len(reasons) == 1 else Reason.NO_EFFECT,
            by,
            limits=tuple(dict.fromkeys(name for one in statements for name in one.evidence.limits)),
            keys=tuple(dict.fromkeys(name for one in statements for name in one.evidence.keys)),
            types=first.types,
        )
        whole = all(one.by_catalogue for one in statements)
        result.append(Finding(Element(number, part=Part.POLICY), evidence, by_catalogue=whole))
    return result


class _Placed:
    def __init__(self, found: Found) -> None:
        self.found = found
        self._spans: dict[int, Mapping[Path, Span]] = {}

    def told(self, finding: Finding) -> Told:
        """A finding with its place and its sentence."""
        by = tuple(self.place(Element(*place)) for place in finding.evidence.by)
        here = self.place(finding.element)
        effect = self.statement(finding.element).effect
        return sentence(here, finding, by, effect, several=self.found.several)

    def statement(self, element: Element) -> Statement:
        """The statement that an element is in; the first one of a whole policy."""
        return self.found.policies[element.policy].policy.statements[max(element.statement, 0)]

    def place(self, element: Element) -> Told:
        """Where an element stands."""
        named, statement = self.found.policies[element.policy], self.statement(element)
        spans = self.spans(element.policy)
        is_list = ("Statement", 0) in spans
        path = path_of(element, named.policy, is_list=is_list)
        span = _at(spans, path)
        whole = element.part is Part.POLICY
        return Told(
            element=element,
            policy=named.name,
            sid=None if whole else statement.sid,
            text="" if whole else text_of(element, statement),
            line=span.start.line,
            end_line=span.end.line,
            start=span.start.offset,
            end=span.end.offset,
            condition="" if whole else condition_of(element, statement),
        )

    def spans(self, number: int) -> Mapping[Path, Span]:
        """Where each value of a document stands."""
        found = self._spans.get(number)
        if found is None:
            found = self._spans[number] = places(self.found.policies[number].policy.text)
        return found


def _at(spans: Mapping[Path, Span], path: Path) -> Span:
    """The place of a path; names of operators are found in any letter case, and a single value without its brackets."""
    while path not in spans:
        lowered = [str(step).lower() for step in path]
        alike = (one for one in spans if len(one) == len(path) and [str(step).lower() for step in one] == lowered)
        found = next(alike, None)
        if found is not None:
            return spans[found]
        path = path[:-1]
    return spans[path]


def as_json(found: Found, given: Any = None) -> dict[str, Any]:
    """The answer as data; docs/redundant.md describes it."""
    sources = found.sources
    return {
        "id": given,
        "redundant": [_finding_json(one, sources) for one in told(found)],
        "aside": [_place_json(one, sources) for one in told_aside(found)],
        "complete": found.result.complete,
        "undecided": found.result.undecided,
        "unreadable": list(found.unreadable),
    }


def _finding_json(one: Told, sources: Sequence[AttachedPolicy]) -> dict[str, Any]:
    return {
        **_place_json(one, sources),
        "reason": one.reason,
        "message": one.message,
        "by": [_place_json(other, sources) for other in one.by],
        "entries": list(one.entries),
        "limits": list(one.limits),
        "keys": list(one.keys),
        "near": one.near or None,
        "proof": "catalogue" if one.by_catalogue else "comparison",
    }


def _place_json(one: Told, sources: Sequence[AttachedPolicy]) -> dict[str, Any]:
    source = sources[one.element.policy] if sources else None
    return {
        "policy": source.key if source else one.policy,
        "through": (source.through or None) if source else None,
        "element": one.element.part.value,
        "statement": one.element.statement + 1 if one.element.statement >= 0 else None,
        "sid": one.sid or None,
        "text": one.text or None,
        "condition": one.condition or None,
        "line": one.line,
        "end_line": one.end_line,
    }


def unknown_policy(account: Account, arn: str) -> str:
    """What to say of a managed policy that the account does not have."""
    return f"account `{account.number}` has no managed policy `{arn}`"
