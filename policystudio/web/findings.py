"""Findings for pages: where each leads, what to do about it, the fix as a draft, and the sentence that comes first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import RULES
from policystudio.findings.checks.codes import CHECKS, REMEDIES
from policystudio.findings.checks.fixes import has_fix, mended
from policystudio.findings.checks.found import Found
from policystudio.findings.models import Finding, Waiver
from policystudio.findings.selectors import ChangeFindings, CodeCount, State
from policystudio.policies.models import Document
from policystudio.web.explain import inline_anchor
from policystudio.web.policy_text import Mark
from policystudio.web.unused import UnusedSection
from policystudio.web.words import FINDINGS, count, listing, sentence

#: What each code is about: the heading of its section in docs/findings.md.
TITLES = {code: rule.title for rule in RULES.values() for code in rule.codes} | {
    code: check.title for check in CHECKS for code in check.codes
}
#: A finding of a document says by itself what to do; these say it for all of a code.
STEPS = {
    "start": "It starts this",
    "pass": "It passes the role",
    "assume": "SageMaker assumes the role",
    "gain": "The role can do this, the identity never can",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding on a page. ``lines`` says where in the text, ``address`` leads there, ``own`` to the finding itself."""

    row: Finding
    own: str
    address: str
    lines: str
    waived: bool

    @property
    def column(self) -> int:
        """The column, from 1 as editors count."""
        return int(self.row.start["column"]) + 1 if self.row.start else 1

    @property
    def fixable(self) -> bool:
        """Whether there may be a fix to draft."""
        mends = has_fix(self.row.code) and self.row.subject != Finding.Subject.ORGANIZATION and not self.row.folded
        return mends or self.row.code == "STUDIO_POLICY_WITHOUT_EFFECT"

    @property
    def waiver(self) -> Waiver | None:
        """Its waiver, as long as that has not ended."""
        return self.row.waiver if self.waived else None

    @property
    def ended(self) -> Waiver | None:
        """A waiver of it that has ended."""
        return self.row.waiver if not self.waived else None


@dataclass(frozen=True)
class CodeGroup:
    """The findings of one code: how many, the first of them, and where all are."""

    count: CodeCount
    title: str
    remedy: str
    address: str
    rows: list[FindingView] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count.total - len(self.rows)


@dataclass(frozen=True)
class Draft:
    """A fix as what `change-edit-new` takes; ``label`` names it, ``text`` is the whole new text where it is one."""

    label: str
    fields: Mapping[str, str]
    before: str = ""
    text: str = ""


def title_of(row: Finding) -> str:
    """The question that the page of a finding answers."""
    if row.code.startswith("STUDIO_PATH_"):
        return f"What can {row.label} do that it should not?"
    better = row.type == "SUGGESTION"
    return f"What could be better in {row.label}?" if better else f"What is wrong in {row.label}?"


def view_of(account: Account, row: Finding, today: date) -> FindingView:
    """One finding for a page."""
    waived = row.waiver is not None and row.waiver.until >= today
    lines = f"Line {row.start['line']}" if row.start else ""
    return FindingView(
        row, reverse("web:finding", args=[account.number, row.pk]), place_of(account, row), lines, waived
    )


def views_of(account: Account, rows: Iterable[Finding], today: date) -> list[FindingView]:
    """Findings for a page."""
    return [view_of(account, row, today) for row in rows]


def found_here(account: Account, rows: Iterable[Finding], digest: str) -> list[FindingView]:
    """The findings of a document for its own page; none where they are of another text than the one that is shown."""
    today = timezone.now().date()
    return [view_of(account, row, today) for row in rows if row.digest in ("", digest)]


def marks_of(views: Sequence[FindingView], useless: UnusedSection | None) -> list[Mark]:
    """What to mark in a text: what is wrong or risky in it, and what has no effect."""
    grave = (view.row for view in views if view.row.type in ("ERROR", "SECURITY_WARNING"))
    return [*(useless.marks if useless else ()), *((mark[0], mark[1]) for row in grave for mark in row.marks)]


def place_of(account: Account, row: Finding) -> str:
    """The page of what a finding is about, at its line."""
    line = f"L{row.start['line']}" if row.start else ""
    number = account.number
    if row.policy_id:
        return f"{reverse('web:policy', args=[number, row.policy_id])}#{line}"
    if row.organization_policy_id:
        return f"{reverse('web:organization-policy', args=[number, row.organization_policy_id])}#{line}"
    page = reverse("web:identity", args=[number, row.identity_id])
    if row.subject == Finding.Subject.INLINE:
        return f"{page}#{inline_anchor(row.name)}{line}"
    return f"{page}#trust-{line}" if row.subject == Finding.Subject.TRUST else page


def groups_of(
    account: Account, counts: Sequence[CodeCount], rows: Iterable[Finding], today: date, query: Mapping[str, str]
) -> list[CodeGroup]:
    """The findings by code, in the order of the counts; ``rows`` are the first of each."""
    here = reverse("web:findings", args=[account.number])
    groups = {
        one.code: CodeGroup(
            one,
            TITLES.get(one.code, one.code),
            REMEDIES.get(one.code, ""),
            f"{here}?{urlencode({**query, 'code': one.code})}",
        )
        for one in counts
    }
    for row in rows:
        groups[row.code].rows.append(view_of(account, row, today))
    return list(groups.values())


def answer_of(account: Account, counts: Sequence[CodeCount], first: Finding | None, state: State) -> str:
    """What to fix first, in a sentence or two."""
    if state.worked_at is None:
        return "That is being worked out." if account.read_at else "Nothing is known of the account yet: import it."
    numbers: dict[str, int] = {}
    for one in counts:
        numbers[one.type] = numbers.get(one.type, 0) + one.open
    said = [count(number, *FINDINGS[kind]) for kind, number in numbers.items() if number]
    if not said:
        waived = sum(one.waived for one in counts)
        return f"Nothing: all {waived:,} findings are waived." if waived else "Nothing: there are no findings."
    begin = f" Begin with {first.label}: {first.message}" if first else ""
    return f"{sentence(listing(said))}{begin}"


def draft_of(account: Account, row: Finding) -> Draft | None:
    """The fix of a finding as an edit of a change; None where there is none."""
    if row.subject == Finding.Subject.IDENTITY:
        return _draft_of_identity(row)
    kind = {"trust": PolicyKind.TRUST}.get(row.subject, PolicyKind.IDENTITY)
    if row.subject == Finding.Subject.ORGANIZATION or row.folded:
        return None
    document = Document.objects.filter(digest=row.digest).first()
    after = mended(document.text, kind, found_of(row), account.number) if document else None
    if document is None or after is None:
        return None
    title = f"Mend {row.label}: {TITLES.get(row.code, row.code)}"[:200]
    fields = {**(edit_of(row) or {}), "text": after, "title": title}
    return Draft("Draft this fix", fields, document.text, after)


def edit_of(row: Finding) -> dict[str, str] | None:
    """The edit of the policy that a finding is in, for whoever mends it by hand; None where nobody here edits it."""
    kinds = {"managed": "managed-policy", "inline": "inline-policy", "trust": "trust-policy"}
    if row.subject not in kinds or row.folded:
        return None
    return {"kind": kinds[row.subject], "target": row.target, "name": row.name}


def _draft_of_identity(row: Finding) -> Draft | None:
    told = row.evidence
    if row.code != "STUDIO_POLICY_WITHOUT_EFFECT":
        return None
    title = f"Take {told['name']} from {row.label}"[:200]
    if told["kind"] == "inline":
        fields = {"kind": "inline-policy-delete", "target": row.target, "name": told["name"], "title": title}
        return Draft(f"Draft its removal: {told['name']}", fields)
    return Draft(
        f"Draft detaching it: {told['name']}",
        {"kind": "detach", "target": row.target, "other": told["policy"], "title": title},
    )


def found_of(row: Finding) -> Found:
    """The finding as the checks have it."""
    return Found(
        row.code,
        row.type,
        row.source,
        row.message,
        row.place,
        row.path,
        row.start,
        row.end,
        row.marks,
        row.evidence,
    )


def steps_of(row: Finding) -> Iterator[dict[str, Any]]:
    """The concrete requests that prove a path, in words and in their parts."""
    for one in row.evidence.get("requests", ()):
        context = [(key, ", ".join(values)) for key, values in sorted(one["context"].items())]
        yield {**one, "said": STEPS[one["step"]], "context": context}


def scenario_of(account: Account, row: Finding) -> str:
    """The page Scenarios that shows a path step by step; empty where there is none."""
    told = row.evidence
    if not told.get("operation") or not told.get("role"):
        return ""
    asked = {"operation": told["operation"], "identity": row.target, "role": told["role"]}
    return f"{reverse('web:scenarios', args=[account.number])}?{urlencode(asked)}"


def change_answer(told: ChangeFindings) -> str:
    """What a change brings and takes away, in a sentence."""
    if not told.new and not told.gone:
        stays = f" {count(told.same, 'finding stays', 'findings stay')}." if told.same else ""
        return f"No finding is new, and none is gone.{stays}"
    grave = [one for one in told.new if one.found.type in ("ERROR", "SECURITY_WARNING")]
    parts = [f"{count(len(told.new), 'finding is', 'findings are')} new"]
    if grave:
        parts[0] += f", {len(grave)} of them grave"
    parts.append(f"{len(told.gone)} {'is' if len(told.gone) == 1 else 'are'} gone" if told.gone else "none is gone")
    return sentence("; ".join(parts))
