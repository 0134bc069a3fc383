"""Writes: who of our users has which role in an account or an organization, and the stamps that tell of changes."""

from policystudio.accounts.services.content import changed, content_changed
from policystudio.accounts.services.invitations import (
    LONGEST_DAYS,
    USUAL_DAYS,
    InvitationError,
    invitation_accept,
    invitation_accept_as_new,
    invitation_create,
    invitation_revoke,
    invitation_send,
)
from policystudio.accounts.services.memberships import (
    MembershipError,
    StaleMembershipError,
    group_roles_set,
    membership_grant,
    membership_revoke,
    organization_membership_grant,
    organization_membership_revoke,
    second_person_set,
)
from policystudio.accounts.services.second_factor import (
    Checked,
    SecondFactorError,
    second_factor_begin,
    second_factor_check,
    second_factor_confirm,
    second_factor_remove,
)
from policystudio.accounts.services.sessions import (
    BETWEEN_NOTES,
    access_end,
    password_change,
    session_begin,
    session_end,
    session_seen,
    sessions_end,
)

__all__ = [
    "BETWEEN_NOTES",
    "LONGEST_DAYS",
    "USUAL_DAYS",
    "Checked",
    "InvitationError",
    "MembershipError",
    "SecondFactorError",
    "StaleMembershipError",
    "access_end",
    "changed",
    "content_changed",
    "group_roles_set",
    "invitation_accept",
    "invitation_accept_as_new",
    "invitation_create",
    "invitation_revoke",
    "invitation_send",
    "membership_grant",
    "membership_revoke",
    "organization_membership_grant",
    "organization_membership_revoke",
    "password_change",
    "second_factor_begin",
    "second_factor_check",
    "second_factor_confirm",
    "second_factor_remove",
    "second_person_set",
    "session_begin",
    "session_end",
    "session_seen",
    "sessions_end",
]
