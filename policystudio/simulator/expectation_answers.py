"""Expectations, run on an account as it is or as a change would make it: the answer in words and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Expectation
from policystudio.changes.selectors import expectations_of, is_organization_kind
from policystudio.simulator.comparisons import Outcome as Exit
from policystudio.simulator.comparisons import witness_as_json, witness_as_text
from policystudio.simulator.content import Present, read_content
from policystudio.simulator.expectations import Breach, Kept, Outcome, check, worst
from policystudio.simulator.overlay import with_edits

EXITS = {Kept.KEPT: Exit.FINE, Kept.BROKEN: Exit.FOUND, Kept.UNDECIDED: Exit.UNKNOWN}
#: How an expectation fares in a change, by its states before and after.
_FATE = {
    (Kept.KEPT, Kept.BROKEN): "broken by this change",
    (Kept.UNDECIDED, Kept.BROKEN): "broken",
    (Kept.BROKEN, Kept.BROKEN): "broken before and after",
    (Kept.BROKEN, Kept.KEPT): "mended by this change",
}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One expectation of a run; ``before`` is None where nothing changes."""

    account: Account
    now: Outcome
    before: Outcome | None = None

    @property
    def fate(self) -> str:
        """What became of it, in a few words."""
        state = self.now.state
        return _FATE.get((self.before.state, state), str(state)) if self.before else str(state)


@dataclass(frozen=True, slots=True)
class Run:
    """The expectations of an account, or all that a change bears on; ``problems`` are edits that cannot be applied."""

    lines: tuple[Line, ...]
    problems: tuple[str, ...] = ()

    @property
    def state(self) -> Kept:
        """Broken counts before undecided; edits that cannot be applied leave it undecided."""
        state = worst(line.now for line in self.lines)
        return Kept.UNDECIDED if self.problems and state is Kept.KEPT else state


def run(account: Account) -> Run:
    """The account's expectations in its present content."""
    return Run(tuple(Line(account, one) for one in check(Present(account), expectations_of(account))))


def run_change(change: Change, visible: QuerySet[Account]) -> Run:
    """The expectations before and after a change: of its account, and of all accounts that its edits of organization
    policies reach, as far as they are ``visible`` to whoever asks."""
    edits = list(change.edits.all())
    lines: list[Line] = []
    problems: list[str] = []
    for account, own in _reached(change.account, edits, visible):
        wanted = list(expectations_of(account))
        if not wanted and account != change.account:
            continue
        content = read_content(account)
        edited = with_edits(content, own)
        problems += [f"{one.edit.target}: {one.message}" for one in edited.problems]
        pairs = zip(check(content, wanted), check(edited.content, wanted), strict=True)
        lines += [Line(account, after, before) for before, after in pairs]
    return Run(tuple(lines), tuple(dict.fromkeys(problems)))


def _reached(account: Account, edits: Sequence[Any], visible: QuerySet[Account]) -> Iterator[tuple[Account, list[Any]]]:
    """The accounts with the edits that bear on each."""
    yield account, list(edits)
    shared = [edit for edit in edits if is_organization_kind(edit.kind)]
    if shared and account.organization is not None:
        others = visible.filter(unit__organization=account.organization).exclude(pk=account.pk)
        yield from ((other, shared) for other in others)


def sentence_of(found: Run) -> str:
    """`2 of 5 expectations are broken, 1 of them by this change.`"""
    total = len(found.lines)
    if not total:
        return "No expectation is written yet."
    by_state = {state: [line for line in found.lines if line.now.state is state] for state in Kept}
    broken, unsure = by_state[Kept.BROKEN], by_state[Kept.UNDECIDED]
    if not broken and not unsure:
        said = "The only expectation is kept." if total == 1 else f"All {total} expectations are kept."
    else:
        parts = [_are(len(broken), "broken")] if broken else []
        parts += [_are(len(unsure), "undecided")] if unsure else []
        said = f"Of {total} expectation{'' if total == 1 else 's'} {' and '.join(parts)}"
        new = sum(1 for line in broken if line.before is not None and line.before.state is Kept.KEPT)
        said += f", {new} of them by this change." if new else "."
    mended = sum(1 for line in found.lines if line.fate == "mended by this change")
    return f"{said} {_are(mended, 'mended')} by this change.".replace("  ", " ") if mended else said


def _are(number: int, word: str) -> str:
    return f"{number} {'is' if number == 1 else 'are'} {word}"


def expectation_sentence(expectation: Expectation) -> str:
    """`user/dana must never be able to do sagemaker:DeleteEndpoint on arn:… where aws:RequestedRegion is eu-west-1`."""
    said = f"{expectation.who} {expectation.get_demand_display()} to do {expectation.action} on {expectation.resource}"
    known = [
        f"{key} is {' or '.join(values)}" if values else f"{key} is absent"
        for key, values in sorted(expectation.context.items())
    ]
    return f"{said} where {' and '.join(known)}" if known else said


def run_as_json(found: Run) -> dict[str, Any]:
    """A run as data; docs/expectations.md describes it."""
    return {
        "state": str(found.state),
        "sentence": sentence_of(found),
        "expectations": [_line(line) for line in found.lines],
        "problems": list(found.problems),
    }


def expectation_as_json(expectation: Expectation) -> dict[str, Any]:
    """An expectation as data."""
    return {
        "id": expectation.pk,
        "sentence": expectation_sentence(expectation),
        "demand": expectation.demand,
        "identity": expectation.identity,
        "tag_key": expectation.tag_key,
        "tag_value": expectation.tag_value,
        "action": expectation.action,
        "resource": expectation.resource,
        "context": expectation.context,
        "reason": expectation.reason,
        "version": expectation.version,
        "updated_at": expectation.updated_at.isoformat(),
        "updated_by": expectation.updated_by_name,
    }


def _line(line: Line) -> Mapping[str, Any]:
    return {
        "account": line.account.number,
        "expectation": expectation_as_json(line.now.expectation),
        "state": str(line.now.state),
        "before": str(line.before.state) if line.before else None,
        "identities": line.now.identities,
        "note": line.now.note,
        "breaches": [_breach(breach) for breach in line.now.breaches],
    }


def _breach(breach: Breach) -> Mapping[str, Any]:
    return {
        "identity": breach.arn,
        "state": str(breach.state),
        "example": witness_as_json(breach.witness),
        "why": breach.why,
    }


def run_as_text(found: Run) -> Iterator[str]:
    """A line for each expectation, with what breaks it below."""
    yield sentence_of(found)
    for line in found.lines:
        yield ""
        yield f"{line.fate}: {expectation_sentence(line.now.expectation)}"
        if line.now.note:
            yield f"  {line.now.note}"
        for breach in line.now.breaches[:_NAMED]:
            yield f"  {breach.name}{f': {breach.why}' if breach.why else ''}"
            if breach.witness is not None:
                yield from (f"    {text}" for text in witness_as_text(breach.witness))
        if len(line.now.breaches) > _NAMED:
            yield f"  and {len(line.now.breaches) - _NAMED:,} more"
    for problem in found.problems:
        yield f"not applied: {problem}"
