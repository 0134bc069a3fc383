"""What a principal really uses: the answer in words, as lines for people, and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from policystudio.engine.analyse.comparison import Change, Comparison
from policystudio.lib.quotas import MANAGED_POLICY_SIZE
from policystudio.simulator.comparisons import witness_as_json
from policystudio.simulator.usage.use import Use

_NAMED = 8


def sentence_of(use: Use) -> str:
    """`role/train called SageMaker 120 times from 2026-11-01 to 2026-11-27. …`."""
    name = use.principal.split(":", 5)[-1]
    times = f" from {use.first[:10]} to {use.last[:10]}" if use.first else ""
    said = f"{name} made {_count(use.calls, 'call')} that count{'s' if use.calls == 1 else ''}{times}."
    if use.proposal is None:
        return f"{said} None of them needs a permission of SageMaker's that is known, so there is nothing to propose."
    statements = len(use.proposal.policy.statements)
    said += f" The least policy for them has {_count(statements, 'statement')}."
    return f"{said} {beyond_sentence(use)}"


def beyond_sentence(use: Use) -> str:
    """What the present policies grant beyond the use, in a sentence."""
    found = use.comparison
    if found is None:
        return "The account's export does not have this principal, so its present policies are not known."
    if found.undecided and not found.changes:
        return f"What its present policies grant beyond that is undecided: {found.undecided}."
    beyond = [change for change in found.changes if change.newly_denied]
    parts = [f"Beyond that, its present policies grant {_numbers(beyond)}." if beyond else _nothing(found)]
    missing = [change for change in found.changes if change.newly_allowed]
    if missing:
        parts.append(f"It would newly allow {_numbers(missing)}, which they grant under conditions or not at all.")
    return " ".join(parts)


def _nothing(found: Comparison) -> str:
    if found.no_lost_access is None:
        return f"What its present policies grant beyond that is undecided: {found.undecided}."
    return "Its present policies grant nothing beyond that."


def _numbers(changes: list[Change]) -> str:
    own = {change.action for change in changes if change.action.startswith("sagemaker:")}
    others = {change.action for change in changes} - own
    parts = [_count(len(own), "action")] if own else []
    parts += [f"{_count(len(others), 'action')} of other services"] if others else []
    return " and ".join(parts)


def use_as_json(use: Use) -> dict[str, Any]:
    """The answer as data; docs/least-policy.md describes it."""
    proposal, found = use.proposal, use.comparison
    return {
        "principal": use.principal,
        "sentence": sentence_of(use),
        "principals": [{"arn": arn, "calls": number} for arn, number in use.principals.items()],
        "calls": use.calls,
        "first": use.first or None,
        "last": use.last or None,
        "policy": proposal.text if proposal else None,
        "size": proposal.size if proposal else 0,
        "fits": proposal.fits if proposal else True,
        "narrowing": str(proposal.narrowing) if proposal else None,
        "wide": [{"action": need.action, "resource": need.resource} for need in proposal.wide] if proposal else [],
        "refused": _counted(use.refused),
        "unknown": _counted(use.unknown),
        "other_services": use.others,
        "unclear": list(use.unclear),
        "problems": list(use.problems),
        "beyond": None if found is None else _changes(found, gained=False),
        "missing": None if found is None else _changes(found, gained=True),
        "undecided": (found.undecided or None) if found else None,
    }


def _counted(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"action": name, "calls": number} for name, number in counts.items()]


def _changes(found: Comparison, *, gained: bool) -> list[dict[str, Any]]:
    sides = ((change, change.newly_allowed if gained else change.newly_denied) for change in found.changes)
    return [
        {"action": change.action, "resource_type": change.resource_type, "example": witness_as_json(witness)}
        for change, witness in sides
        if witness is not None
    ]


def use_as_text(use: Use) -> Iterator[str]:
    """The policy between what is to be said about it."""
    yield sentence_of(use)
    if use.proposal is not None:
        yield ""
        yield use.proposal.text
        yield ""
        yield f"{use.proposal.size:,} of {MANAGED_POLICY_SIZE:,} characters."
    yield from remarks_of(use)


def remarks_of(use: Use) -> Iterator[str]:
    """What a person must know before using the policy, a sentence each."""
    proposal = use.proposal
    if proposal is not None and not proposal.fits:
        yield "It is too large for a managed policy: split it, or ask for wider resources."
    if proposal is not None and proposal.wide:
        wide = sorted({f"{need.action} on {need.resource}" for need in proposal.wide})
        yield f"The records do not tell the resource of {_some(wide)}."
    if use.refused:
        yield f"Left out, because IAM refused them: {_some([_times(*item) for item in use.refused.items()])}."
    if use.unknown:
        yield f"Left out, because the action is not known: {_some([_times(*item) for item in use.unknown.items()])}."
    if use.others:
        yield f"Left out, because they are about other services: {_count(use.others, 'call')}."
    yield from (f"{sentence}." for sentence in use.unclear)
    yield from (f"Not understood: {problem}." for problem in use.problems[:_NAMED])
    if len(use.problems) > _NAMED:
        yield f"Not understood: {_count(len(use.problems) - _NAMED, 'more record')}."


def _times(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number:,} times)"


def _some(items: list[str]) -> str:
    more = [f"{len(items) - _NAMED:,} more"] if len(items) > _NAMED else []
    return ", ".join([*items[:_NAMED], *more])


def _count(number: int, singular: str) -> str:
    return f"{number:,} {singular}{'' if number == 1 else 's'}"
