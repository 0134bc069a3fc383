"""What of policies has no effect, for pages: each finding with the lines that it is about, and marks for these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.engine.analyse.shadow import KINDS, PAGE_BUDGET
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.request import NamedPolicy
from policystudio.identities.models import Identity
from policystudio.policies.models import Document
from policystudio.simulator.redundancy import Found, of_document, told, told_aside
from policystudio.simulator.redundancy_words import Told
from policystudio.simulator.stacks import AttachedPolicy, documents, parse_or_none
from policystudio.web.explain import inline_anchor
from policystudio.web.policy_text import Mark
from policystudio.web.words import count, sentence


@dataclass(frozen=True)
class UnusedRow:
    """One finding: where to look, and what is said of it."""

    lines: str
    address: str
    said: str
    by_catalogue: bool = False


@dataclass(frozen=True)
class UnusedSection:
    """What of one document has no effect; ``marks`` are stretches of its text. ``complete`` unless it was cut off."""

    rows: Sequence[UnusedRow]
    aside: Sequence[UnusedRow]
    marks: Sequence[Mark]
    complete: bool = True


@dataclass(frozen=True)
class UnusedPolicy:
    """What of one of an identity's policies does nothing for it."""

    name: str
    address: str
    kind: str
    through: Identity | None
    rows: list[UnusedRow] = field(default_factory=list)


_KINDS = {"managed": "customer managed", "aws-managed": "AWS managed", "inline": "inline"}


def section_of(document: Document) -> UnusedSection | None:
    """The section of a policy's page; None for a document that cannot be looked through."""
    return _section(documents({document.digest}).get(document.digest))


def section_of_organization(text: str, kind: PolicyKind) -> UnusedSection | None:
    """The section of an organization policy's page."""
    return _section(parse_or_none(text, kind)) if kind in KINDS else None


def _section(policy: Policy | None) -> UnusedSection | None:
    if policy is None or policy.kind not in KINDS:
        return None
    found = of_document(NamedPolicy("policy", policy), PAGE_BUDGET)
    rows = told(found)
    aside = [UnusedRow(_lines(one), f"#L{one.line}", _statement(one)) for one in told_aside(found)]
    marks = [(one.start, one.end) for one in rows]
    return UnusedSection([_row(one, "#") for one in rows], aside, marks, found.result.complete)


def of_identity(account: Account, identity: Identity, found: Found) -> list[UnusedPolicy]:
    """The policies in which something does nothing for the identity."""
    groups = {arn for one in found.sources if (arn := one.through)}
    known = {one.arn: one for one in Identity.objects.filter(account=account, arn__in=groups)} if groups else {}
    shown: dict[int, UnusedPolicy] = {}
    for one in told(found):
        number = one.element.policy
        policy = shown.get(number)
        if policy is None:
            source = found.sources[number]
            through = known.get(source.through)
            address = _address(account, through or identity, source)
            policy = shown[number] = UnusedPolicy(source.name, address, _KINDS[source.kind], through)
        start = f"{policy.address}#{inline_anchor(policy.name)}" if policy.kind == "inline" else f"{policy.address}#"
        policy.rows.append(_row(one, start))
    return list(shown.values())


def answer_of(found: Found, policies: Sequence[UnusedPolicy]) -> str:
    """How much has no effect, in how many policies; and what the answer leaves open."""
    total = sum(len(policy.rows) for policy in policies)
    if not total:
        said = "Nothing: everything in its policies has an effect."
    else:
        things = f"{count(total, 'thing')} in {len(policies)} of its {count(len(found.policies), 'policy', 'policies')}"
        said = sentence(f"{things}: without {'it' if total == 1 else 'all of it'} the same is allowed")
    if not found.result.complete:
        said += " The search was cut off, so that there may be more."
    return said


def _address(account: Account, bearer: Identity, source: AttachedPolicy) -> str:
    if source.policy_id is not None:
        return reverse("web:policy", args=[account.number, source.policy_id])
    return reverse("web:identity", args=[account.number, bearer.pk])


def _row(one: Told, start: str) -> UnusedRow:
    return UnusedRow(_lines(one), f"{start}L{one.line}", sentence(one.message), one.by_catalogue)


def _lines(one: Told) -> str:
    return f"Line {one.line}" if one.line == one.end_line else f"Lines {one.line}–{one.end_line}"


def _statement(one: Told) -> str:
    return f"Statement {one.element.statement + 1}{f' (`{one.sid}`)' if one.sid else ''}"


def unreadable_of(found: Found) -> Iterator[str]:
    """What is not known of an identity's policies, each once."""
    yield from dict.fromkeys(found.unreadable)
