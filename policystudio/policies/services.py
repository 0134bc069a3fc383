"""Writes of policy documents; managed policies are written by the import of their account."""

import hashlib

from policystudio.engine.document import Policy

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
