"""Writes of the audit record: entries, what is told once an hour, and the proof that it is whole."""

from policystudio.audit.services.recording import COMMAND_LINE, Actor, actor_name, entry_hash, record
from policystudio.audit.services.uses import record_export, record_failure, record_use
from policystudio.audit.services.verifying import Flaw, flaws, verification_ask, verification_run, verify

__all__ = [
    "COMMAND_LINE",
    "Actor",
    "Flaw",
    "actor_name",
    "entry_hash",
    "flaws",
    "record",
    "record_export",
    "record_failure",
    "record_use",
    "verification_ask",
    "verification_run",
    "verify",
]
