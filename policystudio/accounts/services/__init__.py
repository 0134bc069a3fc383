"""Writes: who of our users has which role in an account or an organization, and the stamps that tell of changes."""

from policystudio.accounts.services.content import changed, content_changed
from policystudio.accounts.services.memberships import (
    MembershipError,
    group_roles_set,
    membership_grant,
    membership_revoke,
    organization_membership_grant,
    organization_membership_revoke,
    second_person_set,
)

__all__ = [
    "MembershipError",
    "changed",
    "content_changed",
    "group_roles_set",
    "membership_grant",
    "membership_revoke",
    "organization_membership_grant",
    "organization_membership_revoke",
    "second_person_set",
]
