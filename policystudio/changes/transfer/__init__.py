"""Policies and changes on their way out, in the formats of other tools, and back in as a draft."""

from policystudio.changes.transfer.coming import Arrival, Effect, Item, arrival_import, arrival_of
from policystudio.changes.transfer.leaving import (
    as_change,
    as_identity,
    as_inline_policy,
    as_managed_policy,
    as_organization_policy,
    as_trust_policy,
    formats_for,
    written_as,
)
from policystudio.changes.transfer.report import report_as_json, report_as_lines

__all__ = [
    "Arrival",
    "Effect",
    "Item",
    "arrival_import",
    "arrival_of",
    "as_change",
    "as_identity",
    "as_inline_policy",
    "as_managed_policy",
    "as_organization_policy",
    "as_trust_policy",
    "formats_for",
    "report_as_json",
    "report_as_lines",
    "written_as",
]
