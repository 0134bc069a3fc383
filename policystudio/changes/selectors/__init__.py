"""Reads: changes and their edits, the names in ARNs, and what stands in the account where an edit wants to write."""

from policystudio.changes.selectors.arns import IamName, iam_name
from policystudio.changes.selectors.earlier import EarlierText, earlier_texts
from policystudio.changes.selectors.expectations import expectation_get, expectations_of
from policystudio.changes.selectors.lists import (
    change_get,
    changes_of,
    edit_get,
    edits_of,
    may_write,
    open_drafts,
    published_between,
    under_way,
    under_way_by_account,
    waiting_for,
)
from policystudio.changes.selectors.present import is_organization_kind, organization_policy_of, present

__all__ = [
    "EarlierText",
    "IamName",
    "change_get",
    "changes_of",
    "earlier_texts",
    "edit_get",
    "edits_of",
    "expectation_get",
    "expectations_of",
    "iam_name",
    "is_organization_kind",
    "may_write",
    "open_drafts",
    "organization_policy_of",
    "present",
    "published_between",
    "under_way",
    "under_way_by_account",
    "waiting_for",
]
