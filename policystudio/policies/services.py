"""Writes of policy documents; managed policies are written by imports and by changes that are published."""

import hashlib
from collections.abc import Iterable

from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.source import Problem
from policystudio.policies.models import Document

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
    """Remove those of the documents that nothing refers to any more."""
    ordered = sorted(set(digests))
    for start in range(0, len(ordered), _PRUNED_AT_ONCE):
        batch = ordered[start : start + _PRUNED_AT_ONCE]
        Document.objects.filter(pk__in=batch, policy_versions=None, inline_policies=None, trusting_roles=None).delete()


def _as_json(problem: Problem) -> dict[str, str | int]:
    start = problem.span.start
    return {"code": problem.code, "message": problem.message, "line": start.line, "column": start.column}
