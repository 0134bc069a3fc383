"""Writes of policy documents; managed policies are written by imports and by changes that are published."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.source import Problem
from policystudio.policies.models import Document, TemplateUse
from policystudio.policies.templates.link import digest_of, read_link

#: Problems of one document that its row keeps and a report lists.
MAX_PROBLEMS = 50
_PRUNED_AT_ONCE = 500

#: Stands before the patterns of a NotAction: such a statement is about every action but these.
NOT = "-"


def document_digest(*, kind: str, text: str) -> str:
    """The key of a document: the SHA-256, in hex, of its kind and its exact text."""
    return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()


def actions_of(policy: Policy) -> str:
    """Which actions a document's statements can be about, as its row keeps it.

    A line for each pattern of an Action element, in lower case; for a NotAction one line, that begins with ``-``, with
    all of its patterns between spaces.
    """
    lines = set()
    for statement in policy.statements:
        lines |= {pattern.lower() for pattern in statement.actions}
        if statement.not_actions:
            lines.add(" ".join((NOT, *sorted({pattern.lower() for pattern in statement.not_actions}))))
    return "\n".join(sorted(lines))


def read_document(text: str, kind: PolicyKind) -> tuple[list[dict[str, str | int]] | None, str | None]:
    """What is wrong in a policy, and which actions it can be about, as its row keeps both."""
    try:
        policy = parse_policy(text, kind)
    except PolicyError as error:
        return [_as_json(problem) for problem in error.problems[:MAX_PROBLEMS]], None
    return None, actions_of(policy)


def document_put(*, kind: PolicyKind, text: str) -> Document:
    """The document with this text: the one that is stored, or a new one. In the transaction of whoever bears it."""
    digest = document_digest(kind=kind, text=text)
    document = Document.objects.filter(pk=digest).first()
    if document is None:
        problems, actions = read_document(text, kind)
        values = {"kind": str(kind), "text": text, "problems": problems, "actions": actions}
        document, _ = Document.objects.get_or_create(digest=digest, defaults=values)
    return document


def documents_prune(digests: Iterable[str]) -> None:
    """Remove those of the documents that nothing refers to any more, and that no record of the past names."""
    ordered = sorted(set(digests))
    for start in range(0, len(ordered), _PRUNED_AT_ONCE):
        batch = ordered[start : start + _PRUNED_AT_ONCE]
        unused = Document.objects.filter(pk__in=batch, policy_versions=None, inline_policies=None, trusting_roles=None)
        unused.filter(recorded=None).delete()


def template_use_set(
    *,
    account: Account,
    by: audit.Actor,
    kind: str,
    target: str,
    name: str = "",
    text: str,
    template: Mapping[str, Any],
    now: datetime,
) -> TemplateUse:
    """Remember that a policy was made from a template. In the transaction of whoever publishes it.

    ``kind``, ``target``, ``name`` and ``text`` are those of the edit, ``template`` what it carries
    (``templates.link.read_link``); the edit of a new role is about its trust policy. Where the text was changed after
    it was made, the policy is told to differ from then on. Raises ``LinkError``.
    """
    link = read_link(template)
    known = TemplateUse.Kind.TRUST_POLICY if kind == "identity" else TemplateUse.Kind(kind)
    made = text
    if link.version == link.template.version:
        made = link.text(trust=known is TemplateUse.Kind.TRUST_POLICY)
    values = {
        "template": link.template.id,
        "version": link.version,
        "parameters": link.parameters,
        "part": link.part,
        "digest": digest_of(made),
        "updated_at": now,
    }
    use, _ = TemplateUse.objects.update_or_create(
        account=account, kind=known, target=target, name=name, defaults=values
    )
    details = {"kind": str(known), "name": name, "template": link.as_json(), "digest": use.digest}
    audit.record(actor=by, action="template_use.set", target=target, account=account.number, details=details)
    return use


def template_use_remove(*, account: Account, kind: str, target: str, name: str = "") -> None:
    """Forget from which template a policy was made; of an identity that goes, of all of its policies.

    In the transaction of whoever removes it, and tells of that in the audit record.
    """
    uses = TemplateUse.objects.filter(account=account, target=target)
    if kind.removesuffix("-delete") != "identity":
        uses = uses.filter(kind=kind.removesuffix("-delete"), name=name)
    uses.delete()


def _as_json(problem: Problem) -> dict[str, str | int]:
    start = problem.span.start
    return {"code": problem.code, "message": problem.message, "line": start.line, "column": start.column}
