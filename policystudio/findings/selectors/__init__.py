"""Reads: findings and their numbers, waivers, how far an account is worked out, and the findings of a change."""

from policystudio.findings.selectors.changes import ChangeFindings, Told, of_change
from policystudio.findings.selectors.counts import accounts_by_state
from policystudio.findings.selectors.data import finding_as_json, waiver_as_json, where_of
from policystudio.findings.selectors.listing import (
    CodeCount,
    FindingFilter,
    State,
    TypeCounts,
    counts_by_account,
    counts_by_code,
    finding_get,
    findings_of,
    first_of_each_code,
    is_given_up,
    is_waived,
    narrowed,
    of_identity,
    of_organization_policy,
    of_policy,
    page_of,
    state_of,
    waiver_get,
    waivers_apart,
    waivers_of,
)
from policystudio.findings.selectors.revisions import revision_of

__all__ = [
    "ChangeFindings",
    "CodeCount",
    "FindingFilter",
    "State",
    "Told",
    "TypeCounts",
    "accounts_by_state",
    "counts_by_account",
    "counts_by_code",
    "finding_as_json",
    "finding_get",
    "findings_of",
    "first_of_each_code",
    "is_given_up",
    "is_waived",
    "narrowed",
    "of_change",
    "of_identity",
    "of_organization_policy",
    "of_policy",
    "page_of",
    "revision_of",
    "state_of",
    "waiver_as_json",
    "waiver_get",
    "waivers_apart",
    "waivers_of",
    "where_of",
]
