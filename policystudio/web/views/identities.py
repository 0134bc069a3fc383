"""What can this identity do in SageMaker, and what gives it that?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from policystudio.accounts.models import Account
from policystudio.findings import selectors as findings
from policystudio.identities import selectors as identities
from policystudio.identities.models import Identity
from policystudio.policies import selectors as policies
from policystudio.policies.models import Document
from policystudio.simulator.ability import ability
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.scenario_words import called
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.what_can import Summary
from policystudio.simulator.what_can_words import incomplete_text, shared_text, untold_text
from policystudio.web import abilities, answers, grid
from policystudio.web.access import account_for, writes
from policystudio.web.explain import inline_anchor
from policystudio.web.findings import views_of
from policystudio.web.policy_text import Line, lines_of
from policystudio.web.request import PageRequest
from policystudio.web.template_form import MadeFrom, made_from
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.words import LEVELS, SIGNS, WORDS


@dataclass(frozen=True)
class PolicyRow:
    """A policy that an identity has. ``through`` is the group that it comes from; inline ones bring their text.

    ``key`` is how a what-if leaves it out.
    """

    name: str
    kind: str
    address: str
    key: str
    through: Identity | None = None
    known: bool = True
    anchor: str = ""
    lines: Sequence[Line] = ()


@require_safe
def identity(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """One user, group or role."""
    account = account_for(request, number)
    try:
        found = identities.identity_get(account, pk)
    except Identity.DoesNotExist:
        raise Http404(f"no identity {pk} in account `{number}`") from None
    section = (f"{found.kind.capitalize()}s", reverse("web:account-section", args=[number, f"{found.kind}s"]))
    rows = list(_policies(account, found))
    context = {
        "identity": found,
        "crumbs": crumbs_of(account, section),
        "policies": rows,
        "trust": _text(found.trust_document),
        "made": _made_from(account, found),
        "unknown": [row for row in rows if not row.known],
        "writes": writes(request, account) and not found.service_linked,
        "findings": views_of(account, findings.of_identity(found), timezone.now().date()),
    }
    return _page(request, account, found.arn, context)


@require_safe
def root(request: PageRequest, number: str) -> HttpResponse:
    """The root user of an account, whom only organization policies limit."""
    account = account_for(request, number)
    return _page(
        request, account, f"arn:{account.partition}:iam::{account.number}:root", {"crumbs": crumbs_of(account)}
    )


def _page(request: PageRequest, account: Account, arn: str, context: dict[str, Any]) -> HttpResponse:
    try:
        found = ability(account, Question(identities=IdentityFilter(arns=(arn,))))
    except UnknownIdentity as error:
        raise Http404(str(error)) from None
    summary, row = found.summary, found.summary.bearer
    shared = {
        "area": "accounts",
        "account": account,
        "row": row,
        "title": f"What can {called(row)} do in SageMaker?",
        "answer": answers.of_identity(found),
        "abilities": abilities.sections_of(account, summary),
        "levels_possible": abilities.levels_of(summary),
        "shared": shared_text(summary),
        "roles": abilities.roles_of(account, found),
        "incomplete": list(incomplete_text(summary)),
        "untold": untold_text(summary),
        "grid": _grid(account, summary),
        "levels": LEVELS,
        "simulator": f"{reverse('web:simulator', args=[account.number])}?{urlencode({'identity': arn})}",
        "compare": f"{reverse('web:compare', args=[account.number])}?{urlencode({'identity': arn})}",
    }
    return render(request, "identities/identity.html", shared | context)


def _made_from(account: Account, found: Identity) -> MadeFrom | None:
    """The template that a role's trust policy was made from; None where there is none."""
    if found.trust_document is None:
        return None
    use = policies.template_use_of(account, "trust-policy", found.arn)
    return made_from(policies.template_standing(use, found.trust_document.text)) if use else None


def _text(document: Document | None) -> tuple[Line, ...]:
    return lines_of(document.text) if document else ()


def _policies(account: Account, found: Identity) -> Iterable[PolicyRow]:
    yield from _policies_of(account, found, None)
    for group in found.groups.all():
        yield from _policies_of(account, group, group)


def _policies_of(account: Account, bearer: Identity, through: Identity | None) -> Iterable[PolicyRow]:
    for attachment in bearer.attachments.all():
        policy = attachment.policy
        kind = "AWS managed" if policy.is_aws_managed else "customer managed"
        address = reverse("web:policy", args=[account.number, policy.pk])
        known = any(version.is_default and not version.document.problems for version in policy.versions.all())
        yield PolicyRow(policy.name, kind, address, policy.arn, through, known)
    for inline in bearer.inline_policies.all():
        anchor, known = inline_anchor(inline.name), not inline.document.problems
        key = f"inline:{bearer.name}/{inline.name}"
        if through is None:
            yield PolicyRow(
                inline.name, "inline", f"#{anchor}", key, None, known, anchor, lines_of(inline.document.text)
            )
        else:
            page = reverse("web:identity", args=[account.number, through.pk])
            yield PolicyRow(inline.name, "inline", f"{page}#{anchor}", key, through, known)


def _grid(account: Account, summary: Summary) -> list[dict[str, Any]]:
    """One row a type: its cells by level, each a square that leads to its Why."""
    arn = summary.bearer.arn
    base = reverse("web:simulator", args=[account.number])
    rows = []
    for group in grid.types_of(summary.columns):
        letters = summary.letters[group.start : group.stop]
        cells = [[_square(base, arn, group, at, letters[at]) for at in places] for places in group.squares]
        rows.append({"label": group.label, "levels": cells, "possible": any(letter in "ASC" for letter in letters)})
    return rows


def _square(base: str, arn: str, group: grid.TypeColumns, at: int, letter: str) -> dict[str, str]:
    action = group.actions[at].action
    why = [("identity", arn), ("open", group.name), ("why", arn), ("why_type", group.name), ("why_action", action)]
    return {
        "action": action.partition(":")[2],
        "letter": letter,
        "sign": SIGNS[letter],
        "word": WORDS[letter],
        "address": f"{base}?{urlencode(why)}",
    }
