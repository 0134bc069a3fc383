"""Writes: drafts and their edits, the steps of a review, publishing, merging and rolling back."""

from policystudio.changes.services.checks import EditError
from policystudio.changes.services.drafts import change_begin, change_create, change_draft, change_update
from policystudio.changes.services.edits import edit_put, edit_remove, edit_save
from policystudio.changes.services.expectations import (
    ExpectationError,
    StaleExpectationError,
    Wanted,
    expectation_create,
    expectation_remove,
    expectation_update,
)
from policystudio.changes.services.from_template import template_draft, template_redraft
from policystudio.changes.services.importing import edits_import
from policystudio.changes.services.limits import Use
from policystudio.changes.services.locking import ChangeStateError, StaleError, content_digest
from policystudio.changes.services.planning import ChangeRefusedError, EditProblem, Plan, plan
from policystudio.changes.services.publishing import change_publish
from policystudio.changes.services.rebasing import EditMerge, base_digest, edit_merge, edit_rebase
from policystudio.changes.services.review import (
    change_approve,
    change_propose,
    change_reject,
    change_reopen,
    change_withdraw,
    comment_add,
    second_person_missing,
)
from policystudio.changes.services.rolling_back import change_roll_back, policy_roll_back, text_roll_back
from policystudio.changes.services.splitting import SplitPlan, edit_split, edit_unsplit, split_plan

__all__ = [
    "ChangeRefusedError",
    "ChangeStateError",
    "EditError",
    "EditMerge",
    "EditProblem",
    "ExpectationError",
    "Plan",
    "SplitPlan",
    "StaleError",
    "StaleExpectationError",
    "Use",
    "Wanted",
    "base_digest",
    "change_approve",
    "change_begin",
    "change_create",
    "change_draft",
    "change_propose",
    "change_publish",
    "change_reject",
    "change_reopen",
    "change_roll_back",
    "change_update",
    "change_withdraw",
    "comment_add",
    "content_digest",
    "edit_merge",
    "edit_put",
    "edit_rebase",
    "edit_remove",
    "edit_save",
    "edit_split",
    "edit_unsplit",
    "edits_import",
    "expectation_create",
    "expectation_remove",
    "expectation_update",
    "plan",
    "policy_roll_back",
    "second_person_missing",
    "split_plan",
    "template_draft",
    "template_redraft",
    "text_roll_back",
]
