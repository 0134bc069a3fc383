"""Working out the findings of one account: what is new is looked at, and what changed is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.accounts.selectors import organization_levels
from policystudio.engine.document import PolicyKind
from policystudio.findings.checks import unused
from policystudio.findings.checks.account import Key, Stand, Standing, of_documents, of_quotas
from policystudio.findings.checks.documents import of_document
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.version import rules_version
from policystudio.findings.models import TYPES, DocumentFindings, Finding
from policystudio.findings.services.stacks import of_stacks
from policystudio.findings.services.waivers import attach_waivers
from policystudio.identities.models import Identity
from policystudio.lib.quotas import policy_size
from policystudio.policies.models import Document
from policystudio.simulator.content import Content, read_content

Alive = Callable[[], None]
#: Documents that are looked at between two signs of life.
_BATCH = 50
#: What of a row may change while it stays the same finding.
_CHANGING = (
    *("type", "rank", "source", "message", "label", "digest", "path", "start", "end", "marks", "evidence", "folded"),
    *("identity_id", "policy_id", "organization_policy_id"),
)


def findings_of_account(
    account: Account, alive: Alive = lambda: None, most: int | None = None
) -> tuple[list[Finding], int]:
    """All findings of the account as it is now, as rows that are not saved; ``alive`` is called now and then.

    With ``most`` one call does no more than a bounded part of what takes long; the number of identities that are left
    for another one is the second part of the answer.
    """
    content = read_content(account)
    standing = Standing(content, _organization_policies(account))
    stands = list(standing.documents())
    found = documents_look({stand.key for stand in stands if stand.key}, alive)
    rows = [_row(account, stand, one) for stand, one in of_documents(stands, found)]
    about = {stand.identity: stand for stand, _ in standing.identities()}
    for pk, one in _of_identities(account, content, alive):
        if pk in about:
            rows.append(_row(account, about[pk], one))
    stacks, left = of_stacks(account, content, about, alive, most)
    rows += [_row(account, stand, one) for stand, one in stacks]
    return list({_identity_of(row): row for row in rows}.values()), left


def _of_identities(account: Account, content: Content, alive: Alive) -> Iterator[tuple[int, Found]]:
    """What is about identities by themselves: quotas, and roles that nobody uses."""
    yield from of_quotas(content, document_sizes)
    alive()
    roles = Identity.objects.filter(account=account, kind=Identity.Kind.ROLE).exclude(last_used={})
    for pk, last_used in roles.values_list("pk", "last_used"):
        for one in unused.of_role(last_used, account.read_at):
            yield pk, one


def document_sizes(digests: Iterable[str]) -> dict[str, int]:
    """The sizes of documents as IAM counts, by digest."""
    wanted, sizes = sorted(digests), {}
    for start in range(0, len(wanted), 500):
        rows = Document.objects.filter(digest__in=wanted[start : start + 500]).values_list("digest", "text")
        sizes.update({digest: policy_size(text) for digest, text in rows})
    return sizes


def documents_look(keys: Iterable[Key], alive: Alive = lambda: None) -> dict[Key, Sequence[Mapping[str, Any]]]:
    """The findings of documents; those that nobody has looked at by these rules are looked at now, and kept."""
    wanted, rules = set(keys), rules_version()
    found: dict[Key, Sequence[Mapping[str, Any]]] = {}
    listed = sorted(wanted)
    for start in range(0, len(listed), 500):
        digests = {digest for digest, _ in listed[start : start + 500]}
        known = DocumentFindings.objects.filter(digest__in=digests, rules=rules)
        for digest, kind, one in known.values_list("digest", "kind", "found"):
            found[digest, kind] = one
    missing = sorted(wanted - found.keys())
    for start in range(0, len(missing), _BATCH):
        alive()
        part = missing[start : start + _BATCH]
        texts = _texts(part)
        rows = [
            DocumentFindings(
                digest=digest,
                kind=kind,
                rules=rules,
                found=[one.as_json() for one in of_document(texts[digest, kind], PolicyKind(kind))],
            )
            for digest, kind in part
            if (digest, kind) in texts
        ]
        DocumentFindings.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["digest", "kind"], update_fields=["rules", "found"]
        )
        found |= {(row.digest, row.kind): row.found for row in rows}
    return found


def _texts(keys: Sequence[Key]) -> dict[Key, str]:
    texts: dict[Key, str] = {}
    own = {digest for digest, kind in keys if kind in Document.Kind.values}
    for digest, kind, text in Document.objects.filter(digest__in=own).values_list("digest", "kind", "text"):
        texts[digest, kind] = text
    others = {digest for digest, kind in keys if kind not in Document.Kind.values}
    rows = OrganizationPolicy.objects.filter(digest__in=others).values_list("digest", "kind", "text")
    return texts | {(digest, kind): text for digest, kind, text in rows}


def _organization_policies(account: Account) -> list[OrganizationPolicy]:
    """The policies of the organization that stand above the account, each once."""
    found = {
        policy.pk: policy
        for kind in OrganizationPolicy.Kind.values
        for level in organization_levels(account, kind) or ()
        for policy in level.policies
    }
    return list(found.values())


def _row(account: Account, stand: Stand, one: Found) -> Finding:
    return Finding(
        account=account,
        code=one.code,
        type=one.type,
        rank=TYPES.index(one.type),
        source=one.source,
        message=one.message,
        subject=stand.subject,
        target=stand.target,
        name=stand.name,
        place=one.place,
        label=stand.label[:300],
        digest=stand.key[0] if stand.key else "",
        path=list(one.path),
        start=one.start,
        end=one.end,
        marks=[list(mark) for mark in one.marks],
        evidence=dict(one.evidence),
        folded=stand.folded,
        identity_id=stand.identity,
        policy_id=stand.policy,
        organization_policy_id=stand.organization_policy,
    )


def _identity_of(row: Finding) -> tuple[str, ...]:
    """What makes a finding the same one as before."""
    return row.code, row.target, row.name, row.place, row.subject


@transaction.atomic
def findings_write(*, account: Account, rows: Sequence[Finding], now: datetime) -> None:
    """Let the account have exactly these findings. Those that it had before keep the day they were first seen."""
    before = {_identity_of(row): row for row in Finding.objects.filter(account=account)}
    new, changed = [], []
    for row in rows:
        known = before.pop(_identity_of(row), None)
        if known is None:
            row.first_seen_at = now
            new.append(row)
        elif any(getattr(known, name) != getattr(row, name) for name in _CHANGING):
            for name in _CHANGING:
                setattr(known, name, getattr(row, name))
            changed.append(known)
    gone = [row.pk for row in before.values()]
    for start in range(0, len(gone), 500):
        Finding.objects.filter(pk__in=gone[start : start + 500]).delete()
    Finding.objects.bulk_update(changed, [name.removesuffix("_id") for name in _CHANGING], batch_size=200)
    Finding.objects.bulk_create(new, batch_size=500)
    attach_waivers(account)


def documents_forget() -> int:
    """Remove what is known of documents that are nowhere any more."""
    here = Document.objects.filter(digest=OuterRef("digest"))
    above = OrganizationPolicy.objects.filter(digest=OuterRef("digest"))
    gone = DocumentFindings.objects.filter(~Exists(here), ~Exists(above))
    return gone.delete()[0]
