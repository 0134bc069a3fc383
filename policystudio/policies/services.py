"""Writes of policy documents; managed policies are written by the import of their account."""

import hashlib


def document_digest(*, kind: str, text: str) -> str:
    """The key of a document: the SHA-256, in hex, of its kind and its exact text."""
    return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
